"""The drawer's words, and that its forms do what they say, without a browser."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from data.clock import FixedClock
from data.model.user import Role
from data.service.alerts import Alerts
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
    for fact in ("0142", "Zone A", "0.93", "18 m", "298 m inside the edge", OFFENDER, "tag-0142",
                 "Nobody has it. The condition still holds.", "victim of 0142"):  # fmt: skip
        assert fact in words, fact
    assert VICTIM not in words


def test_the_case_officer_reads_her_name(open_room: OpenRoom, alert_id: int) -> None:
    """Names are for those the table names, and for nobody else."""
    assert VICTIM in drawer(open_room.seat(Role.CASE_OFFICER), alert_id)
    assert OFFENDER not in drawer(open_room.seat(Role.AUDITOR), alert_id)


@pytest.mark.parametrize("selected", [None, "1", True, [], {"x": 1}, 10**30, -1, 999])
def test_odd_selections_show_no_case(open_room: OpenRoom, alert_id: int, selected: object) -> None:
    """What a browser claims to have selected is not believed."""
    assert OFFENDER not in drawer(open_room.seat(), selected)


def test_two_desks_one_alert(open_room: OpenRoom, engine: Engine, alert_id: int) -> None:
    """The second who presses A reads who has it since when, in the room's time."""
    first, second = open_room.seat(login="op7"), open_room.seat(login="op3")
    press = {
        "drawer-acknowledge.n_clicks": 1,
        "queue-list.selected": alert_id,
        "drawer-acted.data": 0,
    }
    assert _said(ask(first, "drawer-message", **press)) is None
    assert _said(ask(second, "drawer-message", **press)) == "op7 has it since 12:00:00."
    assert "op7 has it since" in drawer(second, alert_id)


def test_a_button_that_only_appeared_does_nothing(
    open_room: OpenRoom, engine: Engine, clock: FixedClock, alert_id: int
) -> None:
    """A callback that fires because its button was drawn is not a click."""
    client = open_room.seat(login="op7")
    ask(
        client,
        "drawer-message",
        **{
            "drawer-acknowledge.n_clicks": 0,
            "queue-list.selected": alert_id,
            "drawer-acted.data": 0,
        },
    )
    assert Alerts(engine, clock).open_rows()[0].owner is None


def test_closing_needs_a_finding_and_a_reason(
    open_room: OpenRoom, engine: Engine, clock: FixedClock, alert_id: int
) -> None:
    """Without either nothing is closed, and the form says which is missing."""
    client = open_room.seat(login="op7")
    viewer = a_viewer(engine, clock, "helper", Role.SUPERVISOR)
    Alerts(engine, clock).acknowledge(viewer, alert_id)
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
    Alerts(engine, clock).note(viewer, alert_id, "<img src=x onerror=alert(1)>")
    shown = ask(open_room.seat(), "drawer-facts", **{"queue-list.selected": alert_id})
    history = json.dumps(shown["drawer-history"])
    assert '"children": "<img src=x onerror=alert(1)>"' in history
    assert "dangerously" not in history


def _said(answer: dict[str, Any]) -> Any:
    """What the message line shows afterwards."""
    (shown,) = [props for name, props in answer.items() if name.startswith("drawer-message")]
    return shown["children"]
