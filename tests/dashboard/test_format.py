"""How values are written: one way each, and the same wherever the browser stands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dashboard.format import (
    age,
    clock_time,
    day_and_time,
    deepest,
    from_edge,
    metres,
    minutes,
    percent,
)
from dashboard.words import sorry
from data.errors import AlertTaken, BadInput, Clash, Unavailable, VigilError
from data.model.breach import chance_words

LONDON = ZoneInfo("Europe/London")
NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("at", "zone", "words"),
    [
        (datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC), LONDON, "2026-03-29 00:59:59 +00:00"),
        (datetime(2026, 3, 29, 1, 0, 0, tzinfo=UTC), LONDON, "2026-03-29 02:00:00 +01:00"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), LONDON, "2026-10-25 01:30:00 +01:00"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), LONDON, "2026-10-25 01:30:00 +00:00"),
        (datetime(2026, 11, 21, 12, 0, tzinfo=UTC), NEW_YORK, "2026-11-21 07:00:00 −05:00"),
    ],
)
def test_times_say_their_offset(at: datetime, zone: ZoneInfo, words: str) -> None:
    """Both nights of a clock change print times that cannot be mistaken for each other."""
    assert day_and_time(at, zone) == words
    assert clock_time(at, zone) == words[11:19]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-5, "0:00"), (0, "0:00"), (38, "0:38"), (599, "9:59"), (600, "10 min"), (5399, "89 min"),
     (5400, "1 h 30"), (90_000, "25 h 00"),
     (172_799, "47 h 59"), (172_800, "2 d 0 h"), (2_480_340, "28 d 16 h")],
)  # fmt: skip
def test_ages_grow_coarser(seconds: int, words: str) -> None:
    """An age is exact while seconds matter; a clock that is ahead does not make it negative."""
    now = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
    assert age(now - timedelta(seconds=seconds), now) == words


@pytest.mark.parametrize(
    ("edge_m", "words"),
    [(-40.2, "40 m inside the edge"), (0.0, "0 m inside the edge"),
     (-0.0, "0 m inside the edge"), (-0.4, "0 m inside the edge"), (214, "214 m from the edge"),
     (1400, "1.4 km from the edge")],
)  # fmt: skip
def test_the_edge_is_inside(edge_m: float, words: str) -> None:
    """Exactly on the edge counts as inside, as the judge has it."""
    assert from_edge(edge_m) == words


@pytest.mark.parametrize(
    ("edge_m", "words"),
    [(-40.2, "Deepest: 40 m inside the edge"), (0.0, "Deepest: crossed between two fixes"),
     (-0.0, "Deepest: crossed between two fixes"), (12.0, "Nearest: 12 m from the edge")],
)  # fmt: skip
def test_a_zone_crossed_between_two_fixes_says_so(edge_m: float, words: str) -> None:
    """No fix was inside, so there is no depth to tell in metres."""
    assert ": ".join(deepest(edge_m)) == words


@pytest.mark.parametrize(
    ("p", "words"),
    [(0.0, "0.00"), (0.29, "0.29"), (0.989, "0.98"), (0.99, "0.99"), (0.999, "> 0.99"),
     (1.0, "> 0.99")],
)  # fmt: skip
def test_nobody_is_certain(p: float, words: str) -> None:
    """The queue, the drawer and the history cut it alike."""
    assert chance_words(p) == words


def test_shares_are_told_in_hundredths() -> None:
    """With the space that stands before every other unit."""
    assert [percent(share) for share in (0, 0.004, 0.92, 1)] == ["0 %", "0 %", "92 %", "100 %"]


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.99, "under 1 min"), (1.0, "1 min"), (1.5, "1½ min"), (2.49, "2 min"), (9.99, "9½ min"),
     (12.9, "12 min"), (90.0, "over 90 min")],
)  # fmt: skip
def test_minutes_are_never_longer_than_they_are(value: float, words: str) -> None:
    """Cut, not rounded: who is told two minutes has two."""
    assert minutes(value) == words


def test_a_kilometre_is_one() -> None:
    """What rounds to a thousand metres is written as a kilometre."""
    assert (metres(994), metres(996)) == ("994 m", "1.0 km")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (AlertTaken("op7", datetime(2026, 6, 1, 1, 14, 7, tzinfo=UTC)),
         "op7 has it since 02:14:07."),
        (BadInput("note", "a few words"), "Write a note first."),
        (BadInput("reason", "at most 2000 characters", 2001), "reason: at most 2000 characters."),
        (Clash("This alert has been closed."), "This alert has been closed."),
        (Unavailable("no"), "Not saved: the database does not answer. Try again in a moment."),
    ],
)  # fmt: skip
def test_what_went_wrong_is_a_sentence(error: VigilError, words: str) -> None:
    """Errors reach the operator as sentences with times of the room."""
    assert sorry(error, LONDON) == words
