"""The room's figures: exact on a small evening that can be counted by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, Engine, insert, update

from data.clock import FixedClock
from data.errors import BadInput, Refused
from data.model.user import Role, Viewer
from data.service.alerts import Alerts
from data.service.figures import RoomFigures
from data.service.reach import Reaches
from data.store import tables
from tests.stage import NOON, Stage, a_stage, a_viewer, an_alert

pytestmark = pytest.mark.db

STOCKHOLM = ZoneInfo("Europe/Stockholm")
MINUTE = timedelta(minutes=1)
SUPERVISOR = Viewer(1, "sue", Role.SUPERVISOR, "")


def raised(
    connection: Connection,
    stage: Stage,
    at: datetime,
    *,
    taken_after_s: float | None = None,
    repeated_after_s: tuple[int, ...] = (),
    **values: object,
) -> int:
    """An alert with the lines of its history."""
    number = int(at.timestamp() * 1000)
    key = {"condition_key": f"x:{number}", "breach_id": None}
    alert_id = an_alert(connection, stage, at, **(key | values))
    lines = [(0.0, "raised"), *((after, "repeated") for after in repeated_after_s)]
    if taken_after_s is not None:
        # Taken twice: the first counts.
        lines += [(taken_after_s, "acknowledged"), (taken_after_s + 600, "acknowledged")]
    connection.execute(
        insert(tables.alert_entry),
        [
            {"alert_id": alert_id, "at": at + timedelta(seconds=after), "action": action}
            for after, action in lines
        ],
    )
    return alert_id


@pytest.fixture
def figures(engine: Engine, clock: FixedClock) -> RoomFigures:
    """The figures of a room at noon."""
    return RoomFigures(Alerts(engine, clock), clock, Reaches(engine, clock), STOCKHOLM)


@pytest.fixture
def evening(engine: Engine, clock: FixedClock) -> Stage:
    """Five alerts of the last eight hours, one from before; one operator for 20 minutes."""
    a_viewer(engine, clock, "olga")
    with engine.begin() as connection:
        connection.execute(
            update(tables.session).values(started_at=NOON - 60 * MINUTE, seen_at=NOON - 41 * MINUTE)
        )
        stage = a_stage(connection)
        for minute, more in (
            (-480, {"priority": 3, "taken_after_s": 10}),  # the first moment is in it
            (-60, {"taken_after_s": 20}),
            (-59, {"taken_after_s": 40, "repeated_after_s": (30, 60), "shelves": 1, "priority": 2}),
            (-58, {"repeated_after_s": (30, 61), "facts": {"flapping": True}}),
            (-57, {"found_on_backfill": True, "taken_after_s": 9999}),
            (-481, {"priority": 3}),  # too early by a minute
        ):
            raised(connection, stage, NOON + minute * MINUTE, **more)
        raised(
            connection,
            stage,
            NOON - 30 * 60 * MINUTE,
            state="closed",
            closed_at=NOON - MINUTE,
            finding="drift",
        )
        raised(connection, stage, NOON, priority=2)  # the last moment is not
    return stage


def test_loads_and_shares_are_exact(figures: RoomFigures, evening: Stage) -> None:
    """Four in the ten minutes at eleven with one desk, one at four in the morning without."""
    found = figures.of(SUPERVISOR, "8h")
    assert found.raised == 5
    assert len(found.tens) == 48
    assert {at: (n, desks) for at, n, desks in found.tens if n or desks} == {
        NOON - 480 * MINUTE: (1, 0),
        NOON - 60 * MINUTE: (4, 1),
        NOON - 50 * MINUTE: (0, 1),
    }
    assert found.load.mean == pytest.approx(5 / 48)
    assert (found.load.worst, found.load.floods) == (4, 0)
    assert found.load.above == pytest.approx(1 / 48)
    assert found.priorities == {1: 3, 2: 1, 3: 1}
    assert found.shares == {1: 0.6, 2: 0.2, 3: 0.2}


def test_haste_is_that_of_the_first_to_take_it(figures: RoomFigures, evening: Stage) -> None:
    """By hour of the room, half and nine of ten; what was found late hurries nobody."""
    found = figures.of(SUPERVISOR, "8h")
    assert [tuple(row) for row in found.taken] == [
        (5, 1, 10.0, 10.0, 0),
        (12, 2, 30.0, 38.0, 1),
    ]
    assert tuple(found.taken_all) == (None, 3, 20.0, 36.0, 1)


def test_troubles_sources_and_findings_are_counted(figures: RoomFigures, evening: Stage) -> None:
    """Chattering is three within a minute: sixty seconds are, sixty-one are not."""
    found = figures.of(SUPERVISOR, "8h")
    assert tuple(found.troubles) == (1, 1, 1, 0, 1)
    assert found.cases == (("0142", 5),)
    assert found.devices == (("tag-0142", 5),)
    # Closed in the period, whenever it was raised.
    assert found.findings == {"drift": 1}


def test_the_oldest_open_ones_come_first_and_a_day_is_stale(
    figures: RoomFigures, evening: Stage, engine: Engine
) -> None:
    """Exactly a day old is not stale yet; the period does not matter."""
    with engine.begin() as connection:
        day = raised(connection, evening, NOON - 1440 * MINUTE)
        older = raised(connection, evening, NOON - 1441 * MINUTE)
    found = figures.of(SUPERVISOR, "8h")
    assert [row.alert_id for row in found.oldest[:2]] == [older, day]
    assert found.stale == 1


def test_an_area_counts_its_own(figures: RoomFigures, evening: Stage, engine: Engine) -> None:
    """Of another area's case a supervisor counts nothing, and of no case everything."""
    with engine.begin() as connection:
        connection.execute(update(tables.case).values(area="north"))
        raised(connection, evening, NOON - 5 * MINUTE, case_id=None)
    south = Viewer(1, "sue", Role.SUPERVISOR, "south")
    found = figures.of(south, "8h")
    assert (found.raised, found.cases, found.findings) == (1, (), {})
    assert len(found.oldest) == 1
    assert figures.of(Viewer(1, "sue", Role.SUPERVISOR, "north"), "8h").raised == 6


def test_an_empty_room_is_counted_too(figures: RoomFigures) -> None:
    """Nothing raised, nothing taken, nobody there: zeros, and no error."""
    found = figures.of(SUPERVISOR, "30d")
    assert (found.raised, found.load.mean, found.stale) == (0, 0, 0)
    assert (found.taken, found.taken_all.n, found.taken_all.p50_s) == ((), 0, None)


def test_only_periods_there_are_and_only_who_may(figures: RoomFigures) -> None:
    """A case officer follows cases, not desks."""
    with pytest.raises(BadInput, match="period"):
        figures.of(SUPERVISOR, "1y")
    for role in (Role.CASE_OFFICER, Role.INVESTIGATOR, Role.WALL, Role.ADMINISTRATOR):
        with pytest.raises(Refused):
            figures.of(Viewer(1, "x", role, ""), "8h")
