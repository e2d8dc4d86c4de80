"""What could not be taken: kept apart with its reason, counted where it only repeats."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func
from sqlalchemy.dialects.postgresql import insert

from data.store.tables import quarantine

KEPT_BYTES = 64 * 1024
"""Of the raw bytes of what was refused, so much is kept."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """One refused arrival. `repeat_key` None keeps it as a row of its own."""

    received_at: datetime
    device_id: int | None  # None: nobody we know
    protocol: str
    peer: str
    field: str
    reason: str
    raw: bytes
    size_bytes: int
    repeat_key: str | None = None
    times: int = 1


def append(connection: Connection, rejection: Rejection) -> None:
    """Keeps a refused arrival; one whose repeat_key is known already only raises its counter."""
    statement = insert(quarantine).values(
        received_at=rejection.received_at,
        last_at=rejection.received_at,
        times=rejection.times,
        device_id=rejection.device_id,
        protocol=rejection.protocol,
        peer=rejection.peer,
        field=rejection.field,
        reason=rejection.reason,
        size_bytes=rejection.size_bytes,
        raw=rejection.raw[:KEPT_BYTES],
        repeat_key=rejection.repeat_key,
    )
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["repeat_key"],
            set_={
                "times": quarantine.c.times + statement.excluded.times,
                "last_at": func.greatest(quarantine.c.last_at, statement.excluded.last_at),
            },
        )
    )
