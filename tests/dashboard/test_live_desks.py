"""What desks learn of each other over the socket: who is there, who looks, who cannot hear."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask_socketio.test_client import SocketIOTestClient
from sqlalchemy import Engine, text

from dashboard.build import build_of
from dashboard.live_desks import STOPPED_AFTER_S
from data.clock import FixedClock
from data.model.user import Role
from data.service.sign_in import IDLE_LIMIT
from data.store import heartbeats, tables
from tests.dashboard.conftest import OpenRoom

pytestmark = pytest.mark.db


def news(open_room: OpenRoom, socket: SocketIOTestClient) -> Any:
    """The newest word on the room this screen is given now; None: nothing has changed."""
    open_room.room.live.tell_desks()
    found = [each["args"][0] for each in socket.get_received() if each["name"] == "room"]
    return found[-1] if found else None


def test_desks_see_each_other_and_what_is_looked_at(open_room: OpenRoom) -> None:
    """The second who opens an alert sees who is on it, since when; nothing is told twice."""
    here = open_room.listen(open_room.seat(login="op7"))
    there = open_room.listen(open_room.seat(login="op3"))
    there.emit("look", {"alert_id": 42})
    found = {desk["login"]: desk for desk in news(open_room, here)["desks"]}
    assert found["op3"]["alert_id"] == 42
    assert (found["op7"]["alert_id"], found["op7"]["is_me"]) == (None, True)
    assert news(open_room, here) is None
    there.disconnect()
    assert [desk["login"] for desk in news(open_room, here)["desks"]] == ["op7"]


def test_the_supervisor_learns_who_cannot_hear(open_room: OpenRoom, engine: Engine) -> None:
    """A desk that never armed its sound, or lost it, is named; an armed one is not."""
    boss = open_room.listen(open_room.seat(Role.SUPERVISOR, login="boss"))
    desk = open_room.listen(open_room.seat(login="op7"))
    assert news(open_room, boss)["deaf"] == ["op7"]
    desk.emit("sound", {"state": "armed"})
    assert news(open_room, boss)["deaf"] == []
    assert news(open_room, desk)["deaf"] == []
    desk.emit("sound", {"state": "off"})
    assert news(open_room, boss)["deaf"] == ["op7"]
    desk.emit("sounded", {"priority": 1, "alert_ids": [3, "4", True, -1]})
    with engine.connect() as connection:
        query = text("select login, kind, alert_ids from vigil.sound_entry order by 1, at, 2")
        kept = {tuple(map(str, row)) for row in connection.execute(query)}
    assert kept == {("op7", "armed", "[]"), ("op7", "off", "[]"), ("op7", "burst", "[3]")}


def test_a_wall_counts_desks_and_names_nobody(open_room: OpenRoom) -> None:
    """Visitors see how many are on duty, not who."""
    open_room.listen(open_room.seat(login="op7"))
    wall = open_room.listen(open_room.seat(Role.WALL))
    found = news(open_room, wall)
    assert found["desks"] == [{"login": ""}]
    assert "op7" not in str(found)


def test_another_area_is_not_told_what_is_looked_at(open_room: OpenRoom, engine: Engine) -> None:
    """That an alert of another area is open somewhere is nothing for this desk."""
    clients = [open_room.seat(login=login) for login in ("north-1", "south-1")]
    with engine.begin() as connection:
        for name in ("north", "south"):
            connection.execute(
                tables.user.update().where(tables.user.c.login == f"{name}-1").values(area=name)
            )
    north, south = (open_room.listen(client) for client in clients)
    south.emit("look", {"alert_id": 42})
    found = {desk["login"]: desk["alert_id"] for desk in news(open_room, north)["desks"]}
    assert found == {"north-1": None, "south-1": None}


def test_a_page_is_told_whose_its_link_is(open_room: OpenRoom) -> None:
    """The same words as the page itself came with, so that it notices another in its browser."""
    found = news(open_room, open_room.listen(open_room.seat(Role.SUPERVISOR, login="boss")))
    assert found["whose"] == "boss supervisor"


def test_a_screen_is_told_which_program_runs(open_room: OpenRoom, tmp_path: Path) -> None:
    """The same word as its page was given, until anything a screen is made of has changed."""
    desk, wall = open_room.listen(open_room.seat()), open_room.listen(open_room.seat(Role.WALL))
    told = {news(open_room, each)["build"] for each in (desk, wall)}
    assert told == {build_of(Path(__file__).parents[2])}
    script = tmp_path / "dashboard" / "browser" / "dist" / "vigil.js"
    script.parent.mkdir(parents=True)
    names = []
    for words in ("one", "two", "one"):
        script.write_text(words)
        names.append(build_of(tmp_path))
    assert names[0] == names[2] != names[1]


@pytest.mark.parametrize("name", ["watch", "notify"])
def test_who_stands_still_is_told(
    open_room: OpenRoom, engine: Engine, clock: FixedClock, name: str
) -> None:
    """A frozen watch calls nobody, a frozen notifier tells no victim: every desk reads it."""
    desk = open_room.listen(open_room.seat())
    assert name in news(open_room, desk)["stopped"]
    with engine.begin() as connection:
        heartbeats.beat(connection, name, clock.now())
    assert name not in news(open_room, desk)["stopped"]
    # Exactly the limit is still a round that takes long.
    clock.forward(timedelta(seconds=STOPPED_AFTER_S[name]))
    found = news(open_room, desk)
    assert found is None or name not in found["stopped"]
    clock.forward(timedelta(seconds=1))
    assert name in news(open_room, desk)["stopped"]


def test_a_page_is_told_when_its_session_ends(open_room: OpenRoom, clock: FixedClock) -> None:
    """From five minutes before on, by the minute; what its reader does meanwhile counts."""
    client = open_room.seat()
    desk = open_room.listen(client)
    assert news(open_room, desk)["session_ends_in_min"] is None
    clock.forward(IDLE_LIMIT - timedelta(minutes=5))
    open_room.room.live.close_ended()  # as each second: who is behind each socket, anew
    assert news(open_room, desk)["session_ends_in_min"] == 5
    clock.forward(timedelta(minutes=4, seconds=1))
    assert news(open_room, desk)["session_ends_in_min"] == 1
    assert client.get("/desk").status_code == 200
    open_room.room.live.close_ended()
    assert news(open_room, desk)["session_ends_in_min"] is None


@pytest.mark.parametrize("message", [None, 3, "x", [], {"alert_id": "1"}, {"alert_id": True}])
def test_rubbish_is_no_look(open_room: OpenRoom, message: object) -> None:
    """What is not a number is nothing looked at."""
    desk = open_room.listen(open_room.seat(login="op7"))
    desk.emit("look", message)
    desk.emit("sound", message)
    desk.emit("sounded", message)
    assert news(open_room, desk)["desks"][0]["alert_id"] is None
