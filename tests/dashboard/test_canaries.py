"""Canaries: what is true of one victim, planted, then looked for in all that each role can get."""

from __future__ import annotations

import csv
import io
import logging
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from flask_socketio.test_client import SocketIOTestClient
from sqlalchemy import Engine, update

from dashboard import guard
from dashboard.factory import PAGES
from dashboard.shell import NAV, WALL
from data.clock import FixedClock
from data.geo import LonLat
from data.model.user import Role
from data.rules.access import Action, decide
from data.rules.reasons import REVEAL_FOR
from data.store import doors, tables, victims
from layers.tags import RECORD
from tests.dashboard.conftest import OpenRoom
from tests.dashboard.test_drawer import ask
from tests.dashboard.test_matrix import callback_action, callback_body, route_answers
from tests.data.service.weeks import (
    CHOIR,
    CHOIR_NAME,
)
from tests.stage import (
    ADDRESS,
    NOON,
    PASSWORD,
    ROUTINE,
    TELEPHONE,
    VICTIM,
    Stage,
    a_draft,
    a_live_fix,
    a_stage,
    an_alert,
)

pytestmark = pytest.mark.db

HOME = (11.957_33, 57.704_21)  # where her handset lies all night; no corner of any zone
STRINGS = (VICTIM, "Vera", ADDRESS, "Kanarie", TELEPHONE, "555 0142", ROUTINE, "Valhalla",
           f"{HOME[0]:.4f}", f"{HOME[1]:.4f}", CHOIR_NAME, "Sirengatan",
           f"{CHOIR[0]:.4f}", f"{CHOIR[1]:.4f}")  # fmt: skip
HALVES = tuple(f"{half:.4f}" for place in (HOME, CHOIR) for half in place)


@pytest.fixture
def stage(engine: Engine) -> Stage:
    """A calm evening: nothing urgent, her handset at home, her zone called after her street."""
    with engine.begin() as connection:
        found = a_stage(connection)
        connection.execute(update(tables.zone).values(name=ADDRESS))
        a_live_fix(connection, found.activation_id, lon=11.90, lat=57.60)
        a_live_fix(connection, found.victim_activation_id, lon=HOME[0], lat=HOME[1])
        an_alert(connection, found, priority=3)
        a_draft(connection, found, name=ADDRESS)
        (victim_id,) = victims.find_ids(connection, found.case_id)
        doors.save(connection, victim_id, LonLat(*HOME), at=NOON, user_id=None)
    return found


def collect(house: OpenRoom, client: Any, stage: Stage) -> list[tuple[str, bytes]]:
    """Every answer there is, but those to asking for a reveal: (what, bytes)."""
    room = house.room
    found: list[tuple[str, bytes]] = []
    ids = {"alert_id": 1, "draft_id": 1, "rehearsal_id": 1}
    for entry in guard.entries(room.server, room.app, room.socketio):
        if entry.kind == "route":
            for each in (stage.activation_id, stage.victim_activation_id):
                there = replace(stage, activation_id=each, victim_activation_id=each)
                found += [
                    (what, answer.data)
                    for what, _, answer in route_answers(house, client, entry, there, ids)
                ]
    found += [(page.PATH, page_layout(client, page.PATH)) for page in PAGES]
    for output in room.app.callback_map:
        action = callback_action(house, output)
        if action in {None, Action.REVEAL_VICTIM, Action.CHANGE_OWN_SIGN_IN}:
            continue
        answer = client.post("/_dash-update-component", json=callback_body(house, output, stage, 1))
        found.append((output, answer.data))
    return found


def page_layout(client: Any, path: str) -> bytes:
    """A page as Dash's own callback puts it into the shell."""
    names = ["_pages_content.children", "_pages_store.data"]
    body = {
        "output": f"..{'...'.join(names)}..",
        "outputs": [dict(zip(("id", "property"), each.split("."), strict=True)) for each in names],
        "inputs": [
            {"id": "_pages_location", "property": "pathname", "value": path},
            {"id": "_pages_location", "property": "search", "value": ""},
        ],
        "state": [],
        "changedPropIds": ["_pages_location.pathname"],
    }
    answer = client.post("/_dash-update-component", json=body)
    assert answer.status_code < 500, f"{path} falls over for this role"
    return bytes(answer.data)


def frames(house: OpenRoom, socket: SocketIOTestClient) -> list[tuple[str, bytes]]:
    """What the socket says, with the places of the packed frames written out."""
    socket.emit("resume", {"outbox_id": None})
    house.room.live.close_ended()
    house.room.live.send_frames()
    house.room.live.tell_changes()
    found = []
    for each in socket.get_received():
        said = each["args"][0]
        if isinstance(said, bytes):
            places = np.frombuffer(said, RECORD, offset=40)
            said = [f"{lon / 1e7:.4f} {lat / 1e7:.4f}" for lon, lat in
                    zip(places["lon_e7"], places["lat_e7"], strict=True)]  # fmt: skip
        found.append((each["name"], str(said).encode()))
    return found


def canaries(found: list[tuple[str, bytes]]) -> list[tuple[str, str]]:
    """Where a planted string sits: (what, string)."""
    return [
        (what, words)
        for what, data in found
        for words in STRINGS
        if words.encode() in data or words.encode("unicode_escape") in data
        if not (what.endswith("/outline") and words in HALVES and not _is_corner(words, data))
    ]


def _is_corner(half: str, data: bytes) -> bool:
    """Whether the place that this is half of is a corner: an uneven line meets one by chance."""
    lon, lat = next(place for place in (HOME, CHOIR) if half in map("{:.4f}".format, place))
    return re.search(rf"\[{lon:.4f}\d*, ?{lat:.4f}".encode(), data) is not None


@pytest.mark.parametrize("role", Role)
def test_no_role_gets_her_without_a_reveal(
    open_room: OpenRoom,
    engine: Engine,
    stage: Stage,
    caplog: pytest.LogCaptureFixture,
    role: Role,
) -> None:
    """Answers, pages, callbacks, socket frames, files and log lines: her nowhere, for anybody."""
    caplog.set_level(logging.DEBUG)
    client = open_room.seat(role, cases=[stage.case_id])
    found = collect(open_room, client, stage)
    assert len(found) > 30
    socket = open_room.listen(client)
    if socket.is_connected():
        found += frames(open_room, socket)
    found.append(("log", caplog.text.encode()))
    assert canaries(found) == []


@pytest.mark.parametrize("role", [Role.CASE_OFFICER, Role.SUPERVISOR])
def test_a_reveal_shows_her_for_its_minute(
    open_room: OpenRoom, engine: Engine, clock: FixedClock, stage: Stage, role: Role
) -> None:
    """The control: with the case and a reason all of it is there, a minute later none of it."""
    client = open_room.seat(role, cases=[stage.case_id])
    shown = ask(
        client,
        "victim-shown",
        **{
            "victim-reveal.n_clicks": 1,
            "victim-subject.data": {"case_code": "0142"},
            "victim-why.value": "welfare",
            "victim-words.value": "She does not answer.",
        },
    )
    found = {words for _, words in canaries([("reveal", str(shown).encode())])}
    assert found >= {VICTIM, ADDRESS, TELEPHONE, ROUTINE}
    socket = open_room.listen(client)
    assert canaries(frames(open_room, socket))  # she is on the map for that minute
    clock.forward(REVEAL_FOR)
    assert canaries(frames(open_room, socket)) == []
    assert canaries(collect(open_room, client, stage)) == []


def test_the_export_is_safe_and_marked(open_room: OpenRoom, engine: Engine, stage: Stage) -> None:
    """No formula in a spreadsheet, a mark on every row, nothing of her, and a line in the trail."""
    officer = open_room.seat(Role.CASE_OFFICER, cases=[stage.case_id])
    ask(
        officer,
        "victim-shown",
        **{
            "victim-reveal.n_clicks": 1,
            "victim-subject.data": {"case_code": "0142"},
            "victim-why.value": "other",
            "victim-words.value": '=HYPERLINK("http://evil.example")',
        },
    )
    auditor = open_room.seat(Role.AUDITOR)
    assert auditor.get("/access/export.csv").status_code == 401
    assert auditor.post("/step-up", json={"proof": PASSWORD}).status_code == 200
    answer = auditor.get("/access/export.csv")
    assert answer.status_code == 200
    mark, heads, row = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert row[5].startswith("'=HYPERLINK")
    assert heads[-1] == "export" and row[-1] in mark[0] and "some-auditor" in mark[0]
    assert canaries([("export", answer.data)]) == []
    with engine.connect() as connection:
        entry = connection.exec_driver_sql(
            "select detail from vigil.audit_entry where action = 'access_exported'"
        ).scalar_one()
    assert entry == {"export_id": row[-1], "rows": 1}


@pytest.mark.parametrize("role", Role)
def test_the_screens_in_the_bar_are_the_pages(open_room: OpenRoom, role: Role) -> None:
    """Nobody is shown the way to a screen that refuses them, or that is not there."""
    actions = {page.PATH: page.ACTION for page in PAGES}
    ways = (*NAV, WALL)
    for way in ways:
        assert actions[way.path] is way.action
    assert len({way.letter for way in ways}) == len(ways)
    client = open_room.seat(role)
    for path, action in actions.items():
        expected = 200 if decide(role, action).allowed else 403
        assert client.get(path).status_code == expected, path
