"""Past breaches as the list beside the map, as counts by hour and day, and how far they reach."""

from __future__ import annotations

import math
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, func, literal_column, select, text

from data.model.breach import Channel
from data.model.history import BreachFilter
from data.rules.reach import Reach
from data.store import zones
from data.store.tables import breach_now, case, zone
from layers.breach_filter import WEB_BITS, conditions, local_part

MOST_ROWS = 100
"""Lines of the list at a time."""


def listed(
    connection: Connection,
    reach: Reach,
    wanted: BreachFilter,
    time_zone: ZoneInfo,
    page: int = 0,
) -> tuple[int, list[dict[str, Any]]]:
    """How many there are, and one page of them, the newest first. No name and no place.

    Raises:
        Refused: the viewer's role sees no past breaches.
    """
    condition = conditions(reach, wanted, time_zone)
    total = connection.scalar(select(func.count()).select_from(breach_now).where(condition)) or 0
    # The page is cut before anything is joined to it.
    newest = (
        select(breach_now)
        .where(condition)
        .order_by(breach_now.c.entered_at.desc(), breach_now.c.breach_id.desc())
        .limit(MOST_ROWS)
        .offset(page * MOST_ROWS)
        .subquery("newest")
    )
    row = newest.c
    query = (
        select(newest, case.c.code, zones.label().label("zone_name"))
        .join(case, case.c.case_id == row.case_id)
        .outerjoin(zone, zone.c.zone_id == row.zone_id)
        .order_by(row.entered_at.desc(), row.breach_id.desc())
    )
    return int(total), [_line(each) for each in connection.execute(query)]


def _line(row: Row[Any]) -> dict[str, Any]:
    return {
        "breach_id": row.breach_id,
        "case_code": row.code,
        "zone_name": row.zone_name,
        "kind": row.kind,
        "is_confirmed": row.channel == int(Channel.CONFIRMED),
        "grade": row.grade,
        "entered_at": row.entered_at.isoformat(),
        "left_at": None if row.left_at is None else row.left_at.isoformat(),
        "p_inside": round(row.p_inside_max, 3),
        "radius_95_m": None if row.radius_95_m is None else round(row.radius_95_m, 1),
        "finding": row.finding,
        "has_place": row.web_x >= 0,
    }


def by_hour(
    connection: Connection, reach: Reach, wanted: BreachFilter, time_zone: ZoneInfo
) -> list[list[int]]:
    """How many on each weekday (Monday first) and in each hour of the room's day: 7 rows of 24.

    Raises:
        Refused: the viewer's role sees no past breaches.
    """
    # Wall time is dear, so it is asked for quarters of an hour and not for a million breaches. No
    # zone is off by less than a quarter.
    quarters = (
        select(
            literal_column("date_bin('15 minutes', entered_at, 'epoch')").label("at"),
            func.count().label("n"),
        )
        .select_from(breach_now)
        .where(conditions(reach, wanted, time_zone))
        .group_by(text("1"))
        .subquery("quarters")
    )
    day = local_part("isodow", time_zone, "quarters.at")
    hour = local_part("hour", time_zone, "quarters.at")
    query = (
        select(day.label("day"), hour.label("hour"), func.sum(quarters.c.n).label("n"))
        .select_from(quarters)
        .group_by(text("1"), text("2"))
    )
    found = [[0] * 24 for _ in range(7)]
    for row in connection.execute(query):
        found[int(row.day) - 1][int(row.hour)] = int(row.n)
    return found


def extent(
    connection: Connection, reach: Reach, wanted: BreachFilter, time_zone: ZoneInfo
) -> list[float] | None:
    """[west, south, east, north] of what is shown; None where nothing has a place.

    Raises:
        Refused: the viewer's role sees no past breaches.
    """
    row = breach_now.c
    query = select(
        func.min(row.web_x), func.min(row.web_y), func.max(row.web_x), func.max(row.web_y)
    ).where(conditions(reach, wanted, time_zone), row.web_x >= 0)
    least_x, least_y, most_x, most_y = connection.execute(query).one()
    if least_x is None:
        return None
    return [*_lonlat(least_x, most_y), *_lonlat(most_x, least_y)]


def _lonlat(web_x: int, web_y: int) -> tuple[float, float]:
    lat = math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * web_y / 2**WEB_BITS))))
    return round(web_x / 2**WEB_BITS * 360 - 180, 6), round(lat, 6)
