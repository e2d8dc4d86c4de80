"""Halts along one person's track, the trips between them, and what an interval comes to.

Moments in microseconds UTC, metres on the ground. A halt never spans a gap: stillness that
nobody recorded is not claimed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from data.errors import VigilError
from data.rules.replay import Drawn

RADIUS_M = 50.0
DWELL = timedelta(minutes=5)
APART = timedelta(minutes=10)
STAY_RULE = (
    "At least 5 min in which every fix is within 50 m of the first; two within 50 m of each other "
    "and less than 10 min apart are one. Never across a gap."
)

_SEMI_MAJOR_M, _E2 = 6378137.0, 0.0066943799901413165


class UnorderedTrackError(VigilError):
    """The moments of a track go back."""


@dataclass(frozen=True, slots=True)
class Stay:
    """A halt from its first fix to its last, half-open in rows."""

    from_us: int
    to_us: int
    first: int
    end: int
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Trip:
    """What lies between two halts; `unseen_s` of it in gaps, over which no way is counted."""

    from_us: int
    to_us: int
    distance_m: float
    unseen_s: float


@dataclass(frozen=True, slots=True)
class Sum:
    """An interval in figures; the three times add up to its length.

    `distance_m` is the sum of straight ways between joined fixes outside halts: shorter than the
    way along bends, longer by the error of each fix. Speeds are those of the fixes outside halts,
    None where there is none.
    """

    moving_s: float
    still_s: float
    unseen_s: float
    distance_m: float
    max_mps: float | None
    mean_mps: float | None


def stays(
    at_us: NDArray[np.int64],
    lonlat: NDArray[np.float64],
    stretch: NDArray[np.int64],
    *,
    radius_m: float = RADIUS_M,
    dwell: timedelta = DWELL,
) -> list[Stay]:
    """Halts: each begins at a fix and lasts while every later one is within `radius_m` of it.

    Args:
        at_us: shape (n,), UTC, not decreasing.
        lonlat: shape (n, 2), degrees, EPSG:4326; column 0 is longitude.
        stretch: shape (n,), number of the unbroken stretch each fix is in, not decreasing.
        radius_m: metres, about twice the tag's usual error.
        dwell: the shortest halt worth reporting.

    Returns:
        Halts in time order, none overlapping; empty for fewer than two fixes.

    Raises:
        UnorderedTrackError: `at_us` goes back.
    """
    n = len(at_us)
    if n < 2:
        return []
    if (np.diff(at_us) < 0).any():
        raise UnorderedTrackError("The moments of the track go back; sort it first.")
    dwell_us = dwell // timedelta(microseconds=1)
    # A halt begun at a fix still holds at the first fix `dwell` later: few fixes pass that, and
    # only those are looked at one by one.
    later = np.searchsorted(at_us, at_us + dwell_us)
    may = later < n
    later = np.minimum(later, n - 1)
    may &= stretch[later] == stretch
    may &= _metres(lonlat, np.arange(n), later) <= radius_m
    last_of = np.searchsorted(stretch, stretch, side="right")
    found: list[Stay] = []
    free = 0
    for first in np.flatnonzero(may).tolist():
        if first < free:
            continue
        end = _end(lonlat, first, int(last_of[first]), radius_m)
        # Exactly as long as `dwell` is long enough.
        if at_us[end - 1] - at_us[first] < dwell_us:
            continue
        lon, lat = lonlat[first:end].mean(axis=0)
        found.append(
            Stay(int(at_us[first]), int(at_us[end - 1]), first, end, float(lon), float(lat))
        )
        free = end
    return found


def stays_of(drawn: Drawn) -> list[Stay]:
    """Halts of a replayed track. Coarse fixes say neither that he stayed nor that he went.

    One fix beside the place ends a halt; indoors that is every tenth. So two halts at one place
    with a few minutes between them are one.
    """
    fine = np.flatnonzero(~drawn.is_coarse)
    lonlat = np.column_stack([drawn.lon[fine], drawn.lat[fine]])
    stretch = drawn.stretch[fine]
    return joined(stays(drawn.at_us[fine], lonlat, stretch), stretch)


def joined(halts: list[Stay], stretch: NDArray[np.int64]) -> list[Stay]:
    """Halts that follow each other at one place, made one; `stretch` is that of `stays`."""
    found: list[Stay] = []
    for halt in halts:
        last = found[-1] if found else None
        if last is not None and _is_one(last, halt, stretch):
            found[-1] = _both(last, halt)
        else:
            found.append(halt)
    return found


def _is_one(earlier: Stay, later: Stay, stretch: NDArray[np.int64]) -> bool:
    if stretch[earlier.first] != stretch[later.first]:
        return False
    # Strictly less: ten minutes elsewhere are a trip.
    if later.from_us - earlier.to_us >= APART // timedelta(microseconds=1):
        return False
    places = np.array([[earlier.lon, earlier.lat], [later.lon, later.lat]])
    return bool(_metres(places, np.array([0]), np.array([1]))[0] <= RADIUS_M)


def _both(earlier: Stay, later: Stay) -> Stay:
    weight, more = earlier.end - earlier.first, later.end - later.first
    return Stay(
        earlier.from_us,
        later.to_us,
        earlier.first,
        later.end,
        (weight * earlier.lon + more * later.lon) / (weight + more),
        (weight * earlier.lat + more * later.lat) / (weight + more),
    )


def trips(drawn: Drawn, halts: list[Stay]) -> list[Trip]:
    """The ways between each two halts that follow each other."""
    return [
        Trip(here.to_us, there.from_us, *_way(drawn, here.to_us, there.from_us))
        for here, there in pairwise(halts)
        if there.from_us > here.to_us
    ]


def summary(drawn: Drawn, halts: list[Stay], from_us: int, to_us: int) -> Sum:
    """What the interval [from_us, to_us) comes to: moving, still, not observed; distance; speeds.

    Before the first fix and later than the gap limit after the last nothing is observed.
    """
    whole_s = (to_us - from_us) / 1e6
    seen = seen_stretches(drawn, from_us, to_us)
    seen_s = sum(end - start for start, end in seen) / 1e6
    still_s = 0.0
    for halt in halts:
        still_s += max(0, min(halt.to_us, to_us) - max(halt.from_us, from_us)) / 1e6
    moving = (drawn.at_us >= from_us) & (drawn.at_us < to_us)
    distance_m, _ = _way(drawn, from_us, to_us)
    for halt in halts:
        distance_m -= _way(drawn, max(halt.from_us, from_us), min(halt.to_us, to_us))[0]
        moving &= (drawn.at_us < halt.from_us) | (drawn.at_us > halt.to_us)
    moving_s = max(0.0, seen_s - still_s)
    speeds = speeds_mps(drawn)[moving]
    speeds = speeds[np.isfinite(speeds)]
    return Sum(
        moving_s=moving_s,
        still_s=still_s,
        unseen_s=whole_s - seen_s,
        distance_m=max(0.0, distance_m),
        max_mps=float(speeds.max()) if len(speeds) else None,
        mean_mps=float(speeds.mean()) if len(speeds) else None,
    )


def seen_stretches(drawn: Drawn, from_us: int, to_us: int) -> list[tuple[int, int]]:
    """The stretches of [from_us, to_us) in which the track was recorded.

    A fix counts until the next one, or for the gap limit where no other followed in time: then
    from it on, nothing is known.
    """
    if len(drawn) == 0:
        return []
    breaks = np.flatnonzero(drawn.is_gap)
    starts = drawn.at_us[np.concatenate([[0], breaks + 1])]
    ends = drawn.at_us[np.concatenate([breaks, [len(drawn) - 1]])]
    ends = ends.copy()
    # The record's end is no gap yet: the next fix was not due.
    ends[-1] += int(drawn.limit_s * 1e6)
    pairs = zip(starts.clip(from_us, to_us), ends.clip(from_us, to_us), strict=True)
    return [(int(start), int(end)) for start, end in pairs if start < end]


def speeds_mps(drawn: Drawn) -> NDArray[np.float64]:
    """The speed of each fix: reported, else over the joined step to it, else NaN; shape (k,)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        over_step = np.where(
            drawn.is_joined & (drawn.step_s > 0), drawn.step_m / drawn.step_s, np.nan
        )
    worked_out = np.concatenate([[np.nan], over_step])[: len(drawn)]
    return np.where(np.isfinite(drawn.reported_mps), drawn.reported_mps, worked_out)


def _way(drawn: Drawn, from_us: int, to_us: int) -> tuple[float, float]:
    """Metres over joined steps and seconds in gaps, of the steps that lie in [from_us, to_us]."""
    if len(drawn) < 2:
        return 0.0, 0.0
    inside = (drawn.at_us[:-1] >= from_us) & (drawn.at_us[1:] <= to_us)
    metres = float(drawn.step_m[inside & drawn.is_joined].sum())
    return metres, float(drawn.step_s[inside & drawn.is_gap].sum())


def _end(lonlat: NDArray[np.float64], first: int, last: int, radius_m: float) -> int:
    """One past the last fix of the run from `first` that keeps within the radius."""
    reach = 16
    at = first + 1
    while at < last:
        upto = min(last, at + reach)
        near = _metres(lonlat, np.full(upto - at, first), np.arange(at, upto)) <= radius_m
        if not near.all():
            return at + int(np.argmin(near))
        at, reach = upto, reach * 2
    return last


def _metres(
    lonlat: NDArray[np.float64], here: NDArray[np.int64], there: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Metres between fixes near each other, by the ellipsoid's radii at the place."""
    lat = np.radians(lonlat[here, 1])
    under = 1 - _E2 * np.sin(lat) ** 2
    east = _SEMI_MAJOR_M / np.sqrt(under) * np.cos(lat)
    north = _SEMI_MAJOR_M * (1 - _E2) / under**1.5
    turn = np.radians(lonlat[there] - lonlat[here])
    across = (turn[:, 0] + np.pi) % (2 * np.pi) - np.pi  # the short way over 180 degrees
    return np.asarray(np.hypot(across * east, turn[:, 1] * north))
