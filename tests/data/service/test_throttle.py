"""Guessing is slowed down, by every web process together and over a restart."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select

from data.clock import FixedClock
from data.errors import TooManyTries, Unauthorised, Unavailable
from data.model.user import Role
from data.service.sign_in import SignIn
from data.service.throttle import PEER_TRIES, TRIES, TRIES_WINDOW, Throttle
from data.store import tables
from data.store.engine import make_engine
from tests.stage import NOON, PASSWORD, QUICK_HASHER

pytestmark = pytest.mark.db

HERE, THERE = "10.0.0.9", "10.0.0.8"
A_MOMENT = timedelta(microseconds=1)


@pytest.fixture
def throttle(engine: Engine) -> Throttle:
    """A count that begins at nothing."""
    return Throttle(engine)


def _fail(throttle: Throttle, times: int, login: str = "op7", peer: str = HERE) -> None:
    for _ in range(times):
        throttle.failed(login, peer, NOON)


def _rows(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(tables.sign_in_failure)) or 0


@pytest.mark.parametrize(
    ("failures", "wait_s"),
    [(4, 0), (5, 2), (6, 4), (8, 16), (13, 512), (14, 900), (40, 900)],
)
def test_the_wait_doubles(throttle: Throttle, failures: int, wait_s: int) -> None:
    """Four failures cost nothing; from the fifth the wait doubles, up to the whole window."""
    _fail(throttle, failures)
    assert throttle.wait_s("op7", HERE, NOON) == wait_s


def test_the_wait_ends_on_the_second(throttle: Throttle) -> None:
    """A part of a second left is a second to wait; at the end itself there is none."""
    _fail(throttle, TRIES)
    ends = NOON + timedelta(seconds=2)
    assert throttle.wait_s("op7", HERE, ends - A_MOMENT) == 1
    assert throttle.wait_s("op7", HERE, ends) == 0


def test_a_failure_counts_up_to_the_windows_end(throttle: Throttle) -> None:
    """Just before a quarter of an hour has gone it still counts; from then on no longer."""
    _fail(throttle, TRIES + 9)
    assert throttle.wait_s("op7", HERE, NOON + TRIES_WINDOW - A_MOMENT) == 1
    assert throttle.wait_s("op7", HERE, NOON + TRIES_WINDOW) == 0


def test_another_place_and_another_login_go_on(throttle: Throttle) -> None:
    """Who guesses at a login from one place locks nobody out elsewhere."""
    _fail(throttle, TRIES)
    assert throttle.wait_s("op7", THERE, NOON) == 0
    assert throttle.wait_s("op3", HERE, NOON) == 0


def test_a_place_that_tries_many_logins_waits(throttle: Throttle) -> None:
    """Forty-nine failures of as many logins are an office; at fifty the place waits."""
    for each in range(PEER_TRIES - 1):
        throttle.failed(f"login {each}", HERE, NOON + timedelta(seconds=each))
    now = NOON + timedelta(seconds=PEER_TRIES)
    assert throttle.wait_s("op7", HERE, now) == 0
    throttle.failed("one more", HERE, now)
    assert throttle.wait_s("op7", HERE, now) == TRIES_WINDOW.total_seconds() - PEER_TRIES
    # The oldest of the fifty has run out.
    assert throttle.wait_s("op7", HERE, NOON + TRIES_WINDOW - A_MOMENT) == 1
    assert throttle.wait_s("op7", HERE, NOON + TRIES_WINDOW) == 0
    assert throttle.wait_s("op7", THERE, now) == 0


def test_success_forgives_the_login_and_not_the_place(throttle: Throttle) -> None:
    """An own account does not buy more guesses at those of others."""
    _fail(throttle, PEER_TRIES)
    throttle.succeeded("op7", THERE)
    throttle.succeeded("op7", HERE)
    assert throttle.wait_s("op7", HERE, NOON) == TRIES_WINDOW.total_seconds()
    assert throttle.wait_s("op7", THERE, NOON) == 0


def test_success_forgives_what_was_mistyped(throttle: Throttle) -> None:
    """Who got in begins at nothing."""
    _fail(throttle, TRIES + 3)
    throttle.succeeded("op7", HERE)
    assert throttle.wait_s("op7", HERE, NOON) == 0


def test_codes_of_many_do_not_hold_each_other_back(throttle: Throttle) -> None:
    """Where no place is counted there is no count of all."""
    for each in range(PEER_TRIES * 2):
        throttle.failed(f"second factor of {each}", "", NOON)
    assert throttle.wait_s("second factor of op7", "", NOON) == 0
    _fail(throttle, TRIES, "second factor of op7", "")
    assert throttle.wait_s("second factor of op7", "", NOON) == 2


def test_a_restart_forgives_nothing(engine: Engine, clock: FixedClock) -> None:
    """Another process, or the same one started again, goes on counting where the last one was."""
    door = SignIn(engine, clock, QUICK_HASHER)
    door.add_user("op7", PASSWORD, Role.OPERATOR)
    for _ in range(TRIES):
        with pytest.raises(Unauthorised):
            door.sign_in("op7", "wrong", HERE)
    again = SignIn(make_engine(engine.url.render_as_string(hide_password=False)), clock)
    with pytest.raises(TooManyTries, match="Wait 2 s"):
        again.sign_in("op7", PASSWORD, HERE)


def test_nothing_is_kept_beyond_the_window(throttle: Throttle, engine: Engine) -> None:
    """The table holds what still counts, and not what was typed."""
    _fail(throttle, 3, login="my password, in the wrong field")
    throttle.failed("op7", HERE, NOON + TRIES_WINDOW - A_MOMENT)
    assert _rows(engine) == 4
    throttle.failed("op7", HERE, NOON + TRIES_WINDOW)
    assert _rows(engine) == 2
    with engine.connect() as connection:
        assert "password" not in str(connection.execute(select(tables.sign_in_failure)).all())


def test_without_a_database_nobody_is_let_past() -> None:
    """A count that cannot be read is no reason to go on."""
    with pytest.raises(Unavailable):
        Throttle(make_engine("postgresql://vigil_app@/vigil?host=/nowhere")).wait_s("x", "y", NOON)
