"""Whole tracks, read as columns: no Python object is made for a fix."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Row, text

from data.clock import microseconds
from data.errors import NotFound
from data.model.track import ROW_DTYPE, StoredTrack

# PostgreSQL counts microseconds from 2000-01-01.
_PG_EPOCH_US = 946_684_800_000_000
_ARRAY_HEADER_BYTES = 20  # dimensions, nulls, type, length, first index

# What is read as it stands, by the name in ROW_DTYPE.
_SQL = {
    "fixed_at_us": "fixed_at",
    "fingerprint": "fingerprint",
    "received_at_us": "received_at",
    "lon": "coalesce(st_x(position), 'NaN')",
    "lat": "coalesce(st_y(position), 'NaN')",
    "radius_95_m": "coalesce(radius_95_m, 'NaN')",
    "speed_mps": "coalesce(speed_mps, 'NaN')",
    "heading_deg": "coalesce(heading_deg, 'NaN')",
    "altitude_m": "coalesce(altitude_m, 'NaN')",
    "hdop": "coalesce(hdop, 'NaN')",
    "battery_pct": "coalesce(battery_pct, 'NaN')",
    "sequence": "coalesce(sequence, -1)",
}
# Two small numbers in one: every array costs the database as much as a third of the reading.
_PAIRS = {
    ("flags", "events"): "flags::bigint << 32 | events",
    ("mechanism", "satellites"): "mechanism::bigint << 32 | coalesce(satellites, -1) + 1",
}
_COLUMNS = [*_SQL.values(), *_PAIRS.values()]
# One array a column: a row each, by COPY or a cursor, costs ten microseconds of Python.
_QUERY = f"""
select {", ".join(f"array_send(array_agg(c{place}))" for place in range(len(_COLUMNS)))}
from (
    select {", ".join(f"{sql} as c{place}" for place, sql in enumerate(_COLUMNS))}
    from vigil.fix
    where activation_id = %s and fixed_at >= %s and fixed_at < %s
    order by vigil.fix.fixed_at, vigil.fix.fingerprint
) ordered
"""


def get(connection: Connection, activation_id: int, first: datetime, last: datetime) -> StoredTrack:
    """Kept fixes of an activation with first <= fixed_at < last.

    Raises:
        NotFound: no such activation.
    """
    query = "select report_every_s, started_at from vigil.activation where activation_id = :id"
    plan = connection.execute(text(query), {"id": activation_id}).one_or_none()
    if plan is None:
        raise NotFound(f"There is no activation {activation_id}.")
    cursor: Any = connection.connection.cursor(binary=True)
    with cursor:
        cursor.execute(_QUERY, (activation_id, first, last))
        columns = cursor.fetchone()
    rows = _rows(columns, activation_id)
    return StoredTrack(rows, plan.report_every_s, microseconds(plan.started_at))


def _rows(columns: Sequence[bytes | None], activation_id: int) -> NDArray[np.void]:
    """The rows of PostgreSQL arrays without nulls: a length before each value; None: no row."""
    if columns[0] is None:
        return np.empty(0, ROW_DTYPE)
    plain, pairs = columns[: len(_SQL)], columns[len(_SQL) :]
    count = len(_values(plain[0], ">i8"))
    rows = np.empty(count, ROW_DTYPE)
    rows["activation_id"] = activation_id
    for name, sent in zip(_SQL, plain, strict=True):
        rows[name] = _values(sent, ROW_DTYPE[name].str)
    for (upper, lower), sent in zip(_PAIRS, pairs, strict=True):
        both = _values(sent, ">i8").astype(np.int64)
        rows[upper], rows[lower] = both >> 32, both & 0xFFFF_FFFF
    rows["satellites"] -= 1
    for name in ("fixed_at_us", "received_at_us"):
        rows[name] += _PG_EPOCH_US
    return rows


def _values(sent: bytes | None, kind: str) -> NDArray[Any]:
    assert sent is not None
    found: NDArray[Any] = np.frombuffer(
        sent, [("size", ">i4"), ("value", kind)], offset=_ARRAY_HEADER_BYTES
    )["value"]
    return found


def find_bounds(connection: Connection, activation_id: int) -> Row | None:
    """First and last moment of an activation's fixes (first, last); None where it has none."""
    query = text(
        "select min(fixed_at) as first, max(fixed_at) as last from vigil.fix "
        "where activation_id = :id"
    )
    row = connection.execute(query, {"id": activation_id}).one()
    return None if row.first is None else row
