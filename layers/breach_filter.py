"""Which past breaches a viewer may and wants to see: one condition for all that shows them."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, literal_column, or_, select

from data.errors import Refused
from data.model.history import BreachFilter
from data.rules.access import Action, decide
from data.rules.reach import Reach
from data.store.tables import breach_now, case
from layers import privacy

WEB_BITS = 30
"""Of web_x and web_y: the world is 2^30 wide."""


def conditions(reach: Reach, wanted: BreachFilter, time_zone: ZoneInfo) -> ColumnElement[bool]:
    """The rows of `breach_now` that this viewer may see and wants to see.

    Raises:
        Refused: the viewer's role sees no past breaches.
    """
    decision = decide(reach.viewer.role, Action.SEE_HISTORY)
    if not decision.allowed:
        raise Refused(decision.reason)
    row = breach_now.c
    parts: list[ColumnElement[bool]] = [~row.withdrawn]
    if reach.viewer.area or reach.is_by_assignment or wanted.case_code:
        known = select(case.c.case_id).where(privacy.of_cases(reach))
        if wanted.case_code:
            known = known.where(case.c.code == wanted.case_code)
        parts.append(row.case_id.in_(known))
    if wanted.zone_id is not None:
        parts.append(row.zone_id == wanted.zone_id)
    if wanted.kinds:
        parts.append(row.kind.in_([each.value for each in wanted.kinds]))
    if wanted.grades:
        parts.append(row.grade.in_([int(each) for each in wanted.grades]))
    if wanted.findings:
        decided = [each.value for each in wanted.findings if each is not None]
        undecided = [row.finding.is_(None)] if None in wanted.findings else []
        parts.append(or_(*undecided, row.finding.in_(decided)))
    if wanted.since is not None:
        parts.append(row.entered_at >= wanted.since)
    if wanted.until is not None:
        parts.append(row.entered_at < wanted.until)
    if wanted.hours is not None:
        first, last = wanted.hours
        hour = local_part("hour", time_zone)
        # Over midnight: from the first hour on, or before the last.
        parts.append(
            and_(hour >= first, hour < last) if first < last else or_(hour >= first, hour < last)
        )
    if wanted.weekdays:
        parts.append(local_part("isodow", time_zone).in_([float(day) for day in wanted.weekdays]))
    return and_(*parts)


def local_part(
    part: str, time_zone: ZoneInfo, at: str = "breach_now.entered_at"
) -> ColumnElement[Any]:
    """`hour`, `isodow` or another part of a moment by the wall clock of the room."""
    # The zone's name stands in the query itself: as a parameter it is looked up for each row.
    name = time_zone.key.replace("'", "''")
    return literal_column(f"date_part('{part}', {at} at time zone '{name}')")
