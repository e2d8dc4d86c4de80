"""What a desk can bear, and how far a period was from it. Numbers in, numbers out.

The marks are those of the alarm-management standards (EEMUA 191, ISA-18.2): about one alert in
ten minutes a desk; ten in ten minutes are a flood; 5, 15 and 80 in a hundred of each priority.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

BEARABLE = 1.0
"""Alerts a desk in ten minutes."""

FLOOD = 10
"""From that many a desk in ten minutes on, nobody reads them one by one."""

SHARES = {1: 0.05, 2: 0.15, 3: 0.80}
"""How much of each priority a room was designed for."""


@dataclass(frozen=True, slots=True)
class Load:
    """How much a desk was asked in a period."""

    mean: float  # alerts a desk in ten minutes
    worst: float
    above: float  # share of the ten minutes in which it was more than bearable
    floods: int


def rate(raised: int, desks: int) -> float:
    """Alerts a desk; where nobody was signed in, as if one desk were."""
    return raised / max(desks, 1)


def load(tens: Iterable[tuple[int, int]]) -> Load:
    """The load of a period out of (raised, desks) of each ten minutes; 0 where there is none."""
    rates = [rate(raised, desks) for raised, desks in tens]
    if not rates:
        return Load(0.0, 0.0, 0.0, 0)
    return Load(
        mean=sum(rates) / len(rates),
        worst=max(rates),
        # One in ten minutes is bearable: above is more than that.
        above=sum(each > BEARABLE for each in rates) / len(rates),
        floods=sum(each >= FLOOD for each in rates),
    )


def shares(counts: Mapping[int, int]) -> dict[int, float]:
    """The share of each priority, 0 to 1; all 0 where there is no alert."""
    total = sum(counts.values())
    return {priority: counts.get(priority, 0) / total if total else 0.0 for priority in SHARES}
