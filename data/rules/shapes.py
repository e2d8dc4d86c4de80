"""Zone shapes as people give them, made into valid areas in EPSG:4326.

A circle, a corridor or a buffer is measured on the ground and never comes out smaller than
asked; it may come out up to `EXCESS_M` wider, because an area is stored with straight edges.
An error names the part, ring and vertex, never the place.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from data.errors import BadInput
from data.geo import LonLat, Plane, places_around

EXCESS_M = 0.1
"""How far the polygon of a circle, corridor or buffer may reach beyond the true distance."""

LARGEST_M = 20_000.0
"""The widest circle, corridor or buffer; beyond it the plane's scale costs more than the excess."""

_STRAIGHT_M = (
    250.0  # an edge this long lies within 2 mm of the ground's straight line to 69 degrees
)
_NUMBERS = re.compile(r"\[(\S+) (\S+)\]")


def circle(centre: LonLat, radius_m: float, field: str = "radius_m") -> BaseGeometry:
    """The polygon about all places within `radius_m` of the centre, on the ellipsoid.

    Its corners lie just outside the circle and its edges just touch it: every place within the
    radius is inside, none farther than `EXCESS_M` beyond it.
    """
    _metres_in_range(radius_m, field)
    _place_in_range(centre.lon, centre.lat, "coordinates")
    corners = 4 * _corners_a_quarter(radius_m)
    # A little less than half of the excess is left for the ellipsoid and the plane.
    outer_m = radius_m / math.cos(math.pi / corners) + 0.002
    bearings = np.linspace(360.0, 0.0, corners, endpoint=False)
    return shapely.polygons(np.column_stack(places_around(centre, bearings, outer_m)))


def corridor(line: BaseGeometry, radius_m: float, field: str = "radius_m") -> BaseGeometry:
    """The area of all places within `radius_m` of a line, round at its ends."""
    _metres_in_range(radius_m, field)
    if line.geom_type not in ("LineString", "MultiLineString") or line.is_empty:
        raise BadInput("type", "LineString", line.geom_type)
    return _widened(line, radius_m)


@lru_cache(maxsize=20_000)  # asked again for every zone whenever one zone changes
def buffer_of(area: BaseGeometry, buffer_m: float, field: str = "buffer_m") -> BaseGeometry:
    """The area and all places within `buffer_m` of it; the area itself where that is 0."""
    if buffer_m == 0.0:
        return unwrapped(area)
    _metres_in_range(buffer_m, field)
    return _widened(area, buffer_m)


def from_geojson(
    geometry: object, radius_m: object = None, field: str = "geometry"
) -> BaseGeometry:
    """The area a GeoJSON geometry means, valid and oriented (outer ring counter-clockwise).

    Polygons and multipolygons as they are (a ring left open is closed), a point with
    `radius_m` as a circle, a line with `radius_m` as a corridor.

    Raises:
        BadInput: names part, ring and vertex, such as `geometry.coordinates[0][3]`.
    """
    if not isinstance(geometry, Mapping):
        raise BadInput(field, "a GeoJSON geometry", geometry)
    kind = geometry.get("type")
    place = f"{field}.coordinates"
    given = geometry.get("coordinates")
    if kind == "Polygon":
        return checked(shapely.Polygon(*_rings(given, place)), field)
    if kind == "MultiPolygon":
        parts = [_rings(part, at) for at, part in _listed(given, place)]
        return checked(shapely.MultiPolygon([shapely.Polygon(*part) for part in parts]), field)
    if kind not in ("Point", "LineString"):
        raise BadInput(f"{field}.type", "Polygon, MultiPolygon, Point or LineString", kind)
    if isinstance(radius_m, bool) or not isinstance(radius_m, int | float):
        raise BadInput("radius_m", f"metres around the {kind}", radius_m)
    if kind == "Point":
        return circle(LonLat(*_position(given, place)), float(radius_m))
    line = [_position(position, at) for at, position in _listed(given, place)]
    if len(set(line)) < 2:
        raise BadInput(place, "at least two different positions", len(line))
    return corridor(unwrapped(shapely.LineString(line)), float(radius_m))


def checked(area: BaseGeometry, field: str = "geometry") -> BaseGeometry:
    """The same area, valid, without a jump at 180 degrees, outer rings counter-clockwise.

    Raises:
        BadInput: it is no area, or its rings cross or overlap; says at which vertex.
    """
    if area.geom_type not in ("Polygon", "MultiPolygon") or area.is_empty:
        raise BadInput(f"{field}.type", "a polygon or multipolygon with an area", area.geom_type)
    flat = unwrapped(area)
    if not flat.is_valid:
        raise BadInput(_place_of_fault(flat, field), _expected(flat))
    if flat.area <= 0.0:
        raise BadInput(field, "an area greater than nothing")
    oriented: BaseGeometry = shapely.orient_polygons(flat, exterior_cw=False)
    return oriented


def unwrapped(shape: BaseGeometry) -> BaseGeometry:
    """The same shape, flat, with longitudes that run on past 180 instead of jumping.

    A multipolygon cut in two at 180 degrees (RFC 7946) becomes one area again: the cut is no
    edge of the zone.
    """
    flat = shapely.force_2d(shape)
    corners = shapely.get_coordinates(flat)
    if not len(corners):
        return flat
    turns = np.round((corners[:, 0] - corners[0, 0]) / 360.0)
    if np.any(turns):  # NaN counts: it is left as it is and found invalid
        corners[:, 0] -= 360.0 * turns
        flat = shapely.set_coordinates(flat, corners)
        parts = shapely.get_parts(flat)
        if len(parts) > 1 and not flat.is_valid and np.all(shapely.is_valid(parts)):
            return shapely.union_all(parts)
    return flat


def _widened(shape: BaseGeometry, metres: float) -> BaseGeometry:
    shape = unwrapped(shape)
    west, south, east, north = shape.bounds
    plane = Plane(LonLat((west + east) / 2, (south + north) / 2))
    # About 200 m in degrees, so that the flat line follows the one on the map.
    fine = shapely.segmentize(shape, _STRAIGHT_M / 111_320.0)
    flat = shapely.transform(fine, lambda place: np.column_stack(plane.metres(*place.T)))
    quarter = _corners_a_quarter(metres)
    # Away from its middle the plane draws the ground a little too large, never too small.
    half_width_m = max(abs(flat.bounds[0]), abs(flat.bounds[2])) + metres
    scale = 1.0 + (half_width_m / 6_350_000.0) ** 2 / 2
    outer_m = metres * scale / math.cos(math.pi / (4 * quarter)) + 0.002
    wide = shapely.segmentize(shapely.buffer(flat, outer_m, quad_segs=quarter), _STRAIGHT_M)
    return checked(
        shapely.transform(wide, lambda place: np.column_stack(_degrees(plane, place))), "shape"
    )


def _degrees(
    plane: Plane, metres: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    lon, lat = plane.degrees(*metres.T)
    turns = np.round((lon - plane.centre.lon) / 360.0)
    return lon - 360.0 * turns, lat


def _corners_a_quarter(radius_m: float) -> int:
    """Corners on a quarter circle so that a polygon around it reaches at most 50 mm beyond."""
    half_angle = math.acos(radius_m / (radius_m + EXCESS_M / 2))
    return max(8, math.ceil(math.pi / half_angle / 4))


def _metres_in_range(metres: float, field: str) -> None:
    if not 1.0 <= metres <= LARGEST_M:  # also refuses NaN
        raise BadInput(field, f"metres from 1 to {LARGEST_M:g}", metres)


def _place_in_range(lon: float, lat: float, field: str) -> None:
    if not -360.0 <= lon <= 360.0:
        raise BadInput(field, "a longitude from -360 to 360 in the first place")
    # Beyond 85 degrees no plane of ours holds and nobody is tagged.
    if not -85.0 <= lat <= 85.0:
        raise BadInput(field, "a latitude from -85 to 85 in the second place; swapped?")


def _listed(value: object, field: str) -> list[tuple[str, Any]]:
    if not isinstance(value, Sequence) or isinstance(value, str | bytes) or not value:
        raise BadInput(field, "a list that is not empty")
    return [(f"{field}[{i}]", entry) for i, entry in enumerate(value)]


def _position(value: object, field: str) -> tuple[float, float]:
    numbers = [number for _, number in _listed(value, field)]
    if len(numbers) < 2 or not all(
        isinstance(number, int | float) and not isinstance(number, bool) and math.isfinite(number)
        for number in numbers[:2]
    ):
        raise BadInput(field, "longitude and latitude, finite numbers")
    lon, lat = float(numbers[0]), float(numbers[1])
    _place_in_range(lon, lat, field)
    return lon, lat


def _rings(value: object, field: str) -> tuple[list[Any], list[Any]]:
    rings = []
    for place, ring in _listed(value, field):
        corners = [_position(position, at) for at, position in _listed(ring, place)]
        if len(set(corners)) < 3:
            raise BadInput(place, "a ring of at least three different positions", len(corners))
        rings.append(corners if corners[0] == corners[-1] else [*corners, corners[0]])
    return rings[0], rings[1:]


def _expected(area: BaseGeometry) -> str:
    reason = shapely.is_valid_reason(area).split("[")[0].lower()
    if "hole" in reason and "outside" in reason:
        return "holes inside their outer ring"
    if "nested" in reason:
        return "rings that do not lie in one another"
    if "disconnected" in reason:
        return "an area that its holes do not cut apart"
    if "self-intersection" in reason:
        return "rings that do not cross or touch along an edge"
    return "a valid area"


def _place_of_fault(area: BaseGeometry, field: str) -> str:
    found = _NUMBERS.search(shapely.is_valid_reason(area))
    if found is None:
        return f"{field}.coordinates"
    fault = shapely.Point(float(found[1]), float(found[2]))
    nearest, place = math.inf, f"{field}.coordinates"
    for p, part in enumerate(shapely.get_parts(area)):
        for r, ring in enumerate([part.exterior, *part.interiors]):
            corners = shapely.get_coordinates(ring)
            edges = shapely.linestrings(np.stack([corners[:-1], corners[1:]], axis=1))
            apart = shapely.distance(edges, fault)
            if apart.min() < nearest:
                nearest = float(apart.min())
                at = f"[{p}]" if area.geom_type == "MultiPolygon" else ""
                place = f"{field}.coordinates{at}[{r}][{int(apart.argmin())}]"
    return place
