"""The numbered list of what changed, and the bell that wakes its readers.

Numbers are handed out under one advisory lock that is held until commit, so a reader that asks
for "all after n" never skips a row that commits late. Append as the last thing of a transaction:
whoever appends holds up every other writer until the commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, insert, select, text

from data.store.tables import outbox

CHANNEL = "vigil_outbox"
_OUTBOX_LOCK = 7001


def append(connection: Connection, topic: str, record_ids: Sequence[int], at: datetime) -> None:
    """Tells every reader that these records changed; they learn of it after commit.

    Args:
        topic: what kind of record, such as `alert` or `zone`.
        record_ids: in the order readers shall see them; empty does nothing.
        at: the moment of the change, UTC.
    """
    if not record_ids:
        return
    connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _OUTBOX_LOCK})
    connection.execute(
        insert(outbox), [{"at": at, "topic": topic, "record_id": each} for each in record_ids]
    )
    connection.execute(text("select pg_notify(:channel, '')"), {"channel": CHANNEL})


def find_after(connection: Connection, outbox_id: int, limit: int = 1000) -> Sequence[Row]:
    """Rows after this number in order (outbox_id, at, topic, record_id); empty when none is new."""
    query = select(outbox).where(outbox.c.outbox_id > outbox_id)
    return connection.execute(query.order_by(outbox.c.outbox_id).limit(limit)).all()


def get_last_id(connection: Connection) -> int:
    """The newest number handed out; 0 when nothing has ever happened."""
    query = select(outbox.c.outbox_id).order_by(outbox.c.outbox_id.desc()).limit(1)
    return connection.scalar(query) or 0
