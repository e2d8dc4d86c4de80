"""How far judging has come: when the judge last did its round, and what still waits for it."""

from __future__ import annotations

from sqlalchemy import Connection, Row, func, select

from data.store.tables import heartbeat, pending


def get_pulse(connection: Connection) -> Row:
    """The judge's pulse (beat_at, newest_fixed_at, waiting_since); each may be None.

    `beat_at` is the newest round of any worker. One worker that hangs while the others beat is
    seen by `waiting_since`, when the oldest unjudged reading arrived.
    """
    beats = select(
        func.max(heartbeat.c.beat_at).label("beat_at"),
        func.max(heartbeat.c.newest_fixed_at).label("newest_fixed_at"),
    ).where(heartbeat.c.process.like("judge%"))
    waiting = select(func.min(pending.c.received_at)).scalar_subquery()
    return connection.execute(beats.add_columns(waiting.label("waiting_since"))).one()
