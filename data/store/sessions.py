"""Sessions: a signed-in browser each, known by the hash of its cookie."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, insert, select, update

from data.store.tables import session, user


def append(
    connection: Connection,
    session_hash: bytes,
    user_id: int,
    *,
    started_at: datetime,
    ends_at: datetime,
    peer: str,
) -> None:
    """Opens a session for this user until `ends_at` at the latest."""
    connection.execute(
        insert(session).values(
            session_hash=session_hash,
            user_id=user_id,
            started_at=started_at,
            seen_at=started_at,
            ends_at=ends_at,
            peer=peer,
        )
    )


def find(connection: Connection, session_hashes: Sequence[bytes]) -> Sequence[Row]:
    """Sessions by their hashes, each with its user's login, role, area and disabled_at.

    Ended and run-out ones are among them: whether a session holds is the caller's to say.
    """
    query = (
        select(session, user.c.login, user.c.role, user.c.area, user.c.disabled_at)
        .join(user, user.c.user_id == session.c.user_id)
        .where(session.c.session_hash.in_(session_hashes))
    )
    return connection.execute(query).all()


def save_seen(connection: Connection, session_hash: bytes, at: datetime) -> None:
    """Notes that somebody was there at this moment."""
    connection.execute(
        update(session).where(session.c.session_hash == session_hash).values(seen_at=at)
    )


def save_ended(connection: Connection, session_hash: bytes, at: datetime) -> int | None:
    """Ends one session and gives its user; None when it was not open."""
    return connection.execute(
        update(session)
        .where(session.c.session_hash == session_hash, session.c.ended_at.is_(None))
        .values(ended_at=at)
        .returning(session.c.user_id)
    ).scalar_one_or_none()


def save_all_ended(connection: Connection, user_id: int, at: datetime) -> int:
    """Ends every open session of a user and gives how many there were."""
    return connection.execute(
        update(session)
        .where(session.c.user_id == user_id, session.c.ended_at.is_(None))
        .values(ended_at=at)
    ).rowcount
