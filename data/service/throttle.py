"""Slows down guessing: counts failures by login and place, and by place alone.

Kept in the database, so that every web process counts the same and a restart forgives nothing.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import Engine

from data.store import sign_in_failures
from data.store.reading import reading

TRIES = 5
"""Wrong passwords for one login from one place before each next one has to wait."""

PEER_TRIES = 50
"""The same for all logins from one place together: an office shares one address."""

TRIES_WINDOW = timedelta(minutes=15)
"""How long a wrong password counts against the next, and the longest wait."""

_DOUBLINGS = 12  # 2^12 s is beyond the window: more failures than these change nothing


class Throttle:
    """The count. Known and unknown logins count alike; it never asks which is which."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def wait_s(self, login: str, peer: str, now: datetime) -> int:
        """Seconds to wait before this may be tried; 0: go on.

        Args:
            peer: "" for whoever asks, wherever from: then the login alone is counted.

        Raises:
            Unavailable: the database does not answer. Nobody is let past uncounted.
        """
        # At the window's end a failure counts no longer.
        after = now - TRIES_WINDOW
        with reading(self._engine) as connection:
            own = sign_in_failures.find_of_login(
                connection, _mark(login), peer, after=after, at_most=TRIES + _DOUBLINGS
            )
            everyone = (
                sign_in_failures.find_of_peer(connection, peer, after=after, at_most=PEER_TRIES)
                if peer
                else []
            )
        wait = timedelta()
        if len(own) >= TRIES:
            # Doubles with each failure beyond: 2 s, 4 s, 8 s ...
            pause = timedelta(seconds=2 ** min(len(own) - TRIES + 1, _DOUBLINGS))
            wait = own[0] + min(pause, TRIES_WINDOW) - now
        if len(everyone) >= PEER_TRIES:
            wait = max(wait, everyone[-1] + TRIES_WINDOW - now)
        return max(0, int(-(-wait.total_seconds() // 1)))

    def failed(self, login: str, peer: str, now: datetime) -> None:
        """One more failure."""
        with self._engine.begin() as connection:
            sign_in_failures.save_forgotten(connection, now - TRIES_WINDOW)
            sign_in_failures.append(connection, _mark(login), peer, now)

    def succeeded(self, login: str, peer: str) -> None:
        """The right proof: what this login did wrong from here is forgiven."""
        with self._engine.begin() as connection:
            sign_in_failures.save_forgiven(connection, _mark(login), peer)


def _mark(login: str) -> bytes:
    """Tells logins apart, and tells nobody what was typed.

    People type passwords into the wrong field. Sixteen bits fit thousands of common ones alike,
    so the table gives none away; that two logins of one place share a mark is 1 in 65,536.
    """
    return hashlib.sha256(login.encode()).digest()[:2]
