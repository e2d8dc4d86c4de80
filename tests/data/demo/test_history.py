"""The demo's past: one who follows, and stands out beside her week and nowhere else."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import shapely

from data.clock import microseconds
from data.demo import history
from data.demo.world import TIME_ZONE, World
from data.feeds.routine_places import read_hours
from data.rules import conduct, encounters
from data.rules.encounters import Due, EncounterRule, Track
from data.rules.schedules import open_stretches

UNTIL = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)


def test_the_follower_keeps_off_every_zone_and_stands_far_outside_chance(world: World) -> None:
    """No fix in a zone of his case; encounters at her places that his own days do not explain."""
    follower = history.cast_follower(world)
    records = history.track(world, follower, UNTIL)
    assert records.tobytes() == history.track(world, follower, UNTIL).tobytes()
    east, north = world.graph.plane.metres(records["lon"].copy(), records["lat"].copy())
    sharp = shapely.points(east, north)[records["radius_95_m"] < 60]
    kept_off = [zone.shape for zone in world.zones_of(follower.person.number)]
    assert not shapely.contains(shapely.union_all(kept_off), sharp).any()
    places = np.column_stack([east, north])[records["radius_95_m"] < 60]
    moved = shapely.linestrings(np.stack([places[:-1], places[1:]], axis=1))
    gap_s = np.diff(records["fixed_at"][records["radius_95_m"] < 60]) / 1e6
    assert not shapely.intersects(shapely.union_all(kept_off), moved)[gap_s < 720].any()

    his = Track.of(
        records["fixed_at"].astype(np.int64), records["lon"].astype(float),
        records["lat"].astype(float), records["radius_95_m"].astype(float),
        np.zeros(len(records), np.int64), np.full(len(records), 3_000_000 * history.EVERY_S),
    )  # fmt: skip
    first = date(2026, 10, 27)
    days = [first + timedelta(days=each) for each in range(26)]
    moments = conduct.minutes_of(days, TIME_ZONE)
    span = int(moments[0, 0]), microseconds(UNTIL)
    places = []
    for (_, hours), junction in zip(
        history.HABITS, (follower.victim.home, *follower.victim.haunts), strict=True
    ):
        where = world.graph.lonlat(
            float(world.graph.east_m[junction]), float(world.graph.north_m[junction])
        )
        due = open_stretches(read_hours(hours, TIME_ZONE), *span)
        places.append(Due(where.lon, where.lat, 40.0, due))
    assert len(encounters.near_places(his, places, EncounterRule())) > 8
    whole = np.array([span], np.int64)
    always = [Due(each.lon, each.lat, each.radius_m, whole) for each in places]
    near = encounters.near_stretches(his, always, EncounterRule())
    found = conduct.compare(
        *conduct.at_places(
            np.array([conduct.within(each, moments) for each in near]),
            np.array([conduct.within(each.stretches, moments) for each in places]),
        ),
        days,
    )
    assert found.minutes.p < 0.01
