"""What spills over an edge, against scipy's Owen's T."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import owens_t

from data.rules.spill import ENDLESS, seen, spilled


def _by_scipy(h: float, t1: float, t2: float) -> float:
    near = max(abs(h), 1e-12)
    return math.copysign(1.0, h) * float(owens_t(near, t1 / near) - owens_t(near, t2 / near))


def test_any_edge_agrees_with_scipy() -> None:
    """Ten thousand edges: short, long, on the line, far along it, either side."""
    rng = np.random.default_rng(6)
    h = rng.choice([-1.0, 1.0], 10_000) * 10 ** rng.uniform(-14, 0.8, 10_000)
    t1 = rng.uniform(-12, 12, 10_000)
    t2 = t1 + 10 ** rng.uniform(-4, 1.5, 10_000)
    for edge in zip(h.tolist(), t1.tolist(), t2.tolist(), strict=True):
        assert spilled(*edge) == pytest.approx(_by_scipy(*edge), abs=2e-11), edge


@pytest.mark.parametrize(
    ("h", "t1", "t2"),
    [
        (0.0, -1.0, 1.0),  # on the edge
        (0.0, 0.0, 2.0),  # on its corner
        (0.0, 1.0, 2.0),  # on its line
        (1.0, -ENDLESS, ENDLESS),
        (1.0, -1e6, 1e6),
        (1e-9, 0.0, 3.0),
        (6.0, -3.0, 0.0),
    ],
)
def test_the_odd_places(h: float, t1: float, t2: float) -> None:
    """Where a quotient would have no meaning."""
    assert spilled(h, t1, t2) == pytest.approx(_by_scipy(h, t1, t2), abs=2e-11)


def test_an_edge_without_end_cuts_the_normal_tail_off() -> None:
    """One sigma within a straight border: 15.87 % lies beyond it."""
    assert -spilled(1.0, -100.0, 100.0) == pytest.approx(0.15865525393145707)
    assert seen(1.0, -1e9, 1e9) == pytest.approx(math.pi)
