"""When a schedule is open, in UTC; true on the two nights a year when clocks change.

Moments are microseconds since 1970-01-01 UTC; stretches are half-open [from, to).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from data.model.schedule import MINUTES_A_DAY, Schedule

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DAY_US = 86_400_000_000
_FIRST_DAY, _LAST_DAY = date(2, 1, 1).toordinal(), date(9998, 12, 31).toordinal()


def open_stretches(schedule: Schedule | None, from_us: int, to_us: int) -> NDArray[np.int64]:
    """The stretches of [from_us, to_us) in which the schedule is open, shape (k, 2).

    In order, none touching another: windows that meet or overlap are one stretch. No schedule
    is always open. A wall time that comes twice starts a window the first time and ends it the
    second; one that is skipped does either at the moment of the change.
    """
    if to_us <= from_us:
        return np.empty((0, 2), np.int64)
    if schedule is None:
        return np.array([[from_us, to_us]], np.int64)
    first = _EPOCH.toordinal() + from_us // _DAY_US
    last = _EPOCH.toordinal() + (to_us - 1) // _DAY_US
    # Two days back: a window of up to 24 h, begun in a zone up to 14 h ahead of UTC.
    days = range(max(_FIRST_DAY, first - 2), min(_LAST_DAY, last + 1) + 1)
    found = sorted(window for day in days for window in _begun_on(schedule, day))
    merged: list[list[int]] = []
    for start, end in found:
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    stretches = np.array(merged, np.int64).reshape(-1, 2).clip(from_us, to_us)
    return stretches[stretches[:, 0] < stretches[:, 1]]


def is_open(schedule: Schedule | None, at_us: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether the schedule is open at each moment, shape (n,); in any order."""
    at_us = np.asarray(at_us, np.int64)
    if schedule is None or not at_us.size:
        return np.ones(at_us.shape, np.bool_)
    opened = open_stretches(schedule, int(at_us.min()), int(at_us.max()) + 1).ravel()
    # Odd places lie between a start and its end. Right: a stretch holds its first moment.
    return np.asarray(np.searchsorted(opened, at_us, side="right") % 2 == 1)


@lru_cache(maxsize=16_384)
def _begun_on(schedule: Schedule, day: int) -> tuple[tuple[int, int], ...]:
    local = date.fromordinal(day)
    zone = ZoneInfo(schedule.time_zone)
    found = []
    for window in schedule.windows_of(local):
        end_min = window.end_min + (MINUTES_A_DAY if window.end_min <= window.start_min else 0)
        start_us = _moment(local, window.start_min, zone, fold=0)
        end_us = _moment(local, end_min, zone, fold=1)
        if start_us < end_us:
            found.append((start_us, end_us))
    return tuple(found)


def _moment(local: date, minute: int, zone: ZoneInfo, *, fold: int) -> int:
    day, minute = divmod(minute, MINUTES_A_DAY)
    hour, minute = divmod(minute, 60)
    wall = datetime(local.year, local.month, local.day, hour, minute, fold=fold, tzinfo=zone)
    wall += timedelta(days=day)  # wall-time arithmetic: the same hour of the next day
    wall = wall.replace(fold=fold)
    moment = wall.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != wall.replace(tzinfo=None):
        # Skipped by the clocks. Read with the offset before the change it lies after it, and
        # the other way round; the change is the first moment whose offset is the later one.
        moment = _change_between(
            wall.replace(fold=1).astimezone(UTC), wall.replace(fold=0).astimezone(UTC), zone
        )
    return (moment - _EPOCH) // _MICROSECOND


def _change_between(earlier: datetime, later: datetime, zone: ZoneInfo) -> datetime:
    after = later.astimezone(zone).utcoffset()
    while later - earlier > timedelta(seconds=1):
        middle = earlier + (later - earlier) // 2
        if middle.astimezone(zone).utcoffset() == after:
            later = middle
        else:
            earlier = middle
    return later.replace(microsecond=0)
