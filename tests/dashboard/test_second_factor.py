"""A password is half of it: without the code a session reaches its own page and nothing else."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from dashboard.factory import create_room
from data.clock import FixedClock
from data.errors import BadInput
from data.model.user import Role
from data.service.second_factor import SecondFactor, secret_key
from data.service.security_keys import SecurityKeys
from data.service.sign_in import HALF_LIMIT, SignIn
from data.service.walls import Walls
from data.settings import read_settings
from tests.dashboard.conftest import OpenRoom
from tests.stage import PASSWORD, QUICK_HASHER

pytestmark = pytest.mark.db


@pytest.fixture
def house(engine: Engine, clock: FixedClock, project_dir: Path, tmp_path: Path) -> OpenRoom:
    """A room that asks for codes, with op7 known."""
    factor = SecondFactor(secret_key(tmp_path / "secret.key"))
    keys = SecurityKeys(engine, clock, "http://localhost")
    door = SignIn(engine, clock, QUICK_HASHER, factor, keys)
    door.add_user("op7", PASSWORD, Role.OPERATOR)
    room = create_room(read_settings({}, project_dir), engine, clock, door)
    return OpenRoom(room, door, engine, Walls(engine, clock))


def half_in(house: OpenRoom) -> FlaskClient:
    """A browser in which op7 has given the password."""
    client = house.stranger()
    answer = client.post("/sign-in", json={"login": "op7", "password": PASSWORD})
    assert (answer.status_code, answer.json) == (200, {"next": "/second-factor"})
    return client


def enrolled(house: OpenRoom, clock: FixedClock) -> tuple[FlaskClient, pyotp.TOTP, list[str]]:
    """The same with an app taken into use: the browser, the app and the recovery codes."""
    client = half_in(house)
    key = re.search(rb'class="key">([A-Z2-7 ]+)<', client.get("/second-factor").data)
    assert key is not None
    app = pyotp.TOTP(key[1].decode().replace(" ", ""))
    answer = client.post("/second-factor/enrol", json={"code": app.at(clock.now())})
    assert answer.status_code == 200
    assert answer.json is not None
    clock.forward(timedelta(minutes=1))
    return client, app, answer.json["codes"]


def test_a_password_alone_opens_nothing(house: OpenRoom) -> None:
    """Not a page, not data, not the socket, not even the step-up."""
    client = half_in(house)
    for path in ("/desk", "/_dash-layout", "/layers/zones.geojson", "/assets/room.css"):
        assert client.get(path, headers={"Accept": "*/*"}).status_code == 401
    for path in ("/_dash-update-component", "/step-up", "/sign-out"):
        assert client.post(path, json={}).status_code == 401
    page = {"Sec-Fetch-Site": "same-origin"}
    assert client.get("/socket.io/?EIO=4&transport=polling", headers=page).status_code == 401


def test_the_first_time_sets_it_up(house: OpenRoom, clock: FixedClock) -> None:
    """A code shows that the app has the key; ten recovery codes are shown once."""
    client, _, codes = enrolled(house, clock)
    assert client.get("/desk").status_code == 200
    assert len(set(codes)) == 10
    assert b'class="key"' not in half_in(house).get("/second-factor").data


def test_each_step_has_its_own_cookie(house: OpenRoom, clock: FixedClock) -> None:
    """The half session's cookie is worth nothing once the code was given."""
    _, app, _ = enrolled(house, clock)
    client = half_in(house)
    before = client.get_cookie("vigil")
    assert before is not None
    client.post("/second-factor", json={"code": app.at(clock.now())})
    assert client.get("/desk").status_code == 200
    client.set_cookie("vigil", before.value)
    assert client.get("/_dash-layout").status_code == 401
    again = client.post(
        "/second-factor", json={"code": app.at(clock.now() + timedelta(seconds=30))}
    )
    assert again.status_code == 401


def test_a_code_counts_once(house: OpenRoom, clock: FixedClock) -> None:
    """Nor does an older one after it; the next one does."""
    _, app, _ = enrolled(house, clock)
    code, older = app.at(clock.now()), app.at(clock.now() - timedelta(seconds=30))
    assert half_in(house).post("/second-factor", json={"code": code}).status_code == 200
    assert half_in(house).post("/second-factor", json={"code": code}).status_code == 401
    assert half_in(house).post("/second-factor", json={"code": older}).status_code == 401
    clock.forward(timedelta(seconds=30))
    code = app.at(clock.now())
    assert half_in(house).post("/second-factor", json={"code": code}).status_code == 200


def test_a_recovery_code_counts_once(house: OpenRoom, clock: FixedClock) -> None:
    """For a lost telephone; what is stored is not the code."""
    _, _, codes = enrolled(house, clock)
    given = {"code": f" {codes[3].upper()} "}
    assert half_in(house).post("/second-factor", json=given).status_code == 200
    assert half_in(house).post("/second-factor", json=given).status_code == 401
    with house.engine.connect() as connection:
        stored = connection.exec_driver_sql("select code_hash from vigil.recovery_code").all()
    assert codes[0].encode() not in b"".join(bytes(row[0]) for row in stored)


def test_guessing_codes_is_slowed_down(house: OpenRoom, clock: FixedClock) -> None:
    """Five wrong codes and even the right one waits, from whichever place or new sign-in."""
    _, app, _ = enrolled(house, clock)
    client = half_in(house)
    for _ in range(5):
        assert client.post("/second-factor", json={"code": "000000"}).status_code == 401
    code = app.at(clock.now())
    assert half_in(house).post("/second-factor", json={"code": code}).status_code == 429


@pytest.mark.parametrize("code", ["", "0", "x" * 10_000, "１２３４５６", "\x00", "000000'--"])
def test_rubbish_is_a_wrong_code(house: OpenRoom, clock: FixedClock, code: str) -> None:
    """And no crash, before and after the app is taken into use."""
    assert half_in(house).post("/second-factor/enrol", json={"code": code}).status_code == 401
    enrolled(house, clock)
    assert half_in(house).post("/second-factor", json={"code": code}).status_code == 401


def test_nobody_enrols_over_a_factor(house: OpenRoom, clock: FixedClock) -> None:
    """Who knows the password only cannot put their own telephone in its place."""
    _, app, _ = enrolled(house, clock)
    answer = half_in(house).post("/second-factor/enrol", json={"code": app.at(clock.now())})
    assert answer.status_code == 401


def test_half_a_session_is_short(house: OpenRoom, clock: FixedClock) -> None:
    """After ten minutes the password is asked for again."""
    client = half_in(house)
    clock.forward(HALF_LIMIT)
    assert client.get("/second-factor").headers["Location"] == "/sign-in"


def test_a_code_is_a_fresh_proof(house: OpenRoom, clock: FixedClock) -> None:
    """Whoever has just given one is not asked again for the next five minutes."""
    client, app, _ = enrolled(house, clock)
    assert client.post("/step-up", json={"proof": PASSWORD}).status_code == 403
    assert client.post("/step-up", json={"proof": app.at(clock.now())}).status_code == 200


def test_keys_are_changed_with_a_fresh_proof(house: OpenRoom, clock: FixedClock) -> None:
    """Not by half a session, and not by a screen that somebody left open."""
    client, _, _ = enrolled(house, clock)
    assert client.get("/second-factor/keys").status_code == 200
    assert client.post("/second-factor/keys/offer", json={}).status_code == 200
    assert half_in(house).post("/second-factor/keys/offer", json={}).status_code == 401
    clock.forward(timedelta(minutes=4))
    for path in ("", "/offer", "/remove"):
        answer = client.post(f"/second-factor/keys{path}", json={"key": 1})
        assert answer.json is not None
        assert (answer.status_code, answer.json["word"]) == (401, "step_up")


def test_an_administrator_takes_it_away(house: OpenRoom, clock: FixedClock) -> None:
    """Sessions end, recovery codes are void, and the next sign-in sets up a new one."""
    client, _, codes = enrolled(house, clock)
    assert house.door.reset_factor("op7") == 1
    assert client.get("/_dash-layout").status_code == 401
    fresh = half_in(house)
    assert b'class="key"' in fresh.get("/second-factor").data
    assert fresh.post("/second-factor", json={"code": codes[0]}).status_code == 401


def test_a_changed_role_ends_sessions(house: OpenRoom, clock: FixedClock) -> None:
    """The next sign-in is under the new role; nobody becomes a wall."""
    client, _, _ = enrolled(house, clock)
    assert house.door.change_role("op7", Role.AUDITOR) == 1
    assert client.get("/_dash-layout").status_code == 401
    with pytest.raises(BadInput):
        house.door.change_role("op7", Role.WALL)


def test_the_secret_is_sealed(house: OpenRoom, clock: FixedClock) -> None:
    """Who reads the table cannot make codes."""
    _, app, _ = enrolled(house, clock)
    with house.engine.connect() as connection:
        sealed = connection.exec_driver_sql('select totp_secret from vigil."user"').scalar_one()
    assert app.secret.encode() not in bytes(sealed)


def test_no_real_room_is_without_it(
    engine: Engine, clock: FixedClock, tmp_path: Path, project_dir: Path
) -> None:
    """A room made as it is deployed asks for a code; only a demo does not."""
    door = SignIn(engine, clock, QUICK_HASHER)
    door.add_user("op7", PASSWORD, Role.OPERATOR)
    words = {"login": "op7", "password": PASSWORD}
    env = {"VIGIL_SECRET_KEY_FILE": str(tmp_path / "secret.key")}
    real = create_room(read_settings(env, project_dir), engine, clock).server.test_client()
    assert real.post("/sign-in", json=words).json == {"next": "/second-factor"}
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600
    demo = create_room(read_settings({"VIGIL_DEMO": "1"}, project_dir), engine, clock)
    assert demo.server.test_client().post("/sign-in", json=words).json == {"next": "/"}
