"""Rehearsals: jobs that try a draft on the past, who runs them, how far they are, what came out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select, update
from sqlalchemy.dialects.postgresql import distinct_on

from data.store.tables import activation, case, rehearsal, zone_draft

GONE_AFTER = timedelta(minutes=1)
"""A job that has not been heard of for so long is nobody's: it is begun again."""


def append(connection: Connection, **values: Any) -> int:
    """Queues a job and gives its id; columns as in the table."""
    statement = insert(rehearsal).values(**values).returning(rehearsal.c.rehearsal_id)
    return connection.execute(statement).scalar_one()


def find(connection: Connection, rehearsal_id: int) -> Row[Any] | None:
    """A job with its result, or None."""
    query = select(rehearsal).where(rehearsal.c.rehearsal_id == rehearsal_id)
    return connection.execute(query).one_or_none()


def find_whose(connection: Connection, rehearsal_ids: Collection[int]) -> Sequence[Row]:
    """Of these jobs rehearsal_id, zone_draft_id, and case_id and area of their cases, by number."""
    query = (
        select(
            rehearsal.c.rehearsal_id, zone_draft.c.zone_draft_id, zone_draft.c.case_id, case.c.area
        )
        .join(zone_draft, zone_draft.c.zone_draft_id == rehearsal.c.zone_draft_id)
        .join(case, case.c.case_id == zone_draft.c.case_id)
        .where(rehearsal.c.rehearsal_id.in_(rehearsal_ids))
    )
    return connection.execute(query.order_by(rehearsal.c.rehearsal_id)).all()


def find_newest(connection: Connection, draft_id: int, *, is_done: bool) -> Row[Any] | None:
    """The draft's newest job that came to its end, or the newest that has not; else None."""
    states = ("done",) if is_done else ("waiting", "running")
    query = (
        select(rehearsal)
        .where(rehearsal.c.zone_draft_id == draft_id, rehearsal.c.state.in_(states))
        .order_by(rehearsal.c.rehearsal_id.desc())
        .limit(1)
    )
    return connection.execute(query).one_or_none()


def find_tried(connection: Connection, draft_ids: Collection[int]) -> dict[int, str]:
    """The fingerprint of what was last tried to the end, for those drafts that ever were."""
    query = (
        select(rehearsal.c.zone_draft_id, rehearsal.c.fingerprint)
        .ext(distinct_on(rehearsal.c.zone_draft_id))
        .where(rehearsal.c.zone_draft_id.in_(draft_ids), rehearsal.c.state == "done")
        .order_by(rehearsal.c.zone_draft_id, rehearsal.c.rehearsal_id.desc())
    )
    return {row.zone_draft_id: row.fingerprint for row in connection.execute(query)}


def take(connection: Connection, now: datetime) -> Row[Any] | None:
    """The oldest job that nobody runs, now the caller's; None where there is none.

    Nobody runs it: it is new, or whoever did has not been heard of for `GONE_AFTER`.
    """
    free = or_(
        rehearsal.c.state == "waiting",
        (rehearsal.c.state == "running") & (rehearsal.c.beat_at < now - GONE_AFTER),
    )
    query = select(rehearsal).where(free).order_by(rehearsal.c.rehearsal_id).limit(1)
    row = connection.execute(query.with_for_update(skip_locked=True)).one_or_none()
    if row is not None:
        connection.execute(
            update(rehearsal)
            .where(rehearsal.c.rehearsal_id == row.rehearsal_id)
            .values(state="running", began_at=now, beat_at=now, done=0.0)
        )
    return row


def beat(connection: Connection, rehearsal_id: int, done: float, at: datetime) -> bool:
    """Says how far a running job is; False where it has been cancelled."""
    said = connection.execute(
        update(rehearsal)
        .where(rehearsal.c.rehearsal_id == rehearsal_id, rehearsal.c.state == "running")
        .values(done=done, beat_at=at)
    )
    return said.rowcount > 0


def end(
    connection: Connection,
    rehearsal_id: int,
    state: str,
    at: datetime,
    result: dict[str, Any] | None = None,
) -> bool:
    """Ends a job that waits or runs; False where it has ended already."""
    ended = connection.execute(
        update(rehearsal)
        .where(
            rehearsal.c.rehearsal_id == rehearsal_id,
            rehearsal.c.state.in_(("waiting", "running")),
        )
        .values(state=state, ended_at=at, result=result)
    )
    return ended.rowcount > 0


def find_activations(connection: Connection, case_id: int) -> list[int]:
    """Every activation there ever was of the offender of a case, by number."""
    query = (
        select(activation.c.activation_id)
        .join(case, case.c.offender_id == activation.c.person_id)
        .where(case.c.case_id == case_id)
    )
    return list(connection.scalars(query.order_by(activation.c.activation_id)))
