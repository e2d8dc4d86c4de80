"""A drawn city for the demo's tests: a grid of streets, quick to build and easy to reason about."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from data.demo.scenarios import Stage
from data.demo.streets import StreetGraph, graph_of
from data.demo.world import World, cast
from data.geo import LonLat, plane_of
from data.store.basemap import Streets

BLOCKS = 72
BLOCK_M = 100.0
OPENED_S = 1_763_770_000.0


def grid_city() -> Streets:
    """72 by 72 blocks of 100 m around 11.97 E, 57.70 N; every street residential, both ways."""
    plane = plane_of(LonLat(11.97, 57.70))
    middle_e, middle_n = plane.metres(np.array([11.97]), np.array([57.70]))
    steps = (np.arange(BLOCKS + 1) - BLOCKS / 2) * BLOCK_M
    lines = []
    for offset in steps:
        for is_north in (False, True):
            east = np.full_like(steps, offset) if is_north else steps
            north = steps if is_north else np.full_like(steps, offset)
            lon, lat = plane.degrees(east + middle_e, north + middle_n)
            lines.append(shapely.LineString(np.round(np.column_stack([lon, lat]), 7)))
    count = len(lines)
    return Streets(
        name=np.array([f"Street {n}" for n in range(count)], object),
        street_class=np.full(count, "residential", object),
        oneway=np.zeros(count, np.int16),
        maxspeed_kmh=np.zeros(count, np.int16),
        line=np.array(lines, object),
    )


@pytest.fixture(scope="session")
def city() -> StreetGraph:
    """The graph of the drawn city."""
    return graph_of(grid_city())


@pytest.fixture(scope="session")
def world(city: StreetGraph) -> World:
    """The demo's cast in the drawn city, seed 1."""
    return cast(city, 1)


@pytest.fixture
def stage(world: World) -> Stage:
    """The timetable, opened at a known moment."""
    return Stage(world, OPENED_S)
