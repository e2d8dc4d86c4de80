"""Signing in and out, and telling from a cookie who is asking.

The cookie holds 256 random bits and nothing else; the database holds their SHA-256, so who reads
one cannot make the other. Every check reads the database: an ended session, a disabled account or
a changed role counts from the next request on.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, Engine, Row
from zxcvbn import zxcvbn

from data.clock import Clock
from data.errors import BadInput, NotFound, Refused, TooManyTries, Unauthorised
from data.model.user import Role, Viewer
from data.service.second_factor import SecondFactor
from data.service.security_keys import Answer, SecurityKeys
from data.service.throttle import Throttle
from data.store import audit, factors, sessions, users
from data.store.reading import reading

IDLE_LIMIT = timedelta(hours=12)
"""One shift. A desk is watched, not clicked: a quiet night must not black out its screen."""

ABSOLUTE_LIMIT = timedelta(hours=14)
"""One shift and a hand-over at both ends; nobody works on under yesterday's sign-in."""

HALF_LIMIT = timedelta(minutes=10)
"""From the password to the code: time to set up an app, and no more."""

SEEN_EVERY = timedelta(minutes=1)
"""How exactly `seen_at` is kept: a write a minute, not one a request."""

PASSWORD_LENGTHS = (10, 256)
"""Shortest and longest. Length is what counts; the upper end only bounds the hashing."""

_HASHINGS_AT_ONCE = threading.BoundedSemaphore(4)  # each takes 64 MiB
_GUESS_SCORE = 3  # of 4: more than 10^8 guesses by somebody who knows how people choose
_GUESSED_LENGTH = 72  # what is longer is not looked at: guessing takes time with the square
_LOGIN_LENGTH = 64
_WRONG = "That is not it. A code counts only once: wait for the next, or try your key again."
_SECOND = "second factor of "  # no login holds spaces: codes are counted apart from passwords


class SignIn:
    """The one door to sessions.

    Args:
        clock: real time even in a demo that runs faster: a shift is twelve hours of a person.
        hasher: argon2id with its library's parameters; tests hand in a quicker one.
        factor: asked for after the password; None in a demo, where nobody has a telephone ready.
        keys: security keys, which do in place of the factor's codes; None takes codes only.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        hasher: PasswordHasher | None = None,
        factor: SecondFactor | None = None,
        keys: SecurityKeys | None = None,
    ) -> None:
        self._factor = factor
        self._keys = keys
        self._engine = engine
        self._clock = clock
        self._hasher = hasher or PasswordHasher()
        self._throttle = Throttle(engine)
        # Unknown logins are checked against this, so they take as long as known ones.
        self._nobodys_hash = self._hasher.hash(secrets.token_urlsafe(16))

    def add_user(self, login: str, password: str, role: Role, area: str = "") -> int:
        """Adds a user and gives the number.

        Raises:
            BadInput: the login is taken or odd, or the password too short or too long.
        """
        if role is Role.WALL:
            raise BadInput("role", "a person's: a wall is a screen, see app.py wall")
        if not 2 <= len(login) <= _LOGIN_LENGTH or not login.isprintable() or " " in login:
            raise BadInput("login", f"2 to {_LOGIN_LENGTH} characters without spaces")
        shortest, longest = PASSWORD_LENGTHS
        if not shortest <= len(password) <= longest:
            raise BadInput("password", f"{shortest} to {longest} characters")
        if login.casefold() in password.casefold():
            raise BadInput("password", "one that does not contain the login")
        # It knows the 30,000 commonest passwords and how people dress them up, in its own package.
        if zxcvbn(password[:_GUESSED_LENGTH], [login, "vigil"])["score"] < _GUESS_SCORE:
            raise BadInput("password", "one that is not among the commonest: a sentence is best")
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
        return self._change(login, "user_disabled", users.save_disabled)

    def sign_in(self, login: str, password: str, peer: str) -> tuple[str, Viewer]:
        """Opens a session and gives the cookie's value with who it belongs to.

        Where a second factor is asked for, it is half a session: good for `give_code` and
        `enrol`, and for nothing else.

        Raises:
            Unauthorised: login or password is wrong, or the account is closed; it does not say
                which, and takes the same time for each.
            TooManyTries: wait first.
        """
        login = login[:_LOGIN_LENGTH]
        now = self._clock.now()
        self._need_no_wait(login, peer, now)
        with reading(self._engine) as connection:
            row = users.find(connection, login)
        matches = self._matches(row, password[: PASSWORD_LENGTHS[1]])
        if row is None or not matches or row.disabled_at is not None:
            self._throttle.failed(login, peer, now)
            self._note("sign_in_refused", None if row is None else row.user_id, peer, now)
            raise Unauthorised("Login or password is wrong.")
        self._throttle.succeeded(login, peer)
        if self._hasher.check_needs_rehash(row.password_hash):
            with self._engine.begin() as connection:
                users.save_password_hash(connection, row.user_id, self._hasher.hash(password))
        return self._open(row, peer, is_half=self.asks_for_code)

    def sign_in_vouched(self, login: str, peer: str) -> tuple[str, Viewer]:
        """The same for whom an identity provider vouches, in place of the password.

        Raises:
            Unauthorised: nobody here has this login, or the account is closed.
            TooManyTries: wait first.
        """
        now = self._clock.now()
        self._need_no_wait(login[:_LOGIN_LENGTH], peer, now)
        with reading(self._engine) as connection:
            row = users.find(connection, login)
        if row is None or row.disabled_at is not None:
            self._throttle.failed(login[:_LOGIN_LENGTH], peer, now)
            self._note("sign_in_refused", None if row is None else row.user_id, peer, now)
            raise Unauthorised("The provider knows you, this room does not. Ask an administrator.")
        return self._open(row, peer, is_half=self.asks_for_code, proof_before="provider")

    @property
    def asks_for_code(self) -> bool:
        """Whether a password alone opens only half a session."""
        return self._factor is not None

    @property
    def keys(self) -> SecurityKeys:
        """Where people keep their security keys.

        Raises:
            NotFound: this room takes none, as a demo.
        """
        if self._keys is None:
            raise NotFound("There are no security keys here.")
        return self._keys

    def ask_key(self, cookie: str, peer: str) -> Answer | None:
        """What the browser needs to ask for a key half way in; None for who has no key.

        Raises:
            Unauthorised: nobody is half way in with this cookie.
        """
        half, _, _ = self._begin_code(cookie, peer)
        return self._keys.ask(half) if self._keys else None

    def ask_key_again(self, viewer: Viewer) -> Answer | None:
        """The same in an open session, for a fresh proof."""
        return self._keys.ask(viewer, is_step_up=True) if self._keys else None

    def half_of(self, cookie: str, peer: str) -> Viewer | None:
        """Who has given their password, and not yet their code, with this cookie."""
        row = self._session_of(cookie)
        return None if row is None or not row.is_half else _viewer(row, peer)

    def offer_factor(self, half: Viewer) -> tuple[str, str] | None:
        """The secret to take into an app, and its address; None for who has a factor already."""
        if self._factor is None:
            return None
        with self._engine.begin() as connection:
            if users.get(connection, half.login).totp_secret is not None:
                return None
            secret = self._factor.offer(connection, half.user_id)
        return secret, self._factor.address(secret, half.login)

    def enrol(self, cookie: str, peer: str, code: str) -> tuple[str, Viewer, list[str]]:
        """Takes an app into use; gives the whole session and recovery codes to show this once.

        Raises:
            Unauthorised: nobody is half way in with this cookie, or the code is wrong.
            TooManyTries: wait first.
        """
        half, factor, now = self._begin_code(cookie, peer)
        with self._engine.begin() as connection:
            codes = factor.enrol(connection, half.user_id, code, now)
        if not codes:
            raise self._wrong_code(half, now)
        self._note("second_factor_set", half.user_id, peer, now)
        return (*self._complete(half, "totp", now), codes)

    def give_code(self, cookie: str, peer: str, code: str | Answer) -> tuple[str, Viewer]:
        """The whole session for half of one and a code; a recovery code or a key will do.

        Raises:
            Unauthorised: nobody is half way in with this cookie, or the code is wrong or used,
                or the key is not theirs or has signed something else.
            TooManyTries: wait first.
        """
        half, factor, now = self._begin_code(cookie, peer)
        with self._engine.begin() as connection:
            if isinstance(code, str):
                proof = factor.check(connection, half.user_id, code, now)
            else:
                proof = "key" if self.keys.check(connection, half, code) else ""
        if not proof:
            raise self._wrong_code(half, now)
        return self._complete(half, proof, now)

    def reset_factor(self, login: str) -> int:
        """Takes somebody's second factor away and ends their sessions; gives how many.

        Raises:
            NotFound: nobody has this login.
        """
        return self._change(login, "second_factor_reset", factors.save_none)

    def change_role(self, login: str, role: Role, area: str | None = None) -> int:
        """Gives somebody another role and ends their sessions; gives how many.

        Raises:
            NotFound: nobody has this login.
            BadInput: a person is no wall.
        """
        if role is Role.WALL:
            raise BadInput("role", "a person's: a wall is a screen, see app.py wall")

        def save(connection: Connection, user_id: int, at: datetime) -> None:
            users.save_role(connection, user_id, role, area)

        return self._change(login, "role_changed", save, {"role": role.value})

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
            if sessions.save_ended(connection, viewer.session_id, now) is None:
                return
            audit.append(
                connection,
                at=now,
                user_id=viewer.user_id,
                action="signed_out",
                record_kind="user",
                record_id=viewer.user_id,
                peer=viewer.peer,
                session_id=viewer.session_id,
            )

    def step_up(self, viewer: Viewer, proof: str | Answer) -> str:
        """Notes that the viewer has just proved who they are; gives the session's new cookie.

        Raises:
            Refused: the code or key (the password where no code is asked for) is wrong. The
                session stays as it was.
            TooManyTries: wait first.
            Unauthorised: the session ended meanwhile.
        """
        now = self._clock.now()
        self._need_no_wait(_SECOND + viewer.login, viewer.peer, now)
        if not isinstance(proof, str):
            with self._engine.begin() as connection:
                is_it = self.keys.check(connection, viewer, proof, is_step_up=True)
            how = "key" if is_it else ""
        elif self._factor is None:
            with reading(self._engine) as connection:
                row = users.get(connection, viewer.login)
            how = "password" if self._matches(row, proof[: PASSWORD_LENGTHS[1]]) else ""
        else:
            with self._engine.begin() as connection:
                how = self._factor.check(connection, viewer.user_id, proof, now)
        if not how:
            self._throttle.failed(_SECOND + viewer.login, viewer.peer, now)
            self._note("step_up_refused", viewer.user_id, viewer.peer, now)
            raise Refused(_WRONG)
        self._throttle.succeeded(_SECOND + viewer.login, viewer.peer)
        return self._step_up(viewer, how)

    def step_up_demo(self, viewer: Viewer) -> str:
        """The same without any proof. The caller answers for this being a demo."""
        return self._step_up(viewer, "demo")

    def now(self) -> datetime:
        """The moment by the clock that sessions run on."""
        return self._clock.now()

    def viewer_of(self, cookie: str, peer: str) -> Viewer | None:
        """Who is behind this cookie; None for nobody we know or know no longer."""
        row = self._session_of(cookie)
        if row is None or row.is_half:
            return None
        now = self._clock.now()
        if now - row.seen_at >= SEEN_EVERY:
            with self._engine.begin() as connection:
                sessions.save_seen(connection, row.session_id, now)
        return _viewer(row, peer)

    def find_holding(self, session_ids: Iterable[int]) -> dict[int, Viewer]:
        """Those of these sessions that still hold, with who is behind them by now.

        One query whatever their number, so that it can be asked every second. An open socket
        is not a sign of a person: nothing is noted as seen.
        """
        wanted = set(session_ids)
        if not wanted:
            return {}
        now = self._clock.now()
        with reading(self._engine) as connection:
            rows = sessions.find_many(connection, wanted)
        return {
            row.session_id: _viewer(row, row.peer)
            for row in rows
            if _holds(row, now) and not row.is_half
        }

    def _session_of(self, cookie: str) -> Row | None:
        """The session of this cookie, whole or half, if it holds."""
        if not 20 <= len(cookie) <= 100:
            return None
        with reading(self._engine) as connection:
            row = sessions.find(connection, hash_of(cookie))
        return row if row is not None and _holds(row, self._clock.now()) else None

    def _need_no_wait(self, login: str, peer: str, now: datetime) -> None:
        wait_s = self._throttle.wait_s(login, peer, now)
        if wait_s:
            raise TooManyTries(wait_s)

    def _begin_code(self, cookie: str, peer: str) -> tuple[Viewer, SecondFactor, datetime]:
        half = self.half_of(cookie, peer)
        if half is None or self._factor is None:
            raise Unauthorised("Sign in first.")
        now = self._clock.now()
        # Its own count, whatever the place: who has come this far knows the password.
        self._need_no_wait(_SECOND + half.login, "", now)
        return half, self._factor, now

    def _wrong_code(self, half: Viewer, now: datetime) -> Unauthorised:
        self._throttle.failed(_SECOND + half.login, "", now)
        self._note("second_factor_refused", half.user_id, half.peer, now)
        return Unauthorised(_WRONG)

    def _complete(self, half: Viewer, proof: str, now: datetime) -> tuple[str, Viewer]:
        """A new session under a new cookie; the half one ends."""
        self._throttle.succeeded(_SECOND + half.login, "")
        with self._engine.begin() as connection:
            if sessions.save_ended(connection, half.session_id, now) is None:
                raise Unauthorised("Sign in first.")
            row = users.get(connection, half.login)
        return self._open(row, half.peer, proof=proof)

    def _change(
        self,
        login: str,
        action: str,
        save: Callable[[Connection, int, datetime], None],
        detail: dict[str, Any] | None = None,
    ) -> int:
        """Changes an account and ends its sessions; gives how many there were."""
        now = self._clock.now()
        with self._engine.begin() as connection:
            user_id = users.get(connection, login).user_id
            save(connection, user_id, now)
            ended = sessions.save_all_ended(connection, user_id, now)
            audit.append(
                connection,
                at=now,
                user_id=None,
                action=action,
                record_kind="user",
                record_id=user_id,
                detail={"sessions_ended": ended} | (detail or {}),
            )
        return ended

    def _matches(self, row: Row | None, password: str) -> bool:
        with _HASHINGS_AT_ONCE:
            try:
                return self._hasher.verify(
                    self._nobodys_hash if row is None else row.password_hash, password
                )
            except (VerificationError, InvalidHashError):
                return False

    def _open(
        self,
        row: Row,
        peer: str,
        *,
        is_half: bool = False,
        proof: str = "",
        proof_before: str = "password",
    ) -> tuple[str, Viewer]:
        now = self._clock.now()
        cookie = secrets.token_urlsafe(32)
        # A code that was just given is also a proof for the grave acts of the next minutes.
        stepped_up_at = now if proof else None
        with self._engine.begin() as connection:
            session_id = sessions.append(
                connection,
                hash_of(cookie),
                row.user_id,
                started_at=now,
                ends_at=now + (HALF_LIMIT if is_half else ABSOLUTE_LIMIT),
                peer=peer,
                is_half=is_half,
                stepped_up_at=stepped_up_at,
            )
            audit.append(
                connection,
                at=now,
                user_id=row.user_id,
                action=f"{proof_before}_given" if is_half else "signed_in",
                record_kind="user",
                record_id=row.user_id,
                peer=peer,
                session_id=session_id,
                detail={"proof": proof} if proof else None,
            )
        role = Role(row.role)
        return cookie, Viewer(
            row.user_id, row.login, role, row.area, session_id, peer, stepped_up_at
        )

    def _step_up(self, viewer: Viewer, proof: str) -> str:
        now = self._clock.now()
        cookie = secrets.token_urlsafe(32)
        with self._engine.begin() as connection:
            # A new cookie with more rights: one that was copied before gains nothing by it.
            if not sessions.save_stepped_up(connection, viewer.session_id, hash_of(cookie), now):
                raise Unauthorised("The session has ended. Sign in again.")
            audit.append(
                connection,
                at=now,
                user_id=viewer.user_id,
                action="stepped_up",
                record_kind="user",
                record_id=viewer.user_id,
                peer=viewer.peer,
                session_id=viewer.session_id,
                detail={"proof": proof},
            )
        return cookie

    def _note(self, action: str, user_id: int | None, peer: str, now: datetime) -> None:
        # An unknown login is not written down: people type passwords into the wrong field.
        with self._engine.begin() as connection:
            audit.append(
                connection,
                at=now,
                user_id=None,
                action=action,
                record_kind="user",
                record_id=user_id,
                peer=peer,
            )


def hash_of(cookie: str) -> bytes:
    """What the database keeps of a cookie. Its 256 bits are random, so a plain hash will do."""
    return hashlib.sha256(cookie.encode()).digest()


def _holds(row: Row, now: datetime) -> bool:
    """A session holds up to, not at, either of its ends."""
    return row.ended_at is None and row.disabled_at is None and now < _end(row)


def _end(row: Row) -> datetime:
    end: datetime = min(row.ends_at, row.seen_at + IDLE_LIMIT)
    return end


def _viewer(row: Row, peer: str) -> Viewer:
    return Viewer(
        row.user_id,
        row.login,
        Role(row.role),
        row.area,
        row.session_id,
        peer,
        row.stepped_up_at,
        _end(row),
    )
