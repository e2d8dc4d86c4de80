"""How many alerts came of late, and when the last urgent one was closed; by area."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Float, Row, cast, func, select

from data.store.tables import alert, case


def find_raised(
    connection: Connection, since: datetime, until: datetime, every_s: float
) -> Sequence[Row]:
    """Alerts raised after `since`, up to and with `until`: (area, steps ago, raised).

    The step that ends at `until` is 0. An alert of no case has the area "", which is everybody's.
    """
    ago_s = func.extract("epoch", until - alert.c.raised_at)
    steps_ago = func.floor(cast(ago_s, Float) / every_s).label("steps_ago")
    area = func.coalesce(case.c.area, "").label("area")
    query = (
        select(area, steps_ago, func.count().label("raised"))
        .select_from(alert)
        .outerjoin(case, case.c.case_id == alert.c.case_id)
        .where(alert.c.raised_at > since, alert.c.raised_at <= until)
        .group_by(area, steps_ago)
    )
    return connection.execute(query).all()


def find_last_urgent_closed(connection: Connection, since: datetime) -> Sequence[Row]:
    """When a P1 or P2 was last closed after `since`: (area, closed_at), one row an area."""
    area = func.coalesce(case.c.area, "").label("area")
    query = (
        select(area, func.max(alert.c.closed_at).label("closed_at"))
        .select_from(alert)
        .outerjoin(case, case.c.case_id == alert.c.case_id)
        .where(alert.c.closed_at > since, alert.c.priority <= 2)
        .group_by(area)
    )
    return connection.execute(query).all()
