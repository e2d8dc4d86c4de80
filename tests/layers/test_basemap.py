"""Tiles: they decode, they hold what their zoom can show, and they change with the map."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from sqlalchemy import Connection

from data.errors import NotFound
from data.store import basemap as store
from layers import basemap

pytestmark = pytest.mark.db

NOW = datetime(2026, 11, 22, tzinfo=UTC)
LON, LAT = 11.97, 57.7


def xy(zoom: int, lon: float = LON, lat: float = LAT) -> tuple[int, int]:
    """The tile that holds a place."""
    n = 2**zoom
    north = math.asinh(math.tan(math.radians(lat)))
    return int((lon + 180) / 360 * n), int((1 - north / math.pi) / 2 * n)


@pytest.fixture
def source_id(connection: Connection) -> int:
    """A tiny map: a primary and a residential street, a footway, a lake, a house."""
    source_id = store.replace_source(
        connection, name="tiny", attribution="© nobody", checksum="0", imported_at=NOW
    )
    lines = [
        shapely.LineString([(LON + 0.0001, LAT), (LON + 0.004, LAT + 0.0002)]),
        shapely.LineString([(LON, LAT + 0.0001), (LON, LAT + 0.002)]),
        shapely.LineString([(LON, LAT), (LON + 0.0002, LAT + 0.001)]),
    ]
    store.append_streets(
        connection,
        source_id,
        store.Streets(
            np.array(["Storgatan", "", "Lilla stigen"], object),
            np.array(["primary", "residential", "footway"], object),
            np.zeros(3, np.int16),
            np.zeros(3, np.int16),
            np.array(lines, object),
        ),
    )
    shapes = [
        shapely.MultiPolygon([shapely.box(LON, LAT, LON + 0.003, LAT + 0.001)]),
        shapely.MultiPolygon([shapely.box(LON + 0.001, LAT + 0.002, LON + 0.0013, LAT + 0.0022)]),
    ]
    store.append_areas(
        connection,
        source_id,
        store.Areas(
            np.array(["Sjön", ""], object),
            np.array(["water", "building"], object),
            np.array(shapes, object),
        ),
    )
    assert store.save_bounds(connection, source_id) == (3, 2)
    return source_id


def decoded(body: bytes, zoom: int, folder: Path) -> dict[str, Any]:
    """The tile's layers as GDAL reads them, in EPSG:3857."""
    x, y = xy(zoom)
    path = folder / str(zoom) / str(x) / f"{y}.mvt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    names = pyogrio.list_layers(path)[:, 0]
    return {name: pyogrio.read_dataframe(path, layer=name) for name in names}


def test_a_tile_decodes_to_what_was_imported(
    connection: Connection, source_id: int, tmp_path: Path
) -> None:
    """Names, classes and kinds arrive, and places to within a metre."""
    layers = decoded(basemap.tile(connection, 15, *xy(15)), 15, tmp_path)
    streets = layers["streets"].set_index("class")
    assert sorted(streets.index) == ["major", "minor", "path"]
    assert streets.loc["major", "name"] == "Storgatan"
    assert layers["areas"]["kind"].tolist() == ["water"]
    assert layers["areas"]["name"].tolist() == ["Sjön"]
    assert len(layers["buildings"]) == 1
    lon, lat = shapely.get_coordinates(streets.to_crs(4326).loc["minor", "geometry"])[0]
    assert lon == pytest.approx(LON, abs=1e-5) and lat == pytest.approx(LAT + 0.0001, abs=1e-5)


@pytest.mark.parametrize(
    ("zoom", "classes", "has_buildings"),
    [
        (8, {"major"}, False),
        (11, {"major"}, False),
        (12, {"major", "minor"}, False),
        (13, {"major", "minor"}, False),
        (14, {"major", "minor", "path"}, True),
    ],
)
def test_a_tile_holds_what_its_zoom_can_show(
    connection: Connection,
    source_id: int,
    tmp_path: Path,
    zoom: int,
    classes: set[str],
    *,
    has_buildings: bool,
) -> None:
    """Far out only the large streets; footways and houses close up."""
    layers = decoded(basemap.tile(connection, zoom, *xy(zoom)), zoom, tmp_path)
    assert set(layers["streets"]["class"]) == classes
    assert ("buildings" in layers) == has_buildings


def test_an_unknown_class_is_drawn_as_a_small_street(
    connection: Connection, source_id: int, tmp_path: Path
) -> None:
    """What somebody else's file calls a street is one, close up."""
    store.append_streets(
        connection,
        source_id,
        store.Streets(
            np.array([""], object),
            np.array(["bostadsgata"], object),
            np.zeros(1, np.int16),
            np.zeros(1, np.int16),
            np.array([shapely.LineString([(LON, LAT + 0.001), (LON + 0.001, LAT + 0.001)])]),
        ),
    )
    layers = decoded(basemap.tile(connection, 14, *xy(14)), 14, tmp_path)
    assert (layers["streets"]["class"] == "minor").sum() == 2


def test_an_empty_tile_is_no_bytes(connection: Connection, source_id: int) -> None:
    """The open sea is nothing to draw, and no error."""
    assert basemap.tile(connection, 15, 0, 0) == b""


@pytest.mark.parametrize(
    "where", [(7, 0, 0), (16, 0, 0), (15, 2**15, 0), (15, 0, 2**15), (15, -1, 0)]
)
def test_a_tile_outside_the_map_is_not_found(
    connection: Connection, where: tuple[int, int, int]
) -> None:
    """Zooms that are not served and places outside the world."""
    with pytest.raises(NotFound):
        basemap.tile(connection, *where)


def test_tiles_are_kept_until_the_map_changes(connection: Connection, source_id: int) -> None:
    """The second time the same bytes and tag; after an import both are new."""
    tiles = basemap.Tiles(most=2)
    body, tag = tiles.get(connection, 15, *xy(15))
    assert tiles.get(connection, 15, *xy(15)) == (body, tag)
    store.remove_source(connection, "tiny")
    assert tiles.get(connection, 15, *xy(15))[0] == b""
    assert tiles.get(connection, 15, *xy(15))[1] != tag


def test_the_map_says_where_it_is_and_whom_to_thank(connection: Connection, source_id: int) -> None:
    """Bounds and attribution come from the sources; an empty map has no bounds."""
    found = basemap.metadata(connection)
    assert found["bounds"] == pytest.approx([LON, LAT, LON + 0.004, LAT + 0.0022])
    assert found["centre"] == pytest.approx([LON + 0.002, LAT + 0.0011])
    assert found["attribution"] == "© nobody"
    assert (found["min_zoom"], found["max_zoom"]) == (8, 15)
    store.remove_source(connection, "tiny")
    empty = basemap.metadata(connection)
    assert empty["bounds"] is None and empty["centre"] is None and empty["attribution"] == ""
