"""What people do about alerts, on a real database."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, insert, select

from data.clock import FixedClock
from data.errors import AlertTaken, BadInput, Clash, NotFound, Refused, VigilError
from data.model.alert import AlertState
from data.model.breach import Finding
from data.model.user import Role, Viewer
from data.service.alert_work import AlertWork
from data.service.alerts import Alerts
from data.store import outbox, tables
from tests.stage import OFFENDER, VICTIM, a_live_fix, a_stage, a_viewer, an_alert, give_case

pytestmark = pytest.mark.db


def test_who_acknowledges_has_it_and_all_of_it_is_written_down(
    engine: Engine, clock: FixedClock
) -> None:
    """Acknowledging sets owner and time, and leaves an entry, an audit line and an outbox row."""
    viewer = a_viewer(engine, clock, "op7")
    with engine.begin() as connection:
        alert_id = an_alert(connection, a_stage(connection))
    before = _outbox(engine)
    row = AlertWork(engine, clock).acknowledge(viewer, alert_id)
    assert (row.state, row.owner, row.acknowledged_at) == (
        AlertState.ACKNOWLEDGED,
        "op7",
        clock.now(),
    )
    assert (row.title, row.p_inside, row.channel) == ("in victim safe area 1", 0.93, "confirmed")
    assert _outbox(engine) == before + 1
    assert _audited(engine, "alert_acknowledged") == 1
    history = Alerts(engine, clock).case_of(viewer, alert_id).history
    assert [(line.action, line.by) for line in history] == [("acknowledged", "op7")]


def test_the_second_is_told_who_has_it_since_when(engine: Engine, clock: FixedClock) -> None:
    """Of two who take one alert the second learns the first one's login and time."""
    work = AlertWork(engine, clock)
    first, second = a_viewer(engine, clock, "op7"), a_viewer(engine, clock, "op3")
    with engine.begin() as connection:
        alert_id = an_alert(connection, a_stage(connection))
    work.acknowledge(first, alert_id)
    taken_at = clock.now()
    clock.forward(timedelta(seconds=41))
    with pytest.raises(AlertTaken, match="op7 has it since 12:00:00") as caught:
        work.acknowledge(second, alert_id)
    assert (caught.value.owner, caught.value.since) == ("op7", taken_at)
    # A double click of the first one is no clash.
    assert work.acknowledge(first, alert_id).acknowledged_at == taken_at


def test_fifty_at_once_have_one_winner(engine: Engine, clock: FixedClock) -> None:
    """Fifty people press A at the same moment: one has it, forty-nine are told who."""
    work = AlertWork(engine, clock)
    viewers = [a_viewer(engine, clock, f"op{number}") for number in range(50)]
    with engine.begin() as connection:
        alert_id = an_alert(connection, a_stage(connection))
    ready = threading.Barrier(50)
    results: list[str] = []

    def press(number: int) -> None:
        ready.wait()
        try:
            results.append(f"won {work.acknowledge(viewers[number], alert_id).owner}")
        except AlertTaken as taken:
            results.append(taken.owner)

    threads = [threading.Thread(target=press, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = [each for each in results if each.startswith("won ")]
    assert sorted(results) == sorted([winner] + [winner.removeprefix("won ")] * 49)
    assert _audited(engine, "alert_acknowledged") == 1


def test_the_whole_life(engine: Engine, clock: FixedClock) -> None:
    """Take, give back, take again, note, close; a closed alert takes notes and nothing else."""
    alerts, work = Alerts(engine, clock), AlertWork(engine, clock)
    viewer = a_viewer(engine, clock, "op7")
    with engine.begin() as connection:
        alert_id = an_alert(connection, a_stage(connection))
    with pytest.raises(Clash, match="Acknowledge it first"):
        work.close(viewer, alert_id, finding=Finding.DRIFT, reason="on the bridge")
    work.acknowledge(viewer, alert_id)
    assert work.release(viewer, alert_id).owner is None
    work.acknowledge(viewer, alert_id)
    work.note(viewer, alert_id, "rang the offender")
    closed = work.close(viewer, alert_id, finding=Finding.DRIFT, reason="on the bridge")
    assert closed.state is AlertState.CLOSED
    assert alerts.open_rows() == []
    with pytest.raises(Clash, match="has been closed"):
        work.acknowledge(viewer, alert_id)
    work.note(viewer, alert_id, "photographs are in the file")
    case = alerts.case_of(viewer, alert_id)
    assert case.finding == "drift"
    assert [line.action for line in case.history] == [
        "acknowledged",
        "released",
        "acknowledged",
        "noted",
        "closed",
        "noted",
    ]
    assert [line.note for line in case.history if line.action == "closed"] == ["on the bridge"]


def test_what_may_not_be_is_refused_and_changes_nothing(engine: Engine, clock: FixedClock) -> None:
    """Empty words, another's alert, another area, a wall and an unknown number are refused."""
    work = AlertWork(engine, clock)
    owner, other = a_viewer(engine, clock, "op7"), a_viewer(engine, clock, "op3")
    wall = Viewer(0, "wall one", Role.WALL, "")
    north = a_viewer(engine, clock, "north-1", area="north")
    with engine.begin() as connection:
        stage = a_stage(connection)
        connection.execute(tables.case.update().values(area="south"))
        alert_id = an_alert(connection, stage)
    work.acknowledge(owner, alert_id)
    before = _outbox(engine)
    refusals: list[tuple[type[VigilError], object]] = [
        (BadInput, lambda: work.note(owner, alert_id, "  ")),
        (BadInput, lambda: work.note(owner, alert_id, "x" * 2001)),
        (Refused, lambda: work.release(other, alert_id)),
        (Refused, lambda: work.close(other, alert_id, finding=Finding.DRIFT, reason="mine")),
        (Refused, lambda: work.note(wall, alert_id, "hello")),
        (NotFound, lambda: work.note(north, alert_id, "hello")),
        (NotFound, lambda: work.acknowledge(owner, alert_id + 1)),
    ]
    for error, act in refusals:
        with pytest.raises(error):
            act()  # type: ignore[operator]
    assert _outbox(engine) == before


def test_the_drawer_says_how_far_and_masks_the_victim(engine: Engine, clock: FixedClock) -> None:
    """An operator reads the offender's name and the distance, and never the victim's name."""
    alerts = Alerts(engine, clock)
    with engine.begin() as connection:
        stage = a_stage(connection)
        a_live_fix(connection, stage.activation_id)
        alert_id = an_alert(connection, stage)
    case = alerts.case_of(a_viewer(engine, clock, "op7"), alert_id)
    # 0.005 degrees of longitude at 57.705 north are 298 m to the nearest edge.
    assert case.edge_now_m == pytest.approx(-298, abs=2)
    assert (case.offender, case.victim) == (OFFENDER, "victim of 0142")
    officer = a_viewer(engine, clock, "officer", Role.CASE_OFFICER)
    give_case(engine, stage.case_id, "officer")
    assert VICTIM not in str(alerts.case_of(officer, alert_id))
    auditor = a_viewer(engine, clock, "auditor", Role.AUDITOR)
    assert alerts.case_of(auditor, alert_id).offender == "offender of 0142"


def test_outside_the_distance_is_positive(engine: Engine, clock: FixedClock) -> None:
    """Outside the zone the distance to its edge is above zero."""
    with engine.begin() as connection:
        stage = a_stage(connection)
        a_live_fix(connection, stage.activation_id, lon=11.97)
        alert_id = an_alert(connection, stage)
    case = Alerts(engine, clock).case_of(a_viewer(engine, clock, "op7"), alert_id)
    assert case.edge_now_m == pytest.approx(596, abs=3)


def _outbox(engine: Engine) -> int:
    with engine.connect() as connection:
        return outbox.get_last_id(connection)


def _audited(engine: Engine, action: str) -> int:
    query = select(func.count()).where(tables.audit_entry.c.action == action)
    with engine.connect() as connection:
        return connection.scalar(query) or 0


def test_who_opens_a_case_is_on_record_once_in_ten_minutes(
    engine: Engine, clock: FixedClock
) -> None:
    """What was shown to whom is audited; a drawer that draws itself anew adds nothing."""
    alerts = Alerts(engine, clock)
    viewer = a_viewer(engine, clock, "op7")
    with engine.begin() as connection:
        stage = a_stage(connection)
        alert_id = an_alert(connection, stage)
    alerts.case_of(viewer, alert_id)
    clock.forward(timedelta(minutes=10) - timedelta(microseconds=1))
    alerts.case_of(viewer, alert_id)
    assert _audited(engine, "case_shown") == 1
    clock.forward(timedelta(microseconds=1))
    alerts.case_of(viewer, alert_id)
    assert _audited(engine, "case_shown") == 2
    query = select(tables.audit_entry).where(tables.audit_entry.c.action == "case_shown")
    with engine.connect() as connection:
        line = connection.execute(query).first()
        offender_id = connection.execute(select(tables.case.c.offender_id)).scalar_one()
    assert line is not None
    assert (line.user_id, line.record_kind, line.record_id) == (viewer.user_id, "alert", alert_id)
    assert line.detail["shown"]["person"] == [offender_id]
    assert OFFENDER not in str(line.detail)


def test_minutes_to_the_edge_and_to_her(engine: Engine, clock: FixedClock) -> None:
    """At the pace of now, a walker's at least; hers only while she is heard of, and no place."""
    with engine.begin() as connection:
        stage = a_stage(connection)
        people = select(tables.activation.c.person_id).where(
            tables.activation.c.activation_id == stage.victim_activation_id
        )
        connection.execute(
            insert(tables.pair).values(
                case_id=stage.case_id,
                offender_id=select(tables.case.c.offender_id).scalar_subquery(),
                victim_id=people.scalar_subquery(),
                warn_m=500,
                alarm_m=200,
                valid_from=clock.now(),
            )
        )
        alert_id = an_alert(connection, stage)
        # 0.01 degrees east of the zone, she as far again; he drives ten metres a second.
        a_live_fix(connection, stage.activation_id, lon=11.97, speed_mps=10.0)
        a_live_fix(connection, stage.victim_activation_id, lon=11.98)
    viewer = a_viewer(engine, clock, "op7")
    case = Alerts(engine, clock).case_of(viewer, alert_id)
    assert case.pace_mps == 10.0
    assert case.edge_now_min == pytest.approx(596 / 600, abs=0.01)
    assert case.victim_now_min == pytest.approx(596 / 600, abs=0.01)
    auditor = a_viewer(engine, clock, "reader", Role.AUDITOR)
    assert Alerts(engine, clock).case_of(auditor, alert_id).victim_now_min is None
    clock.forward(timedelta(minutes=10))
    assert Alerts(engine, clock).case_of(viewer, alert_id).victim_now_min is None
