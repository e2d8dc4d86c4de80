"""Everyday life: along the streets, at believable speeds, the same whoever asks."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from data.demo.people import Routines
from data.demo.streets import Mode
from data.demo.world import OFFENDERS, World

NOON_S = 1_763_726_400.0
FASTEST_MPS = {Mode.WALK: 1.5, Mode.CYCLE: 5.0, Mode.DRIVE: 21.0}
TRAVELLERS = [*range(30, 42), 61, 70, 83]


@pytest.mark.parametrize("number", TRAVELLERS)
def test_nobody_is_faster_than_the_mode_allows(world: World, number: int) -> None:
    """Within four seconds nobody goes farther than on foot, by bicycle or by car."""
    person = world.people[number]
    places = [world.routines.place_at(person, NOON_S + 4.0 * n) for n in range(7200)]
    east = np.array([place.east_m for place in places])
    north = np.array([place.north_m for place in places])
    step = np.hypot(np.diff(east), np.diff(north))
    assert step.max() <= 4 * FASTEST_MPS[person.mode]
    assert step.sum() > 0


@pytest.mark.parametrize("number", TRAVELLERS[:6])
def test_everybody_stays_on_the_streets(world: World, number: int) -> None:
    """A place is never off a street by more than rounding."""
    person = world.people[number]
    graph = world.graph
    streets = shapely.STRtree(
        shapely.linestrings(
            np.column_stack([graph.vertex_east_m, graph.vertex_north_m]),
            indices=np.repeat(np.arange(len(graph.tail)), np.diff(graph.first)),
        )
    )
    places = [world.routines.place_at(person, NOON_S + 97.0 * n) for n in range(400)]
    points = shapely.points([[place.east_m, place.north_m] for place in places])
    _, gap_m = streets.query_nearest(points, return_distance=True, all_matches=False)
    assert gap_m.max() < 0.05


def test_the_order_of_asking_changes_nothing(world: World) -> None:
    """A place is a function of person and moment, not of what was asked before."""
    person = world.people[33]
    asked = [NOON_S + 1800.0 * n for n in range(60)]
    here, there = (Routines(world.graph, 1, lambda _: None) for _ in range(2))
    forwards = [here.place_at(person, at) for at in asked]
    backwards = [there.place_at(person, at) for at in reversed(asked)]
    assert forwards == backwards[::-1]


def test_days_join_without_a_jump(world: World) -> None:
    """A person's day ends at home, where the next one begins."""
    for person in world.people[20:100:7]:
        legs = world.routines.day_of(person, NOON_S)
        assert legs[0].junction == legs[-1].junction == person.home
        assert [leg.from_s for leg in legs] == sorted(leg.from_s for leg in legs)


def test_at_every_hour_somebody_is_about(world: World) -> None:
    """A newcomer who looks at three in the morning sees a city that moves."""
    for hour in range(24):
        at = NOON_S + hour * 3600
        moving = sum(
            not world.routines.place_at(person, at).is_indoors
            for person in world.people[13:OFFENDERS]
        )
        assert moving >= 1, hour
