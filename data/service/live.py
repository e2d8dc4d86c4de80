"""What the live picture is fed with: what changed since a number, and the judge's pulse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from data.store import heartbeats, outbox
from data.store.reading import reading

CATCH_UP_LIMIT = 1000
"""Changes read at a time; who missed more than this is given the whole picture instead."""


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the outbox: record `record_id` of kind `topic` is not what it was."""

    outbox_id: int
    topic: str
    record_id: int


@dataclass(frozen=True, slots=True)
class Pulse:
    """How fresh the judged picture is; None: never judged."""

    judged_at: datetime | None = None
    newest_fixed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LiveFeed:
    """Reads only. Every call raises `Unavailable` while the database does not answer."""

    engine: Engine

    def last_id(self) -> int:
        """The number of the newest change; 0: nothing has ever happened."""
        with reading(self.engine) as connection:
            return outbox.get_last_id(connection)

    def changes_after(self, outbox_id: int) -> list[Change]:
        """Changes after this number in order, at most `CATCH_UP_LIMIT`."""
        with reading(self.engine) as connection:
            return [
                Change(row.outbox_id, row.topic, row.record_id)
                for row in outbox.find_after(connection, outbox_id, CATCH_UP_LIMIT)
            ]

    def pulse(self) -> Pulse:
        """Up to which moment everything that arrived has been judged, and the newest fix.

        Work that waits is part of the truth: a beating judge that leaves readings lie is as old
        as the oldest of them.
        """
        with reading(self.engine) as connection:
            row = heartbeats.get_pulse(connection)
        if row.beat_at is None or row.waiting_since is None:
            return Pulse(row.beat_at, row.newest_fixed_at)
        return Pulse(min(row.beat_at, row.waiting_since), row.newest_fixed_at)

    def beats_of(self, processes: Sequence[str]) -> dict[str, datetime]:
        """When each of these last finished a round; one that never did is not in it."""
        with reading(self.engine) as connection:
            return heartbeats.find_beats(connection, processes)
