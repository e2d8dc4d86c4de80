"""Second factors as they are kept: sealed secrets, counters used up, hashes of recovery codes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, insert, select, update

from data.store import security_keys
from data.store.tables import recovery_code, user


def get_locked(connection: Connection, user_id: int) -> Row:
    """A user's totp_secret, totp_offered and totp_counter, locked: a code counts only once."""
    columns = (user.c.totp_secret, user.c.totp_offered, user.c.totp_counter)
    query = select(*columns).where(user.c.user_id == user_id).with_for_update()
    return connection.execute(query).one()


def save_offered(connection: Connection, user_id: int, sealed: bytes) -> None:
    """Keeps a secret that its holder has not taken into an app yet."""
    connection.execute(update(user).where(user.c.user_id == user_id).values(totp_offered=sealed))


def save_taken(connection: Connection, user_id: int, counter: int) -> None:
    """Makes the offered secret the one that counts."""
    connection.execute(
        update(user)
        .where(user.c.user_id == user_id)
        .values(totp_secret=user.c.totp_offered, totp_offered=None, totp_counter=counter)
    )


def save_counter(connection: Connection, user_id: int, counter: int) -> None:
    """Uses up this step's code and every one before it."""
    connection.execute(update(user).where(user.c.user_id == user_id).values(totp_counter=counter))


def save_none(connection: Connection, user_id: int, at: datetime) -> None:
    """Takes a user's app, recovery codes and keys away; the next sign-in offers a new app."""
    security_keys.save_removed(connection, user_id, at)
    connection.execute(
        update(user)
        .where(user.c.user_id == user_id)
        .values(totp_secret=None, totp_offered=None, totp_counter=0)
    )
    connection.execute(
        update(recovery_code)
        .where(recovery_code.c.user_id == user_id, recovery_code.c.used_at.is_(None))
        .values(used_at=at)
    )


def append_recovery(
    connection: Connection, user_id: int, hashes: Sequence[bytes], at: datetime
) -> None:
    """Keeps the hashes of new recovery codes."""
    rows = [{"user_id": user_id, "code_hash": each, "made_at": at} for each in hashes]
    connection.execute(insert(recovery_code), rows)


def save_recovery_used(
    connection: Connection, user_id: int, code_hash: bytes, at: datetime
) -> bool:
    """Uses a recovery code up; False when there is no such unused one."""
    used = connection.execute(
        update(recovery_code)
        .where(
            recovery_code.c.user_id == user_id,
            recovery_code.c.code_hash == code_hash,
            recovery_code.c.used_at.is_(None),
        )
        .values(used_at=at)
    )
    return used.rowcount > 0
