"""Conduct against chance: who stands out, who does not, and by how much."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from data.model.schedule import from_json
from data.rules import conduct
from data.rules.schedules import is_open

MONDAY = date(2026, 9, 7)
ZONE = "Europe/London"
WORK = [("mon", "09:00", "17:00"), ("wed", "12:00", "20:00"), ("fri", "09:00", "13:00")]
CHOIR = [("tue", "18:00", "20:00")]
SISTER = [("thu", "17:30", "21:00"), ("sun", "10:00", "15:00")]
HOME = [(day, "22:00", "07:30") for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")]


def dates(weeks: int) -> list[date]:
    """So many weeks from a Monday."""
    return [MONDAY + timedelta(days=each) for each in range(7 * weeks)]


def due_at(days: list[date], *places: list[tuple[str, str, str]]) -> np.ndarray:
    """Her week on every minute of these days, (places, days, 1440)."""
    moments = conduct.minutes_of(days, ZONE)
    weeks = [
        from_json({"time_zone": ZONE, "weekly": [
            {"days": [day], "from": start, "to": end} for day, start, end in place]})
        for place in places
    ]  # fmt: skip
    return np.array([is_open(each, moments.ravel()).reshape(moments.shape) for each in weeks])


def compare(near: np.ndarray, due: np.ndarray, days: list[date], **how: int) -> conduct.Conduct:
    """His presence beside her week."""
    return conduct.compare(*conduct.at_places(near, due), days, **how)


def nobody(due: np.ndarray) -> np.ndarray:
    """Somebody who is never near."""
    return np.zeros_like(due)


def test_a_stalker_stands_far_outside() -> None:
    """Half an hour at whichever place she is due at that day, on most days, for five weeks."""
    days = dates(5)
    due = due_at(days, WORK, CHOIR, SISTER)
    rng = np.random.default_rng(4)
    near = nobody(due)
    for place, day in np.argwhere(due.any(axis=2)):
        if rng.random() < 0.7:
            last = int(np.flatnonzero(due[place, day])[-1])
            near[place, day, last - 25 : last + 10] = True
    found = compare(near, due, days)
    assert found.minutes.p < 0.001
    assert found.minutes.ratio > 2
    assert found.can_tell
    assert not found.is_exact


def test_a_neighbour_with_the_same_commute_does_not() -> None:
    """By her work at the same hours on every weekday, at home beside her every night."""
    days = dates(5)
    due = due_at(days, WORK, HOME)
    rng = np.random.default_rng(5)
    near = nobody(due)
    for day, each in enumerate(days):
        near[1, day, :450] = near[1, day, 1300:] = True
        if each.weekday() < 5 and rng.random() < 0.9:
            start = 500 + int(rng.integers(0, 40))
            near[0, day, start : start + 20] = near[0, day, start + 520 : start + 545] = True
    found = compare(near, due, days)
    assert found.minutes.observed > 5000
    assert found.minutes.p > 0.05
    assert 0.9 < found.minutes.ratio < 1.1


def test_a_tiny_case_is_counted_out() -> None:
    """Monday to Wednesday, once each on her day: 1 of 6 exchanges has as much."""
    days = dates(1)[:3]
    due = np.zeros((3, 3, 1440), bool)
    near = np.zeros_like(due)
    for each in range(3):
        due[each, each, 600:660] = True
        near[each, each, 610:620] = True
    found = compare(near, due, days)
    assert found.is_exact
    assert found.draws == 6
    assert found.minutes.p == pytest.approx(1 / 6)
    assert found.minutes.observed == 30
    # Of the 6, one leaves all three in place, three leave one, two leave none.
    assert found.minutes.expected == pytest.approx((30 + 3 * 10) / 6)
    assert found.times.observed == 3


def test_draws_are_add_one_and_of_the_seed() -> None:
    """No exchange reaches it: p is 1 / (draws + 1), and the same seed gives the same answer."""
    days = dates(4)
    due = np.zeros((len(days), len(days), 1440), bool)
    near = np.zeros_like(due)
    for each in range(len(days)):
        due[each, each, 0:60] = near[each, each, 0:60] = True
    found = compare(near, due, days, draws=499, seed=7)
    assert found.minutes.p == pytest.approx(1 / 500)
    assert found == compare(near, due, days, draws=499, seed=7)


def test_days_that_are_all_alike_tell_nothing() -> None:
    """Where exchanging changes nothing there is nothing to compare with, and p is 1."""
    days = dates(4)
    due = due_at(days, HOME)
    near = nobody(due)
    near[0, :, 60:120] = True
    found = compare(near, due, days)
    assert not found.can_tell
    assert found.minutes.p == 1.0
    assert found.week_rank == found.week_shifts == 4


def test_weekends_are_exchanged_with_weekends_only() -> None:
    """Who is there every Saturday and no weekday is no stranger to Saturdays."""
    days = dates(5)
    due = due_at(days, [("sat", "10:00", "12:00"), ("sun", "10:00", "12:00")])
    near = nobody(due)
    for row, each in enumerate(days):
        near[0, row, 600:660] = each.weekday() >= 5
    assert compare(near, due, days).minutes.p == 1.0


def test_a_pause_of_ten_minutes_is_the_same_time() -> None:
    """Eleven are another."""
    row = np.zeros((2, 1440), bool)
    row[0, [100, 111]] = row[1, [100, 112]] = True
    assert conduct._times(row).tolist() == [1, 2]


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25), date(2026, 6, 1)])
def test_a_minute_is_one_of_the_wall_clock(day: date) -> None:
    """Noon is noon also on the days of 23 and 25 hours."""
    noon = conduct.minutes_of([day], ZONE)[0, 720]
    local = datetime.fromtimestamp(noon / 1e6, UTC).astimezone(conduct.ZoneInfo(ZONE))
    assert (local.date(), local.hour, local.minute) == (day, 12, 0)


def test_her_handset_where_both_are_known() -> None:
    """Only minutes in which both are heard can be near, on whichever day they are laid."""
    his = np.full((2, 1440, 2), np.nan)
    hers = np.full((2, 1440, 2), np.nan)
    his[0, :100] = 0.0
    hers[0, 50:200] = (150.0, 0.0)
    hers[1, :60] = (300.0, 0.0)
    minutes, times = conduct.at_person(his, hers, 200.0)
    assert minutes.tolist() == [[50, 0], [0, 0]]
    assert times.tolist() == [[1, 0], [0, 0]]
