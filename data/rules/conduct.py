"""Conduct against chance: was he near where she was due more than his own days explain?

Each of his local days is laid against each of hers: what he did by the clock on one date, beside
where she was due on another. What happened is each day against itself. Chance is the same days
exchanged, weekdays with weekdays and weekends with weekends, so that somebody who is there at the
same hours every week (a neighbour, a colleague) scores as high when his days are exchanged as
when they are not. Numbers are whole minutes of the wall clock.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import permutations, product
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from data.model.schedule import MINUTES_A_DAY

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

SEED = 1
DRAWS = 9_999
RETURN_MIN = 10
"""A pause of at most so many minutes is the same time, as for encounters."""

LEAST_WEEKS = 4
FAR_OUTSIDE, OUTSIDE = 0.01, 0.05
_MINUTE_US = 60_000_000
_FRIDAY = 4


@dataclass(frozen=True, slots=True)
class Comparison:
    """One number beside what chance gives."""

    observed: int
    expected: float  # mean over the exchanges
    low: float  # 95 of 100 exchanges lie from here
    high: float
    p: float  # share of exchanges with at least as much; add-one, or exact

    @property
    def ratio(self) -> float:
        """How many times what chance gives; infinite where chance gives nothing."""
        if self.expected:
            return self.observed / self.expected
        return math.inf if self.observed else 1.0


@dataclass(frozen=True, slots=True)
class Conduct:
    """The whole answer, with what it rests on."""

    days: int
    minutes: Comparison
    times: Comparison
    draws: int
    seed: int
    is_exact: bool  # every possible exchange was counted
    can_tell: bool  # exchanging days changes anything at all
    week_rank: int  # of the true weeks among all shifts by whole weeks; 1: the most
    week_shifts: int  # how many shifts there are, the true one included

    @property
    def is_short(self) -> bool:
        """Whether there are too few weeks to lean on."""
        return self.days < 7 * LEAST_WEEKS


def minutes_of(days: list[date], time_zone: str) -> Ints:
    """The moment of each minute of the wall clock, shape (days, 1440), microseconds.

    On the night clocks go back the hour that comes twice counts the first time; on the other
    the skipped hour is the hour after it.
    """
    zone = ZoneInfo(time_zone)
    found = np.empty((len(days), MINUTES_A_DAY), np.int64)
    for row, day in enumerate(days):
        start, end = (_midnight_us(day + timedelta(days=each), zone) for each in (0, 1))
        found[row] = start + _MINUTE_US * np.arange(MINUTES_A_DAY)
        if end - start != MINUTES_A_DAY * _MINUTE_US:
            midnight = datetime.combine(day, time())
            for minute in range(MINUTES_A_DAY):
                wall = (midnight + timedelta(minutes=minute)).replace(tzinfo=zone)
                found[row, minute] = round(wall.astimezone(UTC).timestamp()) * 1_000_000
    return found


def within(stretches: Ints, moments: Ints) -> Bools:
    """Which moments lie in the stretches (k, 2): in order, half-open; the moments' shape."""
    return np.asarray(np.searchsorted(stretches.ravel(), moments, side="right") % 2 == 1)


def at_places(near: Bools, due: Bools) -> tuple[Ints, Ints]:
    """Each of his days against each of hers: minutes and times at any of her places.

    Args:
        near: shape (places, days, 1440), he was seen near the place, whether due or not.
        due: the same shape, she was due there.

    Returns:
        Two of shape (days, days), his day by row; the diagonal is what happened.
    """

    def near_on(his: int) -> Bools:
        return np.asarray((near[:, his, None, :] & due).any(axis=0))

    return _laid_against(near_on, near.shape[1])


def at_person(his: Floats, hers: Floats, near_m: float) -> tuple[Ints, Ints]:
    """The same with her handset: places by the minute in metres, shape (days, 1440, 2).

    NaN where nobody knows: such a minute is near nobody, whichever day it is laid against.
    """

    def near(day: int) -> Bools:
        apart = hers - his[day]
        with np.errstate(invalid="ignore"):
            return np.asarray(np.hypot(apart[..., 0], apart[..., 1]) <= near_m)

    return _laid_against(near, len(his))


def compare(
    minutes: Ints, times: Ints, days: list[date], *, draws: int = DRAWS, seed: int = SEED
) -> Conduct:
    """What happened beside exchanged days; same input and seed, same answer.

    Where there are no more exchanges than `draws`, all of them are counted and p is exact; else
    p is (1 + those with at least as much) / (1 + draws).

    Args:
        minutes: of `at_places` or `at_person`.
        times: of the same.
        days: the date of each row.
        draws: how many exchanges.
        seed: of the exchanges.
    """
    orders, is_exact = _exchanges(days, draws, seed)
    rows = np.arange(len(days))
    by_chance = [table[rows, orders].sum(axis=1) for table in (minutes, times)]
    compared = [
        _compared(int(np.trace(table)), null, is_exact=is_exact)
        for table, null in zip((minutes, times), by_chance, strict=True)
    ]
    rank, shifts = _whole_weeks(minutes)
    return Conduct(
        days=len(days),
        minutes=compared[0],
        times=compared[1],
        draws=len(orders),
        seed=seed,
        is_exact=is_exact,
        can_tell=bool((by_chance[0] != np.trace(minutes)).any()),
        week_rank=rank,
        week_shifts=shifts,
    )


def _laid_against(near_on: Callable[[int], Bools], days: int) -> tuple[Ints, Ints]:
    minutes = np.zeros((days, days), np.int64)
    times = np.zeros((days, days), np.int64)
    for his in range(days):
        near = near_on(his)
        minutes[his] = near.sum(axis=1)
        times[his] = _times(near)
    return minutes, times


def _times(near: Bools) -> Ints:
    """How many times each row begins to be near, a pause of RETURN_MIN being none, (days,)."""
    before = np.cumsum(np.pad(near, ((0, 0), (1, 0))), axis=1)[:, :-1]
    long_before = np.pad(before, ((0, 0), (RETURN_MIN + 1, 0)))[:, : near.shape[1]]
    return np.asarray((near & (before == long_before)).sum(axis=1))


def _exchanges(days: list[date], draws: int, seed: int) -> tuple[Ints, bool]:
    """Which of her days each of his is laid against, shape (draws, days); and whether all are."""
    kinds = np.array([day.weekday() > _FRIDAY for day in days], bool)
    groups = [np.flatnonzero(kinds == kind) for kind in (False, True)]
    if math.prod(math.factorial(len(group)) for group in groups) <= draws:
        every = [list(permutations(group.tolist())) for group in groups]
        orders = np.empty((math.prod(len(each) for each in every), len(days)), np.int64)
        for row, chosen in enumerate(product(*every)):
            for group, order in zip(groups, chosen, strict=True):
                orders[row, group] = order
        return orders, True
    rng = np.random.default_rng(seed)
    orders = np.empty((draws, len(days)), np.int64)
    for group in groups:
        orders[:, group] = rng.permuted(np.tile(group, (draws, 1)), axis=1)
    return orders, False


def _compared(observed: int, null: Ints, *, is_exact: bool) -> Comparison:
    reached = int((null >= observed).sum())
    p = reached / len(null) if is_exact else (1 + reached) / (1 + len(null))
    low, high = np.quantile(null, [0.025, 0.975])
    return Comparison(observed, float(null.mean()), float(low), float(high), p)


def _whole_weeks(minutes: Ints) -> tuple[int, int]:
    """How the true weeks rank among all shifts by whole weeks, ties against him; and how many."""
    weeks = len(minutes) // 7
    rows = np.arange(7 * weeks)
    sums = [minutes[rows, (rows + 7 * by) % (7 * weeks)].sum() for by in range(weeks)]
    return (int(sum(each >= sums[0] for each in sums)), weeks) if weeks else (1, 1)


def _midnight_us(day: date, zone: ZoneInfo) -> int:
    start = datetime.combine(day, time(), zone).astimezone(UTC)
    return round(start.timestamp()) * 1_000_000
