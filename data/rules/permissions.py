"""Authorised absence: a zone's hours with the times taken out in which he may be there. Pure.

The judge knows hours and their exceptions, so a permission becomes exceptions: what it goes by
stays one thing. Where an hour comes twice the zone holds in both of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from data.clock import microseconds, moment_of
from data.model.schedule import MINUTES_A_DAY, Schedule, Window
from data.model.zone_draft import Permission
from data.rules.schedules import open_stretches

_WHOLE_DAY = (Window(0, MINUTES_A_DAY),)
_MINUTE_US = 60_000_000
_DAY = timedelta(days=1)


def permitted(
    hours: Schedule | None, permissions: Sequence[Permission], time_zone: str
) -> Schedule | None:
    """The hours in which the zone still holds.

    Cut to whole minutes so that the zone holds rather longer than shorter.

    Args:
        hours: None means always.
        permissions: any order; those that overlap count once.
        time_zone: of the permissions' days where there are no hours to say it.
    """
    if not permissions:
        return hours
    found = hours or Schedule(time_zone, (_WHOLE_DAY,) * 7)
    for each in permissions:
        found = _without(found, each)
    return found


def _without(hours: Schedule, permission: Permission) -> Schedule:
    zone = ZoneInfo(hours.time_zone)
    from_us = -(-microseconds(permission.from_at) // _MINUTE_US) * _MINUTE_US
    to_us = microseconds(permission.to_at) // _MINUTE_US * _MINUTE_US
    # A window of the day before may run up to the same minute of the permission's first day.
    first = moment_of(from_us).astimezone(zone).date() - _DAY
    last = moment_of(to_us).astimezone(zone).date()
    days = [first + n * _DAY for n in range((last - first).days + 1)]
    begun: dict[date, set[Window]] = {day: set() for day in days}
    for day in days:
        for window in hours.windows_of(day):
            start_us, end_us = _stretch(hours, day, window)
            if end_us <= from_us or to_us <= start_us:
                begun[day].add(window)
                continue
            for part in ((start_us, min(from_us, end_us)), (max(to_us, start_us), end_us)):
                if part[0] < part[1]:
                    start, end = (moment_of(us).astimezone(zone) for us in part)
                    begun[start.date()].add(Window(_minute(start), _minute(end)))
    exceptions = dict(hours.exceptions) | {
        day: tuple(sorted(windows)) for day, windows in begun.items()
    }
    return replace(hours, exceptions=tuple(sorted(exceptions.items())))


def _stretch(hours: Schedule, day: date, window: Window) -> tuple[int, int]:
    alone = replace(hours, weekly=((),) * 7, exceptions=((day, (window,)),))
    around = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo("UTC"))
    found = open_stretches(alone, microseconds(around - 2 * _DAY), microseconds(around + 4 * _DAY))
    if not len(found):
        return 0, 0  # skipped by the clocks
    return int(found[0, 0]), int(found[0, 1])


def _minute(wall: datetime) -> int:
    return wall.hour * 60 + wall.minute
