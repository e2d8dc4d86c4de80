"""What speaks against a fix by itself."""

from __future__ import annotations

import numpy as np
import pytest

from data.model.fix import FixFlag, Mechanism, empty_fixes
from data.rules.quality import moments, place_flags, radii_95_m
from tests.data.rules.histories import POLICY, T0, S

DAY = 86_400 * S


def clock_flags(fixed_at: int, received_at: int, started_at: int = 0) -> tuple[int, FixFlag]:
    """When a fix with these clocks counts, and what is said about them."""
    records = empty_fixes(1)
    records["fixed_at"] = fixed_at
    moment, flags = moments(records, np.array([received_at]), np.array([started_at]), POLICY)
    return int(moment[0]), FixFlag(int(flags[0]))


@pytest.mark.parametrize(
    ("ahead_us", "flag"),
    [(0, FixFlag(0)), (120 * S, FixFlag(0)), (120 * S + 1, FixFlag.FUTURE)],
)
def test_two_minutes_ahead_is_still_believed(ahead_us: int, flag: FixFlag) -> None:
    """A device's clock may run two minutes ahead, to the microsecond."""
    moment, flags = clock_flags(T0 + ahead_us, T0)
    assert flags == flag
    assert moment == (T0 if flag else T0 + ahead_us)


@pytest.mark.parametrize(
    ("age_us", "flag"),
    [(2 * DAY, FixFlag(0)), (30 * DAY, FixFlag(0)), (30 * DAY + 1, FixFlag.STALE_CLOCK)],
)
def test_a_month_old_is_a_wrong_clock(age_us: int, flag: FixFlag) -> None:
    """Buffered fixes of 48 hours are believed; a month and more is a receiver's old week."""
    assert clock_flags(T0 - age_us, T0)[1] == flag


def test_older_than_its_activation_is_a_wrong_clock() -> None:
    """A fix from more than a day before the fitting counts from when it came."""
    assert clock_flags(T0 - DAY, T0, T0)[1] == FixFlag(0)
    assert clock_flags(T0 - DAY - 1, T0, T0) == (T0, FixFlag.STALE_CLOCK)


@pytest.mark.parametrize(
    ("lon", "lat", "flag"),
    [
        (0.0, 0.0, FixFlag.NULL_ISLAND),
        (0.00001, 0.0, FixFlag(0)),
        (0.0, 53.4, FixFlag(0)),
        (np.nan, 53.4, FixFlag.NO_FIX),
        (180.0, -90.0, FixFlag(0)),
        (180.1, 0.0, FixFlag.NO_FIX),
        (np.inf, 0.0, FixFlag.NO_FIX),
    ],
)
def test_places_that_are_none(lon: float, lat: float, flag: FixFlag) -> None:
    """Zero, zero is no place; Greenwich and the equator are."""
    records = empty_fixes(1)
    records["lon"], records["lat"] = lon, lat
    assert place_flags(records)[0] == flag


@pytest.mark.parametrize(
    ("reported", "hdop", "mechanism", "radius", "flag"),
    [
        (30.0, 0.8, Mechanism.GNSS, 30.0, FixFlag(0)),
        (100.0, np.nan, Mechanism.GNSS, 100.0, FixFlag(0)),
        (100.1, np.nan, Mechanism.GNSS, 100.1, FixFlag.COARSE),
        (0.2, np.nan, Mechanism.GNSS, 1.0, FixFlag(0)),
        (np.nan, np.nan, Mechanism.GNSS, 25.0, FixFlag.RADIUS_ASSUMED),
        (0.0, np.nan, Mechanism.WIFI, 60.0, FixFlag.RADIUS_ASSUMED),
        (-1.0, np.nan, Mechanism.UNKNOWN, 50.0, FixFlag.RADIUS_ASSUMED),
        (np.nan, np.nan, Mechanism.CELL, 1500.0, FixFlag.RADIUS_ASSUMED | FixFlag.COARSE),
        (np.nan, 2.0, Mechanism.GNSS, 17.4, FixFlag.RADIUS_ASSUMED),
        (np.nan, 99.9, Mechanism.GNSS, 25.0, FixFlag.RADIUS_ASSUMED),
        (np.nan, 2.0, Mechanism.WIFI, 60.0, FixFlag.RADIUS_ASSUMED),
    ],
)
def test_a_radius_is_reported_or_assumed_and_said_so(
    reported: float, hdop: float, mechanism: Mechanism, radius: float, flag: FixFlag
) -> None:
    """No radius, zero and less than nothing are the same: unknown. 100 m is not coarse yet."""
    records = empty_fixes(1)
    records["radius_95_m"], records["hdop"], records["mechanism"] = reported, hdop, mechanism
    radii, flags = radii_95_m(records, POLICY)
    assert radii[0] == pytest.approx(radius, rel=1e-6)
    assert flags[0] == flag
