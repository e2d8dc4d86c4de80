"""Every route, callback and event of the running program x every role x own and other record.

Nothing is listed here: what the program answers is asked of the program, so a new route, callback
or event is in the matrix the moment it exists.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, text, update

from dashboard import guard
from dashboard.factory import PAGES
from data.model.user import Role
from data.rules.access import Action, decide
from data.store import tables
from tests.dashboard.conftest import OpenRoom
from tests.past import a_revision
from tests.stage import Stage, a_draft, a_live_fix, a_rehearsal, a_stage, an_alert

pytestmark = pytest.mark.db

OTHER_OFFENDER = "Ture Tabu"
# Letters no hash is written with: a page holds fingerprints and times of files.
OTHER_CODE = "QZ77"
FORBIDDEN = (OTHER_OFFENDER, OTHER_CODE, "tag-QZ77", "handset-QZ77", "Lönngatan")

# Tables whose rows an act could change; what belongs to the other case must stay as it is.
WATCHED = {
    "alert": "case_id = :case_id",
    "alert_entry": "alert_id in (select alert_id from vigil.alert where case_id = :case_id)",
    "zone_version": "zone_id in (select zone_id from vigil.zone where case_id = :case_id)",
    "approval": "case_id = :case_id",
    "assignment": "case_id = :case_id",
    "reveal": "case_id = :case_id",
    "glass": "case_id = :case_id",
    "routine_location": "person_id in (select victim_id from vigil.zone where case_id = :case_id)",
    "handset_consent": "person_id in (select victim_id from vigil.zone where case_id = :case_id)",
    "zone_draft": "case_id = :case_id",
    "rehearsal": "zone_draft_id in (select zone_draft_id from vigil.zone_draft "
    "where case_id = :case_id)",
}


class Cases:
    """Case 0142 in the north, which is everybody's own; case QZ77 in the south, which is not."""

    def __init__(self, engine: Engine) -> None:
        with engine.begin() as connection:
            self.own, self.other = a_stage(connection), a_stage(connection, OTHER_CODE)
            for stage, area in ((self.own, "north"), (self.other, "south")):
                connection.execute(
                    update(tables.case)
                    .where(tables.case.c.case_id == stage.case_id)
                    .values(area=area)
                )
                for activation_id in (stage.activation_id, stage.victim_activation_id):
                    a_live_fix(connection, activation_id)
                a_revision(connection, stage.breach_id)
            offender = text('select offender_id from vigil."case" where case_id = :case_id')
            other_id = connection.scalar(offender, {"case_id": self.other.case_id})
            connection.execute(
                update(tables.person)
                .where(tables.person.c.person_id == other_id)
                .values(name=OTHER_OFFENDER)
            )
            connection.execute(
                update(tables.zone)
                .where(tables.zone.c.zone_id == self.other.zone_id)
                .values(name="Lönngatan")
            )
            self.alerts = {
                stage.case_id: an_alert(
                    connection, stage, condition_key=f"breach:{stage.breach_id}"
                )
                for stage in (self.own, self.other)
            }
            self.drafts = {
                stage.case_id: a_draft(connection, stage) for stage in (self.own, self.other)
            }
            self.rehearsals = {
                case_id: a_rehearsal(connection, draft_id)
                for case_id, draft_id in self.drafts.items()
            }

    def state(self, engine: Engine) -> dict[str, Any]:
        """Everything of the other case that an act could change."""
        with engine.connect() as connection:
            return {
                table: connection.execute(
                    text(f"select * from vigil.{table} where {of_case} order by 1"),
                    {"case_id": self.other.case_id},
                ).all()
                for table, of_case in WATCHED.items()
            }


@pytest.fixture
def cases(engine: Engine) -> Cases:
    """Both cases."""
    return Cases(engine)


def seat(house: OpenRoom, cases: Cases, role: Role) -> FlaskClient:
    """Somebody of this role, of the north, who has just signed in."""
    return house.seat(role, area="north", cases=[cases.own.case_id])


def answers(house: OpenRoom, client: FlaskClient, cases: Cases, stage: Stage) -> Any:
    """(what, action, answer) of every route and callback, asked about this record."""
    room = house.room
    for entry in guard.entries(room.server, room.app, room.socketio):
        if entry.kind == "route":
            ids = {
                "alert_id": cases.alerts[stage.case_id],
                "draft_id": cases.drafts[stage.case_id],
                "rehearsal_id": cases.rehearsals[stage.case_id],
            }
            yield from route_answers(house, client, entry, stage, ids)
    for each in house.room.app.callback_map:
        action = callback_action(house, each)
        if action is not None:
            body = callback_body(house, each, stage, cases.alerts[stage.case_id])
            yield each, action, client.post("/_dash-update-component", json=body)


def route_answers(
    house: OpenRoom, client: FlaskClient, entry: guard.Entry, stage: Stage, ids: dict[str, int]
) -> Any:
    """The same for one route by each of its methods; signing out would end the walk."""
    if entry.name in {"/_dash-update-component", "/sign-out"} or entry.action is None:
        return
    if entry.name.startswith("/_dash-component-suites"):
        return  # the libraries' own scripts: no record in them
    path = entry.name
    for name, number in (asdict(stage) | ids).items():
        path = re.sub(rf"<int[^>]*:{name}>", str(number), path)
    path = re.sub(r"<int:[^>]*>", "1", path)
    path = path.replace("<path:filename>", "room.css")
    paths = [path] if path != "/<path:path>" else [page.PATH for page in PAGES]
    methods = {
        method
        for rule in house.room.server.url_map.iter_rules()
        if rule.rule == entry.name
        for method in (rule.methods or ())
    } & {"GET", "POST", "PUT", "PATCH", "DELETE"}
    body = {"reason": "A sentence that is long enough.", "note": "Seen.", "minutes": 5}
    for each in paths:
        for method in sorted(methods):
            sent = None if method == "GET" else body
            yield f"{method} {each}", entry.action, client.open(each, method=method, json=sent)


def callback_action(house: OpenRoom, output: str) -> Action | None:
    """The action of a callback; None where it runs in the browser."""
    function = house.room.app.callback_map[output].get("callback")
    return getattr(function, "vigil_action", None)


def callback_body(house: OpenRoom, output: str, stage: Stage, alert_id: int) -> dict[str, Any]:
    """A post as a hostile browser makes it: every button pressed, every field about this record."""
    known = house.room.app.callback_map[output]
    inputs, state = (
        [{**one, "value": value_of(one, stage, alert_id)} for one in known[kind]]
        for kind in ("inputs", "state")
    )
    names = output.strip(".").split("...")
    outputs = [
        {"id": name.rpartition(".")[0], "property": name.rpartition(".")[2]} for name in names
    ]
    return {
        "output": output,
        "outputs": outputs if output.startswith("..") else outputs[0],
        "inputs": inputs,
        "state": state,
        "changedPropIds": [f"{one['id']}.{one['property']}" for one in known["inputs"][:1]],
    }


def value_of(one: dict[str, Any], stage: Stage, alert_id: int) -> Any:
    """What a field says; where it names a record, this one."""
    name, prop = str(one["id"]), one["property"]
    code = "0142" if stage.case_id == 1 else OTHER_CODE
    if prop in {"n_clicks", "n_submit"}:
        return 1
    if name == "conduct-period":
        return ["2026-11-01", "2026-11-20"]
    if name == "conduct-near":
        return 200
    if prop in {"selected", "touched"}:
        return alert_id
    if name.endswith("-subject"):
        return {"alert_id": alert_id, "case_code": code}
    if name.endswith("-case"):
        return code
    if name.endswith("-zone"):
        return str(stage.zone_id)
    if name.endswith("-which"):
        return str(stage.case_id)
    if name.endswith("-why"):
        return "welfare"
    if name.endswith("-finding"):
        return "drift"
    if prop == "pathname":
        return "/desk"
    return 1 if name.endswith("-acted") else "A sentence that is long enough."


@pytest.mark.parametrize("role", Role)
def test_nothing_of_another_s_record_is_shown_or_changed(
    open_room: OpenRoom, engine: Engine, cases: Cases, role: Role
) -> None:
    """Asked with a made-up id of another area's case, each role gets nothing of it."""
    client = seat(open_room, cases, role)
    before = cases.state(engine)
    asked = 0
    for what, action, answer in answers(open_room, client, cases, cases.other):
        if not decide(role, action).allowed and "_pages" not in what:
            assert answer.status_code == 403, what
        assert answer.status_code < 500, (what, answer.data)
        for words in FORBIDDEN:
            assert words.encode() not in answer.data, (what, words)
        asked += 1
    assert asked > 25
    assert cases.state(engine) == before


@pytest.mark.parametrize("role", Role)
def test_a_role_gets_what_its_row_says(open_room: OpenRoom, cases: Cases, role: Role) -> None:
    """Asked about a record of their own, each role is refused exactly where the table says no."""
    client = seat(open_room, cases, role)
    for what, action, answer in answers(open_room, client, cases, cases.own):
        if what in {"GET /", "GET /<path:path>"} or answer.request.path.startswith("/_dash-comp"):
            continue
        page = guard_action(what)
        may = decide(role, page or action).allowed
        assert (answer.status_code == 403) is not may or "trail" in what, (what, answer.status_code)


def guard_action(what: str) -> Action | None:
    """The action behind a page's address."""
    return {f"GET {page.PATH}": page.ACTION for page in PAGES}.get(what)


def test_nobody_gets_nothing(open_room: OpenRoom, engine: Engine, cases: Cases) -> None:
    """Without a session every one of them is 401, or the way to sign-in."""
    stranger = open_room.stranger()
    before = cases.state(engine)
    for what, _, answer in answers(open_room, stranger, cases, cases.own):
        assert answer.status_code in {302, 401}, what
        assert b"0142" not in answer.data
    assert cases.state(engine) == before


@pytest.mark.parametrize("role", Role)
def test_every_event_tells_of_one_s_own_only(
    open_room: OpenRoom, engine: Engine, cases: Cases, role: Role
) -> None:
    """Each socket event, sent as each role, tells nothing of another area's case."""
    client = seat(open_room, cases, role)
    socket = open_room.listen(client)
    room = open_room.room
    if not decide(role, Action.SEE_ALERTS).allowed:
        assert not socket.is_connected()
        return
    for entry in guard.entries(room.server, room.app, room.socketio):
        if entry.kind == "event" and entry.action is not None:
            for message in ({"outbox_id": None}, {"outbox_id": 0, "room": "south"}, "south"):
                for each in room.live._clients.all():
                    each.sent_at.clear()  # who asks too often is cut off, which is not the point
                socket.emit(entry.name, message)
    socket.emit("join", {"room": "south"})  # nobody listens to that
    with engine.begin() as connection:
        for stage in (cases.own, cases.other):
            an_alert(connection, stage, condition_key=f"x:{stage.case_id}", breach_id=None)
    room.live.tell_changes()
    room.live.send_frames()
    heard = [each for each in socket.get_received() if each["name"] == "alerts"]
    assert heard
    assert {row["case_code"] for each in heard for row in each["args"][0]["alerts"]} == {"0142"}
    for words in FORBIDDEN:
        assert words not in json.dumps(heard, ensure_ascii=False)
