"""Walks past a zone, queued as readings, and what finally stands on record about them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, Engine, Row, text

from tests.makers import START, ACase, a_reading, offset, track

HOME = (-2.98, 53.41)


def rows(engine: Engine, query: str) -> Sequence[Row[Any]]:
    """The rows of a query, in a transaction of its own."""
    with engine.connect() as connection:
        return connection.execute(text(query)).all()


def walk(
    metres_east: Sequence[float],
    *,
    every_s: int = 60,
    start: datetime = START,
    home: tuple[float, float] = HOME,
) -> np.ndarray:
    """A track past a home, so many metres east of it, one fix each interval."""
    places = [offset(*home, east, 0.0) for east in metres_east]
    steps = " | ".join(f"{n * every_s}s {lat},{lon}" for n, (lon, lat) in enumerate(places))
    return track(steps, start=start)


VISIT = [900, 700, 500, 300, 50, 0, 0, 50, 300, 500, 700, 900, 1100, 1300, 1500]


def queue_each(engine: Engine, case: ACase, fixes: np.ndarray, order: Sequence[int]) -> None:
    """One reading a fix, arriving in this order."""
    with engine.begin() as connection:
        for place in order:
            a_reading(connection, case, fixes[[place]])


LAST_WORD = """
select distinct on (b.breach_id) b.breach_id, b.kind, b.found_on_backfill, r.entered_at,
    r.left_at, r.channel, r.p_inside_max, r.fixes, r.withdrawn
from vigil.breach b join vigil.breach_revision r using (breach_id)
order by b.breach_id, r.revision desc
"""


def breaches(engine: Engine) -> list[tuple[Any, ...]]:
    """What finally stands, without ids: kind, entered, left, channel, greatest chance, fixes.

    The last two grow while somebody is inside, and the record is only added to when something
    happens; of a breach that is open they are left out.
    """
    standing = rows(
        engine,
        f"select * from ({LAST_WORD}) now where not withdrawn order by entered_at, kind",
    )
    return [
        (row.kind, row.entered_at, row.left_at, row.channel)
        + ((round(row.p_inside_max, 6), row.fixes) if row.left_at else (None, None))
        for row in standing
    ]


def forget(connection: Connection) -> None:
    """Takes everything judged off the record, for a second run on the same world."""
    for table in (
        "pending, vigil.reading, vigil.fix, vigil.fix_verdict, vigil.live_fix, vigil.judge_state",
        "judge_snapshot, vigil.pair_state, vigil.pair_snapshot, vigil.coverage",
        "alert_entry, vigil.alert, vigil.breach_revision, vigil.breach, vigil.outbox",
    ):
        connection.execute(text(f"truncate vigil.{table} restart identity cascade"))
