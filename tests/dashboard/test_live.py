"""The live socket: who hears what, that nothing is missed, and that it ends with the session."""

from __future__ import annotations

import struct
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from flask_socketio.test_client import SocketIOTestClient
from sqlalchemy import Engine, insert

from dashboard.live import EVENTS_PER_S
from dashboard.live_clients import BACKLOG_PACKETS, BEHIND_S, SKIP_BACKLOG
from data.clock import FixedClock
from data.model.user import Role
from data.service.alert_work import AlertWork
from data.store import assignments, outbox, tables
from layers.tags import RECORD
from tests.dashboard.conftest import ORIGIN, OpenRoom
from tests.stage import NOON, a_live_fix, a_stage, a_viewer, an_alert, give_case

pytestmark = pytest.mark.db

HEADER = struct.Struct("<ddddII")


def heard(socket: SocketIOTestClient, name: str) -> list[Any]:
    """Messages of this name since the last look; the others are dropped."""
    return [each["args"][0] for each in socket.get_received() if each["name"] == name]


def ids(messages: list[Any]) -> list[int]:
    """The alerts of these messages, in order."""
    return [row["alert_id"] for message in messages for row in message["alerts"]]


def test_strangers_hear_nothing(open_room: OpenRoom) -> None:
    """A socket without a session is refused, and so is a role that may see no alerts."""
    assert not open_room.listen(open_room.stranger()).is_connected()
    assert not open_room.listen(open_room.seat(Role.ADMINISTRATOR)).is_connected()
    assert open_room.listen(open_room.seat(Role.OPERATOR)).is_connected()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Origin": "http://localhost"}, 401),
        ({"Origin": "https://evil.example"}, 400),
        ({"Sec-Fetch-Site": "cross-site"}, 400),
    ],
)
def test_strangers_get_no_handshake(
    open_room: OpenRoom, headers: dict[str, str], status: int
) -> None:
    """Not even the handshake below the socket answers without a session, or to another origin."""
    for transport in ("polling", "websocket"):
        answer = open_room.stranger().get(
            f"/socket.io/?EIO=4&transport={transport}", headers=headers
        )
        assert answer.status_code == status
        assert b"sid" not in answer.data


def test_another_origin_is_refused_even_with_a_session(open_room: OpenRoom) -> None:
    """A session's cookie helps neither another site's page nor what is no page to a socket."""
    client = open_room.seat()
    path = "/socket.io/?EIO=4&transport=polling"
    assert client.get(path).status_code == 401
    assert client.get(path, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200
    assert client.get(path, headers={"Origin": "https://evil.example"}).status_code == 400
    assert client.get(path, headers={"Origin": "http://localhost"}).status_code == 200


def test_missed_three_gets_exactly_three(open_room: OpenRoom, engine: Engine) -> None:
    """A screen that was away names its last number and gets what it missed, once, in order."""
    with engine.begin() as connection:
        stage = a_stage(connection)
        seen = an_alert(connection, stage)
    client = open_room.seat()
    socket = open_room.listen(client)
    socket.emit("resume", {"outbox_id": None})
    (first,) = heard(socket, "alerts")
    assert (ids([first]), first["is_all"]) == ([seen], True)
    socket.disconnect()
    with engine.begin() as connection:
        missed = [
            an_alert(
                connection, stage, condition_key=f"silent:{each}", kind="silent", breach_id=None
            )
            for each in range(3)
        ]
    again = open_room.listen(client)
    again.emit("resume", {"outbox_id": first["outbox_id"]})
    (second,) = heard(again, "alerts")
    assert (ids([second]), second["is_all"]) == (missed, False)
    again.emit("resume", {"outbox_id": second["outbox_id"]})
    assert ids(heard(again, "alerts")) == []


@pytest.mark.parametrize("number", [-1, 10**9, "7", True, 1.5, [], {"x": 1}])
def test_an_odd_number_gets_the_whole_picture(
    open_room: OpenRoom, engine: Engine, number: object
) -> None:
    """A number we never gave, or gave before the database was another, means: from the start."""
    with engine.begin() as connection:
        alert_id = an_alert(connection, a_stage(connection))
    socket = open_room.listen(open_room.seat())
    socket.emit("resume", {"outbox_id": number})
    (message,) = heard(socket, "alerts")
    assert (ids([message]), message["is_all"]) == ([alert_id], True)


def test_every_change_is_told_once(open_room: OpenRoom, engine: Engine, clock: FixedClock) -> None:
    """A commit reaches open screens with the alert as it now is."""
    with engine.begin() as connection:
        alert_id = an_alert(connection, a_stage(connection))
    socket = open_room.listen(open_room.seat())
    room = open_room.room
    room.live.tell_changes()
    heard(socket, "alerts")
    AlertWork(engine, clock).acknowledge(a_viewer(engine, clock, "op3"), alert_id)
    room.live.tell_changes()
    room.live.tell_changes()
    (message,) = heard(socket, "alerts")
    (row,) = message["alerts"]
    assert (row["state"], row["owner"]) == ("acknowledged", "op3")


def test_nothing_falls_between_resuming_and_following(open_room: OpenRoom, engine: Engine) -> None:
    """What commits after a screen's resume and before the follower's first look is told."""
    socket = open_room.listen(open_room.seat())
    socket.emit("resume", {"outbox_id": None})
    with engine.begin() as connection:
        alert_id = an_alert(connection, a_stage(connection))
    open_room.room.live.tell_changes()
    assert ids(heard(socket, "alerts")) == [alert_id]


def test_a_changed_zone_is_a_word_and_no_more(open_room: OpenRoom, engine: Engine) -> None:
    """Of zones the socket says that they changed; the shapes are fetched through the gate."""
    socket = open_room.listen(open_room.seat())
    open_room.room.live.tell_changes()
    with engine.begin() as connection:
        outbox.append(connection, "zone", [4, 5], NOON)
    open_room.room.live.tell_changes()
    assert heard(socket, "changed") == [{"layers": ["zones"]}]


def test_no_name_and_no_place_in_an_alert(open_room: OpenRoom, engine: Engine) -> None:
    """The alerts' payload has these fields and no other; an address cannot slip into it."""
    with engine.begin() as connection:
        an_alert(connection, a_stage(connection))
    socket = open_room.listen(open_room.seat())
    socket.emit("resume", {"outbox_id": None})
    (message,) = heard(socket, "alerts")
    assert set(message["alerts"][0]) == {
        "alert_id", "version", "kind", "priority", "state", "raised_at", "began_at", "case_code",
        "activation_id", "zone_id", "zone_name", "title", "channel", "p_inside", "radius_95_m",
        "edge_m", "repeats", "minutes_to_contact", "found_on_backfill", "owner",
        "acknowledged_at", "cleared_at", "device_kind", "breach_kind",
        "turn", "waiting_since", "hold_until", "shelved_until", "shelves", "escalated_at", "rung",
        "is_flapping", "is_shelvable",
    }  # fmt: skip
    assert "Offender" not in str(message)
    assert "Victim" not in str(message)


def test_another_area_is_not_told(open_room: OpenRoom, engine: Engine, clock: FixedClock) -> None:
    """Who watches the north hears nothing of the south, on resuming or live."""
    with engine.begin() as connection:
        stage = a_stage(connection)
        connection.execute(tables.case.update().values(area="south"))
        an_alert(connection, stage)
    client = open_room.seat()
    with engine.begin() as connection:
        connection.execute(tables.user.update().values(area="north"))
    socket = open_room.listen(client)
    socket.emit("resume", {"outbox_id": None})
    open_room.room.live.tell_changes()
    assert ids(heard(socket, "alerts")) == []


def _records(frame: bytes) -> np.ndarray:
    n = HEADER.unpack_from(frame)[4]
    assert len(frame) == 40 + 24 * n
    return np.frombuffer(frame, RECORD, offset=40)


def test_frames_are_whole_first_and_changes_after(open_room: OpenRoom, engine: Engine) -> None:
    """A new screen gets every tag, then what moved; an empty frame still carries the pulse."""
    with engine.begin() as connection:
        stage = a_stage(connection)
        a_live_fix(connection, stage.activation_id)
        a_live_fix(connection, stage.victim_activation_id, lon=11.9)
        an_alert(connection, stage)
        connection.execute(insert(tables.heartbeat).values(process="judge 1", beat_at=NOON))
    socket = open_room.listen(open_room.seat())
    live = open_room.room.live
    live.send_frames()
    live.send_frames()
    whole, nothing = heard(socket, "tags")
    assert HEADER.unpack_from(whole)[:2] == (NOON.timestamp(), NOON.timestamp())
    assert (HEADER.unpack_from(whole)[4:], HEADER.unpack_from(nothing)[4:]) == ((2, 0), (0, 1))
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "update vigil.live_fix set lon = 11.96, judged_at = judged_at + interval '1 s' "
            f"where activation_id = {stage.activation_id}"
        )
    live.send_frames()
    (moved,) = heard(socket, "tags")
    (record,) = _records(moved)
    assert (record["tag_id"], record["lon_e7"]) == (stage.activation_id, 119_600_000)


def test_a_late_commit_is_not_lost(open_room: OpenRoom, engine: Engine) -> None:
    """A fix judged before another but committed after it is drawn all the same."""
    with engine.begin() as connection:
        stage = a_stage(connection)
        a_live_fix(connection, stage.activation_id, NOON + timedelta(seconds=1))
        an_alert(connection, stage)
    socket = open_room.listen(open_room.seat())
    open_room.room.live.send_frames()
    with engine.begin() as connection:
        a_live_fix(connection, stage.victim_activation_id, NOON + timedelta(seconds=1))
    open_room.room.live.send_frames()
    assert [len(_records(each)) for each in heard(socket, "tags")] == [1, 1]


def test_a_tag_taken_off_leaves_the_picture(open_room: OpenRoom, engine: Engine) -> None:
    """Where a tag is no longer on anybody the next whole read brings a whole frame without it."""
    with engine.begin() as connection:
        stage = a_stage(connection)
        a_live_fix(connection, stage.activation_id)
    socket = open_room.listen(open_room.seat())
    live = open_room.room.live
    live.send_frames()
    with engine.begin() as connection:
        connection.exec_driver_sql("update vigil.activation set ended_at = started_at")
    for _ in range(30):
        live.send_frames()
    frames = heard(socket, "tags")
    assert HEADER.unpack_from(frames[-1])[4:] == (0, 0)


@pytest.mark.parametrize(
    ("role", "tags"),
    [
        (Role.OPERATOR, 2),
        (Role.CASE_OFFICER, 2),
        (Role.WALL, 1),
        (Role.INVESTIGATOR, 1),
        (Role.AUDITOR, 0),
    ],
)
def test_victims_are_in_the_frames_of_few(
    open_room: OpenRoom, engine: Engine, role: Role, tags: int
) -> None:
    """A wall's frame holds no victim; neither does that of anybody who may not see them."""
    with engine.begin() as connection:
        stage = a_stage(connection)
        a_live_fix(connection, stage.activation_id)
        a_live_fix(connection, stage.victim_activation_id)
        an_alert(connection, stage)
    client = open_room.seat(role, cases=[stage.case_id])
    socket = open_room.listen(client)
    open_room.room.live.send_frames()
    (frame,) = heard(socket, "tags")
    assert len(_records(frame)) == tags
    assert set(_records(frame)["role"]) <= ({0, 1} if tags == 2 else {0})
    if role is not Role.AUDITOR:
        assert len(client.get("/layers/tags.json").json or {}) == tags


def test_a_victim_leaves_the_frames_with_her_danger(
    open_room: OpenRoom, engine: Engine, clock: FixedClock
) -> None:
    """While an urgent alert of her case holds an operator sees her; not before, not after."""
    with engine.begin() as connection:
        stage = a_stage(connection)
        a_live_fix(connection, stage.activation_id)
        a_live_fix(connection, stage.victim_activation_id)
    socket = open_room.listen(open_room.seat())
    live = open_room.room.live
    live.send_frames()
    with engine.begin() as connection:
        alert_id = an_alert(connection, stage)
    live.send_frames()
    before, during = heard(socket, "tags")
    assert _records(before)["tag_id"].tolist() == [stage.activation_id]
    assert _records(during)["tag_id"].tolist() == [stage.victim_activation_id]
    with engine.begin() as connection:
        change = tables.alert.update().where(tables.alert.c.alert_id == alert_id)
        connection.execute(change.values(cleared_at=NOON))
    live.send_frames()
    (after,) = heard(socket, "tags")
    assert HEADER.unpack_from(after)[5] == 0  # a whole picture, so that she leaves the screen
    assert _records(after)["tag_id"].tolist() == [stage.activation_id]


def test_who_works_by_cases_hears_of_theirs(open_room: OpenRoom, engine: Engine) -> None:
    """A case that is given is heard of within a second, one that is taken away no longer."""
    with engine.begin() as connection:
        stage = a_stage(connection)
        a_live_fix(connection, stage.activation_id)
        an_alert(connection, stage)
    client = open_room.seat(Role.CASE_OFFICER, login="officer")
    socket = open_room.listen(client)
    live = open_room.room.live
    socket.emit("resume", {"outbox_id": None})
    live.send_frames()
    received = socket.get_received()
    assert [each["args"][0]["alerts"] for each in received if each["name"] == "alerts"] == [[]]
    (frame,) = (each["args"][0] for each in received if each["name"] == "tags")
    assert len(_records(frame)) == 0
    assignment_id = give_case(engine, stage.case_id, "officer")
    live.close_ended()
    live.send_frames()
    received = socket.get_received()
    (rows,) = (each["args"][0]["alerts"] for each in received if each["name"] == "alerts")
    assert len(rows) == 1
    (frame,) = (each["args"][0] for each in received if each["name"] == "tags")
    assert len(_records(frame)) == 1
    with engine.begin() as connection:
        assignments.save_ended(connection, assignment_id, NOON, None)
    live.close_ended()
    (message,) = heard(socket, "alerts")
    assert (message["alerts"], message["is_all"]) == ([], True)


@pytest.mark.parametrize("how", ["sign out", "disable", "run out"])
def test_the_socket_ends_with_the_session(
    open_room: OpenRoom, engine: Engine, clock: FixedClock, how: str
) -> None:
    """After the next look at the sessions nothing more reaches whoever has left."""
    client = open_room.seat(login="op7")
    leaving, staying = open_room.listen(client), open_room.listen(open_room.seat(login="op3"))
    live = open_room.room.live
    if how == "sign out":
        client.post("/sign-out", json={})
    elif how == "disable":
        open_room.door.disable_user("op7")
    else:
        with engine.begin() as connection:
            connection.exec_driver_sql(
                "update vigil.session set ends_at = now() - interval '30 years' where user_id = "
                "(select user_id from vigil.user where login = 'op7')"
            )
    live.close_ended()
    live.send_frames()
    assert not leaving.is_connected()
    assert staying.is_connected()
    assert len(live._clients.all()) == 1
    assert leaving.queue == []  # what the client's look at its messages would show, were it open
    assert len(heard(staying, "tags")) == 1


def test_the_running_threads_end_it_within_two_seconds(open_room: OpenRoom) -> None:
    """With its threads running the room closes a signed-out socket within two seconds."""
    client = open_room.seat()
    socket = open_room.listen(client)
    live = open_room.room.live
    live.start()
    try:
        client.post("/sign-out", json={})
        until = time.monotonic() + 2
        while socket.is_connected() and time.monotonic() < until:
            time.sleep(0.05)
        assert not socket.is_connected()
    finally:
        live.stop()


def test_the_running_threads_tell_within_a_second(open_room: OpenRoom, engine: Engine) -> None:
    """From the commit of a breach to the screen it is less than a second."""
    socket = open_room.listen(open_room.seat())
    live = open_room.room.live
    live.start()
    try:
        time.sleep(0.5)
        with engine.begin() as connection:
            an_alert(connection, a_stage(connection))
        until = time.monotonic() + 1
        found: list[int] = []
        while not found and time.monotonic() < until:
            found = ids(heard(socket, "alerts"))
            time.sleep(0.02)
        assert found
    finally:
        live.stop()


def test_a_lost_database_shows_as_age(
    open_room: OpenRoom, engine: Engine, clock: FixedClock
) -> None:
    """While the database is away frames go on with the old pulse, and nobody is thrown out."""
    with engine.begin() as connection:
        connection.execute(insert(tables.heartbeat).values(process="judge 1", beat_at=NOON))
    client = open_room.seat()
    socket = open_room.listen(client)
    live = open_room.room.live
    live.send_frames()
    # What a restart does to a pool: every connection fails, new ones too.
    url = engine.url
    live._feed = type(live._feed)(_nowhere(url))
    live._frames._engine = _nowhere(url)
    live._gate._door._engine = _nowhere(url)
    clock.forward(timedelta(seconds=30))
    live.close_ended()
    live.send_frames()
    now_s, beat_s, *_ = HEADER.unpack_from(heard(socket, "tags")[-1])
    assert now_s - beat_s == 30
    assert socket.is_connected()
    # Who joins meanwhile is neither let in nor told to sign in again.
    page = {"Origin": "http://localhost"}
    again = client.get("/socket.io/?EIO=4&transport=polling", headers=page)
    assert (again.status_code, b"sid" in again.data) == (503, False)


def test_what_waits_counts_as_age(open_room: OpenRoom, engine: Engine) -> None:
    """A judge that beats but leaves readings lie is as old as the oldest of them."""
    with engine.begin() as connection:
        connection.execute(insert(tables.heartbeat).values(process="judge 1", beat_at=NOON))
        connection.execute(
            insert(tables.pending).values(
                reading_id=1,
                received_at=NOON - timedelta(seconds=40),
                activation_id=1,
                slice=1,
            )
        )
    socket = open_room.listen(open_room.seat())
    open_room.room.live.send_frames()
    now_s, beat_s, *_ = HEADER.unpack_from(heard(socket, "tags")[0])
    assert now_s - beat_s == 40


def test_chatter_is_cut_off(open_room: OpenRoom) -> None:
    """A client that sends more than a page ever would is disconnected."""
    socket = open_room.listen(open_room.seat())
    for _ in range(EVENTS_PER_S + 1):
        socket.emit("resume", {"outbox_id": 0})
    assert not socket.is_connected()


def test_who_does_not_read_is_dropped(open_room: OpenRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    """A screen whose queue grows is let go before it costs memory; it comes back by cursor."""
    socket = open_room.listen(open_room.seat())
    live = open_room.room.live
    monkeypatch.setattr(live._clients, "backlog", lambda client: BACKLOG_PACKETS + 1)
    live.send_frames()
    assert not socket.is_connected()
    assert live._clients.all() == []


def test_who_falls_behind_has_a_moment_to_catch_up(
    open_room: OpenRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow screen is spared frames, then comes up to date with a whole one, or is dropped."""
    socket = open_room.listen(open_room.seat())
    live = open_room.room.live
    (client,) = live._clients.all()
    backlog = SKIP_BACKLOG + 1
    monkeypatch.setattr(live._clients, "backlog", lambda _: backlog)
    live.send_frames()
    assert heard(socket, "tags") == []
    backlog = 0
    live.send_frames()
    assert HEADER.unpack_from(heard(socket, "tags")[0])[5] == 0
    backlog = SKIP_BACKLOG + 1
    live.send_frames()
    assert client.behind_since_s is not None
    client.behind_since_s -= BEHIND_S
    live.send_frames()
    assert not socket.is_connected()


def test_there_is_a_last_seat(make_room: Callable[..., OpenRoom]) -> None:
    """Sockets never take the last threads: pages must still be answered."""
    house = make_room(VIGIL_WEB_THREADS="30")
    client = house.seat()
    sockets = [house.listen(client) for _ in range(11)]
    assert [each.is_connected() for each in sockets] == [True] * 10 + [False]
    assert client.get("/desk").status_code == 200


def test_no_event_joins_a_room(open_room: OpenRoom) -> None:
    """Nothing a client says chooses what it hears."""
    socket = open_room.listen(open_room.seat(Role.WALL))
    for event in ("join", "subscribe", "alerts", "tags"):
        socket.emit(event, {"room": "operators"})
    assert socket.get_received() == []
    assert set(open_room.room.socketio.server.handlers["/"]) == {
        "connect",
        "disconnect",
        "resume",
        "look",
        "sound",
        "sounded",
    }


def _nowhere(url: Any) -> Engine:
    from data.store.engine import make_engine

    return make_engine(str(url).split("?")[0] + "?host=/nowhere")


def test_who_draws_a_zone_hears_that_its_draft_was_saved(
    open_room: OpenRoom, engine: Engine
) -> None:
    """Numbers alone, to those who may draw it: not to an operator, nor without the case."""
    with engine.begin() as connection:
        stage = a_stage(connection)
    officer = open_room.seat(Role.CASE_OFFICER, login="officer", cases=[stage.case_id])
    others = [
        open_room.seat(Role.CASE_OFFICER, login="other"),
        open_room.seat(Role.OPERATOR),
    ]
    sockets = [open_room.listen(each) for each in (officer, *others)]
    live, drafts = open_room.room.live, "/studio/drafts"
    live.tell_changes()
    draft = officer.post(drafts, json={"zone_id": stage.zone_id}, headers=ORIGIN).get_json()
    path = f"{drafts}/{draft['draft_id']}"
    saved = officer.post(f"{path}/save", json={"revision": 1, "buffer_m": 90}, headers=ORIGIN)
    assert saved.status_code == 200, saved.text
    job = officer.post(f"{path}/rehearse", json={"days": 30}, headers=ORIGIN).get_json()
    live.tell_changes()
    news = {"draft_id": draft["draft_id"], "revision": 2}
    tried = {"rehearsal_id": job["job_id"], "draft_id": draft["draft_id"]}
    assert heard(sockets[0], "drafts") == [{"drafts": [news], "rehearsals": [tried]}]
    assert [heard(each, "drafts") for each in sockets[1:]] == [[], []]
    assert officer.post(f"{path}/drop", json={}, headers=ORIGIN).status_code == 200
    live.tell_changes()
    assert heard(sockets[0], "drafts") == [{"drafts": [news | {"revision": 3}], "rehearsals": []}]
