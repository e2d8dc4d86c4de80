"""A wall: its own token, nobody's session, nothing personal, and it comes back by itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from data.clock import FixedClock
from data.errors import BadInput
from data.model.alert import AlertState
from data.model.user import Role
from data.service.alert_work import AlertWork
from data.service.walls import LINK_FOR
from data.store import tables
from tests.dashboard.conftest import OpenRoom
from tests.stage import OFFENDER, PASSWORD, VICTIM, a_live_fix, a_stage, a_viewer, an_alert

pytestmark = pytest.mark.db

# What a wall's alert may hold, and nothing besides: additionalProperties is false.
ALERT: dict[str, tuple[type, ...]] = {
    "alert_id": (int,),
    "version": (int,),
    "kind": (str,),
    "priority": (int,),
    "state": (str,),
    "raised_at": (str,),
    "began_at": (str,),
    "case_code": (str, type(None)),
    "activation_id": (int, type(None)),
    "zone_id": (int, type(None)),
    "zone_name": (str, type(None)),
    "title": (str,),
    "breach_kind": (str, type(None)),
    "channel": (str, type(None)),
    "p_inside": (float, type(None)),
    "radius_95_m": (float, type(None)),
    "edge_m": (float, type(None)),
    "repeats": (int,),
    "minutes_to_contact": (float, type(None)),
    "found_on_backfill": (bool,),
    "owner": (str, type(None)),
    "acknowledged_at": (str, type(None)),
    "cleared_at": (str, type(None)),
    "device_kind": (str, type(None)),
    "turn": (int,),
    "waiting_since": (str, type(None)),
    "hold_until": (str, type(None)),
    "shelved_until": (str, type(None)),
    "shelves": (int,),
    "escalated_at": (str, type(None)),
    "rung": (int,),
    "is_flapping": (bool,),
    "is_shelvable": (bool,),
}


def test_a_link_works_once(open_room: OpenRoom) -> None:
    """The second browser that opens it stays outside, and the first goes on."""
    code = open_room.walls.add("north wall")
    first, second = open_room.stranger(), open_room.stranger()
    assert first.post("/wall-in", json={"code": code}).json == {"next": "/wall/set-up"}
    assert second.post("/wall-in", json={"code": code}).status_code == 401
    assert first.get("/wall").status_code == 200
    assert second.get("/wall", headers={"Accept": "application/json"}).status_code == 401


def test_a_link_grows_old(open_room: OpenRoom, clock: FixedClock) -> None:
    """A day later to the moment it opens nothing."""
    code = open_room.walls.add("north wall")
    clock.forward(LINK_FOR)
    assert open_room.stranger().post("/wall-in", json={"code": code}).status_code == 401


@pytest.mark.parametrize("code", ["", "x", "x" * 10_000, "wall.", "' or 1=1"])
def test_a_made_up_link_opens_nothing(open_room: OpenRoom, code: str) -> None:
    """Nobody guesses 256 bits."""
    open_room.walls.add("north wall")
    assert open_room.stranger().post("/wall-in", json={"code": code}).status_code == 401


def test_secrets_are_kept_as_hashes(open_room: OpenRoom, engine: Engine) -> None:
    """Who reads the table can neither open the link nor be the wall."""
    client = open_room.seat(Role.WALL)
    cookie = client.get_cookie("vigil")
    unused = open_room.walls.add("another")
    with engine.connect() as connection:
        stored = str(connection.exec_driver_sql("select * from vigil.wall").all())
    assert cookie is not None and cookie.value not in stored and unused not in stored


def test_no_account_is_a_wall(open_room: OpenRoom) -> None:
    """A wall has no password that somebody could write on it."""
    with pytest.raises(BadInput, match="a wall is a screen"):
        open_room.door.add_user("wall", PASSWORD, Role.WALL)


def test_a_revoked_wall_goes_dark(open_room: OpenRoom) -> None:
    """Its next request is refused, and its socket ends at the next look."""
    client = open_room.seat(Role.WALL, login="north wall")
    socket = open_room.listen(client)
    open_room.room.live.close_ended()
    assert socket.is_connected()
    open_room.walls.revoke("north wall")
    open_room.room.live.close_ended()
    assert not socket.is_connected()
    assert client.get("/wall", headers={"Accept": "application/json"}).status_code == 401


def test_it_comes_back_by_itself_after_restarts(
    make_room: Callable[..., OpenRoom], clock: FixedClock, engine: Engine
) -> None:
    """Three servers later, and half a year, the same cookie still opens the wall."""
    first = make_room()
    cookie = first.seat(Role.WALL).get_cookie("vigil")
    assert cookie is not None
    for _ in range(3):
        clock.forward(timedelta(days=60))
        house = make_room()
        client = house.stranger()
        client.set_cookie("vigil", cookie.value)
        assert client.get("/wall").status_code == 200
        assert house.listen(client).is_connected()


def test_a_wall_only_looks(open_room: OpenRoom) -> None:
    """No page but its own, and no act at all."""
    client = open_room.seat(Role.WALL)
    for path in ("/desk", "/look-up", "/access"):
        assert client.get(path).status_code in {403, 404}
    assert client.get("/").headers["Location"] == "/wall"
    assert client.post("/step-up", json={"password": PASSWORD}).status_code == 403


def test_a_wall_is_told_how_busy_its_area_is(
    open_room: OpenRoom, engine: Engine, clock: FixedClock
) -> None:
    """Alerts of each ten minutes, and since when it is calm; of its own area, and at once."""
    with engine.begin() as connection:
        north = a_stage(connection)
        south = a_stage(connection, "0777")
        for stage, area in ((north, "north"), (south, "south")):
            connection.execute(
                tables.case.update().where(tables.case.c.case_id == stage.case_id).values(area=area)
            )
        # This moment is of the newest ten minutes; ten minutes ago of the ten before; 2 h too old.
        for number, minutes in enumerate((0, 9, 10, 119, 120)):
            an_alert(
                connection,
                north,
                clock.now() - timedelta(minutes=minutes),
                condition_key=f"north:{number}",
            )
        calm = {"state": AlertState.CLOSED, "condition_key": "south:1"}
        closed_at = clock.now() - timedelta(minutes=30)
        an_alert(connection, south, closed_at, closed_at=closed_at, **calm)
    whole, part = (
        open_room.listen(open_room.seat(Role.WALL, login=login, area=area))
        for login, area in (("all", ""), ("south wall", "south"))
    )
    open_room.room.live.tell_pace()
    (of_all,), (of_south,) = (
        [each["args"][0] for each in socket.get_received() if each["name"] == "pace"]
        for socket in (whole, part)
    )
    assert of_all["counts"] == [1] + [0] * 7 + [1, 0, 1, 2]
    assert of_south["counts"] == [0] * 8 + [1, 0, 0, 0]
    assert of_south["calm_since"] == of_all["calm_since"] == closed_at.isoformat()
    open_room.room.live.tell_pace()
    assert whole.get_received() == []  # not again before ten seconds have passed


def test_what_a_wall_is_sent_has_these_fields_only(
    open_room: OpenRoom, engine: Engine, clock: FixedClock
) -> None:
    """No person in it: not the victim, not the offender, and not who took the alert."""
    with engine.begin() as connection:
        stage = a_stage(connection)
        a_live_fix(connection, stage.activation_id)
        a_live_fix(connection, stage.victim_activation_id)
        alert_id = an_alert(connection, stage)
    AlertWork(engine, clock).acknowledge(a_viewer(engine, clock, "anna.svensson"), alert_id)
    client = open_room.seat(Role.WALL)
    socket = open_room.listen(client)
    socket.emit("resume", {"outbox_id": None})
    open_room.room.live.send_frames()
    received = socket.get_received()
    assert {each["name"] for each in received} == {"alerts", "tags"}
    (message,) = (each["args"][0] for each in received if each["name"] == "alerts")
    assert set(message) == {"outbox_id", "alerts", "is_all"}
    (row,) = message["alerts"]
    _holds_to(row)
    assert row["owner"] == "taken"
    everything = json.dumps(message) + "".join(
        client.get(path).text for path in ("/layers/zones.geojson", "/layers/tags.json")
    )
    for name in (OFFENDER, VICTIM, "anna", "Zone A", "handset"):
        assert name not in everything


def _holds_to(row: dict[str, Any]) -> None:
    assert set(row) == set(ALERT)
    for name, kinds in ALERT.items():
        assert isinstance(row[name], kinds), name
