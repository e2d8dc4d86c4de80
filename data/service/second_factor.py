"""The second factor: one-time codes from an authenticator app, and recovery codes on paper.

The shared secret lies encrypted in the database; the key is in a file of its own, so that who
reads a back-up cannot make codes. Each code counts once.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from datetime import datetime
from pathlib import Path

import pyotp
from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import Connection

from data.errors import BadInput, Unavailable
from data.store import factors

ISSUER = "Vigil"
RECOVERY_CODES = 10
DRIFT = 1
"""Steps of 30 s that a telephone's clock may be off, either way."""


def secret_key(path: Path) -> bytes:
    """The key in this file, made with rights for its owner only when there is none.

    Raises:
        BadInput: others than its owner may read it.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        made = Fernet.generate_key()
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(made)
        return made
    if path.stat().st_mode & 0o077:
        raise BadInput("VIGIL_SECRET_KEY_FILE", "a file that only its owner may read (0600)")
    return path.read_bytes().strip()


class SecondFactor:
    """Offers, keeps and checks second factors, each act in the caller's transaction."""

    def __init__(self, key: bytes) -> None:
        self._box = Fernet(key)

    def offer(self, connection: Connection, user_id: int) -> str:
        """The secret that waits to be taken into an app, base 32; the same until it is taken."""
        row = factors.get_locked(connection, user_id)
        if row.totp_offered is not None:
            return self._open(row.totp_offered)
        secret = pyotp.random_base32()
        factors.save_offered(connection, user_id, self._box.encrypt(secret.encode()))
        return secret

    def address(self, secret: str, login: str) -> str:
        """The otpauth:// address that an app reads off the screen."""
        return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)

    def enrol(self, connection: Connection, user_id: int, code: str, now: datetime) -> list[str]:
        """Takes the offered secret into use once a code shows that an app has it.

        Returns:
            Recovery codes, to be shown this once; empty when the code was wrong.
        """
        row = factors.get_locked(connection, user_id)
        if row.totp_offered is None or row.totp_secret is not None:
            return []
        counter = _counter_of(self._open(row.totp_offered), code, now, 0)
        if counter is None:
            return []
        factors.save_taken(connection, user_id, counter)
        codes = [f"{secrets.token_hex(3)}-{secrets.token_hex(3)}" for _ in range(RECOVERY_CODES)]
        factors.append_recovery(connection, user_id, [_hash_of(each) for each in codes], now)
        return codes

    def check(self, connection: Connection, user_id: int, code: str, now: datetime) -> str:
        """Which proof this code is: "totp", "recovery", or "" for none. Either is then used up."""
        row = factors.get_locked(connection, user_id)
        if row.totp_secret is None:
            return ""
        counter = _counter_of(self._open(row.totp_secret), code, now, row.totp_counter)
        if counter is not None:
            factors.save_counter(connection, user_id, counter)
            return "totp"
        if factors.save_recovery_used(connection, user_id, _hash_of(code), now):
            return "recovery"
        return ""

    def _open(self, sealed: bytes) -> str:
        try:
            return self._box.decrypt(bytes(sealed)).decode()
        except InvalidToken as error:
            raise Unavailable(
                "The second factor cannot be read: VIGIL_SECRET_KEY_FILE is not the one it was "
                "written with. An administrator can run: app.py user reset-factor"
            ) from error


def _counter_of(secret: str, code: str, now: datetime, used: int) -> int | None:
    """The step whose code this is, if it was not used up; None for a wrong or an old code."""
    totp = pyotp.TOTP(secret)
    current = totp.timecode(now)
    for counter in range(current - DRIFT, current + DRIFT + 1):
        # Every step is compared, so that the time taken says nothing.
        is_it = hmac.compare_digest(totp.generate_otp(counter).encode(), _digits(code).encode())
        if is_it and counter > used:
            return counter
    return None


def _digits(code: str) -> str:
    return code.replace(" ", "")[:6]


def _hash_of(code: str) -> bytes:
    # 48 random bits behind a throttle, and each counts once: a plain hash will do.
    return hashlib.sha256(code.strip().lower().encode()).digest()
