"""Home by night, work by day, from a month of fixes."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import numpy as np
import pytest

from data.rules.haunts import haunts

STOCKHOLM = ZoneInfo("Europe/Stockholm")
HOME, WORK = (11.9, 57.7), (11.95, 57.72)


def test_a_month_of_home_and_work() -> None:
    """Sleeps at one place, weekdays at another, with a few metres of error on each fix."""
    moment_us = np.arange(30 * 288) * 300_000_000 + 1_793_000_000_000_000
    hour = (moment_us // 3_600_000_000 + 1) % 24
    weekday = (moment_us // 86_400_000_000 + 3) % 7
    works = (hour >= 9) & (hour < 17) & (weekday < 5)
    error = np.random.default_rng(1).normal(0, 0.0001, (2, len(moment_us)))
    lon = np.where(works, WORK[0], HOME[0]) + error[0]
    lat = np.where(works, WORK[1], HOME[1]) + error[1]
    found = haunts(moment_us, lon, lat, STOCKHOLM)
    assert found.home == pytest.approx(HOME, abs=2e-4)
    assert found.work == pytest.approx(WORK, abs=2e-4)


def test_too_little_says_nothing() -> None:
    """One fix, or one evening, is no life."""
    one = np.array([0])
    assert haunts(one, one * 1.0, one * 1.0, STOCKHOLM).home is None
    hour = np.arange(60) * 60_000_000
    assert haunts(hour, np.full(60, 12.0), np.full(60, 57.0), STOCKHOLM).home is None
