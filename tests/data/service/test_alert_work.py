"""Steps, shelves, hands that change: the acts of a desk on a real database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from data.clock import FixedClock
from data.errors import AlertTaken, BadInput, Clash, Refused
from data.model.alert import AlertState, Priority
from data.model.breach import Finding
from data.model.desk_policy import DeskPolicy, Step
from data.model.user import Role
from data.service.alert_work import AlertWork
from data.service.alerts import Alerts
from data.store import desk_policies
from data.store.alert_conditions import Condition, update_alert
from tests.stage import a_stage, a_viewer, an_alert

pytestmark = pytest.mark.db

BUFFER = {"priority": 2, "kind": "silent", "breach_id": None, "condition_key": "silent:1"}


def test_a_taking_lapses_and_the_next_may_have_it(engine: Engine, clock: FixedClock) -> None:
    """Nothing done in 120 s: another takes it, though no process wrote the lapse down."""
    work = AlertWork(engine, clock)
    first, second = a_viewer(engine, clock, "op7"), a_viewer(engine, clock, "op3")
    with engine.begin() as connection:
        alert_id = an_alert(connection, a_stage(connection))
    work.acknowledge(first, alert_id)
    clock.forward(timedelta(seconds=120))
    assert Alerts(engine, clock).open_rows()[0].owner is None
    assert work.acknowledge(second, alert_id).owner == "op3"
    history = Alerts(engine, clock).case_of(second, alert_id).history
    assert [line.action for line in history] == ["acknowledged", "lapsed", "acknowledged"]


def test_who_comes_second_is_told_who_was_first(engine: Engine, clock: FixedClock) -> None:
    """Two supervisors take an alert over from what both saw: the second learns of the first."""
    work = AlertWork(engine, clock)
    op = a_viewer(engine, clock, "op7")
    here, there = (a_viewer(engine, clock, name, Role.SUPERVISOR) for name in ("sup1", "sup2"))
    with engine.begin() as connection:
        alert_id = an_alert(connection, a_stage(connection))
    seen = work.acknowledge(op, alert_id).turn
    assert work.take_over(here, alert_id, turn=seen).owner == "sup1"
    with pytest.raises(AlertTaken, match="sup1 has it"):
        work.take_over(there, alert_id, turn=seen)
    assert work.take_over(there, alert_id, turn=seen + 1).owner == "sup2"
    with pytest.raises(Refused):
        work.do_step(op, alert_id, "police")


def test_what_has_grown_is_not_closed_unseen(engine: Engine, clock: FixedClock) -> None:
    """A rise between the look and the act refuses the act, and the alert is nobody's."""
    work = AlertWork(engine, clock)
    op = a_viewer(engine, clock, "op7")
    with engine.begin() as connection:
        stage = a_stage(connection)
        alert_id = an_alert(connection, stage, priority=2)
    seen = work.acknowledge(op, alert_id).turn
    worse = Condition(
        f"breach:{stage.breach_id}", "breach", 1, clock.now(), breach_id=stage.breach_id
    )
    with engine.begin() as connection:
        update_alert(connection, worse, clock.now())
    with pytest.raises(Clash, match="Acknowledge it first"):
        work.close(op, alert_id, finding=Finding.DRIFT, reason="on the bridge", turn=seen)
    row = Alerts(engine, clock).open_rows()[0]
    assert (row.state, row.priority, row.owner) == (AlertState.NEW, Priority.P1, None)


def test_police_and_victim_in_two_acts(engine: Engine, clock: FixedClock) -> None:
    """Each step orders one notice, however often it is pressed, and shows who and when."""
    work = AlertWork(engine, clock)
    op = a_viewer(engine, clock, "op7")
    with engine.begin() as connection:
        alert_id = an_alert(connection, a_stage(connection))
    with pytest.raises(Clash, match="Acknowledge it first"):
        work.do_step(op, alert_id, "police")
    work.acknowledge(op, alert_id)
    assert work.do_step(op, alert_id, "police").state is AlertState.ACTING
    work.do_step(op, alert_id, "police")
    work.do_step(op, alert_id, "victim")
    with pytest.raises(BadInput):
        work.do_step(op, alert_id, "the press")
    with engine.connect() as connection:
        told = connection.scalars(text("select recipient from vigil.notice order by 1")).all()
    assert told == ["police", "victim"]
    police, victim, offender = work.work_of(op, alert_id).steps
    assert (police.by, police.at, police.is_skipped) == ("op7", clock.now(), False)
    assert police.notice is not None
    assert (police.notice.asked_at, police.notice.sent_at) == (clock.now(), None)
    assert victim.notice is not None
    assert offender.at is None


def test_a_step_is_left_out_with_a_reason_only(engine: Engine, clock: FixedClock) -> None:
    """Skipping needs words; closing takes its own reason for the steps nobody took."""
    work = AlertWork(engine, clock)
    op = a_viewer(engine, clock, "op7")
    with engine.begin() as connection:
        alert_id = an_alert(connection, a_stage(connection))
    work.acknowledge(op, alert_id)
    with pytest.raises(BadInput):
        work.skip_step(op, alert_id, "police", reason=" ")
    work.skip_step(op, alert_id, "police", reason="they are there already")
    assert work.work_of(op, alert_id).steps[0].is_skipped
    work.close(op, alert_id, finding=Finding.DRIFT, reason="on the bridge")
    with engine.connect() as connection:
        detail = connection.scalar(
            text("select detail from vigil.alert_entry where action = 'closed'")
        )
    assert detail == {"finding": "drift", "skipped": ["victim", "offender"]}


def test_a_shelf_needs_a_reason_and_a_kind(engine: Engine, clock: FixedClock) -> None:
    """A zone entered is never shelved; silence is, for its time, counted, and comes back."""
    alerts, work = Alerts(engine, clock), AlertWork(engine, clock)
    op, other = a_viewer(engine, clock, "op7"), a_viewer(engine, clock, "op3")
    with engine.begin() as connection:
        stage = a_stage(connection)
        entered = an_alert(connection, stage, priority=2)
        silent = an_alert(connection, stage, **BUFFER)
    with pytest.raises(Clash, match="cannot be shelved"):
        work.shelve(op, entered, minutes=5, reason="not now")
    for minutes in (0, 60.1, -5):
        with pytest.raises(BadInput):
            work.shelve(op, silent, minutes=minutes, reason="garage")
    with pytest.raises(BadInput):
        work.shelve(op, silent, minutes=5, reason="")
    row = work.shelve(op, silent, minutes=5, reason="parked in his garage")
    assert (row.state, row.owner, row.shelves) == (AlertState.SHELVED, "op7", 1)
    clock.forward(timedelta(minutes=5))
    (back,) = alerts.rows([silent])
    assert (back.state, back.owner) == (AlertState.NEW, None)
    work.shelve(op, silent, minutes=5, reason="still in there")
    assert work.bring_back(other, silent).state is AlertState.NEW


def test_the_protocol_is_policy(engine: Engine, clock: FixedClock) -> None:
    """Another order of steps is a row in the database, not a change of the program."""
    work = AlertWork(engine, clock)
    op = a_viewer(engine, clock, "op7")
    with engine.begin() as connection:
        alert_id = an_alert(connection, a_stage(connection))
        own = {**DeskPolicy().steps, Priority.P1: (Step("ring", "Ring the house"),)}
        policy = replace(DeskPolicy(), steps=own, hold_s=30.0)
        desk_policies.append(
            connection, policy, at=clock.now(), user_id=op.user_id, reason="as agreed"
        )
    assert [each.step.key for each in work.work_of(op, alert_id).steps] == ["ring"]
    hold = work.acknowledge(op, alert_id).hold_until
    assert hold == clock.now() + timedelta(seconds=30)
    with engine.begin() as connection:
        room = {"case_id": None, "activation_id": None, "zone_id": None, "breach_id": None}
        fault_id = an_alert(
            connection, a_stage(connection, "0143"), kind="other", condition_key="other:1", **room
        )
    assert not work.work_of(op, fault_id).steps, "nobody to call about a fault of the room itself"
