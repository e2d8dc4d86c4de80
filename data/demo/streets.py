"""The streets of the demo city as a graph to walk, cycle and drive along.

Built from the base map's rows. Ways that share a vertex are connected there. Metres in the plane
of the city's centre; node numbers are stable for the same rows in the same order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from data.errors import NotFound
from data.geo import LonLat, Plane, plane_of
from data.store.basemap import Streets


class Mode(StrEnum):
    """How somebody gets about."""

    WALK = "walk"
    CYCLE = "cycle"
    DRIVE = "drive"


_NO_FEET = {"motorway", "motorway_link", "trunk", "trunk_link"}
_NO_BICYCLES = _NO_FEET | {"steps"}
# Usual speeds in a town, km/h, below what is posted: junctions and traffic are in them.
_DRIVEN_KMH = {
    "motorway": 75,
    "motorway_link": 50,
    "trunk": 60,
    "trunk_link": 45,
    "primary": 42,
    "primary_link": 35,
    "secondary": 38,
    "secondary_link": 32,
    "tertiary": 33,
    "tertiary_link": 30,
    "unclassified": 28,
    "residential": 24,
    "road": 24,
    "living_street": 10,
    "service": 14,
}
_SPEED_MPS = {Mode.WALK: 1.35, Mode.CYCLE: 4.4}
_KEY = 2**33  # larger than any latitude in 1e-7 degrees, so lon and lat make one number


@dataclass(frozen=True, slots=True)
class Route:
    """A way along streets: where one is after how many seconds.

    `at_s` starts at 0 and never falls; shapes (n,), n at least 1; metres in the city's plane.
    """

    at_s: NDArray[np.float64]
    east_m: NDArray[np.float64]
    north_m: NDArray[np.float64]

    @property
    def length_s(self) -> float:
        """How long it takes."""
        return float(self.at_s[-1])

    def backwards(self) -> Route:
        """The same way home, at the same speeds."""
        return Route(self.at_s[-1] - self.at_s[::-1], self.east_m[::-1], self.north_m[::-1])

    def place_at(self, seconds: float) -> tuple[float, float]:
        """East and north after this many seconds; the ends before the start and after the end."""
        return (
            float(np.interp(seconds, self.at_s, self.east_m)),
            float(np.interp(seconds, self.at_s, self.north_m)),
        )

    @property
    def length_m(self) -> float:
        """Along the streets."""
        return float(np.hypot(np.diff(self.east_m), np.diff(self.north_m)).sum())


@dataclass(frozen=True, slots=True)
class _Network:
    """One mode's streets as the columns of a sparse matrix, and the edge behind each entry."""

    cost: NDArray[np.float64]
    edge: NDArray[np.int64]
    end: NDArray[np.int64]
    rows: NDArray[np.int64]


@dataclass(frozen=True)
class StreetGraph:
    """Junctions and the streets between them; every junction reaches every other.

    `edge_*` columns have one entry an edge; edge k runs from `tail[k]` to `head[k]` along
    vertices `first[k]:first[k + 1]` of `vertex_east_m` and `vertex_north_m`.
    """

    plane: Plane
    east_m: NDArray[np.float64]  # of the junctions
    north_m: NDArray[np.float64]
    tail: NDArray[np.int64]
    head: NDArray[np.int64]
    first: NDArray[np.int64]
    vertex_east_m: NDArray[np.float64]
    vertex_north_m: NDArray[np.float64]
    seconds: dict[Mode, NDArray[np.float64]]  # shape (2, edges): along, against; inf where closed
    name: NDArray[np.object_] = field(repr=False)

    @property
    def size(self) -> int:
        """How many junctions there are."""
        return len(self.east_m)

    @cached_property
    def _edge_of(self) -> dict[tuple[int, int], list[int]]:
        found: dict[tuple[int, int], list[int]] = {}
        for edge, ends in enumerate(zip(self.tail.tolist(), self.head.tolist(), strict=True)):
            found.setdefault(ends, []).append(edge)
        return found

    @cached_property
    def junctions(self) -> dict[Mode, NDArray[np.int64]]:
        """Junctions one can both reach and leave in this mode, by mode."""
        return {mode: np.flatnonzero(self.connected(mode)) for mode in Mode}

    @cached_property
    def vertex_share(self) -> NDArray[np.float64]:
        """How much of its edge lies behind each vertex, 0 at the tail to 1 at the head."""
        step = np.append(0, np.hypot(np.diff(self.vertex_east_m), np.diff(self.vertex_north_m)))
        step[self.first[:-1]] = 0
        gone = np.cumsum(step)
        sizes = np.diff(self.first)
        start = gone[self.first[:-1]]
        length = gone[self.first[1:] - 1] - start
        return (gone - np.repeat(start, sizes)) / np.repeat(length, sizes)

    @cached_property
    def points(self) -> NDArray[np.object_]:
        """The junctions as shapely points."""
        return shapely.points(self.east_m, self.north_m)

    @cached_property
    def _edge_tree(self) -> shapely.STRtree:
        place = np.column_stack([self.vertex_east_m, self.vertex_north_m])
        index = np.repeat(np.arange(len(self.tail)), np.diff(self.first))
        return shapely.STRtree(shapely.linestrings(place, indices=index))

    def edges_touching(self, shape: shapely.Geometry) -> NDArray[np.bool_]:
        """Which edges touch this shape (in the city's plane), shape (edges,)."""
        touching = np.zeros(len(self.tail), bool)
        touching[self._edge_tree.query(shape, predicate="intersects")] = True
        return touching

    def connected(self, mode: Mode, closed: NDArray[np.bool_] | None = None) -> NDArray[np.bool_]:
        """Junctions that reach each other in this mode while these edges are closed."""
        matrix = self._matrix(mode, closed)
        matrix.data = np.where(np.isfinite(matrix.data), 1.0, 0.0)
        matrix.eliminate_zeros()
        count, label = connected_components(matrix, connection="strong")
        return label == np.bincount(label, minlength=count).argmax()

    @cached_property
    def _networks(self) -> dict[Mode, _Network]:
        return {mode: self._network(mode) for mode in Mode}

    def _network(self, mode: Mode) -> _Network:
        cost = self.seconds[mode].ravel()
        edge = np.tile(np.arange(len(self.tail)), 2)
        start = np.concatenate([self.tail, self.head])
        end = np.concatenate([self.head, self.tail])
        # Of parallel streets the quicker one: a sparse matrix would add them up.
        order = np.lexsort([cost, end, start])
        order = order[np.isfinite(cost[order])]
        start, end = start[order], end[order]
        is_first = np.append(True, (start[1:] != start[:-1]) | (end[1:] != end[:-1]))
        order = order[is_first]
        rows = np.concatenate([[0], np.cumsum(np.bincount(start[is_first], minlength=self.size))])
        return _Network(cost[order], edge[order], end[is_first], rows)

    def _matrix(self, mode: Mode, closed: NDArray[np.bool_] | None) -> csr_array:
        network = self._networks[mode]
        cost = network.cost
        if closed is not None:
            cost = np.where(closed[network.edge], np.inf, cost)
        # Copied, so that nobody who thins the matrix out touches the network itself.
        return csr_array(
            (cost.copy(), network.end.copy(), network.rows.copy()), shape=(self.size, self.size)
        )

    def nearest(self, east_m: float, north_m: float, mode: Mode = Mode.WALK) -> int:
        """The junction of this mode next to a place."""
        among = self.junctions[mode]
        gap = np.hypot(self.east_m[among] - east_m, self.north_m[among] - north_m)
        return int(among[np.argmin(gap)])

    def ways_from(self, mode: Mode, closed: NDArray[np.bool_] | None = None) -> Ways:
        """Quickest ways in one mode, with some edges closed to the one who goes."""
        return Ways(self, mode, self._matrix(mode, closed))

    def lonlat(self, east_m: float, north_m: float) -> LonLat:
        """A place of the plane in degrees."""
        lon, lat = self.plane.degrees(np.array([east_m]), np.array([north_m]))
        return LonLat(float(lon[0]), float(lat[0]))


@dataclass(slots=True)
class Ways:
    """Quickest ways over one network. Keeps the last tree only: one is 400 kB.

    `limit_s` is how far it looks; who knows that all ways are short saves most of the work.
    """

    graph: StreetGraph
    mode: Mode
    _matrix: csr_array
    limit_s: float = np.inf
    _last: tuple[int, NDArray[np.float64], NDArray[np.int32]] | None = None

    def seconds_from(self, start: int) -> NDArray[np.float64]:
        """How long it takes to each junction, shape (junctions,); inf where there is no way."""
        return self._tree(start)[0]

    def _tree(self, start: int) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
        if self._last is None or self._last[0] != start:
            seconds, before = dijkstra(
                self._matrix, indices=start, return_predecessors=True, limit=self.limit_s
            )
            self._last = (start, seconds, before)
        return self._last[1:]

    def route(self, start: int, end: int) -> Route:
        """The quickest way.

        Raises:
            NotFound: no way leads there.
        """
        seconds, before = self._tree(start)
        if not np.isfinite(seconds[end]):
            raise NotFound(f"No way leads from junction {start} to {end} by {self.mode}")
        passed = [end]
        while passed[-1] != start:
            passed.append(int(before[passed[-1]]))
        return self._along(passed[::-1])

    def _along(self, passed: Sequence[int]) -> Route:
        graph = self.graph
        ats, vertices, now = [np.zeros(1)], [np.zeros(0, np.int64)], 0.0
        for here, there in pairwise(passed):
            edge, is_against, cost = self._edge(here, there)
            first, last = graph.first[edge], graph.first[edge + 1] - 1
            gone = graph.vertex_share[first : last + 1]
            # The first vertex of an edge is the last of the one before.
            if is_against:
                vertices.append(np.arange(last - 1, first - 1, -1))
                gone = 1 - gone[-2::-1]
            else:
                vertices.append(np.arange(first + 1, last + 1))
                gone = gone[1:]
            ats.append(now + cost * gone)
            now += cost
        passed_by = np.concatenate(vertices)
        return Route(
            np.concatenate(ats),
            np.append(graph.east_m[passed[0]], graph.vertex_east_m[passed_by]),
            np.append(graph.north_m[passed[0]], graph.vertex_north_m[passed_by]),
        )

    def _edge(self, here: int, there: int) -> tuple[int, bool, float]:
        along, against = self.graph.seconds[self.mode]
        edges = self.graph._edge_of
        choices = [(float(along[k]), k, False) for k in edges.get((here, there), ())]
        choices += [(float(against[k]), k, True) for k in edges.get((there, here), ())]
        cost, edge, is_against = min(choices)
        return edge, is_against, cost


def graph_of(streets: Streets) -> StreetGraph:
    """The graph of these streets; what is not connected with the bulk of it is left out.

    Raises:
        NotFound: there are no streets.
    """
    if not len(streets.line):
        raise NotFound("The base map has no streets. Run: app.py basemap import FILE")
    degrees, way = shapely.get_coordinates(streets.line, return_index=True)
    plane = plane_of(LonLat(*degrees.mean(axis=0)))
    place_of = np.rint(degrees * 1e7).astype(np.int64)
    _, lowest, vertex = np.unique(
        place_of[:, 0] * _KEY + place_of[:, 1], return_index=True, return_inverse=True
    )
    east, north = plane.metres(degrees[:, 0], degrees[:, 1])
    is_last = np.append(way[1:] != way[:-1], True)
    is_first = np.append(True, way[1:] != way[:-1])
    # A junction: an end of a way, or a vertex passed more than once.
    ends = np.zeros(len(lowest), bool)
    ends[vertex[is_first | is_last]] = True
    ends |= np.bincount(vertex, minlength=len(lowest)) > 1
    cut = ends[vertex]
    # Edges run from one junction of a way to its next; a junction within a way belongs to two.
    starts = np.flatnonzero(cut & ~is_last)
    stops = np.flatnonzero(cut & ~is_first)
    tail, head, of_way = vertex[starts], vertex[stops], way[starts]
    pieces = [np.arange(start, stop + 1) for start, stop in zip(starts, stops, strict=True)]
    sizes = np.array([len(piece) for piece in pieces])
    at = np.concatenate(pieces)
    first = np.concatenate([[0], np.cumsum(sizes)])
    step = np.hypot(np.diff(east[at]), np.diff(north[at]))
    step[first[1:-1] - 1] = 0
    length = np.add.reduceat(np.append(step, 0), first[:-1])
    keep = (length > 0.01) & (tail != head)
    return _connected(
        StreetGraph(
            plane=plane,
            east_m=east[lowest],
            north_m=north[lowest],
            tail=tail[keep],
            head=head[keep],
            first=np.concatenate([[0], np.cumsum(sizes[keep])]),
            vertex_east_m=east[at][np.repeat(keep, sizes)],
            vertex_north_m=north[at][np.repeat(keep, sizes)],
            seconds=_seconds(streets, of_way[keep], length[keep]),
            name=streets.name[of_way[keep]],
        )
    )


def _seconds(
    streets: Streets, way: NDArray[np.int64], length_m: NDArray[np.float64]
) -> dict[Mode, NDArray[np.float64]]:
    kinds = streets.street_class[way].astype(str)
    walked = np.where(np.isin(kinds, list(_NO_FEET)), np.inf, length_m / _SPEED_MPS[Mode.WALK])
    cycled = np.where(np.isin(kinds, list(_NO_BICYCLES)), np.inf, length_m / _SPEED_MPS[Mode.CYCLE])
    usual = np.array([_DRIVEN_KMH.get(each, 0) for each in kinds], float)
    posted = streets.maxspeed_kmh[way].astype(float)
    usual = np.where((posted > 0) & (posted < usual), posted, usual) / 3.6
    with np.errstate(divide="ignore"):
        driven = np.where(usual > 0, length_m / usual, np.inf)
    oneway = streets.oneway[way]
    return {
        Mode.WALK: np.array([walked, walked]),
        Mode.CYCLE: np.array([cycled, cycled]),
        Mode.DRIVE: np.array(
            [np.where(oneway == -1, np.inf, driven), np.where(oneway == 1, np.inf, driven)]
        ),
    }


def _connected(graph: StreetGraph) -> StreetGraph:
    """The largest part of the graph that hangs together, junctions renumbered."""
    ones = np.ones(len(graph.tail))
    size = graph.size
    matrix = csr_array((ones, (graph.tail, graph.head)), shape=(size, size))
    count, label = connected_components(matrix, directed=False)
    inside = label == np.bincount(label, minlength=count).argmax()
    number = np.cumsum(inside) - 1
    keep = inside[graph.tail]
    sizes = np.diff(graph.first)
    vertices = np.repeat(keep, sizes)
    return StreetGraph(
        plane=graph.plane,
        east_m=graph.east_m[inside],
        north_m=graph.north_m[inside],
        tail=number[graph.tail[keep]],
        head=number[graph.head[keep]],
        first=np.concatenate([[0], np.cumsum(sizes[keep])]),
        vertex_east_m=graph.vertex_east_m[vertices],
        vertex_north_m=graph.vertex_north_m[vertices],
        seconds={mode: both[:, keep] for mode, both in graph.seconds.items()},
        name=graph.name[keep],
    )
