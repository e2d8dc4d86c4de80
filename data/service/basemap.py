"""Bringing a base map in: OpenStreetMap extracts and GeoJSON become rows of streets and areas.

Degrees in EPSG:4326 throughout. A file is imported in one transaction, so a map is never half
there, and importing the same file again replaces what it brought before.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import osmium
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine

from data.clock import Clock
from data.errors import BadInput, MissingPart, NotFound
from data.store import basemap, outbox

DEMO_CITY = "Göteborg"
OSM_ATTRIBUTION = "© OpenStreetMap contributors, ODbL"
DEMO_CITY_FILE = Path("dashboard/browser/node_modules/geojson-path-finder/test/large-network.json")

# Not places anybody moves along: building sites, plans, and the edges of tram stops.
_NO_STREETS = {"construction", "proposed", "platform", "razed", "abandoned", "corridor", "no"}
_GREEN = {
    "leisure": {
        "park",
        "garden",
        "golf_course",
        "nature_reserve",
        "pitch",
        "recreation_ground",
        "common",
    },
    "landuse": {
        "forest",
        "grass",
        "meadow",
        "recreation_ground",
        "village_green",
        "cemetery",
        "allotments",
        "orchard",
    },
    "natural": {"wood", "scrub", "heath", "grassland"},
}
_WATER = {
    "natural": {"water"},
    "waterway": {"riverbank", "dock"},
    "landuse": {"reservoir", "basin"},
}
_KINDS = {  # the words other people's GeoJSON uses, in ours
    "water": "water", "river": "water", "lake": "water",
    "green": "green", "park": "green", "forest": "green", "grass": "green", "garden": "green",
    "tree": "", "building": "building",
}  # fmt: skip
_BATCH = 5000

Progress = Callable[[str, int, int | None], None]
"""Told `(what, done, total)` as an import goes on; total None where nobody can know it."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import left in the database."""

    name: str
    streets: int
    areas: int
    skipped: int  # features that are neither street nor area, or have no usable shape


@dataclass(frozen=True, slots=True)
class _Feature:
    tags: Mapping[str, Any]
    shape: shapely.Geometry


def _quiet(what: str, done: int, total: int | None) -> None:
    pass


def bring_in(
    engine: Engine,
    clock: Clock,
    path: Path,
    *,
    name: str | None = None,
    attribution: str | None = None,
    kind: str | None = None,
    progress: Progress = _quiet,
) -> Imported:
    """Imports a file as one source of the base map.

    Args:
        engine: the database.
        clock: stamps the source.
        path: `.osm.pbf`, `.osm`, `.geojson`, `.json`, or one of the last two with `.gz`.
        name: what the source is called; the file's name without endings otherwise.
        attribution: the line the map must show; OpenStreetMap's otherwise.
        kind: `water`, `green` or `building` for polygons that do not say what they are.
        progress: told how far it is.

    Raises:
        BadInput: the file cannot be read, or holds nothing that can be drawn.
    """
    read = _reader(path, kind)
    row = {
        "name": name or path.name.split(".")[0],
        "attribution": attribution or OSM_ATTRIBUTION,
        "checksum": _checksum(path),
        "imported_at": clock.now(),
    }
    try:
        return _bring_in(engine, row, read(path), progress)
    except _Unsorted:
        with _sorted(path) as copy:
            return _bring_in(engine, row, read(copy), progress)


def _bring_in(
    engine: Engine, row: dict[str, Any], features: Iterator[_Feature], progress: Progress
) -> Imported:
    with engine.begin() as connection:
        source_id = basemap.replace_source(connection, **row)
        skipped = _keep(connection, source_id, features, progress)
        progress("indexing", 0, None)
        streets, areas = basemap.save_bounds(connection, source_id)
        if not streets and not areas:
            raise BadInput(
                "FILE",
                "streets (lines with `highway`) or areas (polygons of water, green or building;"
                " say which with --kind)",
                f"{skipped} other features",
            )
        basemap.analyze(connection)
        outbox.append(connection, "basemap", [source_id], row["imported_at"])
    return Imported(row["name"], streets, areas, skipped)


def remove(engine: Engine, clock: Clock, name: str) -> None:
    """Takes a source off the map.

    Raises:
        NotFound: no source has this name.
    """
    with engine.begin() as connection:
        source_id = basemap.find_source(connection, name)
        if source_id is None or not basemap.remove_source(connection, name):
            raise NotFound(f"The base map has no source {name!r}; see: app.py basemap list")
        outbox.append(connection, "basemap", [source_id], clock.now())


@dataclass(frozen=True, slots=True)
class Source:
    """One imported file, as the list shows it."""

    name: str
    attribution: str
    streets: int
    areas: int
    imported_at: datetime


def sources(engine: Engine) -> list[Source]:
    """What the base map is made of, by name."""
    with engine.begin() as connection:
        return [
            Source(row.name, row.attribution, row.streets, row.areas, row.imported_at)
            for row in basemap.find_sources(connection)
        ]


def ensure_demo_city(
    engine: Engine,
    clock: Clock,
    progress: Progress = _quiet,
    *,
    project_dir: Path | None = None,
) -> None:
    """Makes sure the demo's city is on the base map; quick when it is.

    Raises:
        MissingPart: npm has not installed the packaged streets yet.
    """
    with engine.begin() as connection:
        if basemap.find_source(connection, DEMO_CITY) is not None:
            return
    path = (project_dir or Path(__file__).parents[2]) / DEMO_CITY_FILE
    if not path.exists():
        raise MissingPart(
            "The demo city's streets come with npm and are not installed yet. Run: make"
        )
    bring_in(engine, clock, path, name=DEMO_CITY, progress=progress)


def _keep(
    connection: Connection, source_id: int, features: Iterator[_Feature], progress: Progress
) -> int:
    """Writes features as streets and areas, in batches; gives how many are neither."""
    streets: list[tuple[str, str, int, int, shapely.Geometry]] = []
    areas: list[tuple[str, str, shapely.Geometry]] = []
    skipped = 0
    for count, feature in enumerate(features, start=1):
        lines, polygons = street_rows(feature.tags, feature.shape), []
        if not lines:
            polygons = area_rows(feature.tags, feature.shape)
        skipped += not lines and not polygons
        streets += lines
        areas += polygons
        if len(streets) >= _BATCH:
            basemap.append_streets(connection, source_id, _street_columns(streets))
            streets = []
        if len(areas) >= _BATCH:
            basemap.append_areas(connection, source_id, _area_columns(areas))
            areas = []
        if count % 1000 == 0:
            progress("reading", count, None)
    if streets:
        basemap.append_streets(connection, source_id, _street_columns(streets))
    if areas:
        basemap.append_areas(connection, source_id, _area_columns(areas))
    return skipped


def _street_columns(rows: list[tuple[str, str, int, int, shapely.Geometry]]) -> basemap.Streets:
    names, classes, oneways, speeds, lines = zip(*rows, strict=True)
    return basemap.Streets(
        np.array(names, object),
        np.array(classes, object),
        np.array(oneways, np.int16),
        np.array(speeds, np.int16),
        np.array(lines, object),
    )


def _area_columns(rows: list[tuple[str, str, shapely.Geometry]]) -> basemap.Areas:
    names, kinds, shapes = zip(*rows, strict=True)
    return basemap.Areas(np.array(names, object), np.array(kinds, object), np.array(shapes, object))


# ---- what a feature is


def street_rows(
    tags: Mapping[str, Any], shape: shapely.Geometry
) -> list[tuple[str, str, int, int, shapely.Geometry]]:
    """Rows (name, class, oneway, maxspeed_kmh, line) of one feature; empty when it is no street.

    A line without any word on what it is counts as class `road`: a file of bare lines is
    usually a street network.
    """
    if shape.geom_type not in ("LineString", "MultiLineString"):
        return []
    street_class = tags.get("highway") or tags.get("class")
    if not street_class:
        others = ("waterway", "railway", "boundary", "barrier", "natural", "building", "power")
        is_other = (
            any(tags.get(each) for each in others) or tags.get("kind", "highway") != "highway"
        )
        street_class = "" if is_other else "road"
    if not street_class or street_class in _NO_STREETS:
        return []
    name = str(tags.get("name") or tags.get("ref") or "")
    oneway, speed = _oneway(tags), _kmh(tags.get("maxspeed"))
    parts = shapely.get_parts(shape) if shape.geom_type == "MultiLineString" else [shape]
    return [(name, str(street_class), oneway, speed, part) for part in parts if part.length > 0]


def _oneway(tags: Mapping[str, Any]) -> int:
    said = tags.get("oneway")
    if said in ("-1", "reverse", -1):
        return -1
    if said in ("yes", "true", "1", 1, True):
        return 1
    # OpenStreetMap's defaults: these run one way without saying so.
    is_implied = tags.get("junction") in ("roundabout", "circular") or tags.get("highway") in (
        "motorway",
        "motorway_link",
    )
    return 1 if is_implied and said not in ("no", "false", "0", 0, False) else 0


def _kmh(said: Any) -> int:
    """The posted limit in km/h; 0 where none is posted or the words are not a number."""
    found = re.match(r"\s*(\d+(?:\.\d+)?)\s*(mph)?", str(said or ""))
    if not found:
        return 0
    value = float(found[1]) * (1.609344 if found[2] else 1.0)
    return round(value) if value < 300 else 0


def area_rows(
    tags: Mapping[str, Any], shape: shapely.Geometry
) -> list[tuple[str, str, shapely.Geometry]]:
    """Rows (name, kind, multipolygon) of one feature, valid, one part each; empty when no area."""
    if shape.geom_type not in ("Polygon", "MultiPolygon"):
        return []
    kind = area_kind(tags)
    if not kind:
        return []
    if not shape.is_valid:
        shape = shapely.make_valid(shape)
    parts = [part for part in shapely.get_parts(shape, return_index=False) if part.area > 0]
    polygons = [
        part for whole in parts for part in shapely.get_parts(whole) if part.geom_type == "Polygon"
    ]
    name = str(tags.get("name") or "")
    return [(name, kind, shapely.MultiPolygon([each])) for each in polygons]


def area_kind(tags: Mapping[str, Any]) -> str:
    """`water`, `green`, `building`, `square`, or empty when the map draws none of it."""
    if said := tags.get("kind"):
        return _KINDS.get(str(said), "")
    if tags.get("building") not in (None, "", "no"):
        return "building"
    for kind, words in (("water", _WATER), ("green", _GREEN)):
        if any(tags.get(key) in values for key, values in words.items()):
            return kind
    return "square" if tags.get("highway") in ("pedestrian", "footway") else ""


# ---- files


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _reader(path: Path, kind: str | None) -> Callable[[Path], Iterator[_Feature]]:
    if kind is not None and kind not in ("water", "green", "building"):
        raise BadInput("--kind", "water, green or building", kind)
    if not path.is_file():
        raise BadInput("FILE", "a file that exists", path.name)
    name = path.name.lower()
    if name.endswith((".pbf", ".osm", ".osm.gz", ".osm.bz2")):
        return _osm_features
    if name.endswith((".geojson", ".json", ".geojson.gz", ".json.gz")):
        return lambda file: _geojson_features(file, kind)
    raise BadInput("FILE", "a name ending in .osm.pbf, .osm, .geojson or .geojson.gz", path.name)


class _Unsorted(Exception):
    """The extract's objects are not in the order areas need to be put together."""


def _osm_features(path: Path) -> Iterator[_Feature]:
    try:
        yield from _osm_objects(path)
    except RuntimeError as error:
        if "out of order" in str(error):
            raise _Unsorted from error
        raise BadInput(path.name, "an OpenStreetMap extract", str(error)) from error


@contextmanager
def _sorted(path: Path) -> Iterator[Path]:
    """A copy of an extract with its objects in order, gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "sorted.osm.pbf"
        reader, writer = osmium.MergeInputReader(), osmium.SimpleWriter(str(copy))
        reader.add_file(str(path))
        reader.apply(writer, simplify=True)
        writer.close()
        yield copy


def _osm_objects(path: Path) -> Iterator[_Feature]:
    keys = osmium.filter.KeyFilter(
        "highway", "building", "natural", "waterway", "landuse", "leisure"
    )
    maker = osmium.geom.WKBFactory()
    for thing in osmium.FileProcessor(str(path)).with_areas(keys).with_filter(keys):
        tags = {tag.k: tag.v for tag in thing.tags}
        is_square = tags.get("area") == "yes"
        try:
            if isinstance(thing, osmium.osm.Way) and "highway" in tags and not is_square:
                shape = shapely.from_wkb(maker.create_linestring(thing))
            elif isinstance(thing, osmium.osm.Area) and _is_drawn(tags, is_square=is_square):
                shape = shapely.from_wkb(maker.create_multipolygon(thing))
            else:
                continue
        except (RuntimeError, osmium.InvalidLocationError):
            # A way cut off at the edge of the extract: fewer than two of its nodes are here.
            continue
        yield _Feature(tags, shape)


def _is_drawn(tags: Mapping[str, Any], *, is_square: bool) -> bool:
    # A closed street is a roundabout and not a square, unless it says so.
    return bool(area_kind(tags)) and ("highway" not in tags or is_square)


def _geojson_features(path: Path, kind: str | None) -> Iterator[_Feature]:
    raw = path.read_bytes()
    try:
        if path.name.lower().endswith(".gz"):
            raw = gzip.decompress(raw)
        document = orjson.loads(raw)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise BadInput(path.name, "GeoJSON", str(error)) from error
    found = document.get("features") if isinstance(document, dict) else None
    if not isinstance(found, list):
        said = document.get("type") if isinstance(document, dict) else type(document).__name__
        raise BadInput(path.name, "a GeoJSON FeatureCollection", said)
    shapes = _shapes(path.name, found)
    for feature, shape in zip(found, shapes, strict=True):
        if shape is None or shape.is_empty:
            continue
        properties = feature.get("properties") or {}
        tags = {
            key: value[0] if isinstance(value, list) and value else value
            for key, value in properties.items()
            if value is not None
        }
        is_polygon = shape.geom_type in ("Polygon", "MultiPolygon")
        if kind and is_polygon and not area_kind(tags):
            tags["kind"] = kind
        yield _Feature(tags, shape)


def _shapes(file_name: str, features: list[Any]) -> NDArray[np.object_]:
    """One shape for each feature; None where the feature has none.

    Raises:
        BadInput: naming the first feature that is broken or not in degrees.
    """

    def where(number: int) -> str:
        return f"{file_name} features[{number}]"

    has_shape = np.zeros(len(features), bool)
    texts = []
    for number, feature in enumerate(features):
        if not isinstance(feature, dict) or not isinstance(
            feature.get("properties", {}), dict | None
        ):
            raise BadInput(where(number), "a GeoJSON feature")
        if feature.get("geometry") is not None:
            has_shape[number] = True
            texts.append(orjson.dumps(feature["geometry"]))
    read = shapely.force_2d(shapely.from_geojson(texts, on_invalid="ignore"))
    numbers = np.flatnonzero(has_shape)
    if (broken := shapely.is_missing(read)).any():
        raise BadInput(where(int(numbers[np.argmax(broken)])), "a geometry as GeoJSON has it")
    west, south, east, north = np.nan_to_num(shapely.bounds(read), nan=np.inf).T
    is_degrees = (west >= -180) & (east <= 180) & (south >= -90) & (north <= 90)
    is_degrees |= shapely.is_empty(read)
    if not is_degrees.all():
        raise BadInput(
            where(int(numbers[np.argmin(is_degrees)])), "degrees, longitude first (EPSG:4326)"
        )
    shapes = np.full(len(features), None, object)
    shapes[numbers] = read
    return shapes
