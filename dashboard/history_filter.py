"""The filter of past breaches as it stands in an address: read, refused, and never a name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from data.errors import BadInput
from data.model.breach import BreachKind, Finding, Grade
from data.model.history import BreachFilter

OPEN = "open"
"""Among findings: nobody has decided yet."""

LONGEST_CODE = 40

Chosen = TypeVar("Chosen")


def read_filter(asked: Mapping[str, str], time_zone: ZoneInfo) -> BreachFilter:
    """The filter of an address.

    Args:
        asked: case, zone (a number), kind, grade, finding (each a list with commas), from, to
            (wall times of the room, "2026-11-21" or "2026-11-21T22:00"; `to` is not included,
            but a day alone is included whole), hours ("22-6"), days ("1,7", Monday is 1). What
            is missing or empty is no condition.
        time_zone: the room's.

    Raises:
        BadInput: names the field, and what it may be.
    """
    code = asked.get("case", "").strip()
    if len(code) > LONGEST_CODE:
        raise BadInput("case", f"at most {LONGEST_CODE} characters")
    return BreachFilter(
        case_code=code,
        zone_id=_number(asked.get("zone", "")),
        kinds=_each(asked, "kind", BreachKind, [each.value for each in BreachKind]),
        grades=_each(
            asked,
            "grade",
            lambda word: Grade[word.upper()],
            [each.name.lower() for each in Grade],
        ),
        findings=_each(
            asked,
            "finding",
            lambda word: None if word == OPEN else Finding(word),
            [OPEN, *(each.value for each in Finding)],
        ),
        since=_moment("from", asked.get("from", ""), time_zone),
        until=_moment("to", asked.get("to", ""), time_zone, is_end=True),
        hours=_hours(asked.get("hours", "")),
        weekdays=_each(asked, "days", int, [str(day) for day in range(1, 8)]),
    )


def _each(
    asked: Mapping[str, str], name: str, of: Callable[[str], Chosen], known: list[str]
) -> tuple[Chosen, ...]:
    words = [word for word in asked.get(name, "").split(",") if word]
    if any(word not in known for word in words):
        raise BadInput(name, f"some of {', '.join(known)}")
    return tuple(of(word) for word in dict.fromkeys(words))


def _number(written: str) -> int | None:
    if not written:
        return None
    if not (written.isascii() and written.isdecimal() and len(written) < 19):
        raise BadInput("zone", "the number of a zone")
    return int(written)


def _moment(
    name: str, written: str, time_zone: ZoneInfo, *, is_end: bool = False
) -> datetime | None:
    if not written:
        return None
    try:
        wall = datetime.fromisoformat(written)
    except ValueError:
        wall = None
    if wall is None or wall.tzinfo is not None or not 1970 < wall.year < 9999:
        raise BadInput(name, "a day, or a day and a time of the room, as 2026-11-21T22:00")
    if is_end and len(written) == len("2026-11-21"):
        wall = wall.replace(hour=23, minute=59, second=59, microsecond=999_999)
    return wall.replace(tzinfo=time_zone).astimezone(UTC)


def _hours(written: str) -> tuple[int, int] | None:
    if not written:
        return None
    first, dash, last = written.partition("-")
    is_right = (
        dash
        and all(part.isascii() and part.isdecimal() and len(part) < 3 for part in (first, last))
        and int(first) < 24
        and 0 < int(last) <= 24
        and int(first) != int(last)
    )
    if not is_right:
        raise BadInput("hours", 'the first hour and the one it ends at, as "22-6"')
    return int(first), int(last)
