"""Finding a street of the imported base map by the first letters of its words.

The base map has streets and no house numbers, so a number that was typed is left out. What
somebody typed may be where she lives: it is written nowhere, and never part of an address.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import Engine

from data.errors import BadInput
from data.geo import LonLat
from data.store.reading import reading
from data.store.street_names import find_places

LONGEST = 100
"""Characters of a search."""

MOST = 12
"""Places an answer holds; more would be scrolled past, not read."""

_HOUSE_NUMBER = re.compile(r"\d+[a-z]?")


@dataclass(frozen=True, slots=True)
class StreetPlace:
    """A street of one town. Degrees, EPSG:4326."""

    name: str
    source: str  # the imported file it came with, most often a town or region
    lon: float  # a point on the street, near its middle
    lat: float
    bounds: tuple[float, float, float, float]  # west, south, east, north


def find_street(engine: Engine, typed: str, near: LonLat | None = None) -> list[StreetPlace]:
    """Streets with words that begin as these do.

    Args:
        engine: the database.
        typed: such as "kungs" or "12 high st"; house numbers are left out.
        near: the nearest first; None: names that begin so first, then the longest.

    Returns:
        At most MOST; empty where nothing is called so, or fewer than two letters were typed.

    Raises:
        BadInput: too long to be a street.
    """
    if len(typed) > LONGEST:
        raise BadInput("words", f"at most {LONGEST} characters", len(typed))
    words = re.findall(r"[^\W_]+", typed.lower())
    words = [each for each in words if not _HOUSE_NUMBER.fullmatch(each)] or words
    if sum(map(len, words)) < 2:
        return []
    with reading(engine) as connection:
        rows = find_places(connection, words, (near.lon, near.lat) if near else None, MOST)
    return [
        StreetPlace(
            row.name, row.source, row.lon, row.lat, (row.west, row.south, row.east, row.north)
        )
        for row in rows
    ]
