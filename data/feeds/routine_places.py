"""Routine locations from files: a CSV with one window a row, or GeoJSON with one place a feature.

CSV columns: name, lon, lat, days, from, to; and radius_m, time_zone, confidence, review_on where
the file says them. Rows of one name are one place. GeoJSON: points with the properties name,
hours (as data.model.schedule reads it), radius_m, confidence, review_on. A file is taken whole or
not at all, and an error says which line and field, never what stood there: it could be her address.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from data.errors import BadInput
from data.model import schedule
from data.model.routine import Confidence, RoutinePlace, Source

NEEDED = ("name", "lon", "lat", "days", "from", "to")
OPTIONAL = ("radius_m", "time_zone", "confidence", "review_on")
RADIUS_M = 50.0
MOST_PLACES = 50
MOST_BYTES = 200_000


@dataclass(frozen=True, slots=True)
class Defaults:
    """What holds where the file does not say."""

    time_zone: str
    review_on: date


def read_places(raw: bytes, defaults: Defaults) -> list[RoutinePlace]:
    """The places of a file, in its order.

    Raises:
        BadInput: names the line and column, or the feature and property.
    """
    if len(raw) > MOST_BYTES:
        raise BadInput("file", f"at most {MOST_BYTES:,} bytes", len(raw))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput("file", "UTF-8 text", f"byte {error.start}") from error
    read = _features if text.lstrip().startswith("{") else _table
    places = read(text, defaults)
    if not 0 < len(places) <= MOST_PLACES:
        raise BadInput("file", f"1 to {MOST_PLACES} places", len(places))
    return places


_LINE = re.compile(r"(?P<days>[a-z ,-]+?)\s+(?P<start>[\d:]+)\s*(?:-|–|to)\s*(?P<end>[\d:]+)")


def read_hours(text: str, time_zone: str) -> schedule.Schedule:
    """Weekly windows as somebody types them: a line each, "mon-fri 09:00-17:00".

    Raises:
        BadInput: names the line.
    """
    weekly = []
    for number, line in enumerate(text.lower().splitlines(), start=1):
        if not line.strip():
            continue
        found = _LINE.fullmatch(line.strip())
        if found is None:
            raise BadInput(f"hours, line {number}", "days and times such as mon-fri 09:00-17:00")
        window = {"days": _days(found["days"]), "from": found["start"], "to": found["end"]}
        try:
            schedule.from_json({"time_zone": time_zone, "weekly": [window]})
        except BadInput as error:
            raise BadInput(f"hours, line {number}", error.expected) from None
        weekly.append(window)
    return schedule.from_json({"time_zone": time_zone, "weekly": weekly}, "hours")


def _days(text: str) -> list[str]:
    """Days as they are written: "mon tue", "mon, tue" or "mon-fri"."""
    names: list[str] = []
    for part in text.replace(",", " ").split():
        first, _, last = part.partition("-")
        if last and {first, last} <= set(schedule.DAYS):
            start, end = schedule.DAYS.index(first), schedule.DAYS.index(last)
            names += [schedule.DAYS[n % 7] for n in range(start, start + (end - start) % 7 + 1)]
        else:
            names.append(part)
    return names


def _table(text: str, defaults: Defaults) -> list[RoutinePlace]:
    rows = csv.DictReader(io.StringIO(text))
    heads = [each.strip() for each in rows.fieldnames or ()]
    for head in NEEDED:
        if head not in heads:
            raise BadInput("line 1", f"a column {head}")
    for head in heads:
        if head not in NEEDED + OPTIONAL:
            raise BadInput("line 1", f"columns out of {', '.join(NEEDED + OPTIONAL)}")
    rows.fieldnames = heads
    named: dict[str, list[tuple[int, dict[str, str]]]] = {}
    for row in rows:
        cells = {key: (value or "").strip() for key, value in row.items() if isinstance(key, str)}
        named.setdefault(cells["name"], []).append((rows.line_num, cells))
    return [_of_rows(name, lines, defaults) for name, lines in named.items()]


def _of_rows(
    name: str, lines: list[tuple[int, dict[str, str]]], defaults: Defaults
) -> RoutinePlace:
    first_line, first = lines[0]
    for line, cells in lines[1:]:
        for key in ("lon", "lat", "radius_m", "time_zone", "confidence", "review_on"):
            if cells.get(key, "") not in ("", first.get(key, "")):
                raise BadInput(f"line {line}, {key}", f"the same as on line {first_line}")
    hours = {
        "time_zone": first.get("time_zone") or defaults.time_zone,
        "weekly": [
            {"days": cells["days"].lower().split(), "from": cells["from"], "to": cells["to"]}
            for _, cells in lines
        ],
    }
    try:
        week = schedule.from_json(hours, "hours")
    except BadInput as error:
        raise BadInput(f"{_place_of(error, lines)}", error.expected) from None
    return _place(
        f"line {first_line}, ",
        name=name,
        lon=first["lon"],
        lat=first["lat"],
        hours=week,
        radius_m=first.get("radius_m") or RADIUS_M,
        confidence=first.get("confidence") or Confidence.MEDIUM,
        review_on=first.get("review_on") or defaults.review_on.isoformat(),
    )


def _place_of(error: BadInput, lines: list[tuple[int, dict[str, str]]]) -> str:
    """The line and column that "hours.weekly[2].from" stands for."""
    path, _, column = error.field.partition("].")
    number = path.rpartition("[")[2].rstrip("]") if "[" in path else "0"
    line = lines[int(number)][0] if number.isdecimal() else lines[0][0]
    return f"line {line}, {column.partition('[')[0] or 'time_zone'}"


def _features(text: str, defaults: Defaults) -> list[RoutinePlace]:
    try:
        given = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadInput("file", f"JSON (line {error.lineno})") from error
    features = given.get("features") if isinstance(given, Mapping) else None
    if not isinstance(features, list):
        raise BadInput("file", "a GeoJSON FeatureCollection")
    return [_feature(f"features[{i}]", each, defaults) for i, each in enumerate(features)]


def _feature(where: str, feature: Any, defaults: Defaults) -> RoutinePlace:
    geometry = feature.get("geometry") if isinstance(feature, Mapping) else None
    if not isinstance(geometry, Mapping) or geometry.get("type") != "Point":
        raise BadInput(f"{where}.geometry", "a Point")
    at = geometry.get("coordinates")
    if not isinstance(at, list) or len(at) < 2:
        raise BadInput(f"{where}.geometry.coordinates", "longitude and latitude")
    says = feature.get("properties")
    if not isinstance(says, Mapping):
        raise BadInput(f"{where}.properties", "an object")
    try:
        hours = schedule.from_json(says.get("hours"), f"{where}.properties.hours")
    except BadInput as error:
        raise BadInput(error.field, error.expected) from None
    return _place(
        f"{where}.properties.",
        name=says.get("name"),
        lon=at[0],
        lat=at[1],
        hours=hours,
        radius_m=says.get("radius_m", RADIUS_M),
        confidence=says.get("confidence", Confidence.MEDIUM),
        review_on=says.get("review_on", defaults.review_on.isoformat()),
    )


def _place(where: str, **says: Any) -> RoutinePlace:
    try:
        return RoutinePlace(
            name=says["name"] if isinstance(says["name"], str) else "",
            lon=_number(says["lon"], "lon"),
            lat=_number(says["lat"], "lat"),
            radius_m=_number(says["radius_m"], "radius_m"),
            hours=says["hours"],
            confidence=_confidence(says["confidence"]),
            review_on=_date(says["review_on"]),
            source=Source.IMPORTED,
        )
    except BadInput as error:
        raise BadInput(f"{where}{error.field}", error.expected) from None


def _number(value: Any, field: str) -> float:
    try:
        found = float(value)
    except (TypeError, ValueError) as error:
        raise BadInput(field, "a number") from error
    if found != found:
        raise BadInput(field, "a number")
    return found


def _confidence(value: Any) -> Confidence:
    if value not in set(Confidence):
        raise BadInput("confidence", "high, medium or low")
    return Confidence(value)


def _date(value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise BadInput("review_on", "a date such as 2027-05-01") from error
