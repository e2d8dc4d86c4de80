"""How the desk works, on record: versioned, never changed in place."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Row, insert, select, text

from data.model.desk_policy import DeskPolicy
from data.store.tables import desk_policy, user

_LOCK = 7002


def get_desk_policy(connection: Connection) -> DeskPolicy:
    """The newest one; Vigil's own figures where none was recorded."""
    figures = connection.scalar(
        select(desk_policy.c.figures).order_by(desk_policy.c.desk_policy_id.desc()).limit(1)
    )
    return DeskPolicy() if figures is None else DeskPolicy.from_json(figures)


def find_newest(connection: Connection) -> Row | None:
    """The newest row with the login of who wrote it; None: there has never been one."""
    query = (
        select(desk_policy, user.c.login)
        .outerjoin(user, user.c.user_id == desk_policy.c.recorded_by)
        .order_by(desk_policy.c.desk_policy_id.desc())
        .limit(1)
    )
    return connection.execute(query).one_or_none()


def lock(connection: Connection) -> None:
    """Until the transaction ends nobody else changes the policy."""
    connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def append(
    connection: Connection, policy: DeskPolicy, *, at: datetime, user_id: int | None, reason: str
) -> int:
    """Records a policy that holds from now on and gives its id."""
    return connection.execute(
        insert(desk_policy)
        .values(recorded_at=at, recorded_by=user_id, figures=policy.to_json(), reason=reason)
        .returning(desk_policy.c.desk_policy_id)
    ).scalar_one()
