"""What a desk can bear: one in ten minutes is, more is not, ten are a flood."""

from __future__ import annotations

import pytest

from data.rules.load import load, rate, shares


def test_two_desks_share_what_is_raised() -> None:
    """And where nobody sits, it counts as one desk's: an empty room is no calm one."""
    assert rate(6, 2) == 3
    assert rate(6, 0) == 6


def test_the_marks_are_exact() -> None:
    """One is still bearable, ten are already a flood."""
    found = load([(1, 1), (2, 1), (10, 1), (18, 2), (0, 3)])
    assert found.above == 3 / 5
    assert (found.floods, found.worst) == (1, 10)
    assert found.mean == pytest.approx((1 + 2 + 10 + 9 + 0) / 5)


def test_nothing_is_nothing() -> None:
    """An empty period has a load of 0 and shares of 0, and divides by nothing."""
    assert load([]).mean == 0
    assert shares({}) == {1: 0, 2: 0, 3: 0}
    assert shares({1: 1, 3: 3}) == {1: 0.25, 2: 0, 3: 0.75}
