"""Routine locations proposed from a track: where somebody stays, week after week at the same hours.

Stays are MovingPandas'; they never run over a gap. Stays within one another's reach are one place.
A place's hours are those quarters of an hour of the week in which the track was there on at least
half of the weeks that saw anything. What is found is a proposal: a person confirms it, or not.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

# Here and not where it is used: an answer that is written as JSON while another thread is still
# importing pandas finds half of it, and fails.
import pandas
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage

from data.clock import moment_of
from data.geo import LonLat, plane_of
from data.model.routine import Confidence
from data.model.schedule import DAYS, Schedule, Window
from data.rules.conduct import minutes_of, within
from data.rules.encounters import Track, merged

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

LEAST_STAY = timedelta(minutes=20)
STAY_DIAMETER_M = 150.0
PLACE_DIAMETER_M = 200.0
USUAL_SHARE = 0.5
LEAST_WEEKS = 2
MOST_PROPOSED = 8
HIGH_WEEKS, HIGH_SHARE = 4, 0.75
_THINNED_US = 600_000_000
_QUARTER_MIN = 15
_QUARTERS = 96
_NS = 1_000


@dataclass(frozen=True, slots=True)
class Proposal:
    """A place somebody usually is at, and how well that is borne out."""

    lon: float
    lat: float
    radius_m: float
    hours: Schedule
    confidence: Confidence
    stays: int
    days: int


def propose(track: Track, time_zone: str) -> list[Proposal]:
    """Places with weekly hours, those with most hours first; empty where there is no habit.

    Args:
        track: of the one whose routine it is, some weeks of it.
        time_zone: of the week.
    """
    found = stays(track)
    if len(found) < 2:
        return []
    days = _days(track, time_zone)
    moments = minutes_of(days, time_zone)
    seen = within(track.seen(), moments)
    proposals = []
    for chosen in _places(found.east_m, found.north_m):
        present = within(merged(found.stretches[chosen], 0), moments)
        hours, share = _hours(present, seen, days, time_zone)
        if hours is None:
            continue
        east, north = np.median(found.east_m[chosen]), np.median(found.north_m[chosen])
        lon, lat = found.plane.degrees(np.array([east]), np.array([north]))
        spread = np.hypot(found.east_m[chosen] - east, found.north_m[chosen] - north)
        there = present.any(axis=1)
        proposals.append(
            Proposal(
                lon=float(np.round(lon[0], 6)),
                lat=float(np.round(lat[0], 6)),
                radius_m=float(np.clip(np.ceil(np.quantile(spread, 0.95) / 10) * 10, 30, 200)),
                hours=hours,
                confidence=_confidence(len(days) / 7, share),
                stays=len(chosen),
                days=int(there.sum()),
            )
        )
    return sorted(proposals, key=_minutes, reverse=True)[:MOST_PROPOSED]


@dataclass(frozen=True, slots=True)
class Stays:
    """Halts along a track: stretches (n, 2), and where in metres of a plane."""

    stretches: Ints
    east_m: Floats
    north_m: Floats
    plane: Any

    def __len__(self) -> int:
        return len(self.stretches)


def stays(track: Track) -> Stays:
    """Halts of LEAST_STAY within STAY_DIAMETER_M, by MovingPandas, none over a gap.

    The track is thinned to a fix in ten minutes: a halt of twenty needs no more, and the
    library takes a millisecond a fix.
    """
    plane = plane_of(LonLat(float(track.lon[0]), float(track.lat[0])) if len(track)
                     else LonLat(0.0, 0.0))  # fmt: skip
    kept = _thinned(track.us)
    east, north = plane.metres(track.lon[kept], track.lat[kept])
    rows = []
    # Between thinned fixes more time passes than between the track's own.
    gaps = np.flatnonzero(np.diff(track.us[kept]) > _THINNED_US + track.limit_us[kept][:-1])
    for run in np.split(np.arange(len(kept)), gaps + 1):
        if len(run) > 1:
            rows += _stops(track.us[kept][run], east[run], north[run])
    rows.sort()
    table = np.array(rows, float).reshape(-1, 4)
    return Stays(table[:, :2].astype(np.int64), table[:, 2], table[:, 3], plane)


def _stops(us: Ints, east: Floats, north: Floats) -> list[tuple[int, int, float, float]]:
    with warnings.catch_warnings():
        # It asks for a smoother we do not use, and pandas 3 finds some of its calls old.
        warnings.simplefilter("ignore")
        import geopandas
        import movingpandas

        # Naive on purpose: it drops a time zone with a warning, and these are all UTC.
        index = pandas.DatetimeIndex(us * _NS)
        frame = geopandas.GeoDataFrame(
            geometry=geopandas.points_from_xy(east, north), index=index, crs="EPSG:32633"
        )
        detector = movingpandas.TrajectoryStopDetector(movingpandas.Trajectory(frame, 0))
        found = detector.get_stop_time_ranges(min_duration=LEAST_STAY, max_diameter=STAY_DIAMETER_M)
    rows = []
    for each in found:
        start, end = (pandas.Timestamp(at).value // _NS for at in (each.t_0, each.t_n))
        inside = (us >= start) & (us <= end)
        rows.append((start, end, float(np.median(east[inside])), float(np.median(north[inside]))))
    return rows


def _thinned(us: Ints) -> Ints:
    """The first fix of every ten minutes."""
    if not len(us):
        return np.empty(0, np.int64)
    return np.unique(us // _THINNED_US, return_index=True)[1].astype(np.int64)


def _places(east: Floats, north: Floats) -> list[Ints]:
    """Stays that are one place: none farther apart than PLACE_DIAMETER_M."""
    tree = linkage(np.column_stack([east, north]), "complete")
    number = fcluster(tree, PLACE_DIAMETER_M, "distance")
    return [np.flatnonzero(number == each) for each in np.unique(number)]


def _days(track: Track, time_zone: str) -> list[date]:
    zone = ZoneInfo(time_zone)
    first, last = (moment_of(int(us)).astimezone(zone).date() for us in track.us[[0, -1]])
    return [first + timedelta(days=each) for each in range((last - first).days + 1)]


def _hours(
    present: Bools, seen: Bools, days: list[date], time_zone: str
) -> tuple[Schedule | None, float]:
    """The weekly windows, and the mean share of weeks in them; None where there is no habit."""
    weekday = np.array([day.weekday() for day in days])
    weekly, shares = [], []
    for number in range(len(DAYS)):
        mine = weekday == number
        was = present[mine].reshape(-1, _QUARTERS, _QUARTER_MIN).mean(axis=2) >= 0.5
        heard = seen[mine].reshape(-1, _QUARTERS, _QUARTER_MIN).mean(axis=2) >= 0.5
        weeks = (heard | was).sum(axis=0)
        share = np.divide(was.sum(axis=0), weeks, out=np.zeros(_QUARTERS), where=weeks > 0)
        usual = (share >= USUAL_SHARE) & (weeks >= LEAST_WEEKS)
        shares += share[usual].tolist()
        weekly.append(_windows(usual))
    if not shares:
        return None, 0.0
    return Schedule(time_zone, tuple(weekly)), float(np.mean(shares))


def _windows(usual: Bools) -> tuple[Window, ...]:
    """Runs of at least two quarters as windows of the day."""
    edges = np.flatnonzero(np.diff(np.pad(usual.astype(np.int8), 1)))
    return tuple(
        Window(int(start) * _QUARTER_MIN, int(end) * _QUARTER_MIN)
        for start, end in edges.reshape(-1, 2)
        if end - start > 1
    )


def _confidence(weeks: float, share: float) -> Confidence:
    if weeks >= HIGH_WEEKS and share >= HIGH_SHARE:
        return Confidence.HIGH
    return Confidence.MEDIUM if weeks >= HIGH_WEEKS / 2 else Confidence.LOW


def _minutes(proposal: Proposal) -> int:
    return sum(window.end_min - window.start_min for day in proposal.hours.weekly for window in day)
