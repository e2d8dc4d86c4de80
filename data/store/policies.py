"""The judge's thresholds on record: versioned, never changed in place."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select

from data.model.judging import Policy
from data.store.tables import policy


def get_policy(connection: Connection) -> tuple[int | None, Policy]:
    """The newest policy and its id; Vigil's own thresholds and None where none was recorded."""
    row = connection.execute(
        select(policy.c.policy_id, policy.c.thresholds).order_by(policy.c.policy_id.desc()).limit(1)
    ).one_or_none()
    if row is None:
        return None, Policy.default()
    return row.policy_id, Policy.from_json(row.thresholds)


def append(
    connection: Connection, thresholds: Policy, *, at: datetime, user_id: int | None, reason: str
) -> int:
    """Records a policy that holds from now on and gives its id."""
    return connection.execute(
        insert(policy)
        .values(
            valid_from=at,
            recorded_at=at,
            recorded_by=user_id,
            thresholds=thresholds.to_json(),
            reason=reason,
        )
        .returning(policy.c.policy_id)
    ).scalar_one()
