"""A draft as it travels between screen, database and judge: JSON in, an area and hours out. Pure.

The area is made here from what was drawn, never taken from the screen: a circle is its centre
and radius, a corridor its line and width, and what a browser drew of them is only a picture.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from data.clock import read_moment
from data.errors import BadInput
from data.model import schedule as schedules
from data.model.zone import ZoneKind
from data.model.zone_draft import DraftContent, Part, Permission
from data.rules.shapes import LARGEST_M, checked, from_geojson

MOST_PARTS = 50
MOST_VERTICES = 500
"""Of a zone as it is kept; more is offered a simpler outline first."""

MOST_DRAWN_VERTICES = 20_000
"""Of what a screen may send: an imported boundary before it is made simpler."""

LONGEST_PERMISSION = timedelta(days=31)
MOST_PERMISSIONS = 50

_FIELDS = frozenset(
    {"kind", "parts", "buffer_m", "schedule", "permissions", "reason", "order_ref", "template",
     "name", "valid_from"}
)  # fmt: skip
_OF_PART = {
    "polygon": {"rings"},
    "rectangle": {"rings"},
    "circle": {"centre", "radius_m"},
    "corridor": {"line", "width_m"},
}


def content_from_json(given: Mapping[str, Any], before: DraftContent) -> DraftContent:
    """The content with these fields changed; what is not named stays as it was.

    Raises:
        BadInput: names the field, such as `parts[0].radius_m`.
    """
    for name in given:
        if name not in _FIELDS:
            raise BadInput(name, "a field of a draft")
    made: dict[str, Any] = {}
    if "kind" in given:
        made["kind"] = kind_of(given["kind"])
    if "parts" in given:
        made["parts"] = parts_of(given["parts"])
    if "buffer_m" in given:
        made["buffer_m"] = buffer_m_of(given["buffer_m"])
    if "schedule" in given:
        hours = given["schedule"]
        made["schedule"] = None if hours is None else schedules.from_json(hours)
    if "permissions" in given:
        made["permissions"] = _permissions(given["permissions"])
    if "valid_from" in given:
        begins = given["valid_from"]
        made["valid_from"] = None if begins is None else read_moment(begins, "valid_from")
    for name, most in (("reason", 500), ("order_ref", 100), ("name", 100), ("template", 40)):
        if name in given and not (name == "template" and given[name] is None):
            made[name] = _words(given[name], name, most)
    return replace(before, **made)


def content_to_json(content: DraftContent) -> dict[str, Any]:
    """The content as JSON values; `content_from_json` gives an equal one back."""
    return {
        "kind": content.kind.value,
        "parts": [dict(part) for part in content.parts],
        "buffer_m": content.buffer_m,
        "schedule": None if content.schedule is None else schedules.to_json(content.schedule),
        "permissions": [
            {"from": each.from_at.isoformat(), "to": each.to_at.isoformat(), "reason": each.reason}
            for each in content.permissions
        ],
        "valid_from": None if content.valid_from is None else content.valid_from.isoformat(),
        "reason": content.reason,
        "order_ref": content.order_ref,
        "template": content.template,
        "name": content.name,
    }


def area_of(parts: Sequence[Part]) -> BaseGeometry | None:
    """The area of all parts together, valid and oriented; None where nothing is drawn.

    Parts that touch or overlap become one: what is drawn twice is not drawn less.

    Raises:
        BadInput: names part, ring and vertex, such as `parts[0].coordinates[0][3]`.
    """
    if not parts:
        return None
    areas = [_area_of_part(part, f"parts[{i}]") for i, part in enumerate(parts)]
    whole = areas[0] if len(areas) == 1 else shapely.union_all(areas)
    return checked(whole, "parts")


def parts_of(given: object) -> tuple[Part, ...]:
    """What was drawn, with nothing in it but what its kind knows.

    Raises:
        BadInput: names the part.
    """
    if not isinstance(given, list) or len(given) > MOST_PARTS:
        raise BadInput("parts", f"a list of at most {MOST_PARTS} drawn pieces")
    found = []
    for i, part in enumerate(given):
        how = part.get("how") if isinstance(part, Mapping) else None
        if how not in _OF_PART:
            raise BadInput(f"parts[{i}].how", f"one of {', '.join(_OF_PART)}")
        found.append({"how": how} | {name: part.get(name) for name in sorted(_OF_PART[how])})
    area_of(found)
    return tuple(found)


def raw_polygons(given: object) -> list[BaseGeometry]:
    """Drawn polygons as they are, right or wrong, for finding where one is wrong.

    What is no polygon at all is left out: `parts_of` says so.
    """
    found = []
    for part in given if isinstance(given, list) else []:
        rings = part.get("rings") if isinstance(part, Mapping) else None
        if not rings or part.get("how") not in ("polygon", "rectangle"):
            continue
        try:
            found.append(shapely.Polygon(rings[0], rings[1:]))
        except (TypeError, ValueError, IndexError, shapely.GEOSException):
            continue
    return found


def kind_of(given: object) -> ZoneKind:
    """The kind of a zone by its name."""
    try:
        return ZoneKind(given if isinstance(given, str) else "")
    except ValueError as error:
        raise BadInput("kind", f"one of {', '.join(ZoneKind)}", given) from error


def buffer_m_of(given: object) -> float:
    """Metres of a buffer; 0 is none."""
    is_number = isinstance(given, int | float) and not isinstance(given, bool)
    if not is_number or not (given == 0 or 1 <= given <= LARGEST_M):  # type: ignore[operator]
        raise BadInput("buffer_m", f"0, or metres from 1 to {LARGEST_M:g}", given)
    return float(given)  # type: ignore[arg-type]


def parts_of_area(area: BaseGeometry) -> list[dict[str, Any]]:
    """An area as polygons to be drawn on, one part each, holes kept."""
    return [
        {
            "how": "polygon",
            "rings": [
                shapely.get_coordinates(ring).tolist() for ring in (part.exterior, *part.interiors)
            ],
        }
        for part in shapely.get_parts(area)
    ]


def _area_of_part(part: Part, field: str) -> BaseGeometry:
    match part["how"]:
        case "circle":
            shape = {"type": "Point", "coordinates": part.get("centre")}
            metres: object = part.get("radius_m")
        case "corridor":
            width_m = part.get("width_m")
            shape = {"type": "LineString", "coordinates": part.get("line")}
            is_number = isinstance(width_m, int | float) and not isinstance(width_m, bool)
            metres = width_m / 2 if is_number else width_m  # type: ignore[operator]
        case _:
            shape, metres = {"type": "Polygon", "coordinates": part.get("rings")}, None
    _few_enough(shape["coordinates"], field)
    try:
        return from_geojson(shape, metres, field)
    except BadInput as error:
        if error.field != "radius_m":
            raise
        name = "width_m" if part["how"] == "corridor" else "radius_m"
        raise BadInput(f"{field}.{name}", error.expected, error.found) from error


def drawn_vertices(parts: Sequence[Part]) -> int:
    """Corners that somebody drew: a circle has one, a corridor those of its line.

    What is computed about them (a circle of 3 km takes 548 to be within 50 mm) is not counted.
    """
    count = 0
    for part in parts:
        match part["how"]:
            case "circle":
                count += 1
            case "corridor":
                count += len(part["line"])
            case _:
                # The corner that closes a ring stands twice.
                count += sum(len(ring) - 1 for ring in part["rings"])
    return count


def _few_enough(coordinates: object, field: str) -> None:
    # Counted before anything is made of it: a request of a megabyte holds many corners.
    rings = coordinates if isinstance(coordinates, list) else []
    count = sum(len(ring) if isinstance(ring, list) else 1 for ring in rings)
    if count > MOST_DRAWN_VERTICES:
        raise BadInput(field, f"at most {MOST_DRAWN_VERTICES} vertices")


def _permissions(given: object) -> tuple[Permission, ...]:
    if not isinstance(given, list) or len(given) > MOST_PERMISSIONS:
        raise BadInput("permissions", f"a list of at most {MOST_PERMISSIONS}")
    found = []
    for i, each in enumerate(given):
        field = f"permissions[{i}]"
        if not isinstance(each, Mapping):
            raise BadInput(field, "an object with from, to and reason")
        from_at = read_moment(each.get("from"), f"{field}.from")
        to_at = read_moment(each.get("to"), f"{field}.to")
        if not timedelta(0) < to_at - from_at <= LONGEST_PERMISSION:
            raise BadInput(f"{field}.to", f"up to {LONGEST_PERMISSION.days} days after from")
        reason = _words(each.get("reason"), f"{field}.reason", 200)
        if not reason:
            raise BadInput(f"{field}.reason", "why he may be there")
        found.append(Permission(from_at, to_at, reason))
    return tuple(sorted(found, key=lambda each: each.from_at))


def _words(given: object, field: str, most: int) -> str:
    if not isinstance(given, str) or len(given) > most:
        raise BadInput(field, f"at most {most} characters")
    return given.strip()
