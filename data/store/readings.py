"""Readings: what arrived, byte for byte, and the judge's queue of those that carry fixes.

Nothing updates or deletes a reading. A whole group of them is one statement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from data.store.judging import SLICES, WAKE_CHANNEL


@dataclass(frozen=True, slots=True)
class Reading:
    """One arrival from a known device.

    `activation_id` None is a device on nobody: kept, not judged. `records` is FIX_DTYPE; n = 0
    for a message without fixes. `target` and `raw` hold no key.
    """

    received_at: datetime
    device_id: int
    activation_id: int | None
    protocol: str
    peer: str
    content_type: str
    target: str
    raw: bytes
    records: NDArray[np.void]


FROM_A_FILE = "import"
"""The peer of a reading that came from a file: history, for which nothing of now may wait."""

_APPEND = """
with came as (
    insert into vigil.reading (received_at, device_id, activation_id, protocol, peer,
        content_type, target, raw, fix_count, fixes)
    select * from unnest(cast(:received_at as timestamptz[]), cast(:device_id as bigint[]),
        cast(:activation_id as bigint[]), cast(:protocol as text[]), cast(:peer as text[]),
        cast(:content_type as text[]), cast(:target as text[]), cast(:raw as bytea[]),
        cast(:fix_count as integer[]), cast(:fixes as bytea[]))
    returning reading_id, received_at, activation_id, fix_count, peer
), queued as (
    insert into vigil.pending (reading_id, received_at, activation_id, slice, is_history)
    select reading_id, received_at, activation_id, activation_id % :slices, peer = :from_a_file
    from came
    where activation_id is not null and fix_count > 0
)
select pg_notify(:channel, '')
"""


def append(connection: Connection, readings: Sequence[Reading]) -> None:
    """Keeps readings, queues those that can be judged, and wakes the judge at commit.

    A single statement, so it needs no transaction around it to be kept whole. The day
    partitions must exist (data.store.partitions).
    """
    if not readings:
        return
    connection.execute(
        text(_APPEND),
        {
            "received_at": [each.received_at for each in readings],
            "device_id": [each.device_id for each in readings],
            "activation_id": [each.activation_id for each in readings],
            "protocol": [each.protocol for each in readings],
            "peer": [each.peer for each in readings],
            "content_type": [each.content_type for each in readings],
            "target": [each.target for each in readings],
            "raw": [each.raw for each in readings],
            "fix_count": [len(each.records) for each in readings],
            "fixes": [each.records.tobytes() for each in readings],
            "slices": SLICES,
            "channel": WAKE_CHANNEL,
            "from_a_file": FROM_A_FILE,
        },
    )
