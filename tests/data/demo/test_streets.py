"""The street graph: what is connected, which way is quickest, who may go where."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from data.demo.streets import Mode, StreetGraph, graph_of
from data.errors import NotFound
from data.store.basemap import Streets
from tests.data.demo.conftest import BLOCKS


def some_streets(*rows: tuple[str, int, list[tuple[float, float]]]) -> Streets:
    """Streets of (class, oneway, places in degrees)."""
    return Streets(
        name=np.full(len(rows), "", object),
        street_class=np.array([row[0] for row in rows], object),
        oneway=np.array([row[1] for row in rows], np.int16),
        maxspeed_kmh=np.zeros(len(rows), np.int16),
        line=np.array([shapely.LineString(row[2]) for row in rows], object),
    )


def test_ways_that_share_a_vertex_meet_there(city: StreetGraph) -> None:
    """A grid of n blocks has (n + 1) squared junctions and two edges a junction and direction."""
    assert city.size == (BLOCKS + 1) ** 2
    assert len(city.tail) == 2 * BLOCKS * (BLOCKS + 1)


def test_the_quickest_way_is_as_long_as_the_blocks_between(city: StreetGraph) -> None:
    """Across seven blocks of a grid a walker goes 700 m at walking speed, from end to end."""
    middle_e, middle_n = float(np.median(city.east_m)), float(np.median(city.north_m))
    start = city.nearest(middle_e, middle_n)
    end = city.nearest(middle_e + 300, middle_n + 400)
    route = city.ways_from(Mode.WALK).route(start, end)
    assert route.length_m == pytest.approx(700, abs=0.1)
    assert route.length_s == pytest.approx(700 / 1.35, rel=1e-3)
    assert route.place_at(-5) == (city.east_m[start], city.north_m[start])
    assert route.place_at(1e9) == (city.east_m[end], city.north_m[end])
    home = route.backwards()
    assert home.place_at(0) == route.place_at(route.length_s)
    assert home.length_s == pytest.approx(route.length_s)


def test_a_closed_edge_is_gone_round(city: StreetGraph) -> None:
    """Somebody who keeps off a zone takes the streets around it."""
    middle_e, middle_n = float(np.median(city.east_m)), float(np.median(city.north_m))
    start, end = city.nearest(middle_e - 300, middle_n), city.nearest(middle_e + 300, middle_n)
    zone = shapely.box(middle_e - 50, middle_n - 150, middle_e + 50, middle_n + 150)
    straight = city.ways_from(Mode.WALK).route(start, end)
    around = city.ways_from(Mode.WALK, city.edges_touching(zone)).route(start, end)
    assert straight.length_m == pytest.approx(600, abs=0.1)
    assert around.length_m == pytest.approx(1000, abs=0.1)
    line = shapely.LineString(np.column_stack([around.east_m, around.north_m]))
    assert not line.intersects(zone)


def test_a_one_way_street_is_driven_one_way_and_walked_both() -> None:
    """Cars go round the block, walkers do not; motorways are for cars alone."""
    corner, east, north, far = (11.97, 57.7), (11.972, 57.7), (11.97, 57.701), (11.972, 57.701)
    graph = graph_of(
        some_streets(
            ("residential", 1, [corner, east]),
            ("residential", 1, [east, far]),
            ("residential", 1, [far, north]),
            ("residential", 1, [north, corner]),
            ("motorway", 0, [corner, far]),
        )
    )
    here = int(np.argmin(np.hypot(*_gap(graph, corner))))
    there = int(np.argmin(np.hypot(*_gap(graph, east))))
    assert len(graph.ways_from(Mode.WALK).route(there, here).at_s) == 2
    driven = graph.ways_from(Mode.DRIVE)
    assert driven.route(there, here).length_m > driven.route(here, there).length_m
    assert (
        len(
            graph.ways_from(Mode.WALK).route(here, int(np.argmin(np.hypot(*_gap(graph, far))))).at_s
        )
        > 2
    )


def _gap(graph: StreetGraph, place: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    east, north = graph.plane.metres(np.array([place[0]]), np.array([place[1]]))
    return graph.east_m - east, graph.north_m - north


def test_an_island_of_streets_is_left_out() -> None:
    """Streets nobody can reach from the bulk of the city are no place to live."""
    graph = graph_of(
        some_streets(
            ("residential", 0, [(11.97, 57.7), (11.972, 57.7)]),
            ("residential", 0, [(11.972, 57.7), (11.974, 57.7)]),
            ("residential", 0, [(12.1, 57.9), (12.101, 57.9)]),
        )
    )
    assert graph.size == 3


def test_no_streets_say_what_to_do() -> None:
    """An empty base map is an error with a remedy."""
    with pytest.raises(NotFound, match="basemap import"):
        graph_of(some_streets())
