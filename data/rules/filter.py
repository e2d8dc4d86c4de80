"""The filtered track: where somebody is, given everything reported so far.

Four hypotheses run side by side (interacting multiple models): standing still or moving, and
the error as reported or worse than the device admits. Each holds a place that wanders at
random, and the error of two sorts of position (satellites; wifi and radio beacons), which
fades over minutes: consecutive fixes share their error, so they are not separate witnesses.
Errors are counted in sigmas of the fix at hand. East and north are alike and share one
covariance. Metres about the last fix; compiled, one row an activation.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.rules.compiled import compiled
from data.rules.state import MODES

PLACE_SIGMAS = 2.4477
"""Sigmas in a radius that holds 95 %."""

_EARTH_M = 6_371_008.8


@compiled
def degree_m(lat: float) -> tuple[float, float]:
    """Metres in a degree of longitude and of latitude there, on WGS 84."""
    phi = math.radians(lat)
    east = 111412.84 * math.cos(phi) - 93.5 * math.cos(3 * phi) + 0.118 * math.cos(5 * phi)
    north = 111132.954 - 559.822 * math.cos(2 * phi) + 1.175 * math.cos(4 * phi)
    return max(east, 1.0), north


@compiled
def offset_m(lon0: float, lat0: float, lon1: float, lat1: float) -> tuple[float, float]:
    """Metres east and north from the first place to the second; good to 0.1 % over 100 km."""
    east_m, north_m = degree_m((lat0 + lat1) / 2)
    turn = lon1 - lon0
    turn -= 360.0 * math.floor((turn + 180.0) / 360.0)
    return turn * east_m, (lat1 - lat0) * north_m


@compiled
def apart_m(lon0: float, lat0: float, lon1: float, lat1: float) -> float:
    """Metres between two places anywhere: flat when near, great circle when far."""
    if abs(lat1 - lat0) < 0.5 and abs(lat0) < 85.0:
        east, north = offset_m(lon0, lat0, lon1, lat1)
        if abs(east) < 50_000.0:
            return math.hypot(east, north)
    half_lat = math.sin(math.radians(lat1 - lat0) / 2)
    half_lon = math.sin(math.radians(lon1 - lon0) / 2)
    inner = half_lat**2 + math.cos(math.radians(lat0)) * math.cos(math.radians(lat1)) * half_lon**2
    return 2 * _EARTH_M * math.asin(min(1.0, math.sqrt(inner)))


@compiled
def begin(
    track: Any, policy: Any, t_us: int, lon: float, lat: float, sigma: float, sort: int
) -> None:
    """Starts the filter on one fix: all that is known is that fix.

    Args:
        track: row of TRACK_DTYPE, changed.
        policy: row of thresholds.
        t_us: moment of the fix.
        lon: degrees.
        lat: degrees.
        sigma: of its error, metres.
        sort: of its error: 0 or 1, or -1 where errors of such fixes do not hang together.
    """
    moving = policy.start_moving_per_min / (
        policy.start_moving_per_min + policy.stop_moving_per_min
    )
    burst = policy.start_burst_per_min / (policy.start_burst_per_min + policy.stop_burst_per_min)
    for k in range(MODES):
        track.weight[k] = (moving if k % 2 else 1 - moving) * (burst if k // 2 else 1 - burst)
        spread = _spread(policy, k, sigma, sort)
        shared = policy.error_share * spread if sort >= 0 else 0.0
        white = policy.white_share * spread if sort >= 0 else spread
        for j in range(6):
            track.mean[k, j] = 0.0
            track.cov[k, j] = 0.0
        # The place is the fix less its error, so the two hang together from the start.
        track.cov[k, 0] = shared * shared + white * white
        track.cov[k, 3] = 1.0
        track.cov[k, 5] = 1.0
        if sort >= 0:
            track.cov[k, 1 + sort] = -shared
    track.at_us = t_us
    track.at_lon = lon
    track.at_lat = lat


@compiled
def advance(
    track: Any,
    policy: Any,
    t_us: int,
    lon: float,
    lat: float,
    sigma: float,
    sort: int,
    speed: float,
) -> None:
    """Takes one more fix into the filter.

    Args:
        track: row of TRACK_DTYPE, changed; `begin` has started it.
        policy: row of thresholds.
        t_us: moment of the fix, not before the last one taken in.
        lon: degrees.
        lat: degrees.
        sigma: of its error, metres.
        sort: of its error, as in `begin`.
        speed: metres a second that somebody who moves is known to go, 0 if nothing is known.
    """
    minutes = (t_us - track.at_us) / 60e6
    east, north = offset_m(track.at_lon, track.at_lat, lon, lat)
    _mix(track, policy, minutes)
    fade = math.exp(-minutes / policy.error_minutes)
    best = -np.inf
    logs = np.empty(MODES)
    for k in range(MODES):
        mean, cov = track.mean[k], track.cov[k]
        step = policy.moving_m_per_min if k % 2 else policy.still_m_per_min
        cov[0] += step * step * minutes
        if k % 2:
            cov[0] += (speed * 60.0 * minutes) ** 2 / 2
        for j in range(2, 6):
            mean[j] *= fade
        cov[1] *= fade
        cov[2] *= fade
        cov[3] = 1.0 + (cov[3] - 1.0) * fade * fade
        cov[4] *= fade * fade
        cov[5] = 1.0 + (cov[5] - 1.0) * fade * fade
        mean[0] -= east
        mean[1] -= north
        logs[k] = _correct(mean, cov, _spread(policy, k, sigma, sort), sort, policy)
        if track.weight[k] > 0.0:
            logs[k] += math.log(track.weight[k])
            best = max(best, logs[k])
        else:
            logs[k] = -np.inf
    total = 0.0
    for k in range(MODES):
        track.weight[k] = math.exp(logs[k] - best)
        total += track.weight[k]
    for k in range(MODES):
        track.weight[k] /= total
    track.at_us = t_us
    track.at_lon = lon
    track.at_lat = lat


@compiled
def filtered(track: Any) -> tuple[float, float, float]:
    """Longitude, latitude and sigma (metres) of the place, over all hypotheses."""
    east, north, spread = 0.0, 0.0, 0.0
    for k in range(MODES):
        east += track.weight[k] * track.mean[k, 0]
        north += track.weight[k] * track.mean[k, 1]
    for k in range(MODES):
        off = (track.mean[k, 0] - east) ** 2 + (track.mean[k, 1] - north) ** 2
        spread += track.weight[k] * (track.cov[k, 0] + off / 2)
    east_m, north_m = degree_m(track.at_lat)
    lon = track.at_lon + east / east_m
    lon -= 360.0 * math.floor((lon + 180.0) / 360.0)
    lat = min(90.0, max(-90.0, track.at_lat + north / north_m))
    return lon, lat, math.sqrt(spread)


@compiled
def _spread(policy: Any, mode: int, sigma: float, sort: int) -> float:
    # A coarse fix admits its error; only a sharp one may be worse than it says.
    if mode // 2 and sort >= 0:
        return math.hypot(sigma, policy.burst_m / PLACE_SIGMAS)
    return sigma


@compiled
def _mix(track: Any, policy: Any, minutes: float) -> None:
    """What each hypothesis starts from, if one may have turned into another meanwhile."""
    to_moving, to_still = _switch(policy.start_moving_per_min, policy.stop_moving_per_min, minutes)
    to_burst, to_plain = _switch(policy.start_burst_per_min, policy.stop_burst_per_min, minutes)
    weight = np.zeros(MODES)
    mean = np.zeros((MODES, 6))
    cov = np.zeros((MODES, 6))
    share = np.empty(MODES)
    for k in range(MODES):
        for j in range(MODES):
            motion = to_moving if k % 2 else to_still
            if j % 2 == k % 2:
                motion = 1.0 - (to_still if k % 2 else to_moving)
            noise = to_burst if k // 2 else to_plain
            if j // 2 == k // 2:
                noise = 1.0 - (to_plain if k // 2 else to_burst)
            share[j] = motion * noise * track.weight[j]
            weight[k] += share[j]
        if weight[k] <= 0.0:
            mean[k] = track.mean[k]
            cov[k] = track.cov[k]
            continue
        for j in range(MODES):
            mean[k] += share[j] / weight[k] * track.mean[j]
        for j in range(MODES):
            part = share[j] / weight[k]
            off = track.mean[j] - mean[k]
            cov[k] += part * track.cov[j]
            # Shared by east and north, so the spread between hypotheses is their average.
            cov[k, 0] += part * (off[0] * off[0] + off[1] * off[1]) / 2
            cov[k, 1] += part * (off[0] * off[2] + off[1] * off[3]) / 2
            cov[k, 2] += part * (off[0] * off[4] + off[1] * off[5]) / 2
            cov[k, 3] += part * (off[2] * off[2] + off[3] * off[3]) / 2
            cov[k, 4] += part * (off[2] * off[4] + off[3] * off[5]) / 2
            cov[k, 5] += part * (off[4] * off[4] + off[5] * off[5]) / 2
    for k in range(MODES):
        track.weight[k] = weight[k]
        for j in range(6):
            track.mean[k, j] = mean[k, j]
            track.cov[k, j] = cov[k, j]


@compiled
def _switch(start: float, stop: float, minutes: float) -> tuple[float, float]:
    """Chance to have started, and to have stopped, after so many minutes."""
    total = start + stop
    if total <= 0.0:
        return 0.0, 0.0
    gone = 1.0 - math.exp(-total * minutes)
    return start / total * gone, stop / total * gone


@compiled
def _correct(
    mean: NDArray[np.float64], cov: NDArray[np.float64], spread: float, sort: int, policy: Any
) -> float:
    """Kalman's step towards a fix at 0, 0; gives the log of its likelihood."""
    shared = policy.error_share * spread if sort >= 0 else 0.0
    white = policy.white_share * spread if sort >= 0 else spread
    pp, p0, p1, e00, e01, e11 = cov[0], cov[1], cov[2], cov[3], cov[4], cov[5]
    if sort == 1:
        to_place, to_0, to_1 = pp + shared * p1, p0 + shared * e01, p1 + shared * e11
        total = to_place + shared * to_1 + white * white
        miss_east, miss_north = -mean[0] - shared * mean[4], -mean[1] - shared * mean[5]
    else:
        to_place, to_0, to_1 = pp + shared * p0, p0 + shared * e00, p1 + shared * e01
        total = to_place + shared * to_0 + white * white
        miss_east, miss_north = -mean[0] - shared * mean[2], -mean[1] - shared * mean[3]
    mean[0] += to_place / total * miss_east
    mean[1] += to_place / total * miss_north
    mean[2] += to_0 / total * miss_east
    mean[3] += to_0 / total * miss_north
    mean[4] += to_1 / total * miss_east
    mean[5] += to_1 / total * miss_north
    cov[0] = max(pp - to_place * to_place / total, 1e-6)
    cov[1] = p0 - to_place * to_0 / total
    cov[2] = p1 - to_place * to_1 / total
    cov[3] = max(e00 - to_0 * to_0 / total, 1e-9)
    cov[4] = e01 - to_0 * to_1 / total
    cov[5] = max(e11 - to_1 * to_1 / total, 1e-9)
    miss2 = miss_east * miss_east + miss_north * miss_north
    return -miss2 / (2.0 * total) - math.log(total)
