"""What the judge takes and leaves: the queue of readings, its states, its heartbeat.

A reading leaves the queue in the transaction that keeps its fixes, so a judge that dies leaves
nothing half done. Whoever judges an activation holds the row lock of its state until commit:
two judges can never decide about one track at once, whatever slices they believe to own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from data.clock import moment_of
from data.model.fix import FIX_DTYPE, fingerprints

SLICES = 64
WAKE_CHANNEL = "vigil_reading"


@dataclass(frozen=True, slots=True)
class Batch:
    """Readings to judge, unpacked to fixes. One entry a reading, then one entry a fix."""

    reading_ids: NDArray[np.int64]  # (m,)
    activation_id: NDArray[np.int64]  # (n,) and so on
    reading_id: NDArray[np.int64]
    received_at_us: NDArray[np.int64]
    fingerprint: NDArray[np.int64]
    records: NDArray[np.void]  # FIX_DTYPE

    def __len__(self) -> int:
        return len(self.reading_ids)


# Packed on the server, so that nothing here is made a fix at a time.
_TAKE = """
with taken as (
    select reading_id, received_at, activation_id from vigil.pending
    where (slice = any(:slices) or activation_id = any(:taken_over))
        and not (activation_id = any(:left_to_others))
        and is_history = :is_history
        and (cast(:only as bigint) is null or reading_id = :only)
    order by reading_id limit :limit
)
select coalesce(string_agg(int8send(r.reading_id), '' order by r.reading_id), ''),
    coalesce(string_agg(int8send(t.activation_id), '' order by r.reading_id), ''),
    coalesce(string_agg(timestamptz_send(r.received_at), '' order by r.reading_id), ''),
    coalesce(string_agg(int4send(r.fix_count), '' order by r.reading_id), ''),
    coalesce(string_agg(r.fixes, '' order by r.reading_id), '')
from taken t join vigil.reading r using (reading_id, received_at)
where r.received_at >= (select min(received_at) from taken)
"""
_PG_EPOCH_US = 946_684_800_000_000


@dataclass(frozen=True, slots=True)
class Share:
    """Whose readings one worker judges: those of its slices, but for whole groups."""

    slices: Sequence[int]
    taken_over: Sequence[int] = ()  # of other slices, in a group with one of ours
    left_to_others: Sequence[int] = ()  # of our slices, in a group that another worker judges


def slice_of(activation_id: int) -> int:
    """The slice an activation's readings are queued in."""
    return activation_id % SLICES


def take(
    connection: Connection,
    share: Share,
    *,
    limit: int,
    is_history: bool = False,
    only: int | None = None,
) -> Batch:
    """The oldest queued readings of this share; they stay queued until `drop`.

    Args:
        limit: at most so many readings.
        is_history: those that came from files, and not those of devices.
        only: this reading and no other; None takes whatever is queued.
    """
    ids, activations, received, counts, packed = connection.execute(
        text(_TAKE),
        {
            "slices": list(share.slices),
            "taken_over": list(share.taken_over),
            "left_to_others": list(share.left_to_others),
            "limit": limit,
            "is_history": is_history,
            "only": only,
        },
    ).one()
    per_reading = np.frombuffer(counts, ">i4").astype(np.int64)
    reading_ids = np.frombuffer(ids, ">i8").astype(np.int64)
    records = np.frombuffer(packed, FIX_DTYPE)
    if len(records) != per_reading.sum():
        raise ValueError("a reading's packed fixes do not match its fix_count")
    return Batch(
        reading_ids=reading_ids,
        activation_id=np.repeat(np.frombuffer(activations, ">i8").astype(np.int64), per_reading),
        reading_id=np.repeat(reading_ids, per_reading),
        received_at_us=np.repeat(
            np.frombuffer(received, ">i8").astype(np.int64) + _PG_EPOCH_US, per_reading
        ),
        fingerprint=fingerprints(records),
        records=records,
    )


def find_queued(connection: Connection) -> frozenset[int]:
    """The activations that have a reading of their device in the queue."""
    query = text("select distinct activation_id from vigil.pending where not is_history")
    return frozenset(connection.scalars(query))


def drop(connection: Connection, reading_ids: NDArray[np.int64]) -> None:
    """Takes judged readings off the queue."""
    connection.execute(
        text("delete from vigil.pending where reading_id = any(:ids)"),
        {"ids": reading_ids.tolist()},
    )


def count_attempt(connection: Connection, reading_id: int) -> int:
    """Notes that judging this reading failed and gives how often it has by now."""
    return connection.execute(
        text(
            "update vigil.pending set attempts = attempts + 1 where reading_id = :id "
            "returning attempts"
        ),
        {"id": reading_id},
    ).scalar_one()


def lock_states(connection: Connection, activation_ids: Sequence[int]) -> dict[int, bytes]:
    """States of these activations, locked until commit; b"" where none was judged before.

    Locks are taken in the order of the ids, so that two judges wait and never deadlock.
    """
    ids = sorted({int(each) for each in activation_ids})
    connection.execute(
        text(
            "insert into vigil.judge_state (activation_id, as_of, state) "
            "select id, 'epoch', '' from unnest(cast(:ids as bigint[])) id order by id "
            "on conflict do nothing"
        ),
        {"ids": ids},
    )
    rows = connection.execute(
        text(
            "select activation_id, state from vigil.judge_state "
            "where activation_id = any(:ids) order by activation_id for update"
        ),
        {"ids": ids},
    )
    return {row.activation_id: bytes(row.state) for row in rows}


PairKey = tuple[int, int, int]
"""(pair_id, offender_activation_id, victim_activation_id)."""


def get_pair_states(connection: Connection, keys: Sequence[PairKey]) -> dict[PairKey, bytes]:
    """States of these pairs of tracks; those never judged are left out.

    The caller holds the locks of both activations, which guard the pair's state too.
    """
    if not keys:
        return {}
    rows = connection.execute(
        text(
            "select s.* from vigil.pair_state s join unnest(cast(:p as bigint[]), "
            "cast(:o as bigint[]), cast(:v as bigint[])) k(p, o, v) on s.pair_id = k.p "
            "and s.offender_activation_id = k.o and s.victim_activation_id = k.v"
        ),
        _pair_columns(keys),
    )
    return {
        (row.pair_id, row.offender_activation_id, row.victim_activation_id): bytes(row.state)
        for row in rows
    }


def _pair_columns(keys: Sequence[PairKey]) -> dict[str, list[int]]:
    return {name: [key[place] for key in keys] for place, name in enumerate("pov")}


def save_states(
    connection: Connection,
    tracks: Mapping[int, tuple[int, bytes]],
    pairs: Mapping[PairKey, tuple[int, bytes]],
) -> None:
    """Keeps the states of locked activations and their pairs: (as_of in microseconds, bytes)."""
    _upsert(connection, "judge_state", None, tracks)
    _upsert(connection, "pair_state", None, pairs)


def save_snapshots(
    connection: Connection,
    boundary: datetime,
    tracks: Mapping[int, tuple[int, bytes]],
    pairs: Mapping[PairKey, tuple[int, bytes]],
) -> None:
    """Keeps how these stood when every fix before `boundary` was judged and none after it."""
    _upsert(connection, "judge_snapshot", boundary, tracks)
    _upsert(connection, "pair_snapshot", boundary, pairs)


_KEYS = {
    "judge_state": ("activation_id",),
    "judge_snapshot": ("activation_id",),
    "pair_state": ("pair_id", "offender_activation_id", "victim_activation_id"),
    "pair_snapshot": ("pair_id", "offender_activation_id", "victim_activation_id"),
}


def _upsert(
    connection: Connection,
    table: str,
    boundary: datetime | None,
    states: Mapping[Any, tuple[int, bytes]],
) -> None:
    if not states:
        return
    keys = _KEYS[table]
    ordered = sorted(states.items())
    key_rows = [key if isinstance(key, tuple) else (key,) for key, _ in ordered]
    parameters: dict[str, Any] = {
        f"k{place}": [row[place] for row in key_rows] for place in range(len(keys))
    }
    arrays = ", ".join(f"%(k{place})b::bigint[]" for place in range(len(keys)))
    target, value = ", ".join(keys), ", ".join(f"s.k{place}" for place in range(len(keys)))
    columns = ", ".join(f"k{place}" for place in range(len(keys)))
    if boundary is not None:
        target, value = f"{target}, boundary", f"{value}, %(boundary)s::timestamptz"
        parameters["boundary"] = boundary
    # The driver itself, for its binary parameters: as text, each byte of a state is escaped.
    connection.connection.cursor().execute(
        f"insert into vigil.{table} ({target}, as_of, state) select {value}, as_of, state "
        f"from unnest({arrays}, %(as_of)b::timestamptz[], %(states)b::bytea[]) "
        f"s({columns}, as_of, state) on conflict ({target}) "
        "do update set as_of = excluded.as_of, state = excluded.state",
        {
            **parameters,
            "as_of": [moment_of(as_of_us) for _, (as_of_us, _) in ordered],
            "states": [packed for _, (_, packed) in ordered],
        },
    )


@dataclass(frozen=True, slots=True)
class Snapshot:
    """How a group of tracks stood at a boundary: every fix before it judged, none after."""

    boundary: datetime
    tracks: dict[int, bytes]
    pairs: dict[PairKey, bytes]


def find_snapshot(
    connection: Connection, activation_ids: Sequence[int], at: datetime
) -> Snapshot | None:
    """The newest snapshot of these tracks whose boundary is at or before `at`, or None.

    A group is always kept whole, so the newest boundary of any member is one of them all.
    """
    boundary = connection.execute(
        text(
            "select max(boundary) from vigil.judge_snapshot "
            "where activation_id = any(:ids) and boundary <= :at"
        ),
        {"ids": list(activation_ids), "at": at},
    ).scalar_one()
    if boundary is None:
        return None
    parameters = {"ids": list(activation_ids), "boundary": boundary}
    tracks = connection.execute(
        text(
            "select activation_id, state from vigil.judge_snapshot "
            "where activation_id = any(:ids) and boundary = :boundary"
        ),
        parameters,
    )
    pairs = connection.execute(
        text(
            "select * from vigil.pair_snapshot where offender_activation_id = any(:ids) "
            "and victim_activation_id = any(:ids) and boundary = :boundary"
        ),
        parameters,
    )
    return Snapshot(
        boundary,
        {row.activation_id: bytes(row.state) for row in tracks},
        {
            (row.pair_id, row.offender_activation_id, row.victim_activation_id): bytes(row.state)
            for row in pairs
        },
    )


def drop_snapshots_after(
    connection: Connection, activation_ids: Sequence[int], at: datetime
) -> None:
    """Forgets snapshots that a late fix at `at` makes untrue."""
    parameters = {"ids": list(activation_ids), "at": at}
    connection.execute(
        text("delete from vigil.judge_snapshot where activation_id = any(:ids) and boundary > :at"),
        parameters,
    )
    connection.execute(
        text(
            "delete from vigil.pair_snapshot where boundary > :at and "
            "(offender_activation_id = any(:ids) or victim_activation_id = any(:ids))"
        ),
        parameters,
    )


def thin_snapshots(connection: Connection, now: datetime) -> int:
    """Forgets snapshots that are seldom needed and gives how many.

    Every ten minutes for two hours back, every hour for a week, every day for as long as fixes
    are kept: the older the late fix, the longer the judging again.
    """
    gone = 0
    for table in ("judge_snapshot", "pair_snapshot"):
        gone += connection.execute(
            text(
                f"delete from vigil.{table} where (boundary < cast(:now as timestamptz) - "
                "interval '2 hours' and boundary <> date_trunc('hour', boundary)) or (boundary < "
                "cast(:now as timestamptz) - interval '7 days' and boundary <> "
                "date_trunc('day', boundary, 'UTC'))"
            ),
            {"now": now},
        ).rowcount
    return gone


def beat(connection: Connection, at: datetime, newest_fixed_at: datetime | None) -> None:
    """Says that this worker, by its session, has just finished a round.

    Rows of workers whose sessions have ended go: their slices are with others by now. A worker
    that hangs keeps its session and so its row, which grows old for all to see.
    """
    connection.execute(
        text(
            "insert into vigil.heartbeat (process, beat_at, newest_fixed_at) "
            "values ('judge ' || pg_backend_pid(), :at, :newest) "
            "on conflict (process) do update set beat_at = excluded.beat_at, newest_fixed_at = "
            "coalesce(excluded.newest_fixed_at, heartbeat.newest_fixed_at)"
        ),
        {"at": at, "newest": newest_fixed_at},
    )
    connection.execute(
        text(
            "delete from vigil.heartbeat where process like 'judge %' and not exists ("
            "select from pg_stat_activity where 'judge ' || pid = process)"
        )
    )


def listen(connection: Connection) -> None:
    """Lets this session be woken when a reading is queued."""
    connection.execute(text(f"listen {WAKE_CHANNEL}"))
    connection.commit()


def wait(connection: Connection, seconds: float) -> None:
    """Returns when a reading was queued since the last call, or after this long."""
    driver = connection.connection.driver_connection
    assert driver is not None  # it is checked out, so there is one
    for _ in driver.notifies(timeout=seconds, stop_after=1):
        pass
    connection.rollback()
