"""The life of an alert as columns, changed only by who has seen its newest turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, Row, select, update

from data.errors import Clash
from data.model.alert import AlertKind, AlertLife, AlertState, Priority
from data.rules.alert_life import is_shelvable
from data.store.tables import alert, breach

_DERIVED = frozenset({"is_shelvable"})
_COLUMNS = tuple(each.name for each in fields(AlertLife) if each.name not in _DERIVED)


def life_of(row: Row[Any], breach_kind: str | None) -> AlertLife:
    """A row of `alert` as the rules see it."""
    values = {name: getattr(row, name) for name in _COLUMNS}
    priority = Priority(row.priority)
    return AlertLife(
        **{
            **values,
            "state": AlertState(row.state),
            "priority": priority,
            "is_shelvable": is_shelvable(AlertKind(row.kind), breach_kind, priority),
        }
    )


def changes(before: AlertLife, after: AlertLife) -> dict[str, Any]:
    """The columns in which two lives differ; the turn counts up where whose work it is differs."""
    changed = {
        name: getattr(after, name)
        for name in _COLUMNS
        if getattr(before, name) != getattr(after, name)
    }
    if changed.keys() & {"state", "owner_id", "priority"}:
        changed["turn"] = alert.c.turn + 1
    return changed


def save(
    connection: Connection, alert_id: int, turn: int, before: AlertLife, after: AlertLife
) -> None:
    """Moves an alert on from the turn that was seen, and counts its version up.

    Raises:
        Clash: somebody has moved it since.
    """
    found = connection.execute(
        update(alert)
        .where(alert.c.alert_id == alert_id, alert.c.turn == turn)
        .values(**changes(before, after), version=alert.c.version + 1)
    )
    if found.rowcount != 1:
        raise Clash("Somebody has changed this alert since. Look again.")


def find_in_time(connection: Connection) -> Sequence[Row]:
    """Open alerts that time may move: everything but what somebody acts on at P3."""
    query = (
        select(alert, breach.c.kind.label("breach_kind"))
        .outerjoin(breach, breach.c.breach_id == alert.c.breach_id)
        .where(alert.c.closed_at.is_(None), ~alert.c.found_on_backfill)
    )
    return connection.execute(query.order_by(alert.c.priority, alert.c.alert_id)).all()
