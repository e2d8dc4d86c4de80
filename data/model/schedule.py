"""When a zone is in force: weekly windows of wall time in a named zone, with exceptions by date."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from data.errors import BadInput

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTES_A_DAY = 1440
_WALL_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")
_LONGEST_GRACE_S = 86_400


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """From `start_min` up to, not including, `end_min`; minutes of wall time after midnight.

    An end at or before the start lies on the next day, so 22:00 to 06:00 runs past midnight
    and 00:00 to 00:00 is the whole day.
    """

    start_min: int  # 0 to 1439
    end_min: int  # 0 to 1440

    def __post_init__(self) -> None:
        """Refuses minutes that no day has."""
        if not (0 <= self.start_min < MINUTES_A_DAY and 0 <= self.end_min <= MINUTES_A_DAY):
            raise BadInput("window", "minutes of a day", (self.start_min, self.end_min))


@dataclass(frozen=True, slots=True)
class Schedule:
    """Weekly windows, exceptions, and the grace at either end of a window.

    An exception says which windows *begin* on its date, instead of the weekly ones; none of
    them means closed. A window of the evening before still runs to its end.
    """

    time_zone: str  # IANA name
    weekly: tuple[tuple[Window, ...], ...]  # seven, Monday first
    exceptions: tuple[tuple[date, tuple[Window, ...]], ...] = ()
    grace_s: int = (
        0  # curfew: how long on the wrong side is no breach after opening, before closing
    )

    def __post_init__(self) -> None:
        """Refuses what no week has."""
        _zone_of(self.time_zone)
        if len(self.weekly) != len(DAYS):
            raise BadInput("schedule.weekly", "seven days", len(self.weekly))

    def windows_of(self, day: date) -> tuple[Window, ...]:
        """The windows that begin on this local date."""
        for exception, windows in self.exceptions:
            if exception == day:
                return windows
        return self.weekly[day.weekday()]


def to_json(schedule: Schedule) -> dict[str, Any]:
    """The schedule as JSON values; `from_json` gives an equal one back."""
    days_of: dict[Window, list[str]] = {}
    for name, windows in zip(DAYS, schedule.weekly, strict=True):
        for window in windows:
            days_of.setdefault(window, []).append(name)
    return {
        "time_zone": schedule.time_zone,
        "weekly": [{"days": days, **_written(window)} for window, days in days_of.items()],
        "exceptions": [
            {"date": day.isoformat(), "windows": [_written(window) for window in windows]}
            for day, windows in schedule.exceptions
        ],
        "grace_s": schedule.grace_s,
    }


def from_json(value: object, field: str = "schedule") -> Schedule:
    """The schedule this JSON means.

    `{"time_zone": "Europe/London", "weekly": [{"days": ["mon", "tue"], "from": "22:00",
    "to": "06:00"}], "exceptions": [{"date": "2026-12-25", "windows": []}], "grace_s": 300}`.
    `exceptions` and `grace_s` may be left out.

    Args:
        value: what a JSON reader gave.
        field: how to call it in an error.

    Raises:
        BadInput: names the field, such as `schedule.weekly[2].from`.
    """
    given = _mapping(value, field, {"time_zone", "weekly", "exceptions", "grace_s"})
    weekly: list[list[Window]] = [[] for _ in DAYS]
    for place, entry in _entries(given, "weekly", field):
        named = _mapping(entry, place, {"days", "from", "to"})
        window = _window(named, place)
        for name in _days(named, place):
            weekly[DAYS.index(name)].append(window)
    exceptions: dict[date, tuple[Window, ...]] = {}
    for place, entry in _entries(given, "exceptions", field) if "exceptions" in given else []:
        named = _mapping(entry, place, {"date", "windows"})
        day = _date(named.get("date"), f"{place}.date")
        if day in exceptions:
            raise BadInput(f"{place}.date", "each date once", day)
        exceptions[day] = tuple(
            sorted(
                _window(_mapping(window, at, {"from", "to"}), at)
                for at, window in _entries(named, "windows", place)
            )
        )
    return Schedule(
        _zone_of(given.get("time_zone"), f"{field}.time_zone"),
        tuple(tuple(sorted(set(windows))) for windows in weekly),
        tuple(sorted(exceptions.items())),
        _grace(given.get("grace_s", 0), f"{field}.grace_s"),
    )


def _mapping(value: object, field: str, known: set[str]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise BadInput(field, "an object", value)
    # A misspelt "exeptions" that is passed over would leave a zone in force, or not, in silence.
    for name in value:
        if name not in known:
            raise BadInput(f"{field}.{name}", f"one of {', '.join(sorted(known))}", name)
    return value


def _entries(given: Mapping[str, Any], name: str, field: str) -> list[tuple[str, object]]:
    value = given.get(name)
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        raise BadInput(f"{field}.{name}", "a list", value)
    return [(f"{field}.{name}[{i}]", entry) for i, entry in enumerate(value)]


def _days(given: Mapping[str, Any], field: str) -> list[str]:
    entries = _entries(given, "days", field)
    if not entries:
        raise BadInput(f"{field}.days", "at least one day")
    names = []
    for place, name in entries:
        if name not in DAYS:
            raise BadInput(place, f"one of {', '.join(DAYS)}", name)
        names.append(str(name))
    return names


def _window(given: Mapping[str, Any], field: str) -> Window:
    start = _minutes(given.get("from"), f"{field}.from")
    if start == MINUTES_A_DAY:
        raise BadInput(f"{field}.from", "a wall time from 00:00 to 23:59", given.get("from"))
    return Window(start, _minutes(given.get("to"), f"{field}.to"))


def _minutes(value: object, field: str) -> int:
    if not isinstance(value, str) or not _WALL_TIME.fullmatch(value):
        raise BadInput(field, "a wall time such as 22:00, at most 24:00", value)
    return int(value[:2]) * 60 + int(value[3:])


def _written(window: Window) -> dict[str, str]:
    return {
        "from": f"{window.start_min // 60:02}:{window.start_min % 60:02}",
        "to": f"{window.end_min // 60:02}:{window.end_min % 60:02}",
    }


def _date(value: object, field: str) -> date:
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError as error:
        raise BadInput(field, "a date such as 2026-12-25", value) from error


def _grace(value: object, field: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LONGEST_GRACE_S:
        raise BadInput(field, f"whole seconds from 0 to {_LONGEST_GRACE_S}", value)
    return value


def _zone_of(value: object, field: str = "schedule.time_zone") -> str:
    try:
        ZoneInfo(value if isinstance(value, str) else "")
    except (KeyError, ValueError, OSError) as error:
        raise BadInput(field, "a zone name such as Europe/London", value) from error
    return str(value)
