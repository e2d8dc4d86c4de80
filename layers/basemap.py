"""The base map: streets, water, green and buildings as vector tiles out of PostGIS.

A tile holds what its zoom can show, simplified to about half a screen pixel. Tiles change only
when a map is imported, so they are kept in the process under the newest import's number.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from geoalchemy2 import functions as gis
from sqlalchemy import (
    ColumnElement,
    Connection,
    ScalarSelect,
    Subquery,
    case,
    func,
    literal,
    literal_column,
    null,
    select,
    text,
)

from data.errors import NotFound
from data.store.tables import basemap_area, basemap_source, basemap_street
from layers.style import FONT, TOKENS, Layer, Theme, by_zoom

MIN_ZOOM = 8
MAX_ZOOM = 15
"""Beyond it the browser enlarges: a tile of zoom 15 is exact to 4 cm."""

LEGEND = [
    {"symbol": "street", "text": "Street, with its name from zoom 14"},
    {"symbol": "water", "text": "Water"},
    {"symbol": "green", "text": "Park, wood, meadow"},
    {"symbol": "building", "text": "Building"},
]

_WORLD_M = 40_075_016.685578488  # the width of web Mercator, in its own metres
_EXTENT = 4096
_BUFFER = 64

# Which OpenStreetMap classes stand for which drawn class, and the zoom they begin at.
CLASSES: tuple[tuple[str, int, tuple[str, ...]], ...] = (
    ("motorway", 8, ("motorway", "trunk")),
    ("major", 8, ("primary", "motorway_link", "trunk_link")),
    ("medium", 10, ("secondary", "tertiary", "primary_link", "secondary_link", "tertiary_link")),
    ("minor", 12, ("residential", "unclassified", "living_street", "road", "pedestrian")),
    ("service", 14, ("service", "track")),
    ("path", 14, ("footway", "path", "cycleway", "steps", "bridleway")),
)
_DRAWN_CLASS = {each: drawn for drawn, _, classes in CLASSES for each in classes}


class Tiles:
    """Tiles made once and kept until the base map changes. One for a process; safe in threads."""

    def __init__(self, most: int = 4000) -> None:
        self._most = most
        self._kept: OrderedDict[tuple[int, int, int, int], bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, connection: Connection, z: int, x: int, y: int) -> tuple[bytes, str]:
        """The tile's bytes and its ETag; no bytes where the map is empty.

        Raises:
            NotFound: there is no such tile at all.
        """
        newest = version(connection)
        key = (newest, z, x, y)
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
        if kept is None:
            kept = tile(connection, z, x, y)
            with self._lock:
                self._kept[key] = kept
                while len(self._kept) > self._most:
                    self._kept.popitem(last=False)
        return kept, f'"{newest}-{z}-{x}-{y}"'


def version(connection: Connection) -> int:
    """A number that changes with every import and every removal."""
    source = basemap_source.c
    query = select(
        func.coalesce(func.max(source.basemap_source_id), 0) * 1000 + func.count() % 1000
    )
    return int(connection.scalar(query) or 0)


def metadata(connection: Connection) -> dict[str, Any]:
    """Where the map is and whom to thank: bounds, centre, zooms, attribution, version.

    `bounds` is [west, south, east, north] of the newest source, the one an import just brought,
    and None while the map is empty.
    """
    rows = connection.execute(
        select(
            basemap_source.c.attribution,
            gis.ST_XMin(basemap_source.c.bounds),
            gis.ST_YMin(basemap_source.c.bounds),
            gis.ST_XMax(basemap_source.c.bounds),
            gis.ST_YMax(basemap_source.c.bounds),
        ).order_by(basemap_source.c.basemap_source_id)
    ).all()
    bounds = list(rows[-1][1:]) if rows and rows[-1][1] is not None else None
    centre = None
    if bounds:
        west, south, east, north = bounds
        centre = [round((west + east) / 2, 6), round((south + north) / 2, 6)]
    return {
        "bounds": bounds,
        "centre": centre,
        "min_zoom": MIN_ZOOM,
        "max_zoom": MAX_ZOOM,
        "attribution": " · ".join(dict.fromkeys(row.attribution for row in rows)),
        "version": version(connection),
    }


def tile(connection: Connection, z: int, x: int, y: int) -> bytes:
    """One Mapbox vector tile with the layers `streets`, `areas` and `buildings`.

    Raises:
        NotFound: the zoom is not served, or x or y lie outside the world.
    """
    if not (MIN_ZOOM <= z <= MAX_ZOOM and 0 <= x < 2**z and 0 <= y < 2**z):
        raise NotFound(f"The base map has no tile {z}/{x}/{y}")
    # Compiling these queries takes longer than running them.
    connection.execute(text("set local jit = off"))
    parts = [_streets(z, x, y), _areas(z, x, y)]
    if z >= 14:
        parts.append(_buildings(z, x, y))
    return b"".join(bytes(part or b"") for part in connection.execute(select(*parts)).one())


def _envelope(z: int, x: int, y: int) -> ColumnElement[Any]:
    return func.ST_TileEnvelope(z, x, y)


def _near(column: ColumnElement[Any], z: int, x: int, y: int) -> ColumnElement[bool]:
    """Rows whose box touches the tile with its margin; in degrees, so that the index serves."""
    margin = _BUFFER / _EXTENT
    box = func.ST_Transform(
        func.ST_TileEnvelope(z, x, y, func.ST_MakeEnvelope(*_WORLD, 3857), margin), 4326
    )
    return column.op("&&")(box)


_WORLD = (-_WORLD_M / 2, -_WORLD_M / 2, _WORLD_M / 2, _WORLD_M / 2)


def _pixel_m(z: int) -> float:
    """One screen pixel of a 512-pixel tile in Mercator metres."""
    return _WORLD_M / 2**z / 512


def _mvt(name: str, rows: Subquery) -> ScalarSelect[Any]:
    query = select(func.ST_AsMVT(literal_column(rows.name), name, _EXTENT, "geom"))
    return query.select_from(rows).where(rows.c.geom.is_not(null())).scalar_subquery()


def _in_tile(shape: ColumnElement[Any], z: int, x: int, y: int) -> ColumnElement[Any]:
    return func.ST_AsMVTGeom(shape, _envelope(z, x, y), _EXTENT, _BUFFER, True)


def _streets(z: int, x: int, y: int) -> ScalarSelect[Any]:
    street = basemap_street.c
    shown = [each for _, begins, classes in CLASSES if begins <= z for each in classes]
    line = func.ST_Transform(street.line, 3857)
    # At the last zoom the exact line is kept: the browser enlarges it.
    if z < MAX_ZOOM:
        line = func.ST_Simplify(line, _pixel_m(z) / 2)
    drawn = case(
        {each: drawn for each, drawn in _DRAWN_CLASS.items() if each in shown},
        value=street["class"],
        else_="minor",
    )
    known = street["class"].in_(shown)
    condition = known if z < 14 else known | street["class"].not_in(list(_DRAWN_CLASS))
    rows = (
        select(
            _in_tile(line, z, x, y).label("geom"),
            drawn.label("class"),
            (func.nullif(street.name, "") if z >= 13 else literal(None)).label("name"),
        )
        .where(_near(street.line, z, x, y), condition)
        .subquery("street_rows")
    )
    return _mvt("streets", rows)


def _areas(z: int, x: int, y: int) -> ScalarSelect[Any]:
    kinds = ("water", "green") if z < 13 else ("water", "green", "square")
    return _mvt("areas", _area_rows(z, x, y, kinds, "area_rows"))


def _buildings(z: int, x: int, y: int) -> ScalarSelect[Any]:
    return _mvt("buildings", _area_rows(z, x, y, ("building",), "building_rows"))


def _area_rows(z: int, x: int, y: int, kinds: Sequence[str], name: str) -> Subquery:
    area = basemap_area.c
    shape = func.ST_Transform(area.shape, 3857)
    # Buildings have few corners and are only drawn close up; the tile's own grid is enough.
    if z < MAX_ZOOM and kinds != ("building",):
        shape = func.ST_SimplifyPreserveTopology(shape, _pixel_m(z) / 2)
    columns: list[ColumnElement[Any]] = [_in_tile(shape, z, x, y).label("geom")]
    if kinds != ("building",):
        columns += [area.kind.label("kind"), func.nullif(area.name, "").label("name")]
    # Smaller than two pixels: nothing to see. Degrees will do: it is a coarse sieve.
    least_deg2 = (2 * 360 / 2**z / 512) ** 2 / 2
    return (
        select(*columns)
        .where(
            _near(area.shape, z, x, y), area.kind.in_(kinds), func.ST_Area(area.shape) > least_deg2
        )
        .subquery(name)
    )


def style(theme: Theme) -> list[Layer]:
    """MapLibre layers on the vector source `basemap`, from the ground up."""
    token = TOKENS[theme]
    source = {"source": "basemap"}

    def fill(
        name: str, layer: str, colour: str, kind: str | None = None, opacity: float = 1
    ) -> Layer:
        found: Layer = {
            "id": f"basemap-{name}",
            "type": "fill",
            **source,
            "source-layer": layer,
            "paint": {"fill-color": colour, "fill-opacity": opacity, "fill-antialias": False},
        }
        return found if kind is None else {**found, "filter": ["==", ["get", "kind"], kind]}

    def line(name: str, classes: list[str], colour: str, width: list[Any], **paint: Any) -> Layer:
        return {
            "id": f"basemap-{name}",
            "type": "line",
            **source,
            "source-layer": "streets",
            "filter": ["in", ["get", "class"], ["literal", classes]],
            "layout": {"line-cap": "round", "line-join": "round"},
            "paint": {"line-color": colour, "line-width": width, **paint},
        }

    minor = by_zoom(12, 0.4, 14, 1.4, 16, 5, 18, 14, 20, 40)
    medium = by_zoom(10, 0.6, 13, 1.6, 15, 4.5, 18, 20, 20, 60)
    major = by_zoom(8, 0.8, 12, 2, 15, 6, 18, 26, 20, 72)

    def cased(width: list[Any]) -> list[Any]:
        # The edge begins where streets become bands. Sizes stand at every second place after 3.
        wider = [*width]
        wider[4::2] = [each + (1.6 if each > 1.2 else 0.6) for each in width[4::2]]
        return wider

    return [
        {"id": "basemap-ground", "type": "background", "paint": {"background-color": token.field}},
        fill("green", "areas", token.green, "green"),
        fill("water", "areas", token.water, "water"),
        fill("square", "areas", token.square, "square"),
        fill("buildings", "buildings", token.building),
        line(
            "path",
            ["path"],
            token.street_minor,
            by_zoom(14, 0.5, 16, 1.2, 18, 2.5),
            **{"line-dasharray": [3, 1.5]},
        ),
        line("service", ["service"], token.street_minor, by_zoom(14, 0.6, 16, 2.5, 18, 8, 20, 22)),
        line("minor-case", ["minor"], token.street_case, cased(minor)),
        line("medium-case", ["medium"], token.street_case, cased(medium)),
        line("major-case", ["major", "motorway"], token.street_case, cased(major)),
        line("minor", ["minor"], token.street_minor, minor),
        line("medium", ["medium"], token.street_medium, medium),
        line("major", ["major", "motorway"], token.street_major, major),
        {
            "id": "basemap-street-names",
            "type": "symbol",
            **source,
            "source-layer": "streets",
            "minzoom": 14,
            "filter": ["has", "name"],
            "layout": {
                "symbol-placement": "line",
                "symbol-spacing": 320,
                "text-field": ["get", "name"],
                "text-font": FONT,
                "text-size": by_zoom(14, 12, 18, 14),
                "text-max-angle": 30,
                "text-padding": 4,
            },
            "paint": {
                "text-color": token.label,
                "text-halo-color": token.label_halo,
                "text-halo-width": 2,
            },
        },
        {
            "id": "basemap-area-names",
            "type": "symbol",
            **source,
            "source-layer": "areas",
            "minzoom": 14,
            "filter": ["has", "name"],
            "layout": {
                "text-field": ["get", "name"],
                "text-font": FONT,
                "text-size": 12,
                "text-max-width": 8,
                "text-padding": 8,
            },
            "paint": {
                "text-color": token.label,
                "text-halo-color": token.label_halo,
                "text-halo-width": 2,
            },
        },
    ]
