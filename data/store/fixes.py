"""Judged positions: kept in bulk, read back as columns.

Rows travel as binary COPY of one numpy array into a staging table of the session and from
there into the partitions, so no Python object is made for a fix in either direction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from data.clock import moment_of
from data.model.fix import FIX_DTYPE
from data.store.partitions import ensure_days

# PostgreSQL counts microseconds from 2000-01-01.
_PG_EPOCH_US = 946_684_800_000_000
_DAY_US = 86_400_000_000
_COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_COPY_TRAILER = b"\xff\xff"

# How far back fixes get a partition of their own day; older ones share the rest.
OWN_DAY_FOR = timedelta(days=400)


def copy_block(columns: dict[str, NDArray]) -> bytes:
    """PostgreSQL binary COPY data of these equally long columns, none of them null.

    Column types follow the arrays: int64, int32, int16, float64, float32; booleans as uint8.
    """
    rows = len(next(iter(columns.values())))
    layout: list[tuple[str, str]] = [("fields", ">i2")]
    for name, values in columns.items():
        layout.append((f"{name}_size", ">i4"))
        layout.append((name, values.dtype.newbyteorder(">").str))
    block = np.empty(rows, layout)
    block["fields"] = len(columns)
    for name, values in columns.items():
        block[f"{name}_size"] = values.dtype.itemsize
        block[name] = values
    return _COPY_HEADER + block.tobytes() + _COPY_TRAILER


def copy_in(connection: Connection, table: str, columns: dict[str, NDArray]) -> None:
    """Sends columns into a table of the same column names; `table` is a name of ours."""
    cursor = connection.connection.cursor()
    names = ", ".join(columns)
    with cursor.copy(f"copy {table} ({names}) from stdin (format binary)") as copy:
        copy.write(copy_block(columns))


def pg_moment(us: NDArray[np.int64]) -> NDArray[np.int64]:
    """Microseconds since 1970 as PostgreSQL counts them, since 2000."""
    return us - _PG_EPOCH_US


@dataclass(frozen=True, slots=True)
class Positions:
    """Stored fixes as columns of equal length, in time order."""

    activation_id: NDArray[np.int64]
    fingerprint: NDArray[np.int64]
    received_at_us: NDArray[np.int64]
    flags: NDArray[np.int32]
    records: NDArray[np.void]  # FIX_DTYPE

    def __len__(self) -> int:
        return len(self.activation_id)


_STAGING = """
create temp table if not exists staged_fix (
    activation_id bigint, fixed_at timestamptz, fingerprint bigint, received_at timestamptz,
    reading_id bigint, lon float8, lat float8, radius_95_m real, speed_mps real,
    heading_deg real, altitude_m real, hdop real, battery_pct real, satellites smallint,
    sequence bigint, mechanism smallint, events integer, flags integer
) on commit delete rows
"""

_KEEP = """
insert into vigil.fix (
    activation_id, fixed_at, fingerprint, received_at, judged_at, reading_id, position,
    radius_95_m, speed_mps, heading_deg, altitude_m, hdop, battery_pct, satellites, sequence,
    mechanism, events, flags)
select activation_id, fixed_at, fingerprint, received_at, :judged_at, reading_id,
    case when lon <> 'NaN' and lat <> 'NaN' then st_setsrid(st_makepoint(lon, lat), 4326) end,
    nullif(radius_95_m, 'NaN'), nullif(speed_mps, 'NaN'), nullif(heading_deg, 'NaN'),
    nullif(altitude_m, 'NaN'), nullif(hdop, 'NaN'), nullif(battery_pct, 'NaN'),
    nullif(satellites, -1), nullif(sequence, -1), mechanism, events, flags
from staged_fix
on conflict do nothing
"""


def append(
    connection: Connection,
    positions: Positions,
    reading_id: NDArray[np.int64],
    judged_at: datetime,
) -> int:
    """Keeps judged fixes and gives how many were new; one that is there already is left alone.

    Args:
        positions: judged fixes, flags included; empty keeps nothing.
        reading_id: shape (n,), the reading each came in.
        judged_at: the moment of judging, UTC.
    """
    if len(positions) == 0:
        return 0
    fixes = positions.records
    ensure_days(connection, "fix", own_days(fixes["fixed_at"], judged_at))
    connection.execute(text(_STAGING))
    copy_in(
        connection,
        "staged_fix",
        {
            "activation_id": positions.activation_id,
            "fixed_at": pg_moment(fixes["fixed_at"]),
            "fingerprint": positions.fingerprint,
            "received_at": pg_moment(positions.received_at_us),
            "reading_id": reading_id,
            **{
                name: fixes[name]
                for name in (
                    "lon",
                    "lat",
                    "radius_95_m",
                    "speed_mps",
                    "heading_deg",
                    "altitude_m",
                    "hdop",
                    "battery_pct",
                    "satellites",
                    "sequence",
                )
            },
            "mechanism": fixes["mechanism"].astype(np.int16),
            "events": fixes["events"].astype(np.int32),
            "flags": positions.flags.astype(np.int32),
        },
    )
    kept = connection.execute(text(_KEEP), {"judged_at": judged_at}).rowcount
    connection.execute(text("truncate staged_fix"))
    return kept


def own_days(fixed_at_us: NDArray[np.int64], now: datetime) -> list[date]:
    """The days of these moments that get a partition of their own, UTC."""
    oldest = int((now - OWN_DAY_FOR).timestamp()) // 86400
    days = np.unique(fixed_at_us // _DAY_US)
    return [datetime.fromtimestamp(int(day) * 86400, UTC).date() for day in days if day >= oldest]


def find_known(
    connection: Connection,
    activation_id: NDArray[np.int64],
    fixed_at_us: NDArray[np.int64],
    fingerprint: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Which of these keys are kept already, shape (n,)."""
    known = np.zeros(len(activation_id), bool)
    if len(known) == 0:
        return known
    connection.execute(
        text(
            "create temp table if not exists staged_key (place integer, activation_id bigint, "
            "fixed_at timestamptz, fingerprint bigint) on commit delete rows"
        )
    )
    copy_in(
        connection,
        "staged_key",
        {
            "place": np.arange(len(known), dtype=np.int32),
            "activation_id": activation_id,
            "fixed_at": pg_moment(fixed_at_us),
            "fingerprint": fingerprint,
        },
    )
    # The bounds let the planner leave out the partitions of other days.
    found = connection.execute(
        text(
            "select coalesce(string_agg(int4send(k.place), ''), '') from staged_key k "
            "join vigil.fix f using (activation_id, fixed_at, fingerprint) "
            "where f.fixed_at between :first and :last"
        ),
        {"first": moment_of(fixed_at_us.min()), "last": moment_of(fixed_at_us.max())},
    ).scalar_one()
    connection.execute(text("truncate staged_key"))
    known[np.frombuffer(found, ">i4")] = True
    return known


_COLUMNS: dict[str, tuple[str, str]] = {
    # record field: (SQL that never gives null, big-endian type on the wire)
    "activation_id": ("int8send(activation_id)", ">i8"),
    "fingerprint": ("int8send(fingerprint)", ">i8"),
    "received_at": ("timestamptz_send(received_at)", ">i8"),
    "flags": ("int4send(flags)", ">i4"),
    "fixed_at": ("timestamptz_send(fixed_at)", ">i8"),
    "lon": ("float8send(coalesce(st_x(position), 'NaN'))", ">f8"),
    "lat": ("float8send(coalesce(st_y(position), 'NaN'))", ">f8"),
    "radius_95_m": ("float4send(coalesce(radius_95_m, 'NaN'))", ">f4"),
    "speed_mps": ("float4send(coalesce(speed_mps, 'NaN'))", ">f4"),
    "heading_deg": ("float4send(coalesce(heading_deg, 'NaN'))", ">f4"),
    "altitude_m": ("float4send(coalesce(altitude_m, 'NaN'))", ">f4"),
    "hdop": ("float4send(coalesce(hdop, 'NaN'))", ">f4"),
    "battery_pct": ("float4send(coalesce(battery_pct, 'NaN'))", ">f4"),
    "satellites": ("int2send(coalesce(satellites, -1::smallint))", ">i2"),
    "sequence": ("int8send(coalesce(sequence, -1))", ">i8"),
    "mechanism": ("int2send(mechanism)", ">i2"),
    "events": ("int4send(events)", ">i4"),
}
_PACKED = " || ".join(sql for sql, _ in _COLUMNS.values())
_WIRE = np.dtype([(name, kind) for name, (_, kind) in _COLUMNS.items()])


def get_track(
    connection: Connection, activation_ids: Sequence[int], first: datetime, last: datetime
) -> Positions:
    """Fixes of these activations with first <= fixed_at < last.

    Ordered by (fixed_at, activation_id, fingerprint); empty when there are none.
    """
    return _get(
        connection,
        "fixed_at >= :first and fixed_at < :last",
        {"ids": list(activation_ids), "first": first, "last": last},
    )


def get_all_since(
    connection: Connection, activation_ids: Sequence[int], since: datetime
) -> Positions:
    """Fixes of these activations that count at or after a moment, in the same order.

    More than asked for may come: a fix whose device clock was wrong counts when it was
    received, so the caller sorts out by the moment that the rules give each fix.
    """
    ids = {"ids": list(activation_ids), "since": since}
    by_own_clock = _get(connection, "fixed_at >= :since", ids)
    by_ours = _get(
        connection, "(flags & 6) <> 0 and received_at >= :since and fixed_at < :since", ids
    )
    return Positions(
        *(
            np.concatenate([getattr(by_ours, name), getattr(by_own_clock, name)])
            for name in ("activation_id", "fingerprint", "received_at_us", "flags", "records")
        )
    )


def _get(connection: Connection, condition: str, parameters: dict[str, Any]) -> Positions:
    packed = connection.execute(
        text(
            "select coalesce("
            f"string_agg({_PACKED}, '' order by fixed_at, activation_id, fingerprint), '') "
            f"from vigil.fix where activation_id = any(:ids) and {condition}"
        ),
        parameters,
    ).scalar_one()
    wire = np.frombuffer(packed, _WIRE)
    records = np.zeros(len(wire), FIX_DTYPE)
    for name in FIX_DTYPE.names or ():
        if name not in ("spare", "fixed_at"):
            records[name] = wire[name]
    records["fixed_at"] = wire["fixed_at"] + _PG_EPOCH_US
    return Positions(
        activation_id=wire["activation_id"].astype(np.int64),
        fingerprint=wire["fingerprint"].astype(np.int64),
        received_at_us=wire["received_at"].astype(np.int64) + _PG_EPOCH_US,
        flags=wire["flags"].astype(np.int32),
        records=records,
    )
