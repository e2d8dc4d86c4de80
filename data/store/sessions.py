"""Sessions: a signed-in browser each, known by the hash of its cookie."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, Row, Select, insert, select, update

from data.store.tables import session, user


def append(
    connection: Connection,
    session_hash: bytes,
    user_id: int,
    *,
    started_at: datetime,
    ends_at: datetime,
    peer: str,
    is_half: bool = False,
    stepped_up_at: datetime | None = None,
) -> int:
    """Opens a session for this user until `ends_at` at the latest and gives its number."""
    return connection.execute(
        insert(session)
        .values(
            session_hash=session_hash,
            user_id=user_id,
            started_at=started_at,
            seen_at=started_at,
            ends_at=ends_at,
            peer=peer,
            is_half=is_half,
            stepped_up_at=stepped_up_at,
        )
        .returning(session.c.session_id)
    ).scalar_one()


def _with_user() -> Select:
    return select(session, user.c.login, user.c.role, user.c.area, user.c.disabled_at).join(
        user, user.c.user_id == session.c.user_id
    )


def find(connection: Connection, session_hash: bytes) -> Row | None:
    """A session by its hash, with its user's login, role, area and disabled_at; or None.

    It may have ended or run out: whether a session holds is the caller's to say.
    """
    query = _with_user().where(session.c.session_hash == session_hash)
    return connection.execute(query).one_or_none()


def find_many(connection: Connection, session_ids: Collection[int]) -> list[Row]:
    """The same by their numbers, in any order."""
    query = _with_user().where(session.c.session_id.in_(session_ids))
    return list(connection.execute(query))


def save_seen(connection: Connection, session_id: int, at: datetime) -> None:
    """Notes that somebody was there at this moment."""
    connection.execute(update(session).where(session.c.session_id == session_id).values(seen_at=at))


def save_stepped_up(
    connection: Connection, session_id: int, session_hash: bytes, at: datetime
) -> bool:
    """Notes a fresh proof and changes the cookie's hash; False when the session is over."""
    return bool(
        connection.execute(
            update(session)
            .where(session.c.session_id == session_id, session.c.ended_at.is_(None))
            .values(session_hash=session_hash, stepped_up_at=at)
        ).rowcount
    )


def save_ended(connection: Connection, session_id: int, at: datetime) -> int | None:
    """Ends one session and gives its user; None when it was not open."""
    return connection.execute(
        update(session)
        .where(session.c.session_id == session_id, session.c.ended_at.is_(None))
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
