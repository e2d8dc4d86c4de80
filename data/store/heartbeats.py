"""How far judging has come: when the judge last did its round, and what still waits for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, func, select, text

from data.store.tables import heartbeat, pending


def get_pulse(connection: Connection) -> Row:
    """The judge's pulse (beat_at, newest_fixed_at, waiting_since); each may be None.

    `beat_at` is the oldest of the workers' last rounds: each has slices of its own, and the row
    of one that has ended is gone. `waiting_since` is when the oldest unjudged reading of a
    device arrived; what came from a file is not of now.
    """
    beats = select(
        func.min(heartbeat.c.beat_at).label("beat_at"),
        func.max(heartbeat.c.newest_fixed_at).label("newest_fixed_at"),
    ).where(heartbeat.c.process.like("judge%"))
    waiting = select(func.min(pending.c.received_at)).where(~pending.c.is_history).scalar_subquery()
    return connection.execute(beats.add_columns(waiting.label("waiting_since"))).one()


def find_beats(connection: Connection, processes: Sequence[str]) -> dict[str, datetime]:
    """When each of these last finished a round; one that never did is not in it."""
    query = select(heartbeat.c.process, heartbeat.c.beat_at)
    rows = connection.execute(query.where(heartbeat.c.process.in_(processes)))
    return {row.process: row.beat_at for row in rows}


def beat(connection: Connection, process: str, at: datetime) -> None:
    """Says that a process of which there is one has just finished a round."""
    connection.execute(
        text(
            "insert into vigil.heartbeat (process, beat_at) values (:process, :at) "
            "on conflict (process) do update set beat_at = excluded.beat_at"
        ),
        {"process": process, "at": at},
    )
