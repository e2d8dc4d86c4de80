"""Signing in and out, and telling from a cookie who is asking.

The cookie holds 256 random bits and nothing else; the database holds their SHA-256, so who reads
one cannot make the other. Every check reads the database: an ended session, a disabled account or
a changed role counts from the next request on.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Engine, Row

from data.clock import Clock
from data.errors import BadInput, TooManyTries, Unauthorised
from data.model.user import Role, Viewer
from data.store import audit, sessions, users
from data.store.reading import reading

IDLE_LIMIT = timedelta(hours=12)
"""One shift. A desk is watched, not clicked: a quiet night must not black out its screen."""

ABSOLUTE_LIMIT = timedelta(hours=14)
"""One shift and a hand-over at both ends; nobody works on under yesterday's sign-in."""

WALL_LIMIT = timedelta(days=90)
"""A wall has nobody to sign it in again, and shows nothing personal."""

SEEN_EVERY = timedelta(minutes=1)
"""How exactly `seen_at` is kept: a write a minute, not one a request."""

PASSWORD_LENGTHS = (10, 256)
"""Shortest and longest. Length is what counts; the upper end only bounds the hashing."""

TRIES = 5
"""Wrong passwords for one login from one place before each next one has to wait."""

PEER_TRIES = 50
"""The same for all logins from one place together: an office shares one address."""

TRIES_WINDOW = timedelta(minutes=15)
"""How long a wrong password counts against the next, and the longest wait."""

_HASHINGS_AT_ONCE = threading.BoundedSemaphore(4)  # each takes 64 MiB
_LOGIN_LENGTH = 64


@dataclass(slots=True)
class Throttle:
    """Counts wrong passwords by login and place, and by place alone.

    Kept in the process: there is one web process, and a restart that forgets the count costs an
    attacker more time than it saves. Known and unknown logins count alike.
    """

    _failures: dict[tuple[str, str], list[datetime]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait_s(self, login: str, peer: str, now: datetime) -> int:
        """Seconds to wait before this may be tried; 0: go on."""
        with self._lock:
            own = self._recent((login, peer), now)
            everyone = self._recent(("", peer), now)
        wait = timedelta()
        if len(own) >= TRIES:
            # Doubles with each failure beyond: 2 s, 4 s, 8 s ...
            pause = min(timedelta(seconds=2 ** min(len(own) - TRIES + 1, 12)), TRIES_WINDOW)
            wait = own[-1] + pause - now
        if len(everyone) >= PEER_TRIES:
            wait = max(wait, everyone[-PEER_TRIES] + TRIES_WINDOW - now)
        return max(0, int(-(-wait.total_seconds() // 1)))

    def failed(self, login: str, peer: str, now: datetime) -> None:
        """One more wrong password."""
        with self._lock:
            for key in ((login, peer), ("", peer)):
                self._failures[key] = [*self._recent(key, now)[-PEER_TRIES:], now]
            if len(self._failures) > 10_000:
                self._failures = {
                    key: times
                    for key, times in self._failures.items()
                    if now - times[-1] < TRIES_WINDOW
                }

    def succeeded(self, login: str, peer: str) -> None:
        """The right password: what this login did wrong from here is forgiven."""
        with self._lock:
            self._failures.pop((login, peer), None)

    def _recent(self, key: tuple[str, str], now: datetime) -> list[datetime]:
        return [at for at in self._failures.get(key, ()) if now - at < TRIES_WINDOW]


class SignIn:
    """The one door to sessions.

    Args:
        clock: real time even in a demo that runs faster: a shift is twelve hours of a person.
        hasher: argon2id with its library's parameters; tests hand in a quicker one.
    """

    def __init__(self, engine: Engine, clock: Clock, hasher: PasswordHasher | None = None) -> None:
        self._engine = engine
        self._clock = clock
        self._hasher = hasher or PasswordHasher()
        self._throttle = Throttle()
        # Unknown logins are checked against this, so they take as long as known ones.
        self._nobodys_hash = self._hasher.hash(secrets.token_urlsafe(16))

    def add_user(self, login: str, password: str, role: Role, area: str = "") -> int:
        """Adds a user and gives the number.

        Raises:
            BadInput: the login is taken or odd, or the password too short or too long.
        """
        if not 2 <= len(login) <= _LOGIN_LENGTH or not login.isprintable() or " " in login:
            raise BadInput("login", f"2 to {_LOGIN_LENGTH} characters without spaces")
        shortest, longest = PASSWORD_LENGTHS
        if not shortest <= len(password) <= longest:
            raise BadInput("password", f"{shortest} to {longest} characters")
        if login.casefold() in password.casefold():
            raise BadInput("password", "one that does not contain the login")
        now = self._clock.now()
        password_hash = self._hasher.hash(password)
        with self._engine.begin() as connection:
            user_id = users.append(connection, login, password_hash, role, area, now)
            audit.append(
                connection,
                at=now,
                user_id=None,
                action="user_added",
                record_kind="user",
                record_id=user_id,
                detail={"role": role.value},
            )
        return user_id

    def disable_user(self, login: str) -> int:
        """Closes an account and ends its sessions; gives how many there were.

        Raises:
            NotFound: nobody has this login.
        """
        now = self._clock.now()
        with self._engine.begin() as connection:
            row = users.get(connection, login)
            users.save_disabled(connection, row.user_id, now)
            ended = sessions.save_all_ended(connection, row.user_id, now)
            audit.append(
                connection,
                at=now,
                user_id=None,
                action="user_disabled",
                record_kind="user",
                record_id=row.user_id,
                detail={"sessions_ended": ended},
            )
        return ended

    def sign_in(self, login: str, password: str, peer: str) -> tuple[str, Viewer]:
        """Opens a session and gives the cookie's value with who it belongs to.

        Raises:
            Unauthorised: login or password is wrong, or the account is closed; it does not say
                which, and takes the same time for each.
            TooManyTries: wait first.
        """
        login = login[:_LOGIN_LENGTH]
        now = self._clock.now()
        wait_s = self._throttle.wait_s(login, peer, now)
        if wait_s:
            raise TooManyTries(wait_s)
        with reading(self._engine) as connection:
            row = users.find(connection, login)
        matches = self._matches(row, password[: PASSWORD_LENGTHS[1]])
        if row is None or not matches or row.disabled_at is not None:
            self._throttle.failed(login, peer, now)
            self._note_refusal(row, peer, now)
            raise Unauthorised("Login or password is wrong.")
        self._throttle.succeeded(login, peer)
        if self._hasher.check_needs_rehash(row.password_hash):
            with self._engine.begin() as connection:
                users.save_password_hash(connection, row.user_id, self._hasher.hash(password))
        return self._open(row, peer)

    def sign_in_demo(self, role: Role, peer: str) -> tuple[str, Viewer]:
        """Opens a session for the demo's user of this role, who is made when missing.

        The caller answers for this being a demo. The account's password is thrown away, so
        outside a demo nobody can use it.
        """
        login = f"demo-{role.value.replace('_', '-')}"
        with reading(self._engine) as connection:
            row = users.find(connection, login)
        if row is None:
            with suppress(BadInput):  # another click made it meanwhile
                self.add_user(login, secrets.token_urlsafe(32), role)
            with reading(self._engine) as connection:
                row = users.get(connection, login)
        if row.disabled_at is not None or row.role != role.value:
            raise Unauthorised("This demo role is closed.")
        return self._open(row, peer)

    def sign_out(self, viewer: Viewer) -> None:
        """Ends the viewer's session; its sockets fall within two seconds."""
        now = self._clock.now()
        with self._engine.begin() as connection:
            if sessions.save_ended(connection, viewer.session_hash, now) is None:
                return
            audit.append(
                connection,
                at=now,
                user_id=viewer.user_id,
                action="signed_out",
                record_kind="user",
                record_id=viewer.user_id,
                peer=viewer.peer,
            )

    def viewer_of(self, cookie: str, peer: str) -> Viewer | None:
        """Who is behind this cookie; None for nobody we know or know no longer."""
        if not 20 <= len(cookie) <= 100:
            return None
        session_hash = hash_of(cookie)
        now = self._clock.now()
        with reading(self._engine) as connection:
            rows = sessions.find(connection, [session_hash])
        if not rows or not _holds(rows[0], now):
            return None
        if now - rows[0].seen_at >= SEEN_EVERY:
            with self._engine.begin() as connection:
                sessions.save_seen(connection, session_hash, now)
        return _viewer(rows[0], peer)

    def find_holding(self, session_hashes: Iterable[bytes]) -> dict[bytes, Viewer]:
        """Those of these sessions that still hold, with who is behind them by now.

        One query whatever their number, so that it can be asked every second. An open socket
        is not a sign of a person: nothing is noted as seen.
        """
        wanted = list(session_hashes)
        if not wanted:
            return {}
        now = self._clock.now()
        with reading(self._engine) as connection:
            rows = sessions.find(connection, wanted)
        return {bytes(row.session_hash): _viewer(row, row.peer) for row in rows if _holds(row, now)}

    def _matches(self, row: Row | None, password: str) -> bool:
        with _HASHINGS_AT_ONCE:
            try:
                return self._hasher.verify(
                    self._nobodys_hash if row is None else row.password_hash, password
                )
            except (VerificationError, InvalidHashError):
                return False

    def _open(self, row: Row, peer: str) -> tuple[str, Viewer]:
        now = self._clock.now()
        cookie = secrets.token_urlsafe(32)
        role = Role(row.role)
        limit = WALL_LIMIT if role is Role.WALL else ABSOLUTE_LIMIT
        session_hash = hash_of(cookie)
        with self._engine.begin() as connection:
            sessions.append(
                connection,
                session_hash,
                row.user_id,
                started_at=now,
                ends_at=now + limit,
                peer=peer,
            )
            audit.append(
                connection,
                at=now,
                user_id=row.user_id,
                action="signed_in",
                record_kind="user",
                record_id=row.user_id,
                peer=peer,
            )
        return cookie, Viewer(row.user_id, row.login, role, row.area, session_hash, peer)

    def _note_refusal(self, row: Row | None, peer: str, now: datetime) -> None:
        # An unknown login is not written down: people type passwords into the wrong field.
        with self._engine.begin() as connection:
            audit.append(
                connection,
                at=now,
                user_id=None,
                action="sign_in_refused",
                record_kind="user",
                record_id=None if row is None else row.user_id,
                peer=peer,
            )


def hash_of(cookie: str) -> bytes:
    """What the database keeps of a cookie. Its 256 bits are random, so a plain hash will do."""
    return hashlib.sha256(cookie.encode()).digest()


def _holds(row: Row, now: datetime) -> bool:
    """A session holds up to, not at, either of its ends."""
    idle_limit = WALL_LIMIT if row.role == Role.WALL else IDLE_LIMIT
    return (
        row.ended_at is None
        and row.disabled_at is None
        and now < row.ends_at
        and now < row.seen_at + idle_limit
    )


def _viewer(row: Row, peer: str) -> Viewer:
    return Viewer(row.user_id, row.login, Role(row.role), row.area, bytes(row.session_hash), peer)
