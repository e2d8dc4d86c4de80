"""Sentences for what went wrong, as the person in the seat reads them."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from dashboard.format import clock_time
from data.errors import AlertTaken, BadInput, Unavailable, VigilError

_FIELDS = {"note": "Write a note first", "reason": "Write a reason first"}


def sorry(error: VigilError, time_zone: ZoneInfo) -> str:
    """What happened and what to do, with times of the room."""
    match error:
        case AlertTaken():
            return f"{error.owner} has it since {clock_time(error.since, time_zone)}."
        case BadInput(field=field) if field in _FIELDS and error.found is None:
            return f"{_FIELDS[field]}."
        case BadInput():
            return f"{error.field}: {error.expected}."
        case Unavailable():
            return "Not saved: the database does not answer. Try again in a moment."
        case _:
            return str(error)
