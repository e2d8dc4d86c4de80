"""A control room on a database of the test's own, and people signed in to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from flask_socketio.test_client import SocketIOTestClient
from sqlalchemy import Engine

from dashboard.factory import ControlRoom, create_room
from data.clock import FixedClock
from data.model.user import Role
from data.service.sign_in import SignIn
from data.service.walls import Walls
from data.settings import read_settings
from tests.stage import PASSWORD, QUICK_HASHER, give_case

ORIGIN = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}


@dataclass(frozen=True, slots=True)
class OpenRoom:
    """The room with its door, and how to get in."""

    room: ControlRoom
    door: SignIn
    engine: Engine
    walls: Walls

    def stranger(self) -> FlaskClient:
        """A browser nobody has signed in with."""
        return self.room.server.test_client()

    def seat(
        self,
        role: Role = Role.OPERATOR,
        login: str | None = None,
        *,
        area: str = "",
        cases: Sequence[int] = (),
    ) -> FlaskClient:
        """A browser in which somebody of this role has signed in, with these cases given."""
        login = login or f"some-{role.value}"
        if role is Role.WALL:
            return self._wall(login, area)
        self.door.add_user(login, PASSWORD, role, area)
        for case_id in cases:
            give_case(self.engine, case_id, login)
        client = self.stranger()
        answer = client.post("/sign-in", json={"login": login, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        return client

    def _wall(self, name: str, area: str) -> FlaskClient:
        client = self.stranger()
        code = self.walls.add(name, area)
        assert client.post("/wall-in", json={"code": code}).status_code == 200
        return client

    def listen(self, client: FlaskClient) -> SocketIOTestClient:
        """An open socket of this browser."""
        return self.room.socketio.test_client(self.room.server, flask_test_client=client)


@pytest.fixture
def make_room(engine: Engine, clock: FixedClock, project_dir: Path) -> Callable[..., OpenRoom]:
    """Makes rooms with settings of the test's own; without threads, so that tests drive them."""

    def make(**env: str) -> OpenRoom:
        door = SignIn(engine, clock, QUICK_HASHER)
        room = create_room(read_settings(env, project_dir), engine, clock, door)
        return OpenRoom(room, door, engine, Walls(engine, clock))

    return make


@pytest.fixture
def open_room(make_room: Callable[..., OpenRoom]) -> OpenRoom:
    """A room as it is deployed, without demo."""
    return make_room()
