"""Routine locations found in a track, daylight, and the words of the comparison."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from data.clock import microseconds
from data.model.routine import Confidence
from data.model.schedule import MINUTES_A_DAY
from data.rules import conduct, conduct_words, routines
from data.rules.daylight import Daylight, daylight
from data.rules.encounters import Track
from tests.data.rules.histories import place

ZONE = ZoneInfo("Europe/London")
START = datetime(2026, 10, 12, tzinfo=ZONE)  # a Monday; the clocks go back on the second Sunday


def her_weeks(weeks: int = 4, every_min: int = 10) -> Track:
    """At home, at work on weekdays from 9 to 17, at the choir on Tuesdays from 19 to 21."""
    rng = np.random.default_rng(3)
    rows = []
    for number in range(weeks * MINUTES_A_DAY * 7 // every_min):
        at = (START.replace(tzinfo=None) + timedelta(minutes=number * every_min)).replace(
            tzinfo=ZONE
        )
        hour, east = at.hour + at.minute / 60, 0.0
        if at.weekday() < 5 and 9 <= hour < 17:
            east = 3000.0
        if at.weekday() == 1 and 19 <= hour < 21:
            east = -1500.0
        # Her handset lies dead on the second Wednesday.
        if 9 * 1440 <= number * every_min < 10 * 1440:
            continue
        rows.append((microseconds(at.astimezone(UTC)), east + rng.normal(0, 10)))
    us, east_m = np.array(rows).T
    us = us.astype(np.int64)
    keep = np.append(True, np.diff(us) > 0)
    lonlat = np.array([place(east, 0.0) for east in east_m[keep]])
    return Track(us[keep], lonlat[:, 0], lonlat[:, 1], np.full(keep.sum(), 15.0),
                 np.full(keep.sum(), 1_200_000_000))  # fmt: skip


def test_places_and_hours_are_proposed_from_her_weeks() -> None:
    """Home, work and choir with their hours, to the quarter; over the night clocks change."""
    found = routines.propose(her_weeks(), "Europe/London")
    assert len(found) == 3
    home, work, choir = found
    assert (home.confidence, home.days) == (Confidence.HIGH, 27)
    for each, east in ((home, 0.0), (work, 3000.0), (choir, -1500.0)):
        lon, lat = place(east, 0.0)
        assert (each.lon, each.lat) == pytest.approx((lon, lat), abs=2e-4)
    (nine_to_five,) = work.hours.weekly[0]
    assert nine_to_five.start_min == pytest.approx(540, abs=15)
    assert nine_to_five.end_min == pytest.approx(1020, abs=15)
    assert work.hours.weekly[5] == work.hours.weekly[6] == ()
    assert [bool(day) for day in choir.hours.weekly] == [False, True] + 5 * [False]


def test_a_stay_never_runs_over_a_gap() -> None:
    """Twelve silent hours at home end one stay and begin another."""
    whole = her_weeks(weeks=2)
    cut = whole.us > whole.us[0] + 8 * 86_400_000_000
    track = Track(*(getattr(whole, name)[cut] for name in ("us", "lon", "lat", "radius_m")),
                  whole.limit_us[cut])  # fmt: skip
    found = routines.stays(track).stretches
    assert len(found) > 3
    for start, end in found:
        inside = (track.us >= start) & (track.us <= end)
        assert np.diff(track.us[inside]).max() <= 1_200_000_000


def test_one_week_is_no_habit() -> None:
    """What was seen once is nobody's routine."""
    assert routines.propose(her_weeks(weeks=1), "Europe/London") == []


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-06-21T12:00Z", Daylight.DAY),
        ("2026-06-21T03:30Z", Daylight.DAY),  # sunrise in Göteborg at 02:11 UTC
        ("2026-11-21T15:00Z", Daylight.TWILIGHT),  # sunset at 14:36 UTC
        ("2026-11-21T18:00Z", Daylight.DARK),
    ],
)
def test_daylight_is_by_the_sun(at: str, expected: Daylight) -> None:
    """Göteborg, in summer and in November."""
    assert daylight(11.97, 57.70, datetime.fromisoformat(at)) is expected


def a_conduct(**changes: object) -> conduct.Conduct:
    """312 minutes where chance gives 61."""
    values: dict[str, object] = {
        "days": 42,
        "minutes": conduct.Comparison(312, 61.2, 20.0, 118.0, 0.0001),
        "times": conduct.Comparison(14, 3.5, 1.0, 6.0, 0.0002),
        "draws": 9_999,
        "seed": 1,
        "is_exact": False,
        "can_tell": True,
        "week_rank": 1,
        "week_shifts": 6,
    }
    return conduct.Conduct(**(values | changes))  # type: ignore[arg-type]


def test_the_answer_is_in_plain_words() -> None:
    """What was seen, what chance gives, p with how it was come by, and what speaks against it."""
    found = a_conduct()
    assert conduct_words.verdict(found) == "Far more than his own days explain."
    said = " ".join(conduct_words.sentences(found))
    for words in (
        "312 minutes",
        "14 times",
        "61 minutes",
        "5.1 times as much",
        "None of 9,999 exchanges",
        "p = 0.0001",
        "add-one, seed 1",
        "none of the 5 other ways",
    ):
        assert words in said  # fmt: skip
    against = " ".join(conduct_words.caveats(found, due_h=212, unseen_h=31))
    for words in ("neighbour", "212 hours", "31 of them", "15 %", "does not say why"):
        assert words in against


def test_too_little_is_called_that() -> None:
    """Few weeks come first; days that are all alike tell nothing; nothing seen is said so."""
    short = conduct_words.caveats(a_conduct(days=20), due_h=0, unseen_h=0)
    assert short[0].startswith("Few weeks: 20 days.")
    assert "too much alike" in conduct_words.verdict(a_conduct(can_tell=False))
    none = conduct.Comparison(0, 0.0, 0.0, 0.0, 1.0)
    assert conduct_words.verdict(a_conduct(minutes=none)).startswith("He was not seen")


def test_silence_is_no_absence() -> None:
    """Unheard for half of her hours or more, nobody says that he was not there."""
    none = a_conduct(minutes=conduct.Comparison(0, 0.0, 0.0, 0.0, 1.0))
    assert "not seen" in conduct_words.verdict(none, due_h=400, unseen_h=199)
    assert "Nobody can tell" in conduct_words.verdict(none, due_h=400, unseen_h=200)
