"""What the judge takes and leaves: the queue of readings, its states, its heartbeat.

A reading leaves the queue in the transaction that keeps its fixes, so a judge that dies leaves
nothing half done. Whoever judges an activation holds the row lock of its state until commit:
two judges can never decide about one track at once, whatever slices they believe to own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

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
    where slice = any(:slices) and attempts <= :attempts order by reading_id limit :limit
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


def take(
    connection: Connection, slices: Sequence[int], *, limit: int, attempts: int = 32767
) -> Batch:
    """The oldest queued readings of these slices; they stay queued until `drop`.

    Args:
        limit: at most so many readings.
        attempts: leaves out readings that have failed more often than this.
    """
    ids, activations, received, counts, packed = connection.execute(
        text(_TAKE), {"slices": list(slices), "limit": limit, "attempts": attempts}
    ).one()
    per_reading = np.frombuffer(counts, ">i4").astype(np.int64)
    reading_ids = np.frombuffer(ids, ">i8").astype(np.int64)
    records = np.frombuffer(packed, FIX_DTYPE)
    if len(records) != per_reading.sum():
        raise ValueError("a reading's packed fixes do not match its fix_count")
    return Batch(
        reading_ids=reading_ids,
        activation_id=np.repeat(
            np.frombuffer(activations, ">i8").astype(np.int64), per_reading
        ),
        reading_id=np.repeat(reading_ids, per_reading),
        received_at_us=np.repeat(
            np.frombuffer(received, ">i8").astype(np.int64) + _PG_EPOCH_US, per_reading
        ),
        fingerprint=fingerprints(records),
        records=records,
    )


def drop(connection: Connection, reading_ids: NDArray[np.int64]) -> None:
    """Takes judged readings off the queue."""
    connection.execute(
        text("delete from vigil.pending where reading_id = any(:ids)"),
        {"ids": reading_ids.tolist()},
    )


def count_attempt(connection: Connection, reading_ids: Sequence[int]) -> None:
    """Notes that judging these readings failed, so that they can be tried apart."""
    connection.execute(
        text(
            "update vigil.pending set attempts = attempts + 1 where reading_id = any(:ids)"
        ),
        {"ids": list(reading_ids)},
    )


def lock_states(
    connection: Connection, activation_ids: Sequence[int]
) -> dict[int, bytes]:
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


def save_states(
    connection: Connection, states: Mapping[int, tuple[int, bytes]]
) -> None:
    """Keeps the states of locked activations: id to (as_of in microseconds, packed state)."""
    _upsert_states(connection, "judge_state", "", states)


def save_snapshots(
    connection: Connection, boundary: datetime, states: Mapping[int, tuple[int, bytes]]
) -> None:
    """Keeps how these activations stood when every fix before `boundary` was judged."""
    _upsert_states(connection, "judge_snapshot", boundary.isoformat(), states)


def _upsert_states(
    connection: Connection,
    table: str,
    boundary: str,
    states: Mapping[int, tuple[int, bytes]],
) -> None:
    if not states:
        return
    column = ", boundary" if boundary else ""
    value = ", cast(:boundary as timestamptz)" if boundary else ""
    ordered = sorted(states.items())
    connection.execute(
        text(
            f"insert into vigil.{table} (activation_id{column}, as_of, state) "
            f"select id{value}, as_of, state from unnest(cast(:ids as bigint[]), "
            "cast(:as_of as timestamptz[]), cast(:states as bytea[])) s(id, as_of, state) "
            f"on conflict (activation_id{column}) "
            "do update set as_of = excluded.as_of, state = excluded.state"
        ),
        {
            "ids": [key for key, _ in ordered],
            "as_of": [moment_of(as_of_us) for _, (as_of_us, _) in ordered],
            "states": [packed for _, (_, packed) in ordered],
            **({"boundary": boundary} if boundary else {}),
        },
    )


def find_snapshot(
    connection: Connection, activation_id: int, at: datetime
) -> tuple[datetime, bytes] | None:
    """The newest snapshot whose boundary is at or before this moment, or None."""
    row = connection.execute(
        text(
            "select boundary, state from vigil.judge_snapshot where activation_id = :id "
            "and boundary <= :at order by boundary desc limit 1"
        ),
        {"id": activation_id, "at": at},
    ).one_or_none()
    return None if row is None else (row.boundary, bytes(row.state))


def drop_snapshots_after(
    connection: Connection, activation_ids: Sequence[int], at: datetime
) -> None:
    """Forgets snapshots that a late fix at `at` makes untrue."""
    connection.execute(
        text(
            "delete from vigil.judge_snapshot where activation_id = any(:ids) and boundary > :at"
        ),
        {"ids": list(activation_ids), "at": at},
    )


def beat(
    connection: Connection, process: str, at: datetime, newest_fixed_at: datetime | None
) -> None:
    """Says that a process has just finished a round. Readers tell from this alone that it lives."""
    connection.execute(
        text(
            "insert into vigil.heartbeat (process, beat_at, newest_fixed_at) "
            "values (:process, :at, :newest) on conflict (process) do update set "
            "beat_at = excluded.beat_at, newest_fixed_at = "
            "greatest(heartbeat.newest_fixed_at, excluded.newest_fixed_at)"
        ),
        {"process": process, "at": at, "newest": newest_fixed_at},
    )
