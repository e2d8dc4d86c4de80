"""Bookmarks of replays: an instant with words and the view it was seen in. Append-only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, insert, select

from data.store.tables import bookmark, user


def append(
    connection: Connection,
    *,
    activation_id: int,
    at: datetime,
    words: str,
    address: str,
    made_at: datetime,
    made_by: int,
) -> int:
    """Keeps one and gives its number. `address` is the view's query, ids and moments only."""
    values = {
        "activation_id": activation_id,
        "at": at,
        "words": words,
        "address": address,
        "made_at": made_at,
        "made_by": made_by,
    }
    statement = insert(bookmark).values(values).returning(bookmark.c.bookmark_id)
    return connection.execute(statement).scalar_one()


def find(connection: Connection, activation_id: int) -> Sequence[Row]:
    """Bookmarks of an activation (every column, and `login`), by their instant."""
    query = (
        select(bookmark, user.c.login)
        .join(user, user.c.user_id == bookmark.c.made_by)
        .where(bookmark.c.activation_id == activation_id)
        .order_by(bookmark.c.at, bookmark.c.bookmark_id)
    )
    return connection.execute(query).all()
