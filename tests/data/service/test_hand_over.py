"""The end of a shift on a real database: a sheet made from state, and two people under it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select

from data.clock import FixedClock
from data.errors import BadInput, Clash, NotFound, Refused
from data.model.user import Role
from data.service.alert_work import AlertWork
from data.service.alerts import Alerts
from data.service.hand_over import HandOvers
from data.service.reach import Reaches
from data.store import tables
from tests.stage import a_stage, a_viewer, an_alert

pytestmark = pytest.mark.db


@pytest.fixture
def hand_overs(engine: Engine, clock: FixedClock) -> HandOvers:
    """The use cases on the test's own clock."""
    reaches = Reaches(engine, clock)
    return HandOvers(engine, clock, Alerts(engine, clock, reaches), reaches)


def test_the_sheet_is_what_stands_open_by_age(
    engine: Engine, clock: FixedClock, hand_overs: HandOvers
) -> None:
    """Oldest first, shelved and cleared ones too, closed ones not, each counted."""
    op = a_viewer(engine, clock, "op7")
    with engine.begin() as connection:
        stage = a_stage(connection)
        new = an_alert(connection, stage)
        silent = an_alert(
            connection,
            stage,
            clock.now() - timedelta(days=2),
            priority=2,
            kind="silent",
            breach_id=None,
            condition_key="silent:1",
        )
        an_alert(connection, stage, condition_key="old", state="closed", closed_at=clock.now())
    AlertWork(engine, clock).shelve(op, silent, minutes=30, reason="garage")
    sheet = hand_overs.sheet(op)
    assert [row.alert_id for row in sheet.rows] == [silent, new]
    assert sheet.numbers == {
        "open": 2, "p1": 1, "p2": 1, "p3": 0, "untaken": 1, "shelved": 1, "cleared": 0,
        "flapping": 0, "silent": 1,
    }  # fmt: skip


def test_two_people_sign(engine: Engine, clock: FixedClock, hand_overs: HandOvers) -> None:
    """Who goes and who comes are two; a third comes too late, and both acts are in the trail."""
    here, there, third = (a_viewer(engine, clock, name) for name in ("op7", "op3", "op5"))
    assert hand_overs.newest() is None
    number = hand_overs.give(here, " 0142 rings back at two ")
    with pytest.raises(Refused, match="cannot sign twice"):
        hand_overs.take(here, number)
    clock.forward(timedelta(minutes=3))
    hand_overs.take(there, number)
    found = hand_overs.newest()
    assert found is not None
    assert (found.giver, found.taker, found.taken_at) == ("op7", "op3", clock.now())
    assert (found.words, found.numbers["open"]) == ("0142 rings back at two", 0)
    with pytest.raises(Clash, match="op3 has taken over"):
        hand_overs.take(third, number)
    query = select(func.count()).where(tables.audit_entry.c.action.like("hand_over%"))
    with engine.connect() as connection:
        assert connection.scalar(query) == 2


def test_only_the_newest_sheet_is_signed(
    engine: Engine, clock: FixedClock, hand_overs: HandOvers
) -> None:
    """Nobody takes over from a list that has been written down anew."""
    here, there = a_viewer(engine, clock, "op7"), a_viewer(engine, clock, "op3")
    first = hand_overs.give(here, "")
    hand_overs.give(here, "")
    with pytest.raises(NotFound):
        hand_overs.take(there, first)
    with pytest.raises(BadInput):
        hand_overs.give(here, "x" * 2001)


def test_another_area_is_not_on_the_sheet(
    engine: Engine, clock: FixedClock, hand_overs: HandOvers
) -> None:
    """Who watches the north hands over the north."""
    north = a_viewer(engine, clock, "north-1", Role.OPERATOR, "north")
    with engine.begin() as connection:
        stage = a_stage(connection)
        connection.execute(tables.case.update().values(area="south"))
        an_alert(connection, stage)
    assert hand_overs.sheet(north).rows == ()
