"""What speaks against a fix by itself: its clock, its place, its radius. Flags, never deletes.

What can only be told from the fixes around it (impossible speed, frozen, duplicate) is in
`data.rules.track`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from data.model.fix import FixFlag, Mechanism
from data.model.judging import Policy

_INTS = NDArray[np.int64]
_FLOATS = NDArray[np.float64]
_SECOND_US = 1_000_000
_DAY_US = 86_400 * _SECOND_US
_NULL_ISLAND_DEG = 1e-6
_USUAL_HDOP = 50.0  # receivers report 99.9 and the like for "no idea"


def moments(
    records: NDArray[np.void], received_at_us: _INTS, started_at_us: _INTS, policy: Policy
) -> tuple[_INTS, NDArray[np.int32]]:
    """When each fix counts, and the flags of its clock, shape (n,) each.

    A fix from the future, or from before its activation or a month before it came, has a wrong
    clock: nothing is known of its moment but that it came, so it counts from `received_at_us`.

    Args:
        records: FIX_DTYPE, shape (n,).
        received_at_us: when each came, shape (n,).
        started_at_us: when each one's activation began, shape (n,); 0 where unknown.
        policy: the thresholds.
    """
    fixed_at_us = records["fixed_at"]
    flags = np.zeros(len(records), np.int32)
    ahead_us = fixed_at_us - received_at_us
    # Exactly the tolerance is still believed.
    flags[ahead_us > policy.future_s * _SECOND_US] |= FixFlag.FUTURE
    stale = -ahead_us > policy.stale_clock_days * _DAY_US
    # A tag is switched on while it is fitted, before the fitting is entered.
    stale |= (started_at_us > 0) & (fixed_at_us < started_at_us - _DAY_US)
    flags[stale] |= FixFlag.STALE_CLOCK
    return np.where(flags != 0, received_at_us, fixed_at_us), flags


def place_flags(records: NDArray[np.void]) -> NDArray[np.int32]:
    """Flags of the place itself: NO_FIX or NULL_ISLAND, shape (n,)."""
    lon, lat = records["lon"], records["lat"]
    flags = np.zeros(len(records), np.int32)
    with np.errstate(invalid="ignore"):
        known = (np.abs(lon) <= 180.0) & (np.abs(lat) <= 90.0)
        # Exactly zero, as a receiver without a fix reports; there is open sea around it, too.
        null = (np.abs(lon) < _NULL_ISLAND_DEG) & (np.abs(lat) < _NULL_ISLAND_DEG)
    flags[~known] |= FixFlag.NO_FIX
    flags[null] |= FixFlag.NULL_ISLAND
    return flags


def radii_95_m(records: NDArray[np.void], policy: Policy) -> tuple[_FLOATS, NDArray[np.int32]]:
    """The 95 % radius each fix is judged with, and its flags, shape (n,) each.

    Where none was reported (or zero, which devices send for "unknown"), one is assumed: from
    the dilution of precision if there is one, else by mechanism.
    """
    reported = records["radius_95_m"].astype(np.float64)
    mechanism = records["mechanism"]
    by_mechanism = np.full(256, policy.radius_unknown_m)
    by_mechanism[Mechanism.GNSS] = policy.radius_gnss_m
    by_mechanism[Mechanism.WIFI] = policy.radius_wifi_m
    by_mechanism[Mechanism.CELL] = policy.radius_cell_m
    by_mechanism[Mechanism.RF] = policy.radius_rf_m
    assumed = by_mechanism[mechanism]
    hdop = records["hdop"].astype(np.float64)
    with np.errstate(invalid="ignore"):
        known = np.isfinite(reported) & (reported > 0.0)
        by_hdop = (hdop > 0.0) & (hdop < _USUAL_HDOP) & (mechanism <= Mechanism.GNSS)
    assumed = np.where(by_hdop, np.maximum(policy.metres_a_hdop * hdop, 10.0), assumed)
    radius = np.where(known, np.maximum(reported, policy.least_radius_m), assumed)
    flags = np.where(known, 0, FixFlag.RADIUS_ASSUMED).astype(np.int32)
    flags[radius > policy.coarse_m] |= FixFlag.COARSE
    return radius, flags
