"""Shift hand-overs: what stood open, and the two people who signed for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from data.store.tables import hand_over, user


def append(
    connection: Connection, *, at: datetime, user_id: int, sheet: Mapping[str, Any], words: str
) -> int:
    """Keeps a sheet with the first signature and gives its number."""
    return connection.execute(
        insert(hand_over)
        .values(made_at=at, given_by=user_id, sheet=dict(sheet), words=words)
        .returning(hand_over.c.hand_over_id)
    ).scalar_one()


def find_newest(connection: Connection) -> Row | None:
    """The newest hand-over with both logins (giver, taker); None: there has never been one."""
    giver, taker = user.alias("giver"), user.alias("taker")
    query = (
        select(hand_over, giver.c.login.label("giver"), taker.c.login.label("taker"))
        .join(giver, giver.c.user_id == hand_over.c.given_by)
        .outerjoin(taker, taker.c.user_id == hand_over.c.taken_by)
        .order_by(hand_over.c.hand_over_id.desc())
        .limit(1)
    )
    return connection.execute(query).one_or_none()


def sign(connection: Connection, hand_over_id: int, *, at: datetime, user_id: int) -> bool:
    """Adds the second signature; False where somebody has signed already."""
    found = connection.execute(
        update(hand_over)
        .where(hand_over.c.hand_over_id == hand_over_id, hand_over.c.taken_by.is_(None))
        .values(taken_at=at, taken_by=user_id)
    )
    return found.rowcount == 1
