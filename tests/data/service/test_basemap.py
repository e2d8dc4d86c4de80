"""Bringing base maps in: what becomes street, water, green or building, and what is refused."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
import shapely
from sqlalchemy import Engine, func, select

from data.clock import FixedClock
from data.errors import BadInput, MissingPart, NotFound
from data.service import basemap
from data.store import basemap as store
from data.store.tables import basemap_area, basemap_street

pytestmark = pytest.mark.db

TOWN = Path(__file__).parent / "samples" / "small_town.osm"


def geojson(path: Path, *features: dict[str, Any]) -> Path:
    """A GeoJSON file of these features, packed when its name says so."""
    body = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    path.write_bytes(gzip.compress(body) if path.suffix == ".gz" else body)
    return path


def line(*places: tuple[float, float], **properties: Any) -> dict[str, Any]:
    """A line feature."""
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "LineString", "coordinates": places},
    }


def polygon(*places: tuple[float, float], **properties: Any) -> dict[str, Any]:
    """A polygon feature of one ring."""
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "Polygon", "coordinates": [places]},
    }


def areas_of(engine: Engine) -> dict[str, list[shapely.Geometry]]:
    """All areas by kind."""
    query = select(basemap_area.c.kind, func.ST_AsBinary(basemap_area.c.shape))
    found: dict[str, list[shapely.Geometry]] = {}
    with engine.begin() as connection:
        for kind, shape in connection.execute(query):
            found.setdefault(kind, []).append(shapely.from_wkb(bytes(shape)))
    return found


def test_an_extract_becomes_streets_and_areas(engine: Engine, clock: FixedClock) -> None:
    """Names, classes, one-way and limits are read; the lake keeps its island as a hole."""
    done = basemap.bring_in(engine, clock, TOWN)
    assert (done.name, done.streets, done.areas) == ("small_town", 2, 3)
    with engine.begin() as connection:
        source_id = store.find_source(connection, "small_town")
        assert source_id is not None
        streets = store.find_streets(connection, source_id)
    assert streets.name.tolist() == ["Östra gatan", ""]
    assert streets.street_class.tolist() == ["residential", "footway"]
    assert streets.oneway.tolist() == [1, 0]
    assert streets.maxspeed_kmh.tolist() == [48, 0]  # 30 miles an hour; nothing posted
    assert shapely.get_coordinates(streets.line[0]).tolist() == [
        [11.97, 57.7],
        [11.972, 57.7],
        [11.972, 57.701],
    ]
    areas = areas_of(engine)
    assert sorted(areas) == ["building", "green", "water"]
    (lake,) = areas["water"]
    assert len(lake.geoms[0].interiors) == 1


def test_the_same_file_again_replaces_itself(engine: Engine, clock: FixedClock) -> None:
    """Twice the same bytes, also under another name, leave one map and not two."""
    basemap.bring_in(engine, clock, TOWN)
    basemap.bring_in(engine, clock, TOWN, name="town", attribution="by hand")
    (source,) = basemap.sources(engine)
    assert (source.name, source.streets, source.attribution) == ("town", 2, "by hand")
    with engine.begin() as connection:
        assert connection.scalar(select(func.count()).select_from(basemap_street)) == 2


def test_a_new_file_under_an_old_name_replaces_the_old(
    engine: Engine, clock: FixedClock, tmp_path: Path
) -> None:
    """The name is the key: a newer extract takes the place of the older one."""
    basemap.bring_in(engine, clock, TOWN, name="town")
    newer = geojson(tmp_path / "new.geojson", line((11.0, 57.0), (11.1, 57.0), highway="path"))
    basemap.bring_in(engine, clock, newer, name="town")
    (source,) = basemap.sources(engine)
    assert (source.streets, source.areas) == (1, 0)


def test_a_failed_import_leaves_the_map_as_it_was(
    engine: Engine, clock: FixedClock, tmp_path: Path
) -> None:
    """Half a map is worse than the old one."""
    basemap.bring_in(engine, clock, TOWN, name="town")
    broken = geojson(
        tmp_path / "broken.geojson",
        *[line((11.0, 57.0), (11.1, 57.0), highway="path")] * 3,
        line((674000.0, 6400000.0), (674001.0, 6400001.0), highway="path"),
    )
    with pytest.raises(BadInput):
        basemap.bring_in(engine, clock, broken, name="town")
    assert basemap.sources(engine)[0].streets == 2


def test_geojson_in_other_peoples_words(engine: Engine, clock: FixedClock, tmp_path: Path) -> None:
    """Packed files, lists as values, lines without a word, kinds by name; crossed rings mended."""
    bow_tie = polygon(
        (11.0, 57.0), (11.2, 57.1), (11.2, 57.0), (11.0, 57.1), (11.0, 57.0), kind="park"
    )
    path = geojson(
        tmp_path / "some.geojson.gz",
        line((11.0, 57.0), (11.1, 57.0), highway=["primary", "secondary"], oneway=True),
        line((11.0, 57.0), (11.1, 57.1)),
        line((11.0, 57.0), (11.1, 57.1), waterway="river"),
        bow_tie,
        {"type": "Feature", "properties": None, "geometry": None},
        {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [1, 2]}},
    )
    done = basemap.bring_in(engine, clock, path)
    assert (done.name, done.streets, done.areas) == ("some", 2, 2)
    assert done.skipped == 2  # the river's middle line, the point
    green = areas_of(engine)["green"]
    assert all(shape.is_valid for shape in green)


def test_polygons_without_a_word_need_one(
    engine: Engine, clock: FixedClock, tmp_path: Path
) -> None:
    """A file of bare polygons says nothing until the one who imports it does."""
    square = polygon((11.0, 57.0), (11.1, 57.0), (11.1, 57.1), (11.0, 57.0))
    path = geojson(tmp_path / "bare.geojson", square)
    with pytest.raises(BadInput, match="--kind"):
        basemap.bring_in(engine, clock, path)
    assert basemap.bring_in(engine, clock, path, kind="water").areas == 1
    with pytest.raises(BadInput, match="water, green or building"):
        basemap.bring_in(engine, clock, path, kind="lava")


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("a.osm.pbf", b"no extract at all", "OpenStreetMap extract"),
        ("a.osm", b"<osm><node", "OpenStreetMap extract"),
        ("a.geojson", b"{", "GeoJSON"),
        ("a.geojson.gz", b"not packed", "GeoJSON"),
        ("a.geojson", b"[1, 2]", "FeatureCollection"),
        ("a.json", b'{"type": "Topology"}', "FeatureCollection"),
        ("a.geojson", b'{"type": "FeatureCollection", "features": [7]}', r"features\[0\]"),
        (
            "a.geojson",
            b'{"features": [{"geometry": {"type": "LineString", "coordinates": [[1]]}}]}',
            r"features\[0\]",
        ),
        (
            "a.geojson",
            b'{"features": [{"geometry": {"type": "Point", "coordinates": [95, 95]}}]}',
            "degrees",
        ),
        ("a.shp", b"", "a name ending in"),
    ],
)
def test_a_bad_file_gets_one_clear_sentence(
    engine: Engine, clock: FixedClock, tmp_path: Path, name: str, body: bytes, words: str
) -> None:
    """What is wrong is said in words, and nothing of the file is kept."""
    path = tmp_path / name
    path.write_bytes(body)
    with pytest.raises(BadInput, match=words):
        basemap.bring_in(engine, clock, path)
    assert basemap.sources(engine) == []


def test_a_file_that_is_not_there(engine: Engine, clock: FixedClock) -> None:
    """A mistyped name is told from a bad file."""
    with pytest.raises(BadInput, match="exists"):
        basemap.bring_in(engine, clock, Path("nowhere.osm.pbf"))


def test_removing_takes_everything_of_a_source(engine: Engine, clock: FixedClock) -> None:
    """Streets and areas go with it; a name nobody has is said to be so."""
    basemap.bring_in(engine, clock, TOWN)
    basemap.remove(engine, clock, "small_town")
    assert basemap.sources(engine) == [] and areas_of(engine) == {}
    with pytest.raises(NotFound, match="basemap list"):
        basemap.remove(engine, clock, "small_town")


def test_the_demo_city_says_when_it_is_not_installed(
    engine: Engine, clock: FixedClock, tmp_path: Path
) -> None:
    """Before npm has run the remedy is one word."""
    with pytest.raises(MissingPart, match="make"):
        basemap.ensure_demo_city(engine, clock, project_dir=tmp_path)


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"natural": "water"}, "water"),
        ({"waterway": "riverbank"}, "water"),
        ({"landuse": "forest"}, "green"),
        ({"leisure": "park"}, "green"),
        ({"building": "yes"}, "building"),
        ({"building": "no", "leisure": "park"}, "green"),
        ({"highway": "pedestrian", "area": "yes"}, "square"),
        ({"kind": "park"}, "green"),
        ({"kind": "tree"}, ""),
        ({"landuse": "industrial"}, ""),
        ({}, ""),
    ],
)
def test_what_an_area_is(tags: dict[str, str], kind: str) -> None:
    """Tags and other people's words are told apart by one table."""
    assert basemap.area_kind(tags) == kind
