"""Past breaches as the tracks of their visits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, select

from data.model.history import BreachFilter
from data.rules.gaps import gap_limit_s
from data.rules.reach import Reach
from data.store.tables import activation, breach_now
from layers.breach_filter import conditions
from layers.trails import points

MOST_TRACKS = 60
"""Visits drawn at once; more is a tangle that says nothing."""

_AROUND = timedelta(minutes=10)  # of the track before and after a visit
_LONGEST_TRACK = timedelta(hours=12)


def track(connection: Connection, row: Row[Any], now: datetime) -> dict[str, Any]:
    """The fixes of a visit with ten minutes on either side, oldest first.

    Args:
        row: of `breach_now`; whoever asks has found that the viewer may see it.
        now: where the visit is not over, this moment ends the track.

    Returns:
        `fixes`: [lon, lat, fixed_at in unix seconds, radius_95_m] each; `gap_s`: further apart
        than that, nobody saw what lies between; `is_cut`: the visit went on for longer.
    """
    first = row.entered_at - _AROUND
    wanted_last = (row.left_at or now) + _AROUND
    last = min(wanted_last, row.entered_at + _LONGEST_TRACK)
    every_s = connection.scalar(
        select(activation.c.report_every_s).where(activation.c.activation_id == row.activation_id)
    )
    return {
        "fixes": points(connection, row.activation_id, first, last),
        "gap_s": gap_limit_s(every_s or 60),
        "is_cut": last < wanted_last,
    }


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
    return [
        {"breach_id": row.breach_id, **track(connection, row, now)}
        for row in connection.execute(query).all()
    ]
