"""What speaks for and against the shape of a zone. Pure: metres in, words out.

Areas and places of one call are in metres of one plane. Words name no place and no distance
from her door; those come only with `is_door_shown`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import shapely
from shapely.geometry.base import BaseGeometry

from data.geo import LonLat
from data.rules.zone_drawing import MOST_VERTICES

Level = Literal["ok", "warning", "error"]

LEAST_M2 = 400.0
"""Smaller than this a zone is lost in the error of any tag."""

GREATEST_M2 = 500e6
"""A circle of 12.6 km: beyond it an order bans somebody from a county, which is not for a drag."""

CENTRE_OFF_M = 100.0
CENTRE_OFF_SHARE = 0.25
"""Nearer to the middle than this, in metres and in radii, her door is found from the outline."""

FEW_BUILDINGS = 5
OFTEN = 0.25
"""On so many of his days he comes through: it is his way, and will alarm every time."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check's answer. Words name no place; `at` is one only where the fault itself lies."""

    check: str
    level: Level
    words: str
    at: LonLat | None = None

    def to_json(self) -> dict[str, Any]:
        """As the studio reads it."""
        return {
            "check": self.check,
            "level": self.level,
            "words": self.words,
            "at": None if self.at is None else list(self.at),
        }


def size_checks(area_m2: float, vertices: int) -> list[Check]:
    """Whether it is neither too small nor too large, nor drawn too finely.

    Args:
        area_m2: on the ground.
        vertices: as drawn (`data.rules.zone_drawing.drawn_vertices`).
    """
    found = [Check("valid", "ok", "The outline is valid.")]
    if area_m2 < LEAST_M2:
        found.append(Check("size", "error", f"Smaller than {LEAST_M2:.0f} m²."))
    elif area_m2 > GREATEST_M2:
        found.append(Check("size", "error", f"Larger than {GREATEST_M2 / 1e6:.0f} km²."))
    else:
        found.append(Check("size", "ok", "Neither too small nor too large."))
    if vertices > MOST_VERTICES:
        words = f"{vertices} vertices; at most {MOST_VERTICES}. Take the simpler outline."
        found.append(Check("vertices", "error", words))
    else:
        found.append(Check("vertices", "ok", f"{vertices} of {MOST_VERTICES} vertices."))
    return found


def width_check(area: BaseGeometry, p95_m: float | None) -> Check:
    """Whether it is anywhere narrower than twice the usual error of his fixes."""
    if p95_m is None:
        return Check("width", "ok", "Nothing is known of the accuracy here yet.")
    kept = area.buffer(-p95_m)
    words = f"narrower than {2 * p95_m:.0f} m, twice the usual error of his fixes here"
    if kept.is_empty:
        return Check("width", "warning", f"It is {words}: nobody will be surely inside.")
    if len(shapely.get_parts(kept)) > len(shapely.get_parts(area)):
        return Check("width", "warning", f"In places it is {words}.")
    return Check("width", "ok", f"Wider than {2 * p95_m:.0f} m everywhere.")


def door_checks(
    area: BaseGeometry,
    doors: Sequence[BaseGeometry],
    p95_m: float | None,
    *,
    is_door_shown: bool,
) -> list[Check]:
    """Whether every door is inside, and no edge nearer to one than his fixes are good."""
    found = []
    if not all(area.covers(door) for door in doors):
        return [Check("door_inside", "error", "Her door is not inside.")]
    found.append(Check("door_inside", "ok", "Her door is inside."))
    nearest_m = min(float(area.boundary.distance(door)) for door in doors)
    so_far = f" ({nearest_m:.0f} m)" if is_door_shown else ""
    if p95_m is not None and nearest_m < p95_m:
        words = f"An edge is nearer to her door{so_far} than the usual error of his fixes here."
        found.append(Check("door_edge", "warning", words))
    else:
        found.append(Check("door_edge", "ok", f"No edge is too near to her door{so_far}."))
    return found


def leak_check(
    area: BaseGeometry,
    doors: Sequence[BaseGeometry],
    circles: Sequence[tuple[BaseGeometry, float]],
    buildings: int,
) -> Check:
    """Whether the outline, or its centre, gives an address away.

    Args:
        area: the zone.
        doors: of confidential addresses; none known is no reason to be sure.
        circles: centre and radius of parts that were drawn as circles.
        buildings: inside the area, as far as the base map knows any.
    """
    radius_m = math.sqrt(area.area / math.pi)
    for centre, metres in circles:
        off_m = min((float(centre.distance(door)) for door in doors), default=0.0)
        if off_m < max(CENTRE_OFF_M, CENTRE_OFF_SHARE * metres):
            return _leak("a circle shows its centre, and who knows the zone finds the door")
    for door in doors:
        off_m = float(area.centroid.distance(door))
        if off_m < max(CENTRE_OFF_M, CENTRE_OFF_SHARE * radius_m):
            return _leak("its middle gives the door away")
    if 0 < buildings < FEW_BUILDINGS:
        return _leak(f"it holds only {buildings} building{'s' if buildings > 1 else ''}")
    return Check("leak", "ok", "The outline does not give the address away.")


def haunt_checks(
    area: BaseGeometry,
    home: BaseGeometry | None,
    work: BaseGeometry | None,
    days_inside: int,
    days: int,
) -> list[Check]:
    """Whether his own life lies in it: home, work, or the way he usually takes."""
    found = []
    for name, place in (("home", home), ("work", work)):
        if place is not None and area.covers(place):
            words = f"The offender's own {name} seems to be inside, from where he usually is."
            found.append(Check(f"his_{name}", "warning", words))
    if days and not found and days_inside / days >= OFTEN:
        words = f"He came through on {days_inside} of {days} days: it will alarm on his usual way."
        found.append(Check("his_route", "warning", words))
    return found or [Check("his_places", "ok", "Not about his usual places, as far as known.")]


def overlap_check(area: BaseGeometry, others: Sequence[BaseGeometry]) -> Check:
    """Whether it lies over other zones of the same offender."""
    over = sum(1 for other in others if area.intersection(other).area > 1.0)
    if over:
        words = f"It overlaps {over} other zone{'s' if over > 1 else ''} of his."
        return Check("overlap", "warning", words)
    return Check("overlap", "ok", "It overlaps no other zone of his.")


def _leak(why: str) -> Check:
    return Check(
        "leak", "warning", f"It may give the address away: {why}. Take the uneven outline."
    )
