"""Lanes say what held when, and that nothing is known where nothing is."""

from __future__ import annotations

import pytest

from data.rules.gaps import gap_limit_s
from data.rules.last_hour import Span, pace_mps, spans


def lane(*fixes: tuple[float, str], limit_s: float = 120) -> list[Span]:
    """The lane from 0 to 1000 s."""
    at_s, what = [each[0] for each in fixes], [each[1] for each in fixes]
    return spans(at_s, what, from_s=0, to_s=1000, limit_s=limit_s)


def test_a_fix_speaks_until_the_next() -> None:
    """Equal neighbours are one span, and the spans leave no moment out."""
    found = lane(*[(t, "in" if 300 <= t < 500 else "out") for t in range(-50, 1000, 50)])
    assert found == [Span(0, 300, "out"), Span(300, 500, "in"), Span(500, 1000, "out")]


def test_longer_than_the_limit_is_a_gap() -> None:
    """Exactly the limit is none; beyond it not even the first minutes are claimed."""
    found = lane((0, "in"), (120, "in"), (241, "in"), (900, "in"))
    assert found == [Span(0, 120, "in"), Span(120, 900, "unseen"), Span(900, 1000, "in")]


def test_silence_is_known_after_the_limit_only() -> None:
    """The last fix speaks for its time; then nobody knows."""
    assert lane((0, "in"), limit_s=200) == [Span(0, 200, "in"), Span(200, 1000, "unseen")]
    assert lane() == [Span(0, 1000, "unseen")]
    assert lane((950, "in")) == [Span(0, 950, "unseen"), Span(950, 1000, "in")]


@pytest.mark.parametrize(("every_s", "limit_s"), [(1, 120), (40, 120), (60, 180), (600, 1800)])
def test_the_gap_rule(every_s: float, limit_s: float) -> None:
    """Three times what the device was told, and never under two minutes."""
    assert gap_limit_s(every_s) == limit_s


@pytest.mark.parametrize(("speed", "pace"), [(None, 1.4), (0.0, 1.4), (1.4, 1.4), (12.0, 12.0)])
def test_nobody_is_thought_slower_than_a_walker(speed: float | None, pace: float) -> None:
    """Who stands still now may walk in a moment."""
    assert pace_mps(speed) == pace
