"""The drawer's words, and that its forms do what they say, without a browser."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import g
from flask.testing import FlaskClient
from sqlalchemy import Engine, update

from dashboard.panels import drawer as panel
from data.clock import FixedClock
from data.model.user import Role, Viewer
from data.rules.access import Action, decide
from data.service.alert_work import AlertWork
from data.service.alerts import Alerts
from data.store import tables
from tests.dashboard.conftest import OpenRoom
from tests.stage import OFFENDER, VICTIM, a_live_fix, a_stage, a_viewer, an_alert

pytestmark = pytest.mark.db


def ask(client: FlaskClient, part: str, **values: Any) -> Any:
    """Posts the callback that writes this part, as a browser does; values by "id.property"."""
    for each in client.get("/_dash-dependencies").json or []:
        if each["clientside_function"] or f"{part}" not in each["output"]:
            continue
        if not any(f"{one['id']}.{one['property']}" in values for one in each["inputs"]):
            continue
        fill = [
            [{**one, "value": values.get(f"{one['id']}.{one['property']}")} for one in each[kind]]
            for kind in ("inputs", "state")
        ]
        names = each["output"].strip(".").split("...")
        outputs = [
            {"id": name.rpartition(".")[0], "property": name.rpartition(".")[2]} for name in names
        ]
        body = {
            "output": each["output"],
            "outputs": outputs,
            "inputs": fill[0],
            "state": fill[1],
            "changedPropIds": list(values),
        }
        answer = client.post("/_dash-update-component", json=body)
        assert answer.status_code in {200, 204}, answer.text
        return (answer.json or {}).get("response", {})
    raise AssertionError(f"no callback writes {part}")


def drawer(client: FlaskClient, alert_id: object) -> str:
    """Everything the drawer would show of this alert, as one text."""
    return json.dumps(ask(client, "drawer-facts", **{"queue-list.selected": alert_id}))


@pytest.fixture
def alert_id(engine: Engine) -> int:
    """A new P1 alert about an offender in the middle of Zone A."""
    with engine.begin() as connection:
        stage = a_stage(connection)
        a_live_fix(connection, stage.activation_id)
        return an_alert(connection, stage)


def test_the_facts_an_operator_needs(open_room: OpenRoom, alert_id: int) -> None:
    """Who, which zone, how sure, how far, since when; and no name of the victim."""
    words = drawer(open_room.seat(Role.OPERATOR), alert_id)
    for fact in ("0142", "victim safe area 1", "0.93", "18 m", "298 m inside the edge", OFFENDER,
                 "tag-0142",
                 "Nobody has it. The condition still holds.", "victim of 0142"):  # fmt: skip
        assert fact in words, fact
    assert VICTIM not in words


def test_a_device_of_no_case_is_of_a_kind(
    open_room: OpenRoom, engine: Engine, alert_id: int
) -> None:
    """A victim's handset belongs to no case: "silent" alone would be nobody."""
    with engine.begin() as connection:
        values = {"case_id": None, "kind": "silent", "breach_id": None, "zone_id": None}
        connection.execute(update(tables.alert).values(**values))
    words = drawer(open_room.seat(Role.OPERATOR), alert_id)
    assert '"a tag"' in words and '"silent"' in words


def test_what_is_deeper_now_is_told_once(
    open_room: OpenRoom, engine: Engine, alert_id: int
) -> None:
    """298 m inside now is no "deepest 40 m", and one more visit is no "1 times"."""
    client = open_room.seat(Role.OPERATOR)
    assert "Deepest" not in drawer(client, alert_id)
    facts = {"channel": "confirmed", "p_inside": 1.0, "radius_95_m": 18.0, "edge_m": -310.0}
    with engine.begin() as connection:
        connection.execute(update(tables.alert).values(facts=facts, repeats=1))
    words = drawer(client, alert_id)
    for fact in ("> 0.99, \\u00b118 m", "310 m inside the edge", "once in this visit"):
        assert fact in words, fact


@pytest.mark.parametrize("role", Role)
def test_nobody_reads_her_name_without_asking(
    open_room: OpenRoom, engine: Engine, alert_id: int, role: Role
) -> None:
    """The drawer has no victim's name and no zone's own name, whoever looks."""
    with engine.connect() as connection:
        case_id = connection.exec_driver_sql('select case_id from vigil."case"').scalar_one()
    client = open_room.seat(role, cases=[case_id])
    if not decide(role, Action.SEE_CASE).allowed:
        return
    words = drawer(client, alert_id)
    assert VICTIM not in words and "Zone A" not in words
    assert (OFFENDER in words) is decide(role, Action.SEE_OFFENDER_NAME).allowed


@pytest.mark.parametrize("role", [Role.CASE_OFFICER, Role.INVESTIGATOR])
def test_a_case_not_given_does_not_exist(
    open_room: OpenRoom, engine: Engine, alert_id: int, role: Role
) -> None:
    """A made-up alert number of another's case is answered as one that never was, and noted."""
    client = open_room.seat(role)
    assert f"There is no alert {alert_id}." in drawer(client, alert_id)
    with engine.connect() as connection:
        noted = connection.exec_driver_sql(
            "select record_id, detail ->> 'asked' from vigil.audit_entry where action = 'refused'"
        ).one()
    assert tuple(noted) == (alert_id, "see_case")


@pytest.mark.parametrize("selected", [None, "1", True, [], {"x": 1}, 10**30, -1, 999])
def test_odd_selections_show_no_case(open_room: OpenRoom, alert_id: int, selected: object) -> None:
    """What a browser claims to have selected is not believed."""
    assert OFFENDER not in drawer(open_room.seat(), selected)


def test_a_button_that_only_appeared_does_nothing(
    open_room: OpenRoom, engine: Engine, clock: FixedClock, alert_id: int
) -> None:
    """A callback that fires because its button was drawn is not a click."""
    viewer = a_viewer(engine, clock, "op7")
    AlertWork(engine, clock).acknowledge(viewer, alert_id)
    ask(
        open_room.seat(Role.SUPERVISOR),
        "drawer-message",
        **{
            "drawer-close.n_clicks": 0,
            "queue-list.selected": alert_id,
            "drawer-acted.data": 0,
            "drawer-finding.value": "drift",
            "drawer-reason.value": "on the bridge",
        },
    )
    assert Alerts(engine, clock).open_rows()[0].owner == "op7"


def test_closing_needs_a_finding_and_a_reason(
    open_room: OpenRoom, engine: Engine, clock: FixedClock, alert_id: int
) -> None:
    """Without either nothing is closed, and the form says which is missing."""
    client = open_room.seat(login="op7")
    viewer = a_viewer(engine, clock, "helper", Role.SUPERVISOR)
    AlertWork(engine, clock).acknowledge(viewer, alert_id)
    boss = open_room.seat(Role.SUPERVISOR, login="boss")
    press = {"drawer-close.n_clicks": 1, "queue-list.selected": alert_id, "drawer-acted.data": 0}
    answer = ask(boss, "drawer-message", **press)
    assert _said(answer) == "Choose a finding first."
    answer = ask(boss, "drawer-message", **press, **{"drawer-finding.value": "drift"})
    assert _said(answer) == "Write a reason first."
    full = {**press, "drawer-finding.value": "drift", "drawer-reason.value": "on the bridge"}
    assert "Somebody else has this alert" in str(_said(ask(client, "drawer-message", **full)))
    assert _said(ask(boss, "drawer-message", **full)) is None
    assert "Closed: drift." in drawer(client, alert_id)


def test_what_people_write_stays_text(
    open_room: OpenRoom, engine: Engine, clock: FixedClock, alert_id: int
) -> None:
    """A note with markup in it is shown as it was typed."""
    viewer = a_viewer(engine, clock, "op7")
    AlertWork(engine, clock).note(viewer, alert_id, "<img src=x onerror=alert(1)>")
    shown = ask(open_room.seat(), "drawer-facts", **{"queue-list.selected": alert_id})
    history = json.dumps(shown["drawer-history"])
    assert '"children": "<img src=x onerror=alert(1)>"' in history
    assert "dangerously" not in history


def _said(answer: dict[str, Any]) -> Any:
    """What the message line shows afterwards."""
    (shown,) = [props for name, props in answer.items() if name.startswith("drawer-message")]
    return shown["children"]


@pytest.mark.parametrize("role", [role for role in Role if decide(role, Action.SEE_CASE).allowed])
def test_every_role_has_every_draft(open_room: OpenRoom, role: Role) -> None:
    """One callback changes all drafts; a role without a field would keep another alert's note."""
    with open_room.room.server.test_request_context("/desk"):
        g.viewer = Viewer(1, "somebody", role, "", 1, "127.0.0.1")
        shown = repr(panel._write())
    for field in (panel.Ids.NOTE, panel.Ids.FINDING, panel.Ids.REASON):
        assert shown.count(f"id='{field}'") == 1
    may_close = decide(role, Action.CLOSE_ALERT).allowed
    assert (panel.Ids.CLOSE in shown) is may_close
