"""The cast: who lives where, which zones bind whom, and that no zone gives a door away."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from data.demo import world as cast_of
from data.demo.streets import StreetGraph
from data.demo.world import World, cast
from data.model.people import PersonRole
from data.model.schedule import from_json
from data.model.zone import ZoneKind


def test_the_same_seed_casts_the_same_world(city: StreetGraph, world: World) -> None:
    """Same streets and seed: same people, zones and pairs; another seed, another cast."""
    again = cast(city, 1)
    assert again.people == world.people
    assert again.pairs == world.pairs
    assert [zone.shape.wkt for zone in again.zones] == [zone.shape.wkt for zone in world.zones]
    assert cast(city, 2).people != world.people


def test_the_cast_is_as_large_as_the_demo_needs(world: World) -> None:
    """Sixty offenders with a pair each, forty victims, about ninety exclusion zones, curfews."""
    roles = [person.role for person in world.people]
    kinds = [zone.kind for zone in world.zones]
    assert roles.count(PersonRole.OFFENDER) == 60 and roles.count(PersonRole.VICTIM) == 40
    assert len(world.pairs) == 60
    assert kinds.count(ZoneKind.EXCLUSION) == 90 and kinds.count(ZoneKind.INCLUSION) == 6
    assert len({person.name for person in world.people}) == 100
    assert all(10 <= person.report_every_s <= 60 for person in world.people)


def test_no_outline_gives_the_door_away(world: World) -> None:
    """The door, of home or work, is 80 m from the edge and 100 m from the middle at least."""
    for offender in range(cast_of.OFFENDERS):
        victim = world.people[cast_of.victim_of(offender)]
        kept_off = [each for each in world.zones_of(offender) if each.kind is ZoneKind.EXCLUSION]
        for zone, place in zip(kept_off, (victim.home, victim.haunts[0]), strict=False):
            door = shapely.Point(world.graph.east_m[place], world.graph.north_m[place])
            assert zone.shape.is_valid and zone.shape.contains(door)
            assert zone.shape.exterior.distance(door) > 80
            assert zone.shape.centroid.distance(door) > 100
            assert len(zone.shape.exterior.coords) >= 10


def test_two_offenders_of_one_victim_are_kept_off_one_outline(world: World) -> None:
    """The scenario of two offenders and one zone needs them to share it."""
    first, second = cast_of.TWO_AT_ONE_ZONE
    assert cast_of.victim_of(first) == cast_of.victim_of(second)
    assert world.zones_of(first)[0].shape.equals(world.zones_of(second)[0].shape)


def test_every_schedule_can_be_read(world: World) -> None:
    """What the demo writes as hours is what the schedule reader takes."""
    hours = [zone.schedule for zone in world.zones if zone.schedule]
    assert hours
    for each in hours:
        assert from_json(each).time_zone == "Europe/Stockholm"


@pytest.mark.parametrize("number", [20, 25, 33, 59])
def test_an_offender_lives_and_moves_off_the_zones(world: World, number: int) -> None:
    """By habit nobody enters a zone of the own case, so a breach is a scene and not a mistake."""
    person = world.people[number]
    zones = shapely.union_all([zone.shape for zone in world.zones_of(number)])
    day = 1_763_770_000.0
    for at in np.arange(day, day + 86_400, 60.0):
        place = world.routines.place_at(person, float(at))
        assert not zones.contains(shapely.Point(place.east_m, place.north_m))


@pytest.mark.parametrize("month", ["2026-01-14", "2026-07-15"])
def test_a_curfew_is_kept(world: World, month: str) -> None:
    """Who has to be home at night is home then, in winter time and in summer time."""
    midnight = np.datetime64(f"{month}T20:00:00").astype("datetime64[s]").astype(float)
    for number in cast_of.CURFEWED:
        person = world.people[number]
        zone = next(
            zone.shape
            for zone in world.zones
            if zone.offender == number and zone.kind is ZoneKind.INCLUSION
        )
        # 22:00 to 05:30 in Stockholm is 21:00 to 04:30 UTC in winter, 20:00 to 03:30 in summer.
        for at in np.arange(midnight, midnight + 8.5 * 3600, 300.0):
            place = world.routines.place_at(person, float(at))
            assert zone.contains(shapely.Point(place.east_m, place.north_m))
