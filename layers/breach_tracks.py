"""Past breaches as the tracks of their visits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, select

from data.model.history import BreachFilter
from data.rules.gaps import gap_limit_s
from data.rules.reach import Reach
from data.store.tables import activation, breach_now
from layers.breach_filter import conditions
from layers.trails import Span, points

MOST_TRACKS = 60
"""Visits drawn at once; more is a tangle that says nothing."""

_AROUND = timedelta(minutes=10)  # of the track before and after a visit
_LONGEST_TRACK = timedelta(hours=12)


def track(connection: Connection, row: Row[Any], now: datetime) -> dict[str, Any]:
    """The fixes of a visit with ten minutes on either side, oldest first.

    Args:
        connection: an open one.
        row: of `breach_now`; whoever asks has found that the viewer may see it.
        now: where the visit is not over, this moment ends the track.

    Returns:
        `fixes`: [lon, lat, fixed_at in unix seconds, radius_95_m] each; `gap_s`: further apart
        than that, nobody saw what lies between; `is_cut`: the visit went on for longer.
    """
    (found,) = _tracks(connection, [row], now)
    return found


def tracks(
    connection: Connection,
    reach: Reach,
    wanted: BreachFilter,
    time_zone: ZoneInfo,
    now: datetime,
) -> list[dict[str, Any]]:
    """The visits of the newest breaches, each as `track` gives it with its breach_id.

    Raises:
        Refused: the viewer's role sees no past breaches.
    """
    query = (
        select(breach_now)
        .where(conditions(reach, wanted, time_zone))
        .order_by(breach_now.c.entered_at.desc(), breach_now.c.breach_id.desc())
        .limit(MOST_TRACKS)
    )
    rows = connection.execute(query).all()
    return [
        {"breach_id": row.breach_id, **found}
        for row, found in zip(rows, _tracks(connection, rows, now), strict=True)
    ]


def _tracks(
    connection: Connection, rows: Sequence[Row[Any]], now: datetime
) -> list[dict[str, Any]]:
    worn = select(activation.c.activation_id, activation.c.report_every_s).where(
        activation.c.activation_id.in_({row.activation_id for row in rows})
    )
    every_s = {each.activation_id: each.report_every_s for each in connection.execute(worn)}
    spans = [_span(row, now) for row in rows]
    return [
        {
            "fixes": fixes,
            "gap_s": gap_limit_s(every_s[row.activation_id]),
            "is_cut": span.last < _wanted_last(row, now),
        }
        for row, span, fixes in zip(rows, spans, points(connection, spans), strict=True)
    ]


def _span(row: Row[Any], now: datetime) -> Span:
    last = min(_wanted_last(row, now), row.entered_at + _LONGEST_TRACK)
    return Span(row.activation_id, row.entered_at - _AROUND, last)


def _wanted_last(row: Row[Any], now: datetime) -> datetime:
    end: datetime = row.left_at or now
    return end + _AROUND
