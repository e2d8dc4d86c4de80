"""Security keys as they are kept: public halves and counters; and the challenge of a session.

A removed key's row stays, because the audit trail names it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from data.errors import BadInput
from data.store.tables import security_key, session


def find_all(connection: Connection, user_id: int) -> Sequence[Row]:
    """A user's keys (every column) that are not removed, the oldest first."""
    query = (
        select(security_key)
        .where(security_key.c.user_id == user_id, security_key.c.removed_at.is_(None))
        .order_by(security_key.c.security_key_id)
    )
    return connection.execute(query).all()


def find_locked(connection: Connection, user_id: int, credential_id: bytes) -> Row | None:
    """This user's key of this credential, locked: its counter goes up by one use at a time."""
    query = (
        select(security_key)
        .where(
            security_key.c.user_id == user_id,
            security_key.c.credential_id == credential_id,
            security_key.c.removed_at.is_(None),
        )
        .with_for_update()
    )
    return connection.execute(query).one_or_none()


def append(
    connection: Connection,
    user_id: int,
    *,
    credential_id: bytes,
    public_key: bytes,
    sign_count: int,
    at: datetime,
) -> int:
    """Keeps a key and gives its number.

    Raises:
        BadInput: somebody has this credential already.
    """
    values = {
        "user_id": user_id,
        "credential_id": credential_id,
        "public_key": public_key,
        "sign_count": sign_count,
        "made_at": at,
    }
    try:
        with connection.begin_nested():
            return connection.execute(
                insert(security_key).values(values).returning(security_key.c.security_key_id)
            ).scalar_one()
    except IntegrityError as error:
        raise BadInput("key", "one that is not registered yet") from error


def save_used(connection: Connection, security_key_id: int, sign_count: int, at: datetime) -> None:
    """Notes a use, and the key's own count of them."""
    connection.execute(
        update(security_key)
        .where(security_key.c.security_key_id == security_key_id)
        .values(sign_count=sign_count, used_at=at)
    )


def save_removed(
    connection: Connection, user_id: int, at: datetime, security_key_id: int | None = None
) -> int:
    """Removes one key of this user, or all of them; gives how many there were."""
    statement = update(security_key).where(
        security_key.c.user_id == user_id, security_key.c.removed_at.is_(None)
    )
    if security_key_id is not None:
        statement = statement.where(security_key.c.security_key_id == security_key_id)
    return connection.execute(statement.values(removed_at=at)).rowcount


def save_challenge(connection: Connection, session_id: int, challenge: bytes, at: datetime) -> None:
    """Keeps what the next key of this session has to sign, in place of any before it."""
    connection.execute(
        update(session)
        .where(session.c.session_id == session_id)
        .values(challenge=challenge, challenge_at=at)
    )


def save_challenge_used(connection: Connection, session_id: int) -> Row | None:
    """Takes an open session's challenge away and gives it with its moment; None for none."""
    query = (
        select(session.c.challenge, session.c.challenge_at)
        .where(
            session.c.session_id == session_id,
            session.c.challenge.is_not(None),
            session.c.ended_at.is_(None),
        )
        .with_for_update()
    )
    row = connection.execute(query).one_or_none()
    connection.execute(
        update(session)
        .where(session.c.session_id == session_id)
        .values(challenge=None, challenge_at=None)
    )
    return row
