"""The scenes: they enter, they hide, they cut the strap, and always at the same moment."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from data.demo import world as cast_of
from data.demo.scenarios import CUE_GAP_S, EVERY_S, OUTAGE_S, PROGRAMME, Scenario, Stage
from data.demo.world import World
from tests.data.demo.conftest import OPENED_S


def path(stage: Stage, number: int, from_s: float, to_s: float, step_s: float = 1.0) -> np.ndarray:
    """East, north of a person each step, shape (n, 2)."""
    person = stage.world.people[number]
    places = [stage.place_at(person, float(at)) for at in np.arange(from_s, to_s, step_s)]
    return np.array([[place.east_m, place.north_m] for place in places])


def inside_s(stage: Stage, number: int, from_s: float, to_s: float) -> np.ndarray:
    """The seconds after `from_s` that the person spends in the zone."""
    zone = stage.world.zones_of(number)[0].shape
    return np.flatnonzero(shapely.contains_xy(zone, *path(stage, number, from_s, to_s).T))


def scene_of(stage: Stage, scenario: Scenario) -> float:
    """When the timetable first starts this scenario after its opening."""
    return OPENED_S + (1 + PROGRAMME.index(scenario)) * EVERY_S


def test_the_first_breach_comes_within_a_minute_of_the_opening(stage: Stage) -> None:
    """The first greeter is inside within 50 s, deep enough for a good receiver to be sure."""
    greeter = cast_of.GREETERS[0]
    seconds = inside_s(stage, greeter, OPENED_S, OPENED_S + 120)
    assert 10 < seconds[0] <= 50
    zone = stage.world.zones_of(greeter)[0].shape
    place = path(stage, greeter, OPENED_S + 60, OPENED_S + 61)[0]
    assert zone.exterior.distance(shapely.Point(place)) > 25


def test_whoever_opens_the_page_is_greeted(world: World) -> None:
    """A cue brings another greeter in within 50 s; cues close together are one."""
    cue = OPENED_S + 1000.0
    stage = Stage(world, OPENED_S, (cue, cue + CUE_GAP_S / 2))
    greeter = cast_of.GREETERS[1]
    assert 10 < inside_s(stage, greeter, cue, cue + 120)[0] <= 50
    called = [scene for scene in stage.scenes_at(cue + 200) if scene.actors == (greeter,)]
    assert len(called) == 1
    assert not any(scene.actors == cast_of.GREETERS[2:] for scene in stage.scenes_at(cue + 200))


@pytest.mark.parametrize("number", cast_of.ACTORS)
def test_between_scenes_an_actor_waits_outside_zone_and_buffer(world: World, number: int) -> None:
    """Waiting near the zone must not itself be a warning."""
    stage = Stage(world, OPENED_S)
    place = path(stage, number, OPENED_S - 10, OPENED_S - 9)[0]
    for zone in world.zones_of(number):
        assert zone.shape.distance(shapely.Point(place)) > zone.buffer_m + 30


def test_actors_go_no_faster_than_a_bicycle_and_never_jump(stage: Stage) -> None:
    """Scenes begin and end where the actor waits, so nobody is ever in two places."""
    for number in cast_of.ACTORS:
        places = path(stage, number, OPENED_S - 60, OPENED_S + 3600, 4.0)
        step_m = np.hypot(*np.diff(places, axis=0).T)
        assert step_m.max() <= 4 * 4.5


def test_the_tunnel_hides_the_whole_way_through(stage: Stage) -> None:
    """No report from inside: the crossing shows only as a gap with the zone between its ends."""
    starts = scene_of(stage, Scenario.TUNNEL)
    number = cast_of.TUNNELLERS[0]
    person = stage.world.people[number]
    hidden = inside_s(stage, number, starts, starts + 1500)
    assert len(hidden)
    assert not any(stage.place_at(person, starts + float(each)).is_seen for each in hidden)


def test_the_drifter_stays_just_outside(stage: Stage) -> None:
    """At the edge but never in: alarms about this one would be false."""
    starts = scene_of(stage, Scenario.DRIFT)
    number = cast_of.DRIFTERS[0]
    assert not len(inside_s(stage, number, starts, starts + 1200))
    zone = stage.world.zones_of(number)[0].shape
    gaps = shapely.distance(zone, shapely.points(path(stage, number, starts, starts + 1200)))
    assert gaps.min() < 60


def test_the_strap_is_open_only_during_its_scene(stage: Stage) -> None:
    """Open while walking off, closed again back at the base."""
    starts = scene_of(stage, Scenario.STRAP)
    person = stage.world.people[cast_of.STRAP_CUTTERS[0]]
    assert not stage.place_at(person, starts - 1).strap_open
    assert stage.place_at(person, starts + 30).strap_open
    assert not stage.place_at(person, starts + 1400).strap_open


def test_two_offenders_are_in_the_zone_together(stage: Stage) -> None:
    """The scene of two shows both inside at one moment."""
    starts = scene_of(stage, Scenario.TWO_OFFENDERS)
    first, second = (
        set(inside_s(stage, number, starts, starts + 1200).tolist())
        for number in cast_of.TWO_AT_ONE_ZONE
    )
    assert first & second


def test_a_feed_outage_silences_a_part_and_ends(stage: Stage) -> None:
    """Some tags cannot be heard for a while; actors of other scenes still can."""
    starts = scene_of(stage, Scenario.OUTAGE)
    people = stage.world.people

    def silent(at_s: float) -> set[int]:
        return {each.number for each in people if not stage.is_reachable(each, at_s)}

    caught = silent(starts + 1) - silent(starts - 1)
    assert 4 <= len(caught) <= 10
    assert not caught & set(cast_of.ACTORS)
    assert not caught & silent(starts + OUTAGE_S)  # the end is not part of it
