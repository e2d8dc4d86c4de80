"""Encounters: when he was near where she was due, or near her; from both errors, never over a gap.

A fix holds until the next one of the same track, if that follows within the track's own limit;
before a silence it holds for its moment alone. He is near at a moment when the chance that the
two true places lie within `near_m` is at least `p_near`; both errors count. Stretches near one
place with at most `return_s` between them are one encounter, and what of it nobody could see is
said. Moments are microseconds since 1970 UTC, stretches half-open, places EPSG:4326.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.geo import LonLat, Plane, plane_of
from data.model.fix import SIGMAS_IN_RADIUS_95, FixFlag
from data.model.judging import Policy
from data.rules.approach import ATTRIBUTIONS, p_within, who_closed

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

HANDSET = -1
"""In place of a routine location's position in the list: her handset."""

_NOT_SEEN = int(
    FixFlag.NO_FIX
    | FixFlag.NULL_ISLAND
    | FixFlag.DUPLICATE
    | FixFlag.IMPOSSIBLE_SPEED
    | FixFlag.FUTURE
    | FixFlag.STALE_CLOCK
)
# Ground made this many memories ago counts for less than a thousandth.
_MEMORIES = 7.0


@dataclass(frozen=True, slots=True)
class EncounterRule:
    """What counts as near; stated wherever a result is shown."""

    near_m: float = 200.0
    p_near: float = 0.5
    return_s: float = 600.0


@dataclass(frozen=True, slots=True)
class Track:
    """Positions of one person in time order, as columns of equal length."""

    us: Ints
    lon: Floats
    lat: Floats
    radius_m: Floats  # holds the true place with 95 %
    limit_us: Ints  # how long each fix may wait for the next and still hold

    @classmethod
    def of(
        cls, us: Ints, lon: Floats, lat: Floats, radius_m: Floats, flags: Ints, limit_us: Ints
    ) -> Track:
        """Of stored fixes in time order: those nobody was at are left out, one a moment stays."""
        seen = ((flags & _NOT_SEEN) == 0) & np.isfinite(lon) & np.isfinite(lat)
        seen[seen] = np.diff(us[seen], prepend=np.iinfo(np.int64).min // 2) > 0
        radius = np.where(np.isfinite(radius_m), radius_m, Policy.default().radius_unknown_m)
        return cls(us[seen], lon[seen], lat[seen], radius[seen].astype(float), limit_us[seen])

    @classmethod
    def empty(cls) -> Track:
        """Of nobody, or of somebody who may not be looked at."""
        none = np.empty(0, np.int64)
        return cls(none, np.empty(0), np.empty(0), np.empty(0), none)

    @classmethod
    def still(cls, lon: float, lat: float) -> Track:
        """Of what never moves."""
        one = np.zeros(1, np.int64)
        return cls(one, np.array([lon]), np.array([lat]), np.zeros(1), one)

    def __len__(self) -> int:
        return len(self.us)

    def holds_until(self) -> Ints:
        """For each fix the moment until which it holds, shape (n,); its own before a silence."""
        if not len(self):
            return self.us
        following = np.append(self.us[1:], self.us[-1])
        return np.where(following - self.us <= self.limit_us, following, self.us)

    def seen(self) -> Ints:
        """The stretches over which this track says where somebody was, shape (k, 2)."""
        return merged(np.column_stack([self.us, self.holds_until()]), 0)


@dataclass(frozen=True, slots=True)
class Due:
    """A place and the stretches in which she is due there."""

    lon: float
    lat: float
    radius_m: float
    stretches: Ints  # (k, 2), in order, none touching another


@dataclass(frozen=True, slots=True)
class Encounter:
    """One time he was near."""

    place: int  # position in the list of places; HANDSET: her handset
    from_us: int
    to_us: int
    near_us: int  # of that, how long he was seen near
    unseen_us: int  # of that, how long nobody could tell
    closest_us: int
    closest_m: float
    low_m: float  # with 95 %: the closest seen, less both errors
    high_m: float
    p: float  # greatest chance of being within near_m
    lon: float  # his, when closest
    lat: float
    closed_by: str  # one of data.rules.approach.ATTRIBUTIONS


@dataclass(frozen=True, slots=True)
class _Looks:
    """Every moment at which the two are compared, shape (n,) each."""

    us: Ints
    until_us: Ints  # the comparison holds so long
    apart_m: Floats
    error_m: Floats  # radius that holds both errors with 95 %
    p: Floats
    near: NDArray[np.bool_]
    fix: Ints  # of his track


def near_places(
    his: Track, places: Sequence[Due], rule: EncounterRule, policy: Policy | None = None
) -> list[Encounter]:
    """Every encounter at her places while she was due there, by beginning."""
    policy = policy or Policy.default()
    steps = _Steps.of(his)
    found: list[Encounter] = []
    for number, place in enumerate(places):

        def closed_by(us: int, place: Due = place) -> str:
            still = Track.still(place.lon, place.lat)
            return _closed_by(steps.ground(us, still, policy), (0.0, 0.0), policy)

        looks = _looks_at_place(his, place, rule)
        found += _encounters(number, looks, his, rule, closed_by)
    return sorted(found, key=lambda each: (each.from_us, each.place))


def near_person(
    his: Track, hers: Track, rule: EncounterRule, policy: Policy | None = None
) -> list[Encounter]:
    """Every encounter with her handset, while both are heard, by beginning.

    The older of two places has the greater error: it grows with its age, as in the live rule.
    """
    policy = policy or Policy.default()
    if not len(his) or not len(hers):
        return []
    his_steps, her_steps = _Steps.of(his), _Steps.of(hers)

    def closed_by(us: int) -> str:
        return _closed_by(
            his_steps.ground(us, hers, policy), her_steps.ground(us, his, policy), policy
        )

    return _encounters(HANDSET, _looks_at_person(his, hers, rule, policy), his, rule, closed_by)


def near_stretches(his: Track, places: Sequence[Due], rule: EncounterRule) -> list[Ints]:
    """For each place the stretches in which he was seen near it while she was due, (k, 2)."""
    return [_near(_looks_at_place(his, place, rule)) for place in places]


def length_us(stretches: Ints) -> int:
    """How long stretches last together, microseconds; none may touch another."""
    return int((stretches[:, 1] - stretches[:, 0]).sum())


def common(first: Ints, second: Ints) -> Ints:
    """The stretches that lie in both sets, (k, 2); both in order, none touching another."""
    found = []
    at = 0
    for start, end in first.tolist():
        while at < len(second) and second[at, 1] <= start:
            at += 1
        look = at
        while look < len(second) and second[look, 0] < end:
            found.append((max(start, int(second[look, 0])), min(end, int(second[look, 1]))))
            look += 1
    return np.array(found, np.int64).reshape(-1, 2)


def merged(stretches: Ints, gap_us: int) -> Ints:
    """Stretches in order of beginning, those at most `gap_us` apart made one, (k, 2)."""
    if not len(stretches):
        return np.empty((0, 2), np.int64)
    starts, ends = stretches[:, 0], np.maximum.accumulate(stretches[:, 1])
    first = np.append(True, starts[1:] - ends[:-1] > gap_us)
    last = np.append(first[1:], True)
    return np.column_stack([starts[first], ends[last]])


def _looks_at_place(his: Track, place: Due, rule: EncounterRule) -> _Looks:
    """One look a fix, and one at each moment at which she begins or ceases to be due."""
    us, fix = _moments(his, place.stretches.ravel())
    lon, lat = his.lon[fix], his.lat[fix]
    apart = _apart_m(lon, lat, np.full(len(us), place.lon), np.full(len(us), place.lat))
    error = np.hypot(his.radius_m[fix], place.radius_m)
    # Odd places lie between a beginning and its end; a stretch holds its first moment.
    due = np.searchsorted(place.stretches.ravel(), us, side="right") % 2 == 1
    return _judged(us, _until(us, his.holds_until()[fix]), apart, error, due, fix, rule)


def _looks_at_person(his: Track, hers: Track, rule: EncounterRule, policy: Policy) -> _Looks:
    us = np.unique(np.concatenate([his.us, hers.us]))
    here = np.searchsorted(his.us, us, side="right") - 1
    there = np.searchsorted(hers.us, us, side="right") - 1
    both = (here >= 0) & (there >= 0)
    us, here, there = us[both], here[both], there[both]
    ends = np.minimum(his.holds_until()[here], hers.holds_until()[there])
    # A place that no longer holds says nothing of this moment, except the moment itself.
    heard = (us == his.us[here]) | (us < his.holds_until()[here])
    heard &= (us == hers.us[there]) | (us < hers.holds_until()[there])
    us, here, there, ends = us[heard], here[heard], there[heard], ends[heard]
    apart = _apart_m(his.lon[here], his.lat[here], hers.lon[there], hers.lat[there])
    grown = policy.partner_least_mps / 1e6 * np.maximum(us - his.us[here], us - hers.us[there])
    error = np.sqrt(his.radius_m[here] ** 2 + hers.radius_m[there] ** 2 + grown**2)
    return _judged(us, _until(us, ends), apart, error, np.ones(len(us), bool), here, rule)


def _moments(track: Track, cuts: Ints) -> tuple[Ints, Ints]:
    """Moments of the fixes and those cuts at which one of them holds; with the fix of each."""
    at = np.searchsorted(track.us, cuts, side="right") - 1
    held = at >= 0
    held[held] = cuts[held] < track.holds_until()[at[held]]
    us = np.unique(np.concatenate([track.us, cuts[held]]))
    return us, np.searchsorted(track.us, us, side="right") - 1


def _until(us: Ints, ends: Ints) -> Ints:
    """A look holds until the next one, or until what it rests on no longer does."""
    following = np.append(us[1:], np.iinfo(np.int64).max)
    return np.maximum(us, np.minimum(following, ends))


def _judged(
    us: Ints,
    until_us: Ints,
    apart: Floats,
    error: Floats,
    due: NDArray[np.bool_],
    fix: Ints,
    rule: EncounterRule,
) -> _Looks:
    p = p_within(apart, error / SIGMAS_IN_RADIUS_95, np.full(len(us), rule.near_m))
    return _Looks(us, until_us, apart, error, p, due & (p >= rule.p_near), fix)


def _apart_m(lon: Floats, lat: Floats, lon2: Floats, lat2: Floats) -> Floats:
    """Metres between places, in the plane of the first of the second ones."""
    if not len(lon):
        return np.empty(0)
    plane = plane_of(LonLat(float(lon2[0]), float(lat2[0])))
    east, north = plane.metres(lon, lat)
    east2, north2 = plane.metres(lon2, lat2)
    return np.hypot(east - east2, north - north2)


def _near(looks: _Looks) -> Ints:
    return merged(np.column_stack([looks.us, looks.until_us])[looks.near], 0)


def _encounters(
    place: int,
    looks: _Looks,
    his: Track,
    rule: EncounterRule,
    closed_by: Callable[[int], str],
) -> list[Encounter]:
    near, seen = _near(looks), his.seen()
    found = []
    for start, end in merged(near, int(1e6 * rule.return_s)).tolist():
        inside = np.flatnonzero(looks.near & (looks.us >= start) & (looks.us <= end))
        best = int(inside[np.argmin(looks.apart_m[inside])])
        whole = np.array([[start, end]], np.int64)
        apart, error = float(looks.apart_m[best]), float(looks.error_m[best])
        fix = looks.fix[best]
        found.append(
            Encounter(
                place=place,
                from_us=start,
                to_us=end,
                near_us=length_us(common(whole, near)),
                unseen_us=end - start - length_us(common(whole, seen)),
                closest_us=int(looks.us[best]),
                closest_m=apart,
                low_m=max(0.0, apart - error),
                high_m=apart + error,
                p=float(looks.p[inside].max()),
                lon=float(his.lon[fix]),
                lat=float(his.lat[fix]),
                closed_by=closed_by(int(looks.us[best])),
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class _Steps:
    """The way from each fix to the next, in a plane near the first."""

    us: Ints  # when it ended
    east_m: Floats  # where it began
    north_m: Floats
    by_east_m: Floats
    by_north_m: Floats
    counts: NDArray[np.bool_]  # longer than its own error, and over no gap
    plane: Plane

    @classmethod
    def of(cls, track: Track) -> _Steps:
        plane = plane_of(LonLat(float(track.lon[0]), float(track.lat[0])) if len(track)
                         else LonLat(0.0, 0.0))  # fmt: skip
        east, north = plane.metres(track.lon, track.lat)
        by_east, by_north = np.diff(east), np.diff(north)
        counts = np.hypot(by_east, by_north) > track.radius_m[1:] / SIGMAS_IN_RADIUS_95
        counts &= np.diff(track.us) <= track.limit_us[:-1]
        return cls(track.us[1:], east[:-1], north[:-1], by_east, by_north, counts, plane)

    def ground(self, us: int, other: Track, policy: Policy) -> tuple[float, float]:
        """Metres made towards the other up to a moment, and metres walked; both fade."""
        memory_us = 60e6 * policy.approach_minutes
        last = int(np.searchsorted(self.us, us, side="right"))
        first = int(np.searchsorted(self.us, us - _MEMORIES * memory_us))
        each = np.flatnonzero(self.counts[first:last]) + first
        if not len(each):
            return 0.0, 0.0
        at = np.clip(np.searchsorted(other.us, self.us[each], side="right") - 1, 0, None)
        east, north = self.plane.metres(other.lon[at], other.lat[at])
        east, north = east - self.east_m[each], north - self.north_m[each]
        apart = np.hypot(east, north)
        along = self.by_east_m[each] * east + self.by_north_m[each] * north
        towards = np.divide(along, apart, out=np.zeros(len(each)), where=apart > 0)
        fade = np.exp((self.us[each] - self.us[last - 1]) / memory_us)
        length = np.hypot(self.by_east_m[each], self.by_north_m[each])
        return float(fade @ towards), float(fade @ length)


def _closed_by(offender: tuple[float, float], victim: tuple[float, float], policy: Policy) -> str:
    walked_m = offender[1] + victim[1]
    return ATTRIBUTIONS[who_closed(offender[0], victim[0], walked_m, policy)]
