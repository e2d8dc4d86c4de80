"""The judge's side of an alert: its condition begins, worsens, repeats and ends.

What people do about it is in data.store.alerts. Neither side touches the other's facts: a
condition that ends sets `cleared_at` and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or

from data.model.alert import AlertAction, AlertState, Priority
from data.rules.alert_life import risen
from data.store import alert_lives
from data.store.tables import alert, alert_entry


@dataclass(frozen=True, slots=True)
class Condition:
    """A reason for work, as it stands now. `key` names it however often it is found."""

    key: str
    kind: str
    priority: int
    began_at: datetime
    case_id: int | None = None
    activation_id: int | None = None
    zone_id: int | None = None
    breach_id: int | None = None
    found_on_backfill: bool = False
    minutes_to_contact: float | None = None
    facts: dict[str, Any] = field(default_factory=dict)


def raise_alert(connection: Connection, condition: Condition, at: datetime) -> int | None:
    """Raises an alert and gives its id; None when this condition has raised one already."""
    alert_id = connection.execute(
        insert_or(alert)
        .values(
            condition_key=condition.key,
            kind=condition.kind,
            priority=condition.priority,
            state=AlertState.NEW,
            raised_at=at,
            waiting_since=at,
            began_at=condition.began_at,
            case_id=condition.case_id,
            activation_id=condition.activation_id,
            zone_id=condition.zone_id,
            breach_id=condition.breach_id,
            found_on_backfill=condition.found_on_backfill,
            minutes_to_contact=condition.minutes_to_contact,
            facts=condition.facts,
        )
        .on_conflict_do_nothing(index_elements=["condition_key"])
        .returning(alert.c.alert_id)
    ).scalar_one_or_none()
    if alert_id is not None:
        _note(
            connection,
            alert_id,
            at,
            AlertAction.RAISED,
            {"priority": condition.priority},
        )
    return alert_id


def update_alert(
    connection: Connection,
    condition: Condition,
    at: datetime,
    *,
    repeated: bool = False,
) -> int | None:
    """Brings an open alert up to its condition; gives its id, None when there is none open.

    A priority only ever rises here, and a rise on work that somebody has taken makes it new
    again: what they took on was less than this.
    """
    row = connection.execute(
        select(alert)
        .where(_is_about(condition.key, condition.breach_id), alert.c.closed_at.is_(None))
        .order_by(alert.c.alert_id.desc())
        .limit(1)
        .with_for_update()
    ).one_or_none()
    if row is None:
        return None
    rises = condition.priority < row.priority
    changes: dict[str, Any] = {
        "facts": {**row.facts, **condition.facts},
        "minutes_to_contact": condition.minutes_to_contact,
        "cleared_at": None,
        "version": row.version + 1,
    }
    if rises:
        life = alert_lives.life_of(row, None)
        changes |= alert_lives.changes(life, risen(life, Priority(condition.priority), at))
    if repeated:
        changes["repeats"] = row.repeats + 1
    connection.execute(update(alert).where(alert.c.alert_id == row.alert_id).values(**changes))
    if rises:
        detail = {"priority": condition.priority, "was": row.priority}
        _note(connection, row.alert_id, at, AlertAction.CONFIRMED, detail)
    elif repeated:
        _note(
            connection,
            row.alert_id,
            at,
            AlertAction.REPEATED,
            {"repeats": row.repeats + 1},
        )
    return row.alert_id


def _is_about(key: str, breach_id: int | None) -> ColumnElement[bool]:
    # A breach may raise a second alert when the first was closed while it went on.
    if breach_id is not None:
        return alert.c.breach_id == breach_id
    return alert.c.condition_key == key


def clear_alert(
    connection: Connection, condition: Condition, at: datetime, ended_at: datetime
) -> int | None:
    """Notes that the condition ended; gives the alert's id, None when none stood uncleared."""
    alert_id = connection.execute(
        update(alert)
        .where(_is_about(condition.key, condition.breach_id), alert.c.cleared_at.is_(None))
        .values(cleared_at=ended_at, version=alert.c.version + 1)
        .returning(alert.c.alert_id)
    ).scalar_one_or_none()
    if alert_id is not None:
        _note(
            connection,
            alert_id,
            at,
            AlertAction.CLEARED,
            {"ended_at": ended_at.isoformat()},
        )
    return alert_id


def _note(
    connection: Connection,
    alert_id: int,
    at: datetime,
    action: AlertAction,
    detail: dict[str, Any],
) -> None:
    connection.execute(
        insert(alert_entry).values(alert_id=alert_id, at=at, action=action, detail=detail)
    )


def find_standing(connection: Connection, activation_ids: Sequence[int]) -> Sequence[Row[Any]]:
    """Uncleared alerts of these activations that are about no breach: device conditions."""
    query = select(alert).where(
        alert.c.activation_id.in_(activation_ids),
        alert.c.breach_id.is_(None),
        alert.c.cleared_at.is_(None),
    )
    return connection.execute(query.order_by(alert.c.alert_id)).all()
