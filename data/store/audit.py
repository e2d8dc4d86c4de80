"""The audit trail: who did what to which record, chained so that a changed row shows.

Each entry's hash covers the one before it. Numbers and hashes come from one locked head row:
looking up "the last entry" instead lets two writers chain to the same one.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from data.store.tables import audit_entry, audit_head

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
    detail: dict[str, Any] | None = None,
) -> int:
    """Writes one entry in the caller's transaction and gives its number.

    Holds the head row until commit, so call it late. `user_id` None means Vigil itself.
    `detail` holds ids and numbers only: the trail is read by people who may see no victim data.
    """
    head = connection.execute(select(audit_head).with_for_update()).one()
    entry = {
        "audit_entry_id": head.last_id + 1,
        "at": at.isoformat(),
        "user_id": user_id,
        "action": action,
        "record_kind": record_kind,
        "record_id": record_id,
        "peer": peer,
        "detail": detail or {},
    }
    this_hash = entry_hash(head.last_hash, entry)
    connection.execute(
        insert(audit_entry).values(
            **{**entry, "at": at}, previous_hash=head.last_hash, hash=this_hash
        )
    )
    connection.execute(update(audit_head).values(last_id=head.last_id + 1, last_hash=this_hash))
    return head.last_id + 1
