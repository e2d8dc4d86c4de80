"""What people chose for themselves, one value a name; it follows them to whichever screen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from data.store.tables import user_choice


def find(connection: Connection, user_id: int) -> dict[str, Mapping[str, Any]]:
    """All choices of this user by name."""
    query = select(user_choice.c.name, user_choice.c.value).where(user_choice.c.user_id == user_id)
    return {row.name: row.value for row in connection.execute(query)}


def save(
    connection: Connection, user_id: int, name: str, value: Mapping[str, Any], at: datetime
) -> None:
    """Keeps a choice; an earlier one of this name is gone."""
    row = insert(user_choice).values(user_id=user_id, name=name, value=value, changed_at=at)
    connection.execute(
        row.on_conflict_do_update(
            index_elements=["user_id", "name"], set_={"value": value, "changed_at": at}
        )
    )
