"""What a person typed about a routine place, read into the place or into words about the field."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from data.errors import BadInput
from data.feeds.routine_places import read_hours
from data.model.routine import Confidence, RoutinePlace


def place_of(
    name: Any, where: Any, radius: Any, hours: Any, confidence: Any, review: Any, zone: ZoneInfo,
    review_on: date,
) -> RoutinePlace:  # fmt: skip
    """The place that was typed; `review_on` where no day to ask again was.

    Raises:
        BadInput: a field that cannot be read, by its label.
    """
    lat, _, lon = text_of(where).partition(",")
    confidence = text_of(confidence)
    if confidence not in set(Confidence):
        raise BadInput("How sure", "high, medium or low")
    return RoutinePlace(
        name=text_of(name),
        lon=_metric(lon, "Where"),
        lat=_metric(_lat(lat, lon), "Where"),
        radius_m=_metric(radius, "Radius"),
        hours=read_hours(text_of(hours), zone.key),
        confidence=Confidence(confidence),
        review_on=day_of(review) or review_on,
    )


def _lat(lat: str, lon: str) -> str:
    if not lat.strip() or not lon.strip():
        raise BadInput("Where", "latitude, longitude, such as 55.60500, 13.00380")
    return lat


def _metric(value: Any, field: str) -> float:
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise BadInput(field, "a number") from error


def number_of(value: Any) -> int | None:
    """The number of a place; None for a further one."""
    text = text_of(value)
    return int(text) if text.isdecimal() and len(text) < 6 else None


def chosen(value: Any) -> int:
    """The number of a place of hers.

    Raises:
        BadInput: none was chosen.
    """
    number = number_of(value)
    if number is None:
        raise BadInput("As", "one of her places, chosen above")
    return number


def day_of(value: Any) -> date | None:
    """The day a picker holds; None where it holds none."""
    try:
        return date.fromisoformat(text_of(value)[:10])
    except ValueError:
        return None


def text_of(value: Any) -> str:
    """What was typed, without blanks at its ends."""
    return value.strip() if isinstance(value, str) else ""
