"""What a desk does about an alert: one address an act, JSON in, the alert's new line out.

The browser sends the turn it saw. Who is second is answered 409 with who was first; the record
is checked by the service, the role by the gate.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, Response, jsonify, request

from dashboard.format import alert_json, work_json
from dashboard.guard import needs, viewer
from dashboard.room import Room
from dashboard.words import sorry
from data.errors import AlertTaken, BadInput
from data.model.alert import AlertRow
from data.rules.access import Action

Body = dict[str, Any]

_KEYS = frozenset({"turn", "minutes", "reason", "note", "step"})
_NUMBER = "<int(max=9223372036854775807):alert_id>"


def add_routes(server: Flask, room: Room) -> None:
    """Adds everything below `/alerts`."""
    work = room.work

    @server.get(f"/alerts/{_NUMBER}/work.json")
    @needs(Action.SEE_CASE)
    def alert_work(alert_id: int) -> Response:
        return jsonify(work_json(work.work_of(viewer(), alert_id)))

    def add(name: str, action: Action, act: Callable[[int, Body], AlertRow]) -> None:
        @needs(action)
        def answer(alert_id: int) -> Response:
            try:
                return jsonify(alert_json(act(alert_id, _body())))
            except AlertTaken as error:
                said = sorry(error, room.settings.time_zone)
                found = jsonify(message=said, owner=error.owner, since=error.since.isoformat())
                found.status_code = 409
                return found

        path = f"/alerts/{_NUMBER}/{name}"
        server.add_url_rule(path, f"alert_{name}", answer, methods=["POST"])

    add(
        "acknowledge",
        Action.ACKNOWLEDGE_ALERT,
        lambda alert_id, body: work.acknowledge(viewer(), alert_id, turn=_turn(body)),
    )
    add(
        "take-over",
        Action.TAKE_OVER_ALERT,
        lambda alert_id, body: work.take_over(viewer(), alert_id, turn=_turn(body)),
    )
    add(
        "release",
        Action.RELEASE_ALERT,
        lambda alert_id, body: work.release(viewer(), alert_id, turn=_turn(body)),
    )
    add(
        "escalate",
        Action.ESCALATE_ALERT,
        lambda alert_id, body: work.escalate(viewer(), alert_id, turn=_turn(body)),
    )
    add(
        "shelve",
        Action.SHELVE_ALERT,
        lambda alert_id, body: work.shelve(
            viewer(),
            alert_id,
            minutes=_minutes(body),
            reason=_text(body, "reason"),
            turn=_turn(body),
        ),
    )
    add(
        "bring-back",
        Action.ACKNOWLEDGE_ALERT,
        lambda alert_id, body: work.bring_back(viewer(), alert_id, turn=_turn(body)),
    )
    add(
        "step",
        Action.DO_STEP,
        lambda alert_id, body: work.do_step(
            viewer(), alert_id, _text(body, "step"), note=_text(body, "note"), turn=_turn(body)
        ),
    )
    add(
        "skip",
        Action.DO_STEP,
        lambda alert_id, body: work.skip_step(
            viewer(),
            alert_id,
            _text(body, "step"),
            reason=_text(body, "reason"),
            turn=_turn(body),
        ),
    )


def _body() -> Body:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise BadInput("body", "a JSON object")
    unknown = set(body) - _KEYS
    if unknown:
        raise BadInput(sorted(unknown)[0], "a field this act knows")
    return body


def _turn(body: Body) -> int:
    turn = body.get("turn")
    if not isinstance(turn, int) or isinstance(turn, bool):
        raise BadInput("turn", "the turn of the alert as it was seen", turn)
    return turn


def _text(body: Body, field: str) -> str:
    text = body.get(field, "")
    if not isinstance(text, str):
        raise BadInput(field, "words")
    return text


def _minutes(body: Body) -> float:
    minutes = body.get("minutes")
    if not isinstance(minutes, int | float) or isinstance(minutes, bool):
        raise BadInput("minutes", "a number of minutes", minutes)
    return float(minutes)
