"""Hours as they will be on the nights when clocks change, for a week painter to show. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from data.clock import microseconds, moment_of
from data.model.schedule import Schedule
from data.rules.schedules import open_stretches

_DAY = timedelta(days=1)
_LOOK_AHEAD_DAYS = 400


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in which the zone holds, half-open, UTC."""

    from_at: datetime
    to_at: datetime


@dataclass(frozen=True, slots=True)
class ChangeNight:
    """One change of the clocks, and the hours of the week it lies in."""

    on: date  # the local day of the change
    at: datetime  # UTC
    shift_min: int  # above 0: clocks go forward, the day is shorter
    week: tuple[Stretch, ...]  # Monday 00:00 to Sunday 24:00 by the wall clock


def change_nights(hours: Schedule, after: datetime, count: int = 2) -> tuple[ChangeNight, ...]:
    """The next changes of the clocks in the hours' own zone; empty where there are none.

    A curfew's grace is not taken off: this is what the order says.
    """
    zone = ZoneInfo(hours.time_zone)
    found: list[ChangeNight] = []
    day = after
    for _ in range(_LOOK_AHEAD_DAYS):
        shift = _offset(day + _DAY, zone) - _offset(day, zone)
        if shift:
            found.append(_night(hours, zone, _moment_between(day, day + _DAY, zone), shift))
            if len(found) == count:
                break
        day += _DAY
    return tuple(found)


def _night(hours: Schedule, zone: ZoneInfo, at: datetime, shift: timedelta) -> ChangeNight:
    # The instant before belongs to the day in whose night it happens.
    on = (at - timedelta(seconds=1)).astimezone(zone).date()
    monday = on - timedelta(days=on.weekday())
    start, end = (
        datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
        for day in (monday, monday + 7 * _DAY)
    )
    week = tuple(
        Stretch(moment_of(int(from_us)), moment_of(int(to_us)))
        for from_us, to_us in open_stretches(hours, microseconds(start), microseconds(end))
    )
    return ChangeNight(on, at, round(shift.total_seconds() / 60), week)


def _moment_between(earlier: datetime, later: datetime, zone: ZoneInfo) -> datetime:
    after = _offset(later, zone)
    while later - earlier > timedelta(seconds=1):
        middle = earlier + (later - earlier) / 2
        if _offset(middle, zone) == after:
            later = middle
        else:
            earlier = middle
    return later.replace(microsecond=0)


def _offset(at: datetime, zone: ZoneInfo) -> timedelta:
    offset = at.astimezone(zone).utcoffset()
    assert offset is not None
    return offset
