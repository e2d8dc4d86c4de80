"""Users: who may sign in. Passwords are here only as argon2id hashes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from data.errors import BadInput, NotFound
from data.model.user import Role
from data.store.tables import user


def find(connection: Connection, login: str) -> Row | None:
    """The user of this login (every column), or None."""
    return connection.execute(select(user).where(user.c.login == login)).one_or_none()


def get(connection: Connection, login: str) -> Row:
    """The user of this login (every column).

    Raises:
        NotFound: there is none.
    """
    row = find(connection, login)
    if row is None:
        raise NotFound(f"No user has the login {login!r}. `app.py user list` names all.")
    return row


def find_all(connection: Connection) -> Sequence[Row]:
    """Every user (login, role, area, added_at, disabled_at) by login."""
    columns = (user.c.login, user.c.role, user.c.area, user.c.added_at, user.c.disabled_at)
    return connection.execute(select(*columns).order_by(user.c.login)).all()


def append(
    connection: Connection, login: str, password_hash: str, role: Role, area: str, at: datetime
) -> int:
    """Adds a user and gives the new number.

    Raises:
        BadInput: the login is taken.
    """
    values = {
        "login": login,
        "password_hash": password_hash,
        "role": role.value,
        "area": area,
        "added_at": at,
    }
    try:
        with connection.begin_nested():
            return connection.execute(
                insert(user).values(values).returning(user.c.user_id)
            ).scalar_one()
    except IntegrityError as error:
        raise BadInput("login", "one that nobody has yet", login) from error


def save_password_hash(connection: Connection, user_id: int, password_hash: str) -> None:
    """Replaces the stored hash, as when a stronger one is made of the same password."""
    connection.execute(
        update(user).where(user.c.user_id == user_id).values(password_hash=password_hash)
    )


def save_role(connection: Connection, user_id: int, role: Role, area: str | None) -> None:
    """Gives a user another role and, unless None, another area; open sessions follow at once."""
    values = {"role": role.value} | ({} if area is None else {"area": area})
    connection.execute(update(user).where(user.c.user_id == user_id).values(**values))


def save_disabled(connection: Connection, user_id: int, at: datetime) -> None:
    """Closes the account from this moment; one already closed keeps its earlier moment."""
    connection.execute(
        update(user)
        .where(user.c.user_id == user_id, user.c.disabled_at.is_(None))
        .values(disabled_at=at)
    )
