"""What the room's screens have sounded, and when one could not: who could have heard an alert."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, insert

from data.store.tables import sound_entry


def append(
    connection: Connection,
    *,
    at: datetime,
    login: str,
    kind: str,
    priority: int | None,
    alert_ids: Sequence[int],
) -> None:
    """Adds a line; `login` is a person's or a wall's name."""
    connection.execute(
        insert(sound_entry).values(
            at=at, login=login, kind=kind, priority=priority, alert_ids=list(alert_ids)
        )
    )
