"""The acts of a desk over HTTP: who may, who was first, and what is not understood."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from data.model.user import Role
from tests.dashboard.conftest import ORIGIN, OpenRoom
from tests.stage import a_live_fix, a_stage, an_alert

pytestmark = pytest.mark.db


@pytest.fixture
def alert_id(engine: Engine) -> int:
    """A new P1 alert about an offender in the middle of Zone A."""
    with engine.begin() as connection:
        stage = a_stage(connection)
        a_live_fix(connection, stage.activation_id)
        return an_alert(connection, stage)


def act(client: FlaskClient, alert_id: int, name: str, **body: Any) -> Any:
    """Posts an act as the desk does."""
    return client.post(f"/alerts/{alert_id}/{name}", json=body, headers=ORIGIN)


def test_two_desks_one_alert(open_room: OpenRoom, alert_id: int) -> None:
    """The second reads who has it since when, in the room's time, with status 409."""
    first, second = open_room.seat(login="op7"), open_room.seat(login="op3")
    taken = act(first, alert_id, "acknowledge", turn=0)
    assert (taken.status_code, taken.json["owner"], taken.json["turn"]) == (200, "op7", 1)
    late = act(second, alert_id, "acknowledge", turn=0)
    assert (late.status_code, late.json["owner"]) == (409, "op7")
    assert late.json["message"] == "op7 has it since 12:00:00."
    assert act(second, alert_id, "step", turn=1, step="police").status_code == 403


def test_from_alert_to_told_in_three_requests(open_room: OpenRoom, alert_id: int) -> None:
    """Take, police, victim; the steps then show both as ordered."""
    client = open_room.seat(login="op7")
    turn = act(client, alert_id, "acknowledge", turn=0).json["turn"]
    turn = act(client, alert_id, "step", turn=turn, step="police").json["turn"]
    assert act(client, alert_id, "step", turn=turn, step="victim").status_code == 200
    steps = client.get(f"/alerts/{alert_id}/work.json").json["steps"]
    assert [(each["key"], bool(each["notice"])) for each in steps] == [
        ("police", True),
        ("victim", True),
        ("offender", False),
    ]


@pytest.mark.parametrize("role", [Role.WALL, Role.AUDITOR, Role.INVESTIGATOR, Role.ADMINISTRATOR])
def test_who_does_not_work_alerts_cannot(open_room: OpenRoom, alert_id: int, role: Role) -> None:
    """Every act is refused to a role that has none of them."""
    client = open_room.seat(role)
    for name in ("acknowledge", "take-over", "release", "escalate", "shelve", "bring-back",
                 "step", "skip"):  # fmt: skip
        assert act(client, alert_id, name, turn=0).status_code == 403, name


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"turn": "0"},
        {"turn": True},
        {"turn": 0, "minutes": "5", "reason": "x"},
        {"turn": 0, "minutes": 5, "reason": ["x"]},
        {"turn": 0, "minutes": 5, "reason": "x", "owner": "me"},
    ],
)
def test_what_is_not_understood_is_refused(
    open_room: OpenRoom, alert_id: int, body: dict[str, Any]
) -> None:
    """A missing turn, a word for a number, a field nobody knows: 400, and nothing happens."""
    client = open_room.seat(login="op7")
    assert act(client, alert_id, "shelve", **body).status_code == 400
    assert client.get(f"/alerts/{alert_id}/work.json").json["alert"]["turn"] == 0


def test_a_stranger_and_another_site_get_nothing(open_room: OpenRoom, alert_id: int) -> None:
    """No session: 401. Another site's page: 403."""
    assert act(open_room.stranger(), alert_id, "acknowledge", turn=0).status_code == 401
    answer = open_room.seat().post(
        f"/alerts/{alert_id}/acknowledge",
        json={"turn": 0},
        headers={"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
    )
    assert answer.status_code == 403
