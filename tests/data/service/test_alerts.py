"""What people do about alerts, on a real database."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select

from data.clock import FixedClock
from data.errors import AlertTaken, BadInput, Clash, NotFound, Refused, VigilError
from data.model.alert import AlertState
from data.model.breach import Finding
from data.model.user import Role
from data.service.alerts import Alerts
from data.store import outbox, tables
from tests.stage import OFFENDER, VICTIM, a_live_fix, a_stage, a_viewer, an_alert

pytestmark = pytest.mark.db


def test_who_acknowledges_has_it_and_all_of_it_is_written_down(
    engine: Engine, clock: FixedClock
) -> None:
    """Acknowledging sets owner and time, and leaves an entry, an audit line and an outbox row."""
    viewer = a_viewer(engine, clock, "op7")
    with engine.begin() as connection:
        alert_id = an_alert(connection, a_stage(connection))
    before = _outbox(engine)
    row = Alerts(engine, clock).acknowledge(viewer, alert_id)
    assert (row.state, row.owner, row.acknowledged_at) == (
        AlertState.ACKNOWLEDGED,
        "op7",
        clock.now(),
    )
    assert (row.title, row.p_inside, row.channel) == ("in Zone A", 0.93, "confirmed")
    assert _outbox(engine) == before + 1
    assert _audited(engine, "alert_acknowledged") == 1
    history = Alerts(engine, clock).case_of(viewer, alert_id).history
    assert [(line.action, line.by) for line in history] == [("acknowledged", "op7")]


def test_the_second_is_told_who_has_it_since_when(engine: Engine, clock: FixedClock) -> None:
    """Of two who take one alert the second learns the first one's login and time."""
    alerts = Alerts(engine, clock)
    first, second = a_viewer(engine, clock, "op7"), a_viewer(engine, clock, "op3")
    with engine.begin() as connection:
        alert_id = an_alert(connection, a_stage(connection))
    alerts.acknowledge(first, alert_id)
    taken_at = clock.now()
    clock.forward(timedelta(seconds=41))
    with pytest.raises(AlertTaken, match="op7 has it since 12:00:00") as caught:
        alerts.acknowledge(second, alert_id)
    assert (caught.value.owner, caught.value.since) == ("op7", taken_at)
    # A double click of the first one is no clash.
    assert alerts.acknowledge(first, alert_id).acknowledged_at == taken_at


def test_fifty_at_once_have_one_winner(engine: Engine, clock: FixedClock) -> None:
    """Fifty people press A at the same moment: one has it, forty-nine are told who."""
    alerts = Alerts(engine, clock)
    viewers = [a_viewer(engine, clock, f"op{number}") for number in range(50)]
    with engine.begin() as connection:
        alert_id = an_alert(connection, a_stage(connection))
    ready = threading.Barrier(50)
    results: list[str] = []

    def press(number: int) -> None:
        ready.wait()
        try:
            results.append(f"won {alerts.acknowledge(viewers[number], alert_id).owner}")
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
    alerts = Alerts(engine, clock)
    viewer = a_viewer(engine, clock, "op7")
    with engine.begin() as connection:
        alert_id = an_alert(connection, a_stage(connection))
    with pytest.raises(Clash, match="Acknowledge it first"):
        alerts.close(viewer, alert_id, finding=Finding.DRIFT, reason="on the bridge")
    alerts.acknowledge(viewer, alert_id)
    assert alerts.release(viewer, alert_id).owner is None
    alerts.acknowledge(viewer, alert_id)
    alerts.note(viewer, alert_id, "rang the offender")
    closed = alerts.close(viewer, alert_id, finding=Finding.DRIFT, reason="on the bridge")
    assert closed.state is AlertState.CLOSED
    assert alerts.open_rows() == []
    with pytest.raises(Clash, match="has been closed"):
        alerts.acknowledge(viewer, alert_id)
    alerts.note(viewer, alert_id, "photographs are in the file")
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
    alerts = Alerts(engine, clock)
    owner, other = a_viewer(engine, clock, "op7"), a_viewer(engine, clock, "op3")
    wall = a_viewer(engine, clock, "wall-1", Role.WALL)
    north = a_viewer(engine, clock, "north-1", area="north")
    with engine.begin() as connection:
        stage = a_stage(connection)
        connection.execute(tables.case.update().values(area="south"))
        alert_id = an_alert(connection, stage)
    alerts.acknowledge(owner, alert_id)
    before = _outbox(engine)
    refusals: list[tuple[type[VigilError], object]] = [
        (BadInput, lambda: alerts.note(owner, alert_id, "  ")),
        (BadInput, lambda: alerts.note(owner, alert_id, "x" * 2001)),
        (Refused, lambda: alerts.release(other, alert_id)),
        (Refused, lambda: alerts.close(other, alert_id, finding=Finding.DRIFT, reason="mine")),
        (Refused, lambda: alerts.note(wall, alert_id, "hello")),
        (NotFound, lambda: alerts.note(north, alert_id, "hello")),
        (NotFound, lambda: alerts.acknowledge(owner, alert_id + 1)),
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
    assert alerts.case_of(officer, alert_id).victim == VICTIM
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
