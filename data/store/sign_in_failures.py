"""Failures to prove who one is, for as long as they count against the next try."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Select, delete, insert, select

from data.store.tables import sign_in_failure as failure


def append(connection: Connection, login_mark: bytes, peer: str, at: datetime) -> None:
    """One more failure."""
    connection.execute(insert(failure).values(login_mark=login_mark, peer=peer, at=at))


def find_of_login(
    connection: Connection, login_mark: bytes, peer: str, *, after: datetime, at_most: int
) -> list[datetime]:
    """When this login failed from this place, newest first."""
    query = _newest(peer, after, at_most).where(failure.c.login_mark == login_mark)
    return list(connection.scalars(query))


def find_of_peer(
    connection: Connection, peer: str, *, after: datetime, at_most: int
) -> list[datetime]:
    """When any login failed from this place, newest first."""
    return list(connection.scalars(_newest(peer, after, at_most)))


def save_forgiven(connection: Connection, login_mark: bytes, peer: str) -> None:
    """What this login did wrong from this place counts against it no longer.

    It still counts against the place: one good password must not buy fifty guesses at others.
    """
    connection.execute(
        failure.update()
        .where(failure.c.login_mark == login_mark, failure.c.peer == peer)
        .values(login_mark=b"")
    )


def save_forgotten(connection: Connection, until: datetime) -> None:
    """Takes out what is as old as this, or older."""
    connection.execute(delete(failure).where(failure.c.at <= until))


def _newest(peer: str, after: datetime, at_most: int) -> Select[tuple[datetime]]:
    return (
        select(failure.c.at)
        .where(failure.c.peer == peer, failure.c.at > after)
        .order_by(failure.c.at.desc())
        .limit(at_most)
    )
