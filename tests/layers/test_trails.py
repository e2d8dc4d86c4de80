"""Trails: the last minutes of one track, for those who may know them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from data.errors import BadInput, NotFound, Refused
from data.model.fix import FixFlag
from data.model.user import Role
from data.store import tables
from data.store.partitions import ensure_days
from layers import trails
from tests.layers.conftest import Room, a_reach
from tests.makers import START

pytestmark = pytest.mark.db


def a_kept_fix(
    connection: Connection, activation_id: int, at: datetime, lon: float = 11.97, **values: Any
) -> None:
    """One judged fix."""
    ensure_days(connection, "fix", {at.date()})
    row = {
        "activation_id": activation_id,
        "fixed_at": at,
        "fingerprint": 1,
        "received_at": at,
        "judged_at": at,
        "reading_id": 1,
        "position": f"SRID=4326;POINT({lon} 57.7)",
        "radius_95_m": 12.0,
        "mechanism": 1,
        "events": 0,
        "flags": 0,
    }
    connection.execute(insert(tables.fix).values({**row, **values}))


def test_a_trail_is_the_last_minutes_oldest_first(connection: Connection, room: Room) -> None:
    """What is exactly six minutes old is over; what is now is in."""
    tag = room.north.activation_id
    for minutes in (0, 6, 2, 5):
        a_kept_fix(connection, tag, START - timedelta(minutes=minutes), 11.97 + minutes / 1000)
    rows = trails.trail(connection, a_reach(), tag, START)
    start = START.timestamp()
    assert rows == [
        [11.975, 57.7, start - 300, 12.0],
        [11.972, 57.7, start - 120, 12.0],
        [11.97, 57.7, start, 12.0],
    ]


@pytest.mark.parametrize(
    "values",
    [
        {"position": None},
        {"flags": int(FixFlag.NULL_ISLAND)},
        {"flags": int(FixFlag.IMPOSSIBLE_SPEED)},
        {"flags": int(FixFlag.NO_FIX)},
    ],
)
def test_no_line_leads_where_nobody_was(
    connection: Connection, room: Room, values: dict[str, Any]
) -> None:
    """A place that is none is not part of a journey."""
    a_kept_fix(connection, room.north.activation_id, START, **values)
    assert trails.trail(connection, a_reach(), room.north.activation_id, START) == []


def test_who_may_see_a_trail(connection: Connection, room: Room) -> None:
    """A wall sees none, a victim's is for who has her case, another area does not know of it."""
    offender, victim = room.north.activation_id, room.victim_activation_id
    hers: dict[str, Any] = {"cases": [room.north.case_id], "activations": [offender, victim]}
    assert trails.trail(connection, a_reach(Role.INVESTIGATOR, **hers), offender, START) == []
    for role in (Role.CASE_OFFICER, Role.SUPERVISOR):
        with pytest.raises(Refused, match="minute of a reveal"):
            trails.trail(connection, a_reach(role, **hers), victim, START)
        shown = a_reach(role, **hers, revealed=[victim])
        assert trails.trail(connection, shown, victim, START) == []
    for role in (Role.OPERATOR, Role.SUPERVISOR):
        with pytest.raises(Refused):
            trails.trail(connection, a_reach(role), victim, START)
    for role in (Role.INVESTIGATOR, Role.CASE_OFFICER):
        with pytest.raises(NotFound):
            trails.trail(connection, a_reach(role), offender, START)
    with pytest.raises(Refused):
        trails.trail(connection, a_reach(Role.WALL), offender, START)
    with pytest.raises(Refused):
        trails.trail(connection, a_reach(Role.INVESTIGATOR, **hers), victim, START)
    with pytest.raises(NotFound):
        trails.trail(connection, a_reach(area="south"), offender, START)
    with pytest.raises(NotFound):
        trails.trail(connection, a_reach(area="south"), victim, START)
    assert trails.trail(connection, a_reach(area="north"), offender, START) == []


@pytest.mark.parametrize("minutes", [0, -1, 120.1, float("nan"), float("inf")])
def test_a_trail_is_minutes_not_days(connection: Connection, room: Room, minutes: float) -> None:
    """Longer stretches are a replay, which leaves an audit line."""
    with pytest.raises(BadInput, match="minutes"):
        trails.trail(connection, a_reach(), room.north.activation_id, START, minutes)
