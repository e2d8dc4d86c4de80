"""Grave acts need a fresh proof of who is asking, and say so in a word a program understands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Response, jsonify
from flask.testing import FlaskClient
from sqlalchemy import Engine

from dashboard import guard
from data.clock import FixedClock
from data.model.user import Role
from data.rules.access import STEP_UP_ACTIONS, STEP_UP_FOR, Action, needs_step_up
from tests.dashboard.conftest import OpenRoom
from tests.stage import NOON, PASSWORD

pytestmark = pytest.mark.db

GRAVE = "/grave"


def with_grave_act(house: OpenRoom) -> OpenRoom:
    """The room with one more route, whose action asks for a fresh proof."""

    @house.room.server.post(GRAVE)
    @guard.needs(Action.CHANGE_OWN_SIGN_IN)
    def grave() -> Response:
        return jsonify(done=True)

    return house


def stale(client: FlaskClient, clock: FixedClock) -> FlaskClient:
    """The same browser when its last proof no longer counts."""
    clock.forward(STEP_UP_FOR)
    return client


@pytest.mark.parametrize(
    ("stepped_up_at", "is_needed"),
    [
        (None, True),
        (NOON - STEP_UP_FOR, True),
        (NOON - STEP_UP_FOR + timedelta(microseconds=1), False),
        (NOON, False),
    ],
)
def test_a_proof_counts_for_five_minutes(stepped_up_at: object, is_needed: bool) -> None:
    """Up to, and not at, the end; and only for acts on the list."""
    for action in Action:
        expected = is_needed and action in STEP_UP_ACTIONS
        assert needs_step_up(action, stepped_up_at, NOON) is expected  # type: ignore[arg-type]


def test_a_grave_act_asks_first(open_room: OpenRoom, clock: FixedClock) -> None:
    """401 with the word `step_up`; after the proof it is done, five minutes later asked again."""
    client = stale(with_grave_act(open_room).seat(), clock)
    refused = client.post(GRAVE, json={})
    assert refused.status_code == 401
    assert refused.json is not None
    assert refused.json["word"] == "step_up"
    assert client.post("/step-up", json={"proof": PASSWORD}).status_code == 200
    assert client.post(GRAVE, json={}).json == {"done": True}
    clock.forward(STEP_UP_FOR)
    assert client.post(GRAVE, json={}).status_code == 401


def test_who_may_not_is_not_asked(open_room: OpenRoom) -> None:
    """A role that may not do it is refused, whatever it could prove."""
    with_grave_act(open_room)
    client = open_room.seat(Role.WALL)
    assert client.post(GRAVE, json={}).status_code == 403


def test_a_proof_changes_the_cookie(open_room: OpenRoom) -> None:
    """A cookie that was copied before the proof is worth nothing after it."""
    client = open_room.seat()
    before = client.get_cookie("vigil")
    assert before is not None
    assert client.post("/step-up", json={"proof": PASSWORD}).status_code == 200
    assert client.get("/desk").status_code == 200
    client.set_cookie("vigil", before.value)
    assert client.get("/_dash-layout").status_code == 401


def test_a_wrong_proof_is_refused_and_slowed_down(open_room: OpenRoom, engine: Engine) -> None:
    """The session goes on without the proof; guessing waits, and is in the audit trail."""
    client = open_room.seat()
    for _ in range(5):
        assert client.post("/step-up", json={"proof": "wrong"}).status_code == 403
    assert client.post("/step-up", json={"proof": PASSWORD}).status_code == 429
    assert client.get("/desk").status_code == 200
    with engine.connect() as connection:
        actions = connection.exec_driver_sql("select action from vigil.audit_entry").scalars().all()
    assert actions.count("step_up_refused") == 5


def test_in_a_demo_one_click_will_do(make_room: Callable[..., OpenRoom]) -> None:
    """And the page says that it is so because this is a demo."""
    house = with_grave_act(make_room(VIGIL_DEMO="1"))
    client = house.stranger()
    assert client.post("/sign-in/demo", json={"role": "operator"}).status_code == 200
    assert client.post(GRAVE, json={}).status_code == 401
    assert b"This is a demo" in client.get("/step-up").data
    assert client.post("/step-up", json={}).status_code == 200
    assert client.post(GRAVE, json={}).status_code == 200


def test_a_person_is_shown_the_way(open_room: OpenRoom, clock: FixedClock) -> None:
    """Who opened the address by hand gets a page that leads to the proof."""
    client = stale(with_grave_act(open_room).seat(), clock)
    page = client.post(GRAVE, json={}, headers={"Accept": "text/html"})
    assert page.status_code == 401
    assert b'href="/step-up"' in page.data
    assert b"code from your telephone" not in client.get("/step-up").data
