"""What waits for a second signature, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update

from data.store.tables import approval, case, user


def append(connection: Connection, **values: Any) -> int:
    """Keeps what somebody asks for; columns as in the table."""
    statement = insert(approval).values(**values).returning(approval.c.approval_id)
    return connection.execute(statement).scalar_one()


def _rows() -> Select[Any]:
    decider = user.alias("decider")
    return (
        select(
            approval,
            case.c.code.label("case_code"),
            case.c.area,
            user.c.login.label("asker"),
            decider.c.login.label("decider"),
        )
        .join(case, case.c.case_id == approval.c.case_id)
        .join(user, user.c.user_id == approval.c.asked_by)
        .outerjoin(decider, decider.c.user_id == approval.c.decided_by)
    )


def find_waiting(connection: Connection, now: datetime) -> Sequence[Row]:
    """What can still be signed, oldest first, with case, area and who asked."""
    query = _rows().where(
        approval.c.decided_at.is_(None),
        approval.c.withdrawn_at.is_(None),
        now < approval.c.expires_at,
    )
    return connection.execute(query.order_by(approval.c.asked_at)).all()


def find_decided(connection: Connection) -> Sequence[Row]:
    """The last fifty that were decided, newest first."""
    query = _rows().where(approval.c.decided_at.is_not(None))
    return connection.execute(query.order_by(approval.c.decided_at.desc()).limit(50)).all()


def find_locked(connection: Connection, approval_id: int) -> Row | None:
    """One that nobody has decided or taken back, locked until commit; else None."""
    query = _rows().where(
        approval.c.approval_id == approval_id,
        approval.c.decided_at.is_(None),
        approval.c.withdrawn_at.is_(None),
    )
    return connection.execute(query.with_for_update(of=approval)).one_or_none()


def save_decided(connection: Connection, approval_id: int, **values: Any) -> None:
    """Keeps the second person's word."""
    connection.execute(
        update(approval).where(approval.c.approval_id == approval_id).values(**values)
    )
