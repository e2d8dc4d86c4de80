"""Sign-in: who gets a session, for how long, and what others can learn by trying."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from data.clock import FixedClock
from data.errors import BadInput, TooManyTries, Unauthorised
from data.model.user import Role
from data.service.sign_in import (
    ABSOLUTE_LIMIT,
    IDLE_LIMIT,
    SignIn,
)
from data.service.throttle import TRIES
from data.store import tables
from tests.stage import NOON, PASSWORD, QUICK_HASHER

pytestmark = pytest.mark.db


@pytest.fixture
def door(engine: Engine, clock: FixedClock) -> SignIn:
    """A door at which op7 is known."""
    door = SignIn(engine, clock, QUICK_HASHER)
    door.add_user("op7", PASSWORD, Role.OPERATOR)
    return door


def test_the_cookie_opens_and_the_database_cannot(door: SignIn, engine: Engine) -> None:
    """The cookie names the viewer; what is stored is not the cookie and no password."""
    cookie, viewer = door.sign_in("op7", PASSWORD, "127.0.0.1")
    assert door.viewer_of(cookie, "127.0.0.1") == viewer
    with engine.connect() as connection:
        stored = connection.execute(select(tables.session)).one()
        user = connection.execute(select(tables.user)).one()
    assert cookie.encode() not in bytes(stored.session_hash)
    assert door.viewer_of(stored.session_hash.hex(), "127.0.0.1") is None
    assert user.password_hash.startswith("$argon2id$")


def test_each_sign_in_has_its_own_cookie(door: SignIn) -> None:
    """Two browsers of one person are two sessions; one ends without the other."""
    first, viewer = door.sign_in("op7", PASSWORD, "127.0.0.1")
    second, _ = door.sign_in("op7", PASSWORD, "127.0.0.1")
    assert first != second
    door.sign_out(viewer)
    assert door.viewer_of(first, "127.0.0.1") is None
    assert door.viewer_of(second, "127.0.0.1") is not None


@pytest.mark.parametrize("cookie", ["", "x" * 43, "x" * 101, "\x00" * 43, "ü" * 43])
def test_rubbish_is_nobody(door: SignIn, cookie: str) -> None:
    """A cookie we never gave belongs to nobody, whatever is in it."""
    assert door.viewer_of(cookie, "127.0.0.1") is None


def test_wrong_unknown_and_closed_say_the_same(door: SignIn) -> None:
    """Nobody learns from the answer whether a login exists."""
    door.add_user("gone", PASSWORD, Role.OPERATOR)
    door.disable_user("gone")
    messages = set()
    for login, password in (("op7", "wrong"), ("nobody", PASSWORD), ("gone", PASSWORD)):
        with pytest.raises(Unauthorised) as caught:
            door.sign_in(login, password, "127.0.0.1")
        messages.add(str(caught.value))
    assert len(messages) == 1


def test_idle_and_absolute_ends(door: SignIn, clock: FixedClock) -> None:
    """A session unseen for the idle limit is over, and at the absolute limit in any case."""
    cookie, _ = door.sign_in("op7", PASSWORD, "127.0.0.1")
    clock.forward(IDLE_LIMIT - timedelta(seconds=1))
    assert door.viewer_of(cookie, "127.0.0.1") is not None  # seen now, the idle time starts anew
    clock.moment = NOON + ABSOLUTE_LIMIT - timedelta(seconds=1)
    assert door.viewer_of(cookie, "127.0.0.1") is not None
    clock.moment = NOON + ABSOLUTE_LIMIT
    assert door.viewer_of(cookie, "127.0.0.1") is None
    idle, _ = door.sign_in("op7", PASSWORD, "127.0.0.1")
    clock.forward(IDLE_LIMIT)
    assert door.viewer_of(idle, "127.0.0.1") is None


def test_disabling_ends_what_is_open(door: SignIn) -> None:
    """A closed account's sessions are over at once."""
    cookie, viewer = door.sign_in("op7", PASSWORD, "127.0.0.1")
    assert door.find_holding([viewer.session_id]) == {viewer.session_id: viewer}
    assert door.disable_user("op7") == 1
    assert door.viewer_of(cookie, "127.0.0.1") is None
    assert door.find_holding([viewer.session_id]) == {}


def test_guessing_is_slowed_down(door: SignIn, clock: FixedClock) -> None:
    """After five wrong passwords even the right one waits; another place does not."""
    for _ in range(TRIES):
        with pytest.raises(Unauthorised):
            door.sign_in("op7", "wrong", "10.0.0.9")
    with pytest.raises(TooManyTries, match="Wait 2 s"):
        door.sign_in("op7", PASSWORD, "10.0.0.9")
    door.sign_in("op7", PASSWORD, "10.0.0.8")
    clock.forward(timedelta(seconds=2))
    door.sign_in("op7", PASSWORD, "10.0.0.9")


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("x", PASSWORD),
        ("a b", PASSWORD),
        ("op9", "short"),
        ("op9", "my op9 password"),
        ("op9", "password12"),
        ("op9", "Qwertyuiop1"),
        ("op9", "Liverpool2024"),
        ("op7", PASSWORD),
    ],
)
def test_odd_users_are_refused(door: SignIn, login: str, password: str) -> None:
    """A login that is odd or taken, or a password too short or holding the login, is refused."""
    with pytest.raises(BadInput):
        door.add_user(login, password, Role.OPERATOR)


def test_demo_roles_are_users_of_their_own(door: SignIn) -> None:
    """A demo role is made once, with a password that nobody knows."""
    _, first = door.sign_in_demo(Role.SUPERVISOR, "127.0.0.1")
    _, again = door.sign_in_demo(Role.SUPERVISOR, "127.0.0.1")
    assert (first.user_id, first.role) == (again.user_id, Role.SUPERVISOR)
