"""Where a fix lies against a zone: metres to the edge, and the chance of being inside.

A zone is measured in its own plane (`data.geo.plane_of` the middle of its box), in metres. Its
edges are straight in longitude and latitude, as GeoJSON and PostGIS draw them, and are cut so
fine that the straight pieces stay within 5 mm of that. The edge belongs to the zone: whatever
lies within `EDGE_M` of it is on it, 0.0 m, inside.

All functions take columns of (zone, place) pairs. A place that is unknown (NaN) gives NaN, or
False where the answer is yes or no.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from data.geo import LonLat, plane_of
from data.rules.compiled import compiled
from data.rules.plane import project, project_all
from data.rules.shapes import checked
from data.rules.spill import seen, spilled

EDGE_M = 0.01
"""Nearer to the edge than this is on the edge."""

SIGMAS_THAT_COUNT = 6.0
"""An edge farther away than this many sigmas moves the chance by less than 1e-8."""

_FLOATS = NDArray[np.float64]
_PIECE_ERROR_M = 0.005
_METRES_PER_DEGREE = 110_500.0  # of latitude, the least anywhere: boxes grow rather too much
_FAR_M = 300_000.0  # beyond this a plane bends, and only "far away" is ever asked


@dataclass(frozen=True, slots=True)
class ZoneShapes:
    """Zones as arrays of edges, made once and measured against many times.

    The edges of zone `k` are rows `edge_start[k]` to `edge_start[k + 1]` of `edges`
    (east0, north0, east1, north1; metres in that zone's plane; the inside is on the left).
    """

    edge_start: NDArray[np.int64]  # (zones + 1,)
    edges: _FLOATS  # (edges, 4)
    box_m: _FLOATS  # (zones, 4): west, south, east, north in the zone's plane
    box_deg: _FLOATS  # (zones, 4): the same in degrees; east may run past 180
    lon0: _FLOATS  # (zones,): middle meridian of the zone's plane
    north0: _FLOATS  # (zones,): metres from the equator to the plane's centre
    size_m: _FLOATS  # (zones,): side of the square with the zone's area

    def __len__(self) -> int:
        """How many zones there are."""
        return len(self.size_m)

    @classmethod
    def of(cls, polygons: Sequence[BaseGeometry]) -> ZoneShapes:
        """The arrays of these zones, in this order.

        Args:
            polygons: polygons and multipolygons in EPSG:4326. Ring direction, start vertex and
                repeated vertices do not matter, nor whether a zone across 180 degrees is
                written past 180, with a jump to -180, or cut in two there.

        Raises:
            BadInput: something is empty, not an area, or crosses itself.
        """
        zones = [_pieces(polygon) for polygon in polygons]
        counts = [len(zone.edges) for zone in zones]
        stack = np.concatenate([zone.edges for zone in zones]) if zones else np.empty((0, 4))
        return cls(
            edge_start=np.concatenate([[0], np.cumsum(counts, dtype=np.int64)]).astype(np.int64),
            edges=stack,
            box_m=np.array([_box(zone.edges) for zone in zones]).reshape(-1, 4),
            box_deg=np.array([zone.box_deg for zone in zones], float).reshape(-1, 4),
            lon0=np.array([zone.centre.lon for zone in zones], float),
            north0=np.array([zone.north0 for zone in zones], float),
            size_m=np.array([math.sqrt(_area(zone.edges)) for zone in zones], float),
        )

    def metres(self, zone_index: ArrayLike, lon: ArrayLike, lat: ArrayLike) -> _FLOATS:
        """East and north in each pair's zone's plane, shape (m, 2)."""
        zone = _indices(zone_index)
        return project_all(
            _column(lon, zone), _column(lat, zone), self.lon0[zone], self.north0[zone]
        )


@dataclass(frozen=True, slots=True)
class _Zone:
    edges: _FLOATS
    box_deg: tuple[float, float, float, float]
    centre: LonLat
    north0: float


# A new edition of the rulebook has one zone changed of thousands: the others are at hand.
@lru_cache(maxsize=20_000)
def _pieces(given: BaseGeometry) -> _Zone:
    polygon = checked(given)
    box = polygon.bounds
    middle = (box[0] + box[2]) / 2
    turn = 360.0 * math.floor((middle + 180.0) / 360.0)
    centre = plane_of(LonLat(middle - turn, (box[1] + box[3]) / 2)).centre
    north0 = project(centre.lon, centre.lat, centre.lon, 0.0)[1]
    rings = []
    for part in shapely.get_parts(polygon):
        rings += [part.exterior, *part.interiors]
    edges = [_ring_edges(shapely.get_coordinates(ring), centre.lon, north0) for ring in rings]
    return _Zone(np.concatenate(edges), box, centre, north0)


def _ring_edges(corners: _FLOATS, lon0: float, north0: float) -> _FLOATS:
    moved = np.any(np.diff(corners, axis=0) != 0.0, axis=1)
    corners = corners[np.concatenate([[True], moved])]
    metres = _in_plane(corners, lon0, north0)
    middle = _in_plane((corners[1:] + corners[:-1]) / 2, lon0, north0)
    sag = np.hypot(*(middle - (metres[1:] + metres[:-1]) / 2).T)
    pieces = np.maximum(1, np.ceil(np.sqrt(sag / _PIECE_ERROR_M))).astype(np.int64)
    edge = np.repeat(np.arange(len(pieces)), pieces)
    share = (np.arange(len(edge)) - np.repeat(np.cumsum(pieces) - pieces, pieces)) / pieces[edge]
    # share 0 keeps the corner to the bit, so that a fix on a corner is 0.0 m from it.
    fine = corners[edge] + share[:, None] * (corners[edge + 1] - corners[edge])
    metres = _in_plane(np.concatenate([fine, fine[:1]]), lon0, north0)
    # Four numbers an edge: what is read from memory costs more than what is worked out again.
    return np.concatenate([metres[:-1], metres[1:]], axis=1)


def _in_plane(degrees: _FLOATS, lon0: float, north0: float) -> _FLOATS:
    lon, lat = np.ascontiguousarray(degrees.T)
    return project_all(lon, lat, np.full(len(lon), lon0), np.full(len(lon), north0))


def _box(edges: _FLOATS) -> tuple[float, float, float, float]:
    east, north = edges[:, 0], edges[:, 1]
    return float(east.min()), float(north.min()), float(east.max()), float(north.max())


def _area(edges: _FLOATS) -> float:
    east, north = edges[:, 0] - edges[0, 0], edges[:, 1] - edges[0, 1]
    east1, north1 = edges[:, 2] - edges[0, 0], edges[:, 3] - edges[0, 1]
    return float(np.sum(east * north1 - east1 * north) / 2)


def _indices(zone_index: ArrayLike) -> NDArray[np.int64]:
    return np.array(zone_index, np.int64, ndmin=1)


def _column(values: ArrayLike, like: NDArray[np.int64]) -> _FLOATS:
    # Always our own writable memory: the compiled code is made for that one layout.
    column = np.empty(len(like))
    column[:] = values
    return column


def near_pairs(
    shapes: ZoneShapes, zone_index: ArrayLike, lon: ArrayLike, lat: ArrayLike, reach_m: ArrayLike
) -> NDArray[np.bool_]:
    """Whether each place is within `reach_m` of its zone's box, shape (m,).

    Cheap, in degrees: now and then True a little beyond the reach, never False within it.
    """
    zone = _indices(zone_index)
    return _near(
        shapes.box_deg, zone, _column(lon, zone), _column(lat, zone), _column(reach_m, zone)
    )


def signed_edge_m(
    shapes: ZoneShapes, zone_index: ArrayLike, lon: ArrayLike, lat: ArrayLike
) -> _FLOATS:
    """Metres to the zone's edge, shape (m,): negative inside, 0.0 on it (which is inside).

    Beyond 300 km the distance along the ground to the zone's box, good to about 1 %.
    """
    return verdicts(shapes, zone_index, lon, lat, 0.0, np.inf)[0]


def p_inside(
    shapes: ZoneShapes, zone_index: ArrayLike, lon: ArrayLike, lat: ArrayLike, sigma_m: ArrayLike
) -> _FLOATS:
    """The chance that the true place is in the zone, shape (m,), 0.0 to 1.0.

    The error is a circular Gaussian of `sigma_m` about the place. Exact for any polygon with
    holes (`data.rules.spill`); 0 or 1 where no edge is within six sigmas, and where sigma is 0. NaN
    where the place or sigma is unknown or sigma negative.
    """
    return verdicts(shapes, zone_index, lon, lat, sigma_m, 0.0)[1]


def verdicts(
    shapes: ZoneShapes,
    zone_index: ArrayLike,
    lon: ArrayLike,
    lat: ArrayLike,
    sigma_m: ArrayLike,
    reach_m: ArrayLike,
) -> tuple[_FLOATS, _FLOATS]:
    """`signed_edge_m` and `p_inside` at once, measured only where it can matter.

    Args:
        shapes: the zones.
        zone_index: which zone each pair asks about, shape (m,). Fastest where the pairs of
            one place stand together.
        lon: degrees, shape (m,) or one for all; likewise the rest.
        lat: degrees.
        sigma_m: metres, of the circular error; 0 asks about the bare point.
        reach_m: metres; a place farther than this and six sigmas from the zone's box gets
            edge distance +inf and chance 0.0.
    """
    zone = _indices(zone_index)
    return _measure(
        shapes.edge_start, shapes.edges, shapes.box_m, shapes.box_deg, shapes.lon0, shapes.north0,
        zone, _column(lon, zone), _column(lat, zone), _column(sigma_m, zone),
        _column(reach_m, zone),
    )  # fmt: skip


def path_enters(
    shapes: ZoneShapes,
    zone_index: ArrayLike,
    lon0: ArrayLike,
    lat0: ArrayLike,
    lon1: ArrayLike,
    lat1: ArrayLike,
) -> _FLOATS:
    """How far along the straight path the zone is first met, shape (m,), 0.0 to 1.0.

    0.0 where the path begins in the zone, NaN where it does not touch it or an end is unknown.
    A step of no length is a place. A path that only meets the edge touches it.
    """
    zone = _indices(zone_index)
    return _enters(
        shapes.edge_start, shapes.edges, shapes.box_m, shapes.box_deg, shapes.lon0, shapes.north0,
        zone, _column(lon0, zone), _column(lat0, zone), _column(lon1, zone), _column(lat1, zone),
    )  # fmt: skip


@compiled
def _degrees_apart(box: _FLOATS, k: int, lon: float, lat: float) -> tuple[float, float]:
    middle = (box[k, 0] + box[k, 2]) / 2
    lon = lon - 360.0 * math.floor((lon - middle) / 360.0 + 0.5)
    west_east = max(0.0, box[k, 0] - lon, lon - box[k, 2])
    # The other way round the globe may be the shorter one for a wide box.
    if west_east > 0.0:
        west_east = min(west_east, 360.0 - (box[k, 2] - box[k, 0]) - west_east)
    return west_east, max(0.0, box[k, 1] - lat, lat - box[k, 3])


@compiled
def _beyond(box: _FLOATS, k: int, lon: float, lat: float, reach: float) -> bool:
    west_east, south_north = _degrees_apart(box, k, lon, lat)
    if south_north * _METRES_PER_DEGREE > reach:
        return True
    if west_east == 0.0:
        return False
    # A degree of longitude is shortest at the latitude farthest from the equator, and a path
    # to the zone may swing nearer to the pole than either end by no more than the reach.
    pole = max(abs(lat), abs(box[k, 1]), abs(box[k, 3])) + reach / _METRES_PER_DEGREE
    if pole >= 89.0:
        return False
    return west_east * _METRES_PER_DEGREE * math.cos(math.radians(pole)) > reach


@compiled
def _near(
    box: _FLOATS, zone: NDArray[np.int64], lon: _FLOATS, lat: _FLOATS, reach: _FLOATS
) -> NDArray[np.bool_]:
    near = np.zeros(len(zone), np.bool_)
    for i in range(len(zone)):
        if math.isfinite(lon[i] + lat[i]):
            near[i] = not _beyond(box, zone[i], lon[i], lat[i], reach[i])
    return near


@compiled
def _far_m(box: _FLOATS, k: int, lon: float, lat: float) -> float:
    """Great-circle metres to the nearest place of the box: a haversine on the mean sphere."""
    west_east, south_north = _degrees_apart(box, k, lon, lat)
    there = min(max(lat, box[k, 1]), box[k, 3])
    half_lat = math.sin(math.radians(south_north) / 2)
    half_lon = math.sin(math.radians(west_east) / 2)
    inner = half_lat * half_lat + (
        math.cos(math.radians(lat)) * math.cos(math.radians(there)) * half_lon * half_lon
    )
    radians: float = 2 * math.asin(min(1.0, math.sqrt(inner)))
    return 6371008.8 * radians


@compiled
def _measure(
    edge_start: NDArray[np.int64],
    edges: _FLOATS,
    box_m: _FLOATS,
    box_deg: _FLOATS,
    lon0: _FLOATS,
    north0: _FLOATS,
    zone: NDArray[np.int64],
    lon: _FLOATS,
    lat: _FLOATS,
    sigma: _FLOATS,
    reach: _FLOATS,
) -> tuple[_FLOATS, _FLOATS]:
    m = len(zone)
    edge_m, p = np.empty(m), np.empty(m)
    seen_lon, seen_lat, seen_lon0, seen_north0 = np.nan, np.nan, np.nan, np.nan
    x, y = np.nan, np.nan
    for i in range(m):
        k, spread = zone[i], sigma[i]
        edge_m[i] = p[i] = np.nan
        if not math.isfinite(lon[i] + lat[i]):
            continue
        known = spread >= 0.0
        six = SIGMAS_THAT_COUNT * spread if known else 0.0
        away = np.nan
        if _beyond(box_deg, k, lon[i], lat[i], reach[i] + six):
            away = np.inf
        elif reach[i] + six > _FAR_M:
            far = _far_m(box_deg, k, lon[i], lat[i])
            away = far if far > _FAR_M else np.nan
        if away > 0.0:
            edge_m[i] = away
            p[i] = 0.0 if known else np.nan
            continue
        if (
            lon[i] != seen_lon
            or lat[i] != seen_lat
            or lon0[k] != seen_lon0
            or north0[k] != seen_north0
        ):
            x, y = project(lon[i], lat[i], lon0[k], north0[k])
            seen_lon, seen_lat, seen_lon0, seen_north0 = lon[i], lat[i], lon0[k], north0[k]
        nearest2 = np.inf
        for e in range(edge_start[k], edge_start[k + 1]):
            nearest2 = min(nearest2, _edge_distance2(edges, e, x, y))
        distance = math.sqrt(nearest2)
        if distance <= EDGE_M:
            edge_m[i] = 0.0
        else:
            inside = _holds(edge_start, edges, box_m, k, x, y)
            edge_m[i] = -distance if inside else distance
        if known and spread > 0.0 and distance <= six:
            p[i] = _chance(edges, edge_start[k], edge_start[k + 1], x, y, spread, edge_m[i])
        elif known:
            p[i] = 1.0 if edge_m[i] <= 0.0 else 0.0
    return edge_m, p


@compiled
def _edge_distance2(edges: _FLOATS, e: int, x: float, y: float) -> float:
    x0, y0 = edges[e, 0], edges[e, 1]
    px, py, dx, dy = x - x0, y - y0, edges[e, 2] - x0, edges[e, 3] - y0
    along = min(1.0, max(0.0, (px * dx + py * dy) / (dx * dx + dy * dy)))
    rx, ry = px - along * dx, py - along * dy
    squared: float = rx * rx + ry * ry
    return squared


@compiled
def _holds(
    edge_start: NDArray[np.int64], edges: _FLOATS, box_m: _FLOATS, k: int, x: float, y: float
) -> bool:
    """Whether the place is within the rings, by counting edges to the east of it."""
    if x < box_m[k, 0] or y < box_m[k, 1] or x > box_m[k, 2] or y > box_m[k, 3]:
        return False
    inside = False
    for e in range(edge_start[k], edge_start[k + 1]):
        y0 = edges[e, 1]
        y1 = edges[e, 3]
        if (y0 > y) != (y1 > y):
            side = _left_of(edges[e, 0], y0, edges[e, 2], y1, x, y)
            if (side > 0.0) == (y1 > y0):
                inside = not inside
    return inside


@compiled
def _chance(
    edges: _FLOATS, first: int, last: int, x: float, y: float, sigma: float, edge_m: float
) -> float:
    """The chance of being inside, for a place with an edge within six sigmas."""
    six2 = (SIGMAS_THAT_COUNT * sigma) ** 2
    # Off the edge the angles add up to 1 inside and 0 outside, which is known already. On it
    # (or on a corner) their sum depends on how h is floored, edge by edge.
    on_edge = edge_m == 0.0
    angles, spill = 0.0, 0.0
    for e in range(first, last):
        close = _edge_distance2(edges, e, x, y) <= six2
        if not (close or on_edge):
            continue
        x0, y0 = edges[e, 0], edges[e, 1]
        px, py, dx, dy = x - x0, y - y0, edges[e, 2] - x0, edges[e, 3] - y0
        length = math.sqrt(dx * dx + dy * dy)
        h = (dx * py - dy * px) / (length * sigma)
        t1 = -(px * dx + py * dy) / (length * sigma)
        t2 = t1 + length / sigma
        if on_edge:
            angles += seen(h, t1, t2)
        if close:
            spill += spilled(h, t1, t2)
    inside = angles / (2.0 * math.pi) if on_edge else (1.0 if edge_m < 0.0 else 0.0)
    return min(1.0, max(0.0, inside + spill))


@compiled
def _left_of(x0: float, y0: float, x1: float, y1: float, x: float, y: float) -> float:
    return (x1 - x0) * (y - y0) - (y1 - y0) * (x - x0)


@compiled
def _share_near(x: float, y: float, xa: float, ya: float, xb: float, yb: float) -> float:
    """How far along a path a place lies, if it lies on it; else inf."""
    dx, dy = xb - xa, yb - ya
    length2 = dx * dx + dy * dy
    share = 0.0
    if length2 > 0.0:
        share = min(1.0, max(0.0, ((x - xa) * dx + (y - ya) * dy) / length2))
    rx, ry = x - xa - share * dx, y - ya - share * dy
    return share if rx * rx + ry * ry <= EDGE_M * EDGE_M else np.inf


@compiled
def _first_met(
    edges: _FLOATS, first: int, last: int, xa: float, ya: float, xb: float, yb: float
) -> float:
    """How far along a path that does not begin inside an edge is met first; inf: none is."""
    edge2 = EDGE_M * EDGE_M
    share = np.inf
    for e in range(first, last):
        x0, y0, x1, y1 = edges[e, 0], edges[e, 1], edges[e, 2], edges[e, 3]
        before, after = _left_of(x0, y0, x1, y1, xa, ya), _left_of(x0, y0, x1, y1, xb, yb)
        # Two segments that cross have each other's ends on opposite sides; else the nearest
        # places include an end, and one of these distances is the least.
        if (before > 0.0) != (after > 0.0) and (_left_of(xa, ya, xb, yb, x0, y0) > 0.0) != (
            _left_of(xa, ya, xb, yb, x1, y1) > 0.0
        ):
            share = min(share, before / (before - after))
            continue
        if _edge_distance2(edges, e, xa, ya) <= edge2:
            return 0.0
        if _edge_distance2(edges, e, xb, yb) <= edge2:
            share = min(share, 1.0)
        share = min(share, _share_near(x0, y0, xa, ya, xb, yb))
        share = min(share, _share_near(x1, y1, xa, ya, xb, yb))
    return share


@compiled
def _enters(
    edge_start: NDArray[np.int64],
    edges: _FLOATS,
    box_m: _FLOATS,
    box_deg: _FLOATS,
    lon0: _FLOATS,
    north0: _FLOATS,
    zone: NDArray[np.int64],
    from_lon: _FLOATS,
    from_lat: _FLOATS,
    to_lon: _FLOATS,
    to_lat: _FLOATS,
) -> _FLOATS:
    answer = np.full(len(zone), np.nan)
    for i in range(len(zone)):
        k = zone[i]
        if not math.isfinite(from_lon[i] + from_lat[i] + to_lon[i] + to_lat[i]):
            continue
        if (
            _far_m(box_deg, k, from_lon[i], from_lat[i]) > _FAR_M
            and _far_m(box_deg, k, to_lon[i], to_lat[i]) > _FAR_M
        ):
            continue
        xa, ya = project(from_lon[i], from_lat[i], lon0[k], north0[k])
        xb, yb = project(to_lon[i], to_lat[i], lon0[k], north0[k])
        if (
            max(xa, xb) < box_m[k, 0] - EDGE_M
            or min(xa, xb) > box_m[k, 2] + EDGE_M
            or max(ya, yb) < box_m[k, 1] - EDGE_M
            or min(ya, yb) > box_m[k, 3] + EDGE_M
        ):
            continue
        if _holds(edge_start, edges, box_m, k, xa, ya):
            answer[i] = 0.0
            continue
        share = _first_met(edges, edge_start[k], edge_start[k + 1], xa, ya, xb, yb)
        if share <= 1.0:
            answer[i] = share
    return answer
