"""Nobody gets in but through the door, and everything in the house names its action."""

from __future__ import annotations

import re
from collections.abc import Callable

import dash
import pytest
from dash import Input, Output
from flask import Response
from sqlalchemy import Engine

from dashboard import guard
from data.clock import FixedClock
from data.errors import BadInput
from data.model.user import Role
from data.rules.access import Action, decide
from tests.dashboard.conftest import ORIGIN, OpenRoom
from tests.stage import PASSWORD

pytestmark = pytest.mark.db

EVERYWHERE = "0.0.0.0"  # noqa: S104 - to see it refused
OPEN = {
    "/second-factor",
    "/second-factor/challenge",
    "/second-factor/enrol",
    "/sign-in",
    "/sign-in/style.css",
    "/sign-in/script.js",
    "/sign-in/passkey.js",
    "/sign-in/keys.js",
    "/sign-in/demo",
    "/wall-in",
    "/wall-in/script.js",
    "/health",
}


def _addresses(house: OpenRoom) -> list[tuple[str, str]]:
    """Every method and address the running program answers, with numbers and names filled in."""
    found = []
    for rule in house.room.server.url_map.iter_rules():
        path = re.sub(r"<int[^>]*>", "1", rule.rule)
        path = re.sub(r"<path:\w+>", "room.css", path).replace("<string:package_name>", "dash")
        found += [(method, path) for method in sorted(rule.methods or ()) if method != "OPTIONS"]
    return found


def test_strangers_get_nothing(open_room: OpenRoom) -> None:
    """Without a session every route answers 401 or the way to sign-in, and says nothing else."""
    stranger = open_room.stranger()
    addresses = _addresses(open_room)
    assert ("POST", "/_dash-update-component") in addresses
    for method, path in [*addresses, ("GET", "/case/0142"), ("GET", "/_mcp"), ("POST", "/_mcp")]:
        if path in OPEN:
            continue
        for accept in ("text/html", "application/json"):
            answer = stranger.open(
                path,
                method=method,
                json=None if method == "GET" else {},
                headers={"Accept": accept},
            )
            assert answer.status_code in {302, 401}, (method, path)
            if answer.status_code == 302:
                assert answer.headers["Location"] == "/sign-in"
            assert len(answer.data) < 1000
            assert b"_dash-config" not in answer.data


def test_exactly_these_are_open(open_room: OpenRoom) -> None:
    """The list of what answers strangers is short, and known."""
    room = open_room.room
    entries = guard.entries(room.server, room.app, room.socketio)
    assert {each.name for each in entries if each.kind == "route" and each.action is None} == OPEN


@pytest.mark.parametrize("role", Role)
def test_every_route_follows_the_table(open_room: OpenRoom, role: Role) -> None:
    """For each role each route answers 403 exactly where the table says no."""
    client = open_room.seat(role)
    room = open_room.room
    methods = {rule.rule: rule.methods or set() for rule in room.server.url_map.iter_rules()}
    for entry in guard.entries(room.server, room.app, room.socketio):
        if entry.kind != "route" or entry.action in {None, Action.SIGN_OUT}:
            continue
        path = re.sub(r"<int[^>]*>", "1", entry.name)
        path = path.replace("<path:filename>", "room.css").replace("<string:package_name>", "dash")
        path = path.replace("<path:fingerprinted_path>", "nothing.js")
        if path in {"/", "/<path:path>", "/_dash-update-component"}:
            continue
        method = "GET" if "GET" in methods[entry.name] else "POST"
        status = client.open(path, method=method, json={}, headers=ORIGIN).status_code
        assert (status == 403) is not decide(role, entry.action).allowed, (path, status)


@pytest.mark.parametrize("role", Role)
def test_every_page_follows_the_table(open_room: OpenRoom, role: Role) -> None:
    """A page's address, and its layout asked for behind the address, follow the table alike."""
    client = open_room.seat(role)
    for path, action in (("/desk", Action.SEE_DESK), ("/wall", Action.SEE_WALL)):
        expected = 200 if decide(role, action).allowed else 403
        assert client.get(path).status_code == expected
        assert client.post("/_dash-update-component", json=_page_of(path)).status_code == expected


@pytest.mark.parametrize("role", Role)
def test_every_callback_follows_the_table(open_room: OpenRoom, role: Role) -> None:
    """Each callback posted as each role is refused exactly where the table says no."""
    client = open_room.seat(role)
    room = open_room.room
    asked = 0
    for each in client.get("/_dash-dependencies").json or []:
        function = room.app.callback_map[each["output"]].get("callback")
        action = getattr(function, "vigil_action", None)
        if action is None:
            continue
        inputs = [{**one, "value": None} for one in each["inputs"]]
        body = {
            "output": each["output"],
            "outputs": _outputs(each["output"]),
            "inputs": inputs,
            "state": [{**one, "value": None} for one in each["state"]],
            "changedPropIds": [],
        }
        status = client.post("/_dash-update-component", json=body).status_code
        assert (status == 403) is not decide(role, action).allowed, (each["output"], status)
        asked += 1
    assert asked >= 3


def test_what_names_no_action_stops_the_start(open_room: OpenRoom) -> None:
    """A route, callback or socket event that says nothing of its action is found at start-up."""
    room = open_room.room

    @room.app.callback(Output("nowhere", "children"), Input("nowhere", "n_clicks"))
    def forgotten(clicks: int) -> int:
        return clicks

    room.app.callback_map.update(dash._callback.GLOBAL_CALLBACK_MAP)
    with pytest.raises(guard.UndecidedError, match="callback"):
        guard.entries(room.server, room.app, room.socketio)
    room.app.callback_map.pop("nowhere.children")
    dash._callback.GLOBAL_CALLBACK_MAP.clear()
    dash._callback.GLOBAL_CALLBACK_LIST.clear()
    room.socketio.on("forgotten")(lambda message: None)
    with pytest.raises(guard.UndecidedError, match="event"):
        guard.entries(room.server, room.app, room.socketio)
    room.server._got_first_request = False
    room.server.add_url_rule("/forgotten", "forgotten", lambda: Response("x"))
    with pytest.raises(guard.UndecidedError, match="route"):
        guard.entries(room.server, room.app, room.socketio)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://localhost.evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}, 200),
        ({}, 200),
    ],
)
def test_acts_come_from_our_own_pages(
    open_room: OpenRoom, headers: dict[str, str], status: int
) -> None:
    """A post from another site's page is refused, whatever cookies come with it."""
    client = open_room.seat()
    assert client.post("/sign-out", json={}, headers=headers).status_code == status


def test_only_json_changes_anything(open_room: OpenRoom) -> None:
    """What a plain form on another site can send is refused."""
    client = open_room.seat()
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        for path in ("/sign-out", "/sign-in", "/_dash-update-component"):
            assert client.post(path, data=b"{}", content_type=kind).status_code == 403
    assert client.get("/desk").status_code == 200


def test_another_name_for_our_address_is_refused(open_room: OpenRoom) -> None:
    """A page of another name that resolves to us gets nothing, not even the sign-in page."""
    answer = open_room.stranger().get("/sign-in", headers={"Host": "evil.example"})
    assert answer.status_code == 400


def test_all_answers_wear_the_headers(open_room: OpenRoom) -> None:
    """Pages, data, scripts and errors of every kind carry the security headers."""
    client, stranger = open_room.seat(), open_room.stranger()
    answers = [
        stranger.get("/sign-in"),
        stranger.get("/_dash-layout"),
        client.get("/desk"),
        client.get("/nope"),
        client.get("/layers/zones.geojson"),
        client.get("/layers/trail/1.json?minutes=x"),
        client.post("/sign-out", data="x", content_type="text/plain"),
        client.get("/_dash-component-suites/dash/deps/react@18.min.js"),
        client.delete("/desk"),
    ]
    for answer in answers:
        for name in guard.SECURITY_HEADERS:
            assert name in answer.headers, (answer.request.path, name)
        policy = answer.headers["Content-Security-Policy"]
        assert "object-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe-eval" not in policy
        script = re.search("script-src ([^;]*)", policy)
        assert script is not None
        assert "unsafe-inline" not in script[1]
        assert "Access-Control-Allow-Origin" not in answer.headers
    assert client.get("/layers/tags.json").headers["Cache-Control"] == "no-store"


def test_the_cookie_is_out_of_reach(make_room: Callable[..., OpenRoom]) -> None:
    """Scripts cannot read the cookie, other sites cannot send it, plain pages cannot set it."""
    house = make_room()
    house.door.add_user("op7", PASSWORD, Role.OPERATOR)
    words = {"login": "op7", "password": PASSWORD}
    plain = house.stranger().post("/sign-in", json=words).headers["Set-Cookie"]
    assert plain.startswith("vigil=")
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(plain.split("; "))
    behind = make_room(VIGIL_PUBLIC_URL="https://vigil.example")
    secure = behind.stranger().post("/sign-in", json=words, base_url="https://vigil.example")
    assert secure.headers["Set-Cookie"].startswith("__Host-vigil=")
    assert "; Secure" in secure.headers["Set-Cookie"]
    assert "Strict-Transport-Security" in secure.headers


def test_no_room_without_tls_on_a_network(make_room: Callable[..., OpenRoom]) -> None:
    """Listening beyond this machine needs an https address."""
    with pytest.raises(BadInput, match="VIGIL_PUBLIC_URL"):
        make_room(VIGIL_WEB_HOST=EVERYWHERE)
    with pytest.raises(BadInput):
        make_room(VIGIL_WEB_HOST=EVERYWHERE, VIGIL_PUBLIC_URL="http://vigil.example")
    make_room(VIGIL_WEB_HOST=EVERYWHERE, VIGIL_PUBLIC_URL="https://vigil.example")


def test_nobody_is_taken_at_a_header_s_word(open_room: OpenRoom, engine: Engine) -> None:
    """Without a proxy, what a caller says of its address is not believed."""
    open_room.door.add_user("op7", PASSWORD, Role.OPERATOR)
    open_room.stranger().post(
        "/sign-in",
        json={"login": "op7", "password": PASSWORD},
        headers={"X-Forwarded-For": "1.2.3.4"},
    )
    with engine.connect() as connection:
        peers = (
            connection.exec_driver_sql("select distinct peer from vigil.session").scalars().all()
        )
    assert peers == ["127.0.0.1"]


def test_demo_seats_exist_in_a_demo_only(make_room: Callable[..., OpenRoom]) -> None:
    """One-click roles are not there outside a demo, and never the administrator's."""
    real, demo = make_room(), make_room(VIGIL_DEMO="1")
    assert real.stranger().post("/sign-in/demo", json={"role": "operator"}).status_code == 404
    assert b"Demo" not in real.stranger().get("/sign-in").data
    client = demo.stranger()
    assert client.post("/sign-in/demo", json={"role": "administrator"}).status_code == 400
    assert client.post("/sign-in/demo", json={"role": "operator"}).status_code == 200
    assert b'data-demo="1"' in client.get("/desk").data
    # Every screen of a demo says so, one that refuses too.
    refused = client.get("/look-up", headers={"Accept": "text/html"})
    assert refused.status_code == 403 and b'data-demo="1"' in refused.data
    assert b"data-demo" not in real.seat().get("/look-up", headers={"Accept": "text/html"}).data


def test_whoever_is_in_may_sign_in_again(open_room: OpenRoom) -> None:
    """The page leads whoever is signed in to their screen, unless they ask for it again."""
    client = open_room.seat()
    assert client.get("/sign-in").headers["Location"] == "/"
    assert client.get("/sign-in?again").status_code == 200


def test_signing_out_ends_it(open_room: OpenRoom) -> None:
    """After signing out the same cookie opens nothing."""
    client = open_room.seat()
    cookie = client.get_cookie("vigil")
    assert cookie is not None
    assert client.post("/sign-out", json={}).status_code == 200
    client.set_cookie("vigil", cookie.value)
    assert client.get("/_dash-layout").status_code == 401


def test_too_many_tries_say_when(open_room: OpenRoom) -> None:
    """Guessing ends in 429 with the seconds to wait."""
    stranger = open_room.stranger()
    for _ in range(5):
        answer = stranger.post("/sign-in", json={"login": "op7", "password": "wrong"})
        assert answer.status_code == 401
    answer = stranger.post("/sign-in", json={"login": "op7", "password": "wrong"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "2")


@pytest.mark.parametrize("body", [[], "x", {}, {"login": 1, "password": 2}, {"login": "x"}])
def test_rubbish_at_the_door_is_named(open_room: OpenRoom, body: object) -> None:
    """A sign-in that is not one is a 400 and not a crash."""
    assert open_room.stranger().post("/sign-in", json=body).status_code == 400


def test_big_bodies_are_refused(open_room: OpenRoom) -> None:
    """Nobody fills the memory with one request."""
    answer = open_room.stranger().post("/sign-in", json={"login": "x" * 2_000_000})
    assert answer.status_code in {400, 413}


def test_an_unexpected_error_says_nothing_of_the_inside(
    open_room: OpenRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A defect shows a reference and no trace, and stays within the look of the room."""
    client = open_room.seat()

    def broken(*_: object) -> None:
        raise RuntimeError("secret place 57.70 11.95")

    monkeypatch.setattr("layers.zones.geojson", broken)
    answer = client.get("/layers/zones.geojson", headers={"Accept": "text/html"})
    assert answer.status_code == 500
    assert b"Ref " in answer.data
    assert b"57.70" not in answer.data


def test_a_changed_role_counts_at_once(
    open_room: OpenRoom, engine: Engine, clock: FixedClock
) -> None:
    """Who was an operator a moment ago is what the database says now."""
    client = open_room.seat(Role.OPERATOR)
    assert client.get("/wall").status_code == 200
    with engine.begin() as connection:
        connection.exec_driver_sql("update vigil.user set role = 'auditor'")
    assert client.get("/wall").status_code == 403


def _page_of(path: str) -> dict[str, object]:
    output = ".._pages_content.children..._pages_store.data.."
    return {
        "output": output,
        "outputs": _outputs(output),
        "inputs": [
            {"id": "_pages_location", "property": "pathname", "value": path},
            {"id": "_pages_location", "property": "search", "value": ""},
        ],
        "state": [],
        "changedPropIds": ["_pages_location.pathname"],
    }


def _outputs(output: str) -> object:
    def one(name: str) -> dict[str, str]:
        component, _, prop = name.rpartition(".")
        return {"id": component, "property": prop}

    if not output.startswith(".."):
        return one(output)
    return [one(each) for each in output[2:-2].split("...")]


def test_a_page_of_one_record_has_one_action_for_every_record() -> None:
    """A `<word>` in a page's address stands for one part of it: not for none, not for two."""
    pages = {"/zones": Action.SEE_DESK, "/zones/<which>": Action.LOOK_UP}
    assert guard.page_action(pages, "/zones") is Action.SEE_DESK
    assert guard.page_action(pages, "/zones/d7") is Action.LOOK_UP
    assert guard.page_action(pages, "/zones/") is None
    assert guard.page_action(pages, "/zones/d7/more") is None
    assert guard.page_action(pages, "/elsewhere") is None
