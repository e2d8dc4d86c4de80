"""Time moves what people leave: on a real database, through restarts and leaping clocks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from data.clock import FixedClock
from data.model.alert import AlertState
from data.service.alert_work import AlertWork
from data.service.alerts import Alerts
from data.service.escalation import Escalation
from tests.stage import a_stage, a_viewer, an_alert

pytestmark = pytest.mark.db


class Hours:
    """Both clocks, which run together unless a test sets one of them."""

    def __init__(self, engine: Engine, clock: FixedClock) -> None:
        self.engine, self.clock, self.steady_s = engine, clock, 1000.0
        self.watch = Escalation(engine, clock)

    def pass_s(self, seconds: float, *, every_s: float = 5.0) -> int:
        """Lets time pass with a round every few seconds; gives how many moves there were."""
        moves = 0
        for _ in range(round(seconds / every_s)):
            self.clock.forward(timedelta(seconds=every_s))
            self.steady_s += every_s
            moves += self.watch.round(self.steady_s)
        return moves

    def told(self) -> list[str]:
        """Who has been called outside the room, in order."""
        with self.engine.connect() as connection:
            query = text("select recipient from vigil.notice order by notice_id")
            return list(connection.scalars(query))


@pytest.fixture
def hours(engine: Engine, clock: FixedClock) -> Hours:
    """A watch that has had its first round."""
    found = Hours(engine, clock)
    found.watch.round(found.steady_s)
    return found


def test_a_first_alert_climbs(engine: Engine, clock: FixedClock, hours: Hours) -> None:
    """60 s: the supervisor's screens; 120 s: a second channel; 180 s: on call; then no more."""
    with engine.begin() as connection:
        alert_id = an_alert(connection, a_stage(connection))
    alerts = Alerts(engine, clock)
    assert hours.pass_s(55) == 0
    assert hours.pass_s(5) == 1
    row = alerts.rows([alert_id])[0]
    assert (row.rung, row.escalated_at, row.state) == (1, clock.now(), AlertState.NEW)
    assert hours.told() == []
    assert hours.pass_s(60) == 1
    assert hours.told() == ["supervisor"]
    assert hours.pass_s(60) == 1
    assert hours.told() == ["supervisor", "on_call"]
    assert hours.pass_s(300) == 0


def test_a_restart_neither_repeats_nor_forgets(
    engine: Engine, clock: FixedClock, hours: Hours
) -> None:
    """A watch that was away for two minutes makes up for it at once, and tells nobody twice."""
    with engine.begin() as connection:
        alert_id = an_alert(connection, a_stage(connection))
    clock.forward(timedelta(seconds=130))
    hours.watch, hours.steady_s = Escalation(engine, clock), 3.0
    assert hours.watch.round(hours.steady_s) == 1
    assert Alerts(engine, clock).rows([alert_id])[0].rung == 2
    hours.watch = Escalation(engine, clock)
    assert hours.watch.round(hours.steady_s) == 0
    assert hours.told() == ["supervisor"]


def test_a_clock_set_back_gives_no_alert_more_time(
    engine: Engine, clock: FixedClock, hours: Hours
) -> None:
    """The wall clock goes back an hour; the second minute still ends after two minutes."""
    with engine.begin() as connection:
        alert_id = an_alert(connection, a_stage(connection))
    hours.pass_s(30)
    clock.forward(timedelta(hours=-1))
    hours.pass_s(30)
    assert Alerts(engine, clock).rows([alert_id])[0].rung == 1
    hours.pass_s(60)
    assert hours.told() == ["supervisor"]


def test_what_is_taken_and_left_goes_back(engine: Engine, clock: FixedClock, hours: Hours) -> None:
    """After 120 s without an action it is new again, the history says so, and it climbs anew."""
    viewer = a_viewer(engine, clock, "op7")
    with engine.begin() as connection:
        alert_id = an_alert(connection, a_stage(connection))
    AlertWork(engine, clock).acknowledge(viewer, alert_id)
    assert hours.pass_s(120) == 1
    row = Alerts(engine, clock).rows([alert_id])[0]
    assert (row.state, row.owner, row.waiting_since) == (AlertState.NEW, None, clock.now())
    assert hours.pass_s(60) == 1
    history = Alerts(engine, clock).case_of(viewer, alert_id).history
    assert [line.action for line in history] == ["acknowledged", "lapsed", "escalated"]


def test_who_has_begun_keeps_it_and_is_recalled_after_ten_minutes(
    engine: Engine, clock: FixedClock, hours: Hours
) -> None:
    """Work goes on as long as it takes, but the supervisor hears of it every ten minutes."""
    viewer = a_viewer(engine, clock, "op7")
    with engine.begin() as connection:
        alert_id = an_alert(connection, a_stage(connection))
    work = AlertWork(engine, clock)
    work.acknowledge(viewer, alert_id)
    work.note(viewer, alert_id, "ringing him")
    assert hours.pass_s(595) == 0
    assert hours.pass_s(5) == 1
    row = Alerts(engine, clock).rows([alert_id])[0]
    assert (row.state, row.owner, row.rung) == (AlertState.ACTING, "op7", 1)
    assert hours.pass_s(595) == 0
    assert hours.pass_s(5) == 1


def test_a_shelf_ends_by_itself_and_what_is_cleared_still_waits(
    engine: Engine, clock: FixedClock, hours: Hours
) -> None:
    """Back from the shelf it is new; an alert that cleared itself unseen climbs like any other."""
    viewer = a_viewer(engine, clock, "op7")
    with engine.begin() as connection:
        stage = a_stage(connection)
        silent = an_alert(
            connection, stage, priority=2, kind="silent", breach_id=None, condition_key="silent:1"
        )
        an_alert(connection, stage, cleared_at=clock.now())
    AlertWork(engine, clock).shelve(viewer, silent, minutes=1, reason="garage")
    assert hours.pass_s(60) == 2
    assert Alerts(engine, clock).rows([silent])[0].state is AlertState.NEW


def test_found_late_is_work_without_a_siren(
    engine: Engine, clock: FixedClock, hours: Hours
) -> None:
    """What was found in data that came late is on the desk, and calls nobody out of bed."""
    with engine.begin() as connection:
        an_alert(connection, a_stage(connection), found_on_backfill=True)
    assert hours.pass_s(300) == 0
