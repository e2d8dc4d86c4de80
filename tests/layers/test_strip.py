"""The strip: an hour of one track as lanes, for those who may know the track."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select

from data.errors import NotFound, Refused
from data.model.user import Role
from data.store import tables
from data.store.partitions import ensure_days
from layers.strip import strip
from tests.layers.conftest import Room, a_reach
from tests.layers.test_trails import a_kept_fix
from tests.makers import START

pytestmark = pytest.mark.db

NOW_S = START.timestamp()


def a_verdict(connection: Connection, room: Room, minutes_ago: float, **values: Any) -> None:
    """What the judge said of the fix of this minute and the room's zone."""
    at = START - timedelta(minutes=minutes_ago)
    ensure_days(connection, "fix_verdict", {at.date()})
    version_id = connection.scalar(select(tables.zone_version.c.zone_version_id))
    row = {
        "activation_id": room.north.activation_id,
        "fixed_at": at,
        "fingerprint": 1,
        "zone_version_id": version_id,
        "p_filtered": 0.0,
        "grade": 0,
    }
    connection.execute(insert(tables.fix_verdict).values({**row, **values}))


def test_an_hour_in_lanes(connection: Connection, room: Room) -> None:
    """Outside, in the buffer, inside, then silence: each where the fixes say so, and no place."""
    tag = room.north.activation_id
    for minute in (70, 61, 59, 58, 57, 56):
        at = START - timedelta(minutes=minute)
        a_kept_fix(connection, tag, at, speed_mps=2.0 if minute == 58 else None)
    a_verdict(connection, room, 58, p_inside=0.1, edge_m=150.0)
    a_verdict(connection, room, 57, p_inside=0.5, edge_m=-1.0)
    found = strip(connection, a_reach(), tag, room.zone_id, START)

    def minutes(lane: str) -> list[tuple[float, float, str]]:
        return [
            (round((a - NOW_S) / 60), round((b - NOW_S) / 60), what) for a, b, what in found[lane]
        ]

    assert minutes("signal") == [(-60, -53, "seen"), (-53, 0, "unseen")]
    assert minutes("zone") == [
        (-60, -58, "outside"),
        (-58, -57, "buffer"),
        (-57, -56, "inside"),
        (-56, -53, "outside"),
        (-53, 0, "unseen"),
    ]
    assert [speed for _, speed in found["speed"]] == [0.0, 7.2, 0.0, 0.0]
    assert (found["pace_mps"], found["limit_s"]) == (1.4, 180.0)
    assert "57.7" not in str(found) and "11.97" not in str(found)
    assert strip(connection, a_reach(), tag, None, START)["zone"] == []


def test_who_may_see_a_strip(connection: Connection, room: Room) -> None:
    """As the trail: not a wall, not another area, not hers without a reveal; nor another's zone."""
    offender, victim = room.north.activation_id, room.victim_activation_id
    with pytest.raises(Refused):
        strip(connection, a_reach(Role.WALL), offender, None, START)
    with pytest.raises(Refused):
        strip(connection, a_reach(), victim, None, START)
    with pytest.raises(NotFound):
        strip(connection, a_reach(area="south"), offender, None, START)
    south = room.south.activation_id
    with pytest.raises(NotFound, match="zone"):
        strip(connection, a_reach(area="south"), south, room.zone_id, START)
    assert strip(connection, a_reach(area="south"), south, None, START)["speed"] == []
