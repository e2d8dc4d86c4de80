"""How far judging has come: when the judge last did its round, and what still waits for it."""

from __future__ import annotations

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


def get_beat_at(connection: Connection, process: str) -> datetime | None:
    """When this process last finished a round; None: never."""
    return connection.scalar(select(heartbeat.c.beat_at).where(heartbeat.c.process == process))


def beat(connection: Connection, process: str, at: datetime) -> None:
    """Says that a process of which there is one has just finished a round."""
    connection.execute(
        text(
            "insert into vigil.heartbeat (process, beat_at) values (:process, :at) "
            "on conflict (process) do update set beat_at = excluded.beat_at"
        ),
        {"process": process, "at": at},
    )
