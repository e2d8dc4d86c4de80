"""Where somebody usually is, by a simple rule that is good enough to warn by. Pure.

Home is where he is at night, work where he is on weekdays by day, each by the time spent in a
cell of the ground. A warning may be wrong; nothing is decided by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from data.geo import LonLat

_CELL_DEG = 0.0015  # about 150 m north, and less east
_LONGEST_S = 900.0  # a fix speaks for no more than a quarter of an hour
_LEAST_S = 4 * 3600.0
_LEAST_SHARE = 0.3
_DAY_US = 86_400_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Haunts:
    """Places of somebody's usual life; None where the fixes do not say."""

    home: LonLat | None = None
    work: LonLat | None = None


def haunts(
    moment_us: NDArray[np.int64],
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    time_zone: ZoneInfo,
) -> Haunts:
    """Home and work of one person's fixes, shape (n,) each, in order of time."""
    if len(moment_us) < 2:
        return Haunts()
    spent_s = np.append(np.diff(moment_us) / 1e6, 0.0).clip(0.0, _LONGEST_S)
    local_us = moment_us + _offsets_us(moment_us, time_zone)
    hour = (local_us % _DAY_US) // 3_600_000_000
    weekday = (local_us // _DAY_US + 3) % 7  # 1970 began on a Thursday
    home = _place(lon, lat, np.where(hour < 5, spent_s, 0.0))
    by_day = (weekday < 5) & (hour >= 9) & (hour < 16)
    if home is not None:
        by_day &= (np.abs(lon - home.lon) > 2 * _CELL_DEG) | (np.abs(lat - home.lat) > _CELL_DEG)
    return Haunts(home, _place(lon, lat, np.where(by_day, spent_s, 0.0)))


def _place(
    lon: NDArray[np.float64], lat: NDArray[np.float64], spent_s: NDArray[np.float64]
) -> LonLat | None:
    counts = np.flatnonzero(spent_s > 0)
    if not len(counts):
        return None
    cells = np.column_stack([np.floor(lon[counts] / _CELL_DEG), np.floor(lat[counts] / _CELL_DEG)])
    _, cell = np.unique(cells, axis=0, return_inverse=True)
    time_s = np.bincount(cell.ravel(), spent_s[counts])
    best = int(time_s.argmax())
    if time_s[best] < _LEAST_S or time_s[best] < _LEAST_SHARE * time_s.sum():
        return None
    there = counts[cell.ravel() == best]
    return LonLat(float(np.median(lon[there])), float(np.median(lat[there])))


def _offsets_us(moment_us: NDArray[np.int64], time_zone: ZoneInfo) -> NDArray[np.int64]:
    hours, place = np.unique(moment_us // 3_600_000_000, return_inverse=True)
    offsets = [
        (_EPOCH + timedelta(hours=int(each))).astimezone(time_zone).utcoffset() for each in hours
    ]
    return np.array([each // timedelta(microseconds=1) for each in offsets if each is not None])[
        place
    ]
