"""The audit trail: who did what to which record, chained so that a changed row shows.

Each entry's hash covers the one before it. Numbers and hashes come from one locked head row:
looking up "the last entry" instead lets two writers chain to the same one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from data.store.tables import audit_checkpoint, audit_entry, audit_head

FIRST_HASH = bytes(32)
"""What the first entry chains to."""


def entry_hash(previous_hash: bytes, entry: dict[str, Any]) -> bytes:
    """SHA-256 over the previous hash and the entry's canonical JSON (sorted keys, UTF-8)."""
    body = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(previous_hash + body.encode()).digest()


def append(
    connection: Connection,
    *,
    at: datetime,
    user_id: int | None,
    action: str,
    record_kind: str,
    record_id: int | None,
    peer: str = "",
    session_id: int | None = None,
    shown: Mapping[str, Sequence[int]] | None = None,
    detail: dict[str, Any] | None = None,
) -> int:
    """Writes one entry in the caller's transaction and gives its number.

    Holds the head row until commit, so call it late. `user_id` None means Vigil itself; `shown`
    is which records were put before them, by kind, and is kept as `detail["shown"]`. `detail`
    holds ids and numbers only: the trail is read by people who may see no victim data.
    """
    head = connection.execute(select(audit_head).with_for_update()).one()
    entry = {
        "audit_entry_id": head.last_id + 1,
        "at": at.astimezone(UTC).isoformat(),
        "user_id": user_id,
        "action": action,
        "record_kind": record_kind,
        "record_id": record_id,
        "peer": peer,
        "detail": (detail or {})
        | ({"shown": {kind: list(ids) for kind, ids in shown.items()}} if shown else {}),
        # Only where there is one: what was written before sessions had numbers hashes as it did.
        **({} if session_id is None else {"session_id": session_id}),
    }
    this_hash = entry_hash(head.last_hash, entry)
    connection.execute(
        insert(audit_entry).values(
            **{**entry, "at": at}, previous_hash=head.last_hash, hash=this_hash
        )
    )
    connection.execute(update(audit_head).values(last_id=head.last_id + 1, last_hash=this_hash))
    return head.last_id + 1


def get_head(connection: Connection) -> Row:
    """Where the chain ends (last_id, last_hash); 0 and FIRST_HASH before the first entry."""
    return connection.execute(select(audit_head)).one()


def find_hash(connection: Connection, audit_entry_id: int) -> bytes | None:
    """The hash of this entry; None: there is no such entry."""
    query = select(audit_entry.c.hash).where(audit_entry.c.audit_entry_id == audit_entry_id)
    found = connection.scalar(query)
    return None if found is None else bytes(found)


def find_all(connection: Connection) -> Iterator[tuple[Row, bytes]]:
    """Every entry in order, each with the hash that its content and its predecessor's hash give.

    Read in portions: a trail of years does not fit into memory.
    """
    query = select(audit_entry).order_by(audit_entry.c.audit_entry_id)
    rows = connection.execution_options(yield_per=1000).execute(query)
    for row in rows:
        entry = {
            "audit_entry_id": row.audit_entry_id,
            "at": row.at.astimezone(UTC).isoformat(),
            "user_id": row.user_id,
            "action": row.action,
            "record_kind": row.record_kind,
            "record_id": row.record_id,
            "peer": row.peer,
            "detail": row.detail,
            **({} if row.session_id is None else {"session_id": row.session_id}),
        }
        yield row, entry_hash(bytes(row.previous_hash), entry)


def append_checkpoint(connection: Connection, number: int, at: datetime, line_hash: bytes) -> None:
    """Notes that a checkpoint of this number was written elsewhere."""
    connection.execute(insert(audit_checkpoint).values(number=number, at=at, line_hash=line_hash))


def find_last_checkpoint(connection: Connection) -> tuple[int, bytes] | None:
    """Number and line hash of the newest checkpoint that was noted; None before the first."""
    query = select(audit_checkpoint).order_by(audit_checkpoint.c.number.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return None if row is None else (row.number, bytes(row.line_hash))


def find_checkpoints(connection: Connection) -> dict[int, bytes]:
    """The line hash of every checkpoint that was noted, by number."""
    rows = connection.execute(select(audit_checkpoint))
    return {row.number: bytes(row.line_hash) for row in rows}
