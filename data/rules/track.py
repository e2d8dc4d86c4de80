"""One activation's fixes in order: which are believed, and the filtered track through them.

A fix is held against the last believed one. Implied speed beyond the possible makes it
disbelieved (`IMPOSSIBLE_SPEED`) and a rival: if the next fix agrees with the rival and not with
the old place, the device is there now; if it agrees with the old place, the rival was a spike.
So a spike is flagged against both its neighbours, a true jump costs one doubted fix, and no
verdict waits for a fix that may never come.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.model.fix import FixFlag, Mechanism
from data.model.judging import Unseen
from data.rules.compiled import compiled
from data.rules.filter import PLACE_SIGMAS, advance, apart_m, begin, filtered
from data.rules.state import NEVER

_NO_FIX = int(FixFlag.NO_FIX)
_NOWHERE = int(FixFlag.NO_FIX | FixFlag.NULL_ISLAND)
_COARSE = int(FixFlag.COARSE)
_WRONG_CLOCK = int(FixFlag.FUTURE | FixFlag.STALE_CLOCK)
_IMPOSSIBLE = int(FixFlag.IMPOSSIBLE_SPEED)
_DUPLICATE = int(FixFlag.DUPLICATE)
_FROZEN = int(FixFlag.FROZEN)
_GNSS, _WIFI, _CELL, _RF = (int(each) for each in list(Mechanism)[1:])
_SILENT, _UNPLACED, _DOUBTFUL = int(Unseen.SILENT), int(Unseen.NO_FIX), int(Unseen.DOUBTFUL)
_SAME_PLACE_M = 1.0

Rows = NDArray[np.void]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Course:
    """What the fixes of a batch are worth, one entry a fix, by (activation, moment)."""

    flags: NDArray[np.int32]
    believed: NDArray[np.bool_]  # has a place, and it was taken into the filter
    flon: Floats  # the filtered place after this fix; NaN before there is one
    flat: Floats
    fsigma_m: Floats
    speed_mps: Floats  # reported, else worked out; NaN if unknown
    path_lon: Floats  # where the straight path to this fix begins; NaN: none may be drawn
    path_lat: Floats
    path_us: Ints
    gap_us: Ints  # since when nothing was observable before this fix; NEVER: no gap
    gap_cause: Ints
    gap_lon: Floats  # the place before the gap
    gap_lat: Floats
    leap: NDArray[np.bool_]  # from standing still to here faster than on foot
    twin: NDArray[np.bool_]  # disbelieved fixes keep coming from one other place


def follow(
    tracks: Rows,
    track_of: Ints,
    records: Rows,
    moment_us: Ints,
    fingerprint: Ints,
    radius_m: Floats,
    flags: NDArray[np.int32],
    gap_limit_us: Ints,
    policy: Rows,
) -> Course:
    """Takes fixes into their tracks.

    Args:
        tracks: rows of TRACK_DTYPE, changed in place.
        track_of: the row of each fix; fixes of one row in order of judging.
        records: FIX_DTYPE, shape (n,), likewise the rest.
        moment_us: when each counts.
        fingerprint: names it.
        radius_m: 95 %, as judged.
        flags: what is known against each so far.
        gap_limit_us: how long after the last place nothing is asserted, one a fix.
        policy: one row of thresholds.
    """
    n = len(records)
    unknown = np.full(n, np.nan)
    course = Course(
        flags=flags.copy(),
        believed=np.zeros(n, np.bool_),
        flon=unknown.copy(),
        flat=unknown.copy(),
        fsigma_m=unknown.copy(),
        speed_mps=unknown.copy(),
        path_lon=unknown.copy(),
        path_lat=unknown.copy(),
        path_us=np.full(n, NEVER),
        gap_us=np.full(n, NEVER),
        gap_cause=np.zeros(n, np.int64),
        gap_lon=unknown.copy(),
        gap_lat=unknown,
        leap=np.zeros(n, np.bool_),
        twin=np.zeros(n, np.bool_),
    )
    _follow(
        tracks, track_of, records, moment_us, fingerprint, radius_m, gap_limit_us, policy[0],
        course.flags, course.believed, course.flon, course.flat, course.fsigma_m,
        course.speed_mps, course.path_lon, course.path_lat, course.path_us, course.gap_us,
        course.gap_cause, course.gap_lon, course.gap_lat, course.leap, course.twin,
    )  # fmt: skip
    return course


@compiled
def _follow(
    tracks: Rows, track_of: Ints, records: Rows, moment_us: Ints, fingerprint: Ints,
    radius_m: Floats, gap_limit_us: Ints, policy: Any, flags: NDArray[np.int32],
    believed: NDArray[np.bool_], flon: Floats, flat: Floats, fsigma: Floats, speed: Floats,
    path_lon: Floats, path_lat: Floats, path_us: Ints, gap_us: Ints, gap_cause: Ints,
    gap_lon: Floats, gap_lat: Floats, leap: NDArray[np.bool_], twin: NDArray[np.bool_],
) -> None:  # fmt: skip
    for i in range(len(track_of)):
        track = tracks[track_of[i]]
        fix = records[i]
        t, lon, lat, radius = moment_us[i], fix.lon, fix.lat, radius_m[i]
        track.reports += 1
        track.last_us = t
        track.last_fixed_us = fix.fixed_at
        track.last_fingerprint = fingerprint[i]
        speed[i] = fix.speed_mps
        if flags[i] & _NOWHERE:
            track.unplaced += 1
        elif _repeats(track, t, lon, lat):
            flags[i] |= _DUPLICATE
        elif not _possible(track, policy, t, lon, lat, radius, flags[i]):
            flags[i] |= _IMPOSSIBLE
            track.disbelieved += 1
            twin[i] = _haunted(track, policy, t, lon, lat, radius)
        else:
            believed[i] = True
            flags[i] |= _frozen(track, policy, t, lon, lat, fix.mechanism)
            _gap(track, i, t, gap_limit_us[i], gap_us, gap_cause, gap_lon, gap_lat)
            sharp = not flags[i] & _COARSE
            if sharp and track.sharp_us > NEVER and t - track.sharp_us <= gap_limit_us[i]:
                path_lon[i], path_lat[i] = track.sharp_lon, track.sharp_lat
                path_us[i] = track.sharp_us
            implied = _implied(track, t, lon, lat, radius)
            leap[i] = _leaps(track, policy, implied, speed[i])
            if speed[i] != speed[i] and track.place_us > NEVER:
                speed[i] = implied
            _filter(track, policy, t, lon, lat, radius, fix.mechanism, sharp, implied, speed[i])
            _settle(track, t, lon, lat, radius, sharp, speed[i])
        flon[i], flat[i], fsigma[i] = track.flon, track.flat, track.fsigma_m


@compiled
def _repeats(track: Any, t: int, lon: float, lat: float) -> bool:
    if t != track.place_us:
        return False
    return apart_m(track.lon, track.lat, lon, lat) <= _SAME_PLACE_M


@compiled
def _too_fast(
    policy: Any, t0: int, lon0: float, lat0: float, r0: float, t1: int, lon1: float, lat1: float,
    r1: float,
) -> bool:  # fmt: skip
    # Only what both errors leave unexplained counts; whole seconds, because devices round.
    beyond = apart_m(lon0, lat0, lon1, lat1) - r0 - r1
    return beyond > policy.impossible_mps * max((t1 - t0) / 1e6, 1.0)


@compiled
def _possible(
    track: Any, policy: Any, t: int, lon: float, lat: float, radius: float, flags: int
) -> bool:
    """Whether the fix can be where the device is; if it shows a true jump, the track jumps."""
    if track.place_us == NEVER or flags & _WRONG_CLOCK:
        return True
    place = (track.place_us, track.lon, track.lat, track.radius_m)
    if not _too_fast(policy, *place, t, lon, lat, radius):
        track.rival_us = NEVER
        return True
    rival = (track.rival_us, track.rival_lon, track.rival_lat, track.rival_radius_m)
    if track.rival_us > NEVER and not _too_fast(policy, *rival, t, lon, lat, radius):
        track.rival_us = NEVER
        track.at_us = NEVER  # the filter starts again where the device is now
        track.sharp_us = NEVER
        return True
    track.rival_us, track.rival_lon, track.rival_lat = t, lon, lat
    track.rival_radius_m = radius
    return False


@compiled
def _haunted(track: Any, policy: Any, t: int, lon: float, lat: float, radius: float) -> bool:
    if radius > policy.coarse_m:  # a phone network's guess, not a second device
        return False
    recent = track.ghost_us > NEVER and t - track.ghost_us <= policy.twin_s * 1e6
    ghost = (track.ghost_us, track.ghost_lon, track.ghost_lat, track.ghost_radius_m)
    again = recent and not _too_fast(policy, *ghost, t, lon, lat, radius)
    track.ghosts = track.ghosts + 1 if again else 1
    track.ghost_us, track.ghost_lon, track.ghost_lat = t, lon, lat
    track.ghost_radius_m = radius
    return bool(track.ghosts >= policy.twin_swaps)


@compiled
def _frozen(track: Any, policy: Any, t: int, lon: float, lat: float, mechanism: int) -> int:
    # Satellites never give the same place twice; beacons, wifi, cells and a phone at rest do.
    steady = mechanism != _GNSS
    if steady or track.place_us == NEVER or lon != track.lon or lat != track.lat:
        track.same_since_us = t
        track.same_fixes = 1
        return 0
    track.same_fixes += 1
    long = t - track.same_since_us >= policy.frozen_s * 1e6
    return _FROZEN if long and track.same_fixes >= policy.frozen_fixes else 0


@compiled
def _gap(
    track: Any, i: int, t: int, limit_us: int, gap_us: Ints, gap_cause: Ints, gap_lon: Floats,
    gap_lat: Floats,
) -> None:  # fmt: skip
    # Exactly the limit is still observed.
    if track.place_us == NEVER or t - track.place_us <= limit_us:
        return
    gap_us[i] = track.place_us
    gap_lon[i], gap_lat[i] = track.lon, track.lat
    if track.disbelieved > 0:
        gap_cause[i] = _DOUBTFUL
    elif track.unplaced > 0:
        gap_cause[i] = _UNPLACED
    else:
        gap_cause[i] = _SILENT


@compiled
def _implied(track: Any, t: int, lon: float, lat: float, radius: float) -> float:
    """Metres a second that the errors of both fixes cannot explain away."""
    if track.place_us == NEVER or t <= track.place_us:
        return 0.0
    beyond = apart_m(track.lon, track.lat, lon, lat) - track.radius_m - radius
    return max(0.0, beyond / ((t - track.place_us) / 1e6))


@compiled
def _leaps(track: Any, policy: Any, implied: float, reported: float) -> bool:
    """Whether somebody who stood still seems to be elsewhere, and no speed speaks for it."""
    if track.at_us == NEVER or implied <= policy.jump_mps or reported > policy.least_speed_mps:
        return False
    return bool(track.weight[0] + track.weight[2] >= policy.standing_share)


@compiled
def _filter(
    track: Any, policy: Any, t: int, lon: float, lat: float, radius: float, mechanism: int,
    sharp: bool, implied: float, reported: float,
) -> None:  # fmt: skip
    sigma = radius / PLACE_SIGMAS
    sort = -1
    if sharp and mechanism != _CELL:
        sort = 1 if mechanism in (_WIFI, _RF) else 0
    if track.at_us == NEVER or t - track.at_us > policy.forget_s * 1e6:
        begin(track, policy, t, lon, lat, sigma, sort)
    else:
        known = reported if reported > policy.least_speed_mps else 0.0
        advance(track, policy, t, lon, lat, sigma, sort, max(known, implied))
    track.flon, track.flat, track.fsigma_m = filtered(track)


@compiled
def _settle(
    track: Any, t: int, lon: float, lat: float, radius: float, sharp: bool, speed: float
) -> None:
    track.place_us, track.lon, track.lat, track.radius_m = t, lon, lat, radius
    track.speed_mps = speed
    track.unplaced = 0
    track.disbelieved = 0
    if sharp:
        track.sharp_us, track.sharp_lon, track.sharp_lat = t, lon, lat
