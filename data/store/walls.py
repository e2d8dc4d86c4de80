"""Walls: screens that come in by a token of their own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from data.errors import BadInput
from data.store.tables import wall


def append(connection: Connection, **values: object) -> int:
    """Adds a wall and gives its number.

    Raises:
        BadInput: the name is taken.
    """
    try:
        with connection.begin_nested():
            statement = insert(wall).values(**values).returning(wall.c.wall_id)
            return connection.execute(statement).scalar_one()
    except IntegrityError as error:
        raise BadInput("name", "one that no wall has yet", values["name"]) from error


def find_all(connection: Connection) -> Sequence[Row]:
    """Every wall without its secrets, by name."""
    columns = (each for each in wall.c if each.name not in {"link_hash", "token_hash"})
    return connection.execute(select(*columns).order_by(wall.c.name)).all()


def find_by_name(connection: Connection, name: str) -> Row | None:
    """The wall of this name that is not revoked, locked; else None."""
    query = select(wall).where(wall.c.name == name, wall.c.revoked_at.is_(None))
    return connection.execute(query.with_for_update()).one_or_none()


def find_by_link(connection: Connection, link_hash: bytes, now: datetime) -> Row | None:
    """The wall whose link this is, while it can be used, locked; else None."""
    query = select(wall).where(
        wall.c.link_hash == link_hash, now < wall.c.link_until, wall.c.revoked_at.is_(None)
    )
    return connection.execute(query.with_for_update()).one_or_none()


def find_by_token(connection: Connection, token_hash: bytes) -> Row | None:
    """The wall whose token this is, unless it is revoked."""
    query = select(wall).where(wall.c.token_hash == token_hash, wall.c.revoked_at.is_(None))
    return connection.execute(query).one_or_none()


def find_holding(connection: Connection, wall_ids: Sequence[int]) -> Sequence[Row]:
    """Those of these walls that are not revoked."""
    query = select(wall).where(wall.c.wall_id.in_(wall_ids), wall.c.revoked_at.is_(None))
    return connection.execute(query).all()


def save(connection: Connection, wall_id: int, **values: object) -> None:
    """Changes a wall."""
    connection.execute(update(wall).where(wall.c.wall_id == wall_id).values(**values))
