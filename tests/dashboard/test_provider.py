"""Sign-in by an identity provider: a real one on this machine, honest and then not."""

from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from sqlalchemy import Engine, select
from werkzeug.serving import make_server

from dashboard.factory import create_room
from data.clock import FixedClock
from data.errors import BadInput
from data.model.user import Role
from data.service.second_factor import SecondFactor, secret_key
from data.service.sign_in import SignIn
from data.service.walls import Walls
from data.settings import read_settings
from data.store import tables
from tests.dashboard.conftest import OpenRoom
from tests.stage import PASSWORD, QUICK_HASHER

pytestmark = pytest.mark.db
SECRET = "a secret between the two of them"
ROOM = "vigil-room"


class AProvider:
    """An OpenID provider over http; `spoil` makes it lie in the next token."""

    def __init__(self, clock: FixedClock) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
        self.signs_with = self.key
        self.spoil: dict[str, Any] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self._clock = clock
        app = Flask("provider")
        app.get("/.well-known/openid-configuration")(self._about)
        app.get("/keys")(lambda: KeySet([self.key]).as_dict(private=False))
        app.post("/token")(self._token)
        self._server = make_server("127.0.0.1", 0, app, threaded=True)
        self.issuer = f"http://127.0.0.1:{self._server.port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Ends the server."""
        self._server.shutdown()

    def consent(self, url: str, code: str) -> str:
        """What the person does there; gives the way back with the code."""
        asked = {name: each for name, (each,) in parse_qs(urlsplit(url).query).items()}
        self.codes[code] = asked
        return f"{urlsplit(asked['redirect_uri']).path}?code={code}&state={asked['state']}"

    def _about(self) -> dict[str, str]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }

    def _token(self) -> Any:
        asked = self.codes.pop(request.form["code"], None)
        assert request.authorization is not None
        proof = hashlib.sha256(request.form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(proof).rstrip(b"=").decode()
        honest = (request.authorization.username, request.authorization.password) == (ROOM, SECRET)
        if asked is None or not honest or challenge != asked["code_challenge"]:
            return {"error": "invalid_grant"}, 400
        now = int(self._clock.now().timestamp())
        claims = {
            "iss": self.issuer,
            "aud": ROOM,
            "sub": "1",
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            "preferred_username": "op7",
        } | self.spoil
        claims = {name: value for name, value in claims.items() if value is not None}
        token = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.signs_with)
        return {"access_token": "x", "token_type": "Bearer", "id_token": token}


@pytest.fixture
def provider(clock: FixedClock) -> Iterator[AProvider]:
    """An honest provider on loopback."""
    there = AProvider(clock)
    yield there
    there.close()


@pytest.fixture
def make_house(
    engine: Engine, clock: FixedClock, project_dir: Path, tmp_path: Path, provider: AProvider
) -> Callable[..., OpenRoom]:
    """A room that trusts the provider; op7 has an account here."""

    def make(**env: str) -> OpenRoom:
        factor = SecondFactor(secret_key(tmp_path / "secret.key"))
        door = SignIn(engine, clock, QUICK_HASHER, factor)
        door.add_user("op7", PASSWORD, Role.OPERATOR)
        (tmp_path / "provider.secret").write_text(SECRET + "\n")
        settings = read_settings(
            {
                "VIGIL_OIDC_ISSUER": provider.issuer,
                "VIGIL_OIDC_CLIENT_ID": ROOM,
                "VIGIL_OIDC_SECRET_FILE": str(tmp_path / "provider.secret"),
                "VIGIL_SECRET_KEY_FILE": str(tmp_path / "secret.key"),
                **env,
            },
            project_dir,
        )
        room = create_room(settings, engine, clock, door)
        return OpenRoom(room, door, engine, Walls(engine, clock))

    return make


def sent_out(house: OpenRoom) -> tuple[FlaskClient, str]:
    """A browser that has been sent to the provider, and where to."""
    client = house.stranger()
    answer = client.get("/sign-in/provider")
    assert answer.status_code == 302
    return client, answer.headers["Location"]


def test_the_provider_takes_the_place_of_the_password_only(
    make_house: Callable[..., OpenRoom], provider: AProvider, engine: Engine
) -> None:
    """Back from the provider one is half way in: the second factor is asked for as always."""
    house = make_house()
    assert b"Sign in with your organisation" in house.stranger().get("/sign-in").data
    client, url = sent_out(house)
    answer = client.get(provider.consent(url, "c1"))
    assert answer.status_code == 200
    # A redirect would be asked without the Strict cookie; the page goes on by itself.
    assert b'content="0;url=/second-factor"' in answer.data
    assert client.get("/second-factor").status_code == 200
    assert client.get("/_dash-layout").status_code == 401
    with engine.connect() as connection:
        done = connection.scalars(select(tables.audit_entry.c.action)).all()
    assert done[-1] == "provider_given"


@pytest.mark.parametrize(
    "spoil",
    [
        {"iss": "https://elsewhere.example"},
        {"aud": "another-room"},
        {"aud": [ROOM, "another-room"]},
        {"aud": [ROOM, "another-room"], "azp": "another-room"},
        {"azp": "another-room"},
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"exp": 1},
        {"exp": None},
        {"iat": 4_000_000_000},
        {"preferred_username": None},
        {"preferred_username": ["op7"]},
        {"preferred_username": "nobody"},
    ],
    ids=str,
)
def test_a_token_that_is_not_for_this_sign_in_is_refused(
    make_house: Callable[..., OpenRoom], provider: AProvider, spoil: dict[str, Any]
) -> None:
    """Issuer, audience, nonce, time and login must be as asked for; nobody comes in otherwise."""
    client, url = sent_out(make_house())
    provider.spoil = spoil
    answer = client.get(provider.consent(url, "c1"))
    assert answer.status_code == 401
    assert not any(name == "vigil" for name, *_ in _cookies(answer))
    assert client.get("/second-factor").status_code in {302, 401}


def _cookies(answer: Any) -> list[tuple[str, ...]]:
    return [tuple(line.split("=", 1)) for line in answer.headers.getlist("Set-Cookie")]


def test_another_key_another_browser_and_another_time_are_refused(
    make_house: Callable[..., OpenRoom], provider: AProvider
) -> None:
    """A forged signature, a stolen way back, a changed state and one used twice open nothing."""
    house = make_house()
    client, url = sent_out(house)
    provider.signs_with = RSAKey.generate_key(2048, {"kid": "one"})
    assert client.get(provider.consent(url, "c1")).status_code == 401
    provider.signs_with = provider.key

    client, url = sent_out(house)
    back = provider.consent(url, "c2")
    assert house.stranger().get(back).status_code == 401
    assert client.get(back.replace("state=", "state=x")).status_code == 401
    thief, _ = sent_out(house)
    assert thief.get(back).status_code == 401
    assert client.get(back).status_code == 200
    assert client.get(back).status_code == 401


def test_a_closed_account_stays_closed(
    make_house: Callable[..., OpenRoom], provider: AProvider
) -> None:
    """Whatever the provider says, who is disabled here does not come in."""
    house = make_house()
    house.door.disable_user("op7")
    client, url = sent_out(house)
    assert client.get(provider.consent(url, "c1")).status_code == 401


def test_without_a_provider_there_are_no_such_pages(open_room: OpenRoom) -> None:
    """Where none is set, nothing speaks of one."""
    client = open_room.stranger()
    assert b"organisation" not in client.get("/sign-in").data
    assert client.get("/sign-in/provider").status_code in {302, 401, 404}
    assert "vigil-provider" not in str(client.get("/sign-in/provider").headers)


@pytest.mark.parametrize(
    "env", [{"VIGIL_OIDC_ISSUER": "http://provider.example"}, {"VIGIL_OIDC_CLIENT_ID": ""}]
)
def test_half_a_provider_stops_the_start(
    make_house: Callable[..., OpenRoom], env: dict[str, str]
) -> None:
    """A provider without TLS or without our name there is a mistake, told at the start."""
    with pytest.raises(BadInput, match="VIGIL_OIDC"):
        make_house(**env)
