"""Streets are found by the beginnings of their words, once a place, and never by a number."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from data.clock import FixedClock
from data.errors import BadInput
from data.geo import LonLat
from data.service import basemap
from data.service.address_search import LONGEST, find_street
from tests.data.service.test_basemap import geojson, line

pytestmark = pytest.mark.db


def street(name: str, lon: float, lat: float) -> dict[str, Any]:
    """A hundred metres or so of a street, eastward from here."""
    return line((lon, lat), (lon + 0.002, lat), highway="residential", name=name)


@pytest.fixture
def towns(engine: Engine, clock: FixedClock, tmp_path: Path) -> Engine:
    """Two towns that both have a Kungsgatan; the one in the west in two lengths."""
    path = geojson(
        tmp_path / "towns.geojson",
        street("Kungsgatan", 11.960, 57.70),
        street("Kungsgatan", 11.962, 57.70),
        street("Kungsgatan", 13.00, 57.72),
        street("Östra Kungsgatan", 11.98, 57.70),
        street("O'Brien's Lane", 11.99, 57.70),
        street("", 11.99, 57.71),
    )
    basemap.bring_in(engine, clock, path)
    return engine


def names(engine: Engine, typed: str, near: LonLat | None = None) -> list[str]:
    """The names of what is found, in order."""
    return [each.name for each in find_street(engine, typed, near)]


def test_words_are_found_by_their_beginnings(towns: Engine) -> None:
    """In any order and case, names that begin so first; lengths that touch are one place."""
    assert names(towns, "KUNGS") == ["Kungsgatan", "Kungsgatan", "Östra Kungsgatan"]
    assert names(towns, "kung öst") == ["Östra Kungsgatan"]
    assert names(towns, "gatan") == []
    west = find_street(towns, "kungs")[0]
    assert west.bounds == (11.960, 57.70, 11.964, 57.70)
    assert (round(west.lon, 3), west.lat, west.source) == (11.962, 57.70, "towns")


def test_the_nearest_first(towns: Engine) -> None:
    """Two towns with one name: the one in view comes first."""
    near = find_street(towns, "kungsgatan", LonLat(13.0, 57.7))
    assert near[0].lon > 12.9


@pytest.mark.parametrize("typed", ["kungsgatan 12", "12b Kungsgatan", "kungsgatan 12, "])
def test_a_house_number_is_left_out(towns: Engine, typed: str) -> None:
    """The base map knows streets, not doors."""
    assert len(names(towns, typed)) == 3


@pytest.mark.parametrize("typed", ["", "k", "';--", "& | !", "' or 1=1", "k:*", "x" * LONGEST])
def test_what_is_no_street_finds_nothing(towns: Engine, typed: str) -> None:
    """Signs of the search language and of SQL are signs like any other."""
    assert names(towns, typed) == []
    assert names(towns, "o'brien") == ["O'Brien's Lane"]


def test_too_long_is_refused(towns: Engine) -> None:
    """Nobody types a street of more than a hundred letters."""
    with pytest.raises(BadInput, match="words"):
        find_street(towns, "x" * (LONGEST + 1))
