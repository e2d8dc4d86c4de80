"""Look-ups that somebody should ask about. Each rule is simple enough to be told to the one asked.

A mark is a question, not a verdict: most have a good answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from math import sqrt
from zoneinfo import ZoneInfo

SHIFT = timedelta(hours=12)
"""A shift with its hand-over; who still looks after that is off shift."""

OWN_PAST_DAYS = 28
LEAST_LOOKS = 4
"""Fewer in a day are never a volume, however quiet the days before were."""


class Mark(StrEnum):
    """What is unusual about a look."""

    UNASSIGNED = "unassigned"
    OWN_SURNAME = "own_surname"
    OFF_SHIFT = "off_shift"
    VOLUME = "volume"


RULES: dict[Mark, str] = {
    Mark.UNASSIGNED: "The case was not given to them: the glass was broken.",
    Mark.OWN_SURNAME: "A part of their login is the surname of somebody in the case.",
    Mark.OFF_SHIFT: "More than 12 hours after they last signed in.",
    Mark.VOLUME: "More looks that day than their own average of the 28 days before plus three "
    "standard deviations, and at least four.",
}
"""Each rule in words, as the screen shows it."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a case's victims."""

    reveal_id: int
    user_id: int
    at: datetime
    is_through_glass: bool
    has_own_surname: bool
    signed_in_at: datetime | None  # the last sign-in before it; None: none is on record


def marks(looks: Sequence[Look], time_zone: ZoneInfo) -> dict[int, frozenset[Mark]]:
    """What is unusual about each of these looks, by its number; looks of all users, any order.

    Days are the room's own, from midnight to midnight.
    """
    by_day: dict[int, dict[date, int]] = {}
    for look in looks:
        days = by_day.setdefault(look.user_id, {})
        day = look.at.astimezone(time_zone).date()
        days[day] = days.get(day, 0) + 1
    return {
        look.reveal_id: frozenset(
            mark
            for mark, holds in (
                (Mark.UNASSIGNED, look.is_through_glass),
                (Mark.OWN_SURNAME, look.has_own_surname),
                # Exactly twelve hours are still the shift.
                (Mark.OFF_SHIFT, look.signed_in_at is None or look.at - look.signed_in_at > SHIFT),
                (
                    Mark.VOLUME,
                    _is_many(by_day[look.user_id], look.at.astimezone(time_zone).date()),
                ),
            )
            if holds
        )
        for look in looks
    }


def shares_surname(login: str, names: Sequence[str]) -> bool:
    """Whether a part of a login, such as "anna.svensson", is the last name of one of these."""
    parts = login.casefold().replace("_", ".").replace("-", ".").split(".")
    surnames = {name.split()[-1].casefold() for name in names if name.split()}
    return any(len(part) >= 3 and part in surnames for part in parts)


def _is_many(days: dict[date, int], day: date) -> bool:
    """More than three standard deviations above the person's own past; days without count 0."""
    past = [days.get(day - timedelta(days=back), 0) for back in range(1, OWN_PAST_DAYS + 1)]
    mean = sum(past) / len(past)
    spread = sqrt(sum((each - mean) ** 2 for each in past) / len(past))
    return days[day] >= LEAST_LOOKS and days[day] > mean + 3 * spread
