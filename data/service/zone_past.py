"""What an offender's last weeks say about a shape: accuracy near it, his usual places and ways."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection

from data.rules.haunts import Haunts, haunts
from data.store import fixes, rehearsals

LOOK_BACK = timedelta(days=30)
_KEPT_FOR = timedelta(minutes=15)
_KEPT = 16
_NEAR_DEG = 0.006  # some 500 m about the shape
_FEW = 30
_DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Past:
    """His fixes with a place over `LOOK_BACK`, in order of time."""

    read_at: datetime
    moment_us: NDArray[np.int64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    radius_95_m: NDArray[np.float64]
    haunts: Haunts

    def p95_m(self, area: BaseGeometry) -> float | None:
        """The error that 95 of 100 of his fixes near the area stay below; None: too few known."""
        west, south, east, north = area.bounds
        near = (self.lon > west - _NEAR_DEG) & (self.lon < east + _NEAR_DEG)
        near &= (self.lat > south - _NEAR_DEG) & (self.lat < north + _NEAR_DEG)
        radius = self.radius_95_m[near]
        if len(radius) < _FEW:
            radius = self.radius_95_m
        return float(np.percentile(radius, 95)) if len(radius) >= _FEW else None

    def days_inside(self, area: BaseGeometry) -> tuple[int, int]:
        """On how many of his days he was inside, and how many days there are."""
        days = self.moment_us // _DAY_US
        west, south, east, north = area.bounds
        near = np.flatnonzero(
            (self.lon >= west) & (self.lon <= east) & (self.lat >= south) & (self.lat <= north)
        )
        inside = near[shapely.contains_xy(area, self.lon[near], self.lat[near])]
        return len(np.unique(days[inside])), len(np.unique(days))


@dataclass(frozen=True, slots=True)
class Pasts:
    """Reads a case's past once a quarter of an hour: a drawing is checked at every save."""

    time_zone: ZoneInfo
    _kept: OrderedDict[int, Past] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, connection: Connection, case_id: int, now: datetime) -> Past:
        """The past of the offender of a case."""
        with self._lock:
            kept = self._kept.get(case_id)
            if kept is not None and timedelta(0) <= now - kept.read_at < _KEPT_FOR:
                return kept
        found = self._read(connection, case_id, now)
        with self._lock:
            self._kept[case_id] = found
            self._kept.move_to_end(case_id)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return found

    def _read(self, connection: Connection, case_id: int, now: datetime) -> Past:
        ids = rehearsals.find_activations(connection, case_id)
        records = fixes.get_track(connection, ids, now - LOOK_BACK, now).records
        records = records[np.isfinite(records["lon"]) & np.isfinite(records["radius_95_m"])]
        moment_us, lon, lat = (records[name].copy() for name in ("fixed_at", "lon", "lat"))
        return Past(
            now, moment_us, lon, lat, records["radius_95_m"].astype(np.float64),
            haunts(moment_us, lon, lat, self.time_zone),
        )  # fmt: skip
