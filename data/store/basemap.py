"""The base map's rows: sources, streets and areas. Filled by COPY, replaced as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import shapely
from geoalchemy2 import functions as gis
from numpy.typing import NDArray
from sqlalchemy import Connection, Row, delete, func, insert, or_, select, text, update

from data.store.tables import basemap_area, basemap_source, basemap_street

SRID = 4326


@dataclass(frozen=True, slots=True)
class Streets:
    """Streets as columns, shape (n,) each; `line` holds shapely LineStrings in degrees."""

    name: NDArray[np.object_]
    street_class: NDArray[np.object_]
    oneway: NDArray[np.int16]  # 1 along the line, -1 against it, 0 both ways
    maxspeed_kmh: NDArray[np.int16]  # 0: not posted
    line: NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Areas:
    """Areas as columns, shape (n,) each; `shape` holds shapely MultiPolygons in degrees."""

    name: NDArray[np.object_]
    kind: NDArray[np.object_]
    shape: NDArray[np.object_]


def replace_source(
    connection: Connection, *, name: str, attribution: str, checksum: str, imported_at: datetime
) -> int:
    """Makes an empty source, gives its id; one of this name or checksum goes with its rows."""
    connection.execute(
        delete(basemap_source).where(
            or_(basemap_source.c.name == name, basemap_source.c.checksum == checksum)
        )
    )
    row = insert(basemap_source).values(
        name=name, attribution=attribution, checksum=checksum, imported_at=imported_at
    )
    return int(connection.scalar(row.returning(basemap_source.c.basemap_source_id)))


def append_streets(connection: Connection, source_id: int, streets: Streets) -> None:
    """Adds streets to a source, in their order."""
    lines = shapely.to_wkb(shapely.set_srid(streets.line, SRID), hex=True, include_srid=True)
    rows = zip(
        streets.name.tolist(),
        streets.street_class.tolist(),
        streets.oneway.tolist(),
        [each or None for each in streets.maxspeed_kmh.tolist()],
        lines.tolist(),
        strict=True,
    )
    _copy(
        connection,
        "copy vigil.basemap_street (basemap_source_id, name, class, oneway, maxspeed_kmh, line)"
        " from stdin",
        [(source_id, *each) for each in rows],
    )


def append_areas(connection: Connection, source_id: int, areas: Areas) -> None:
    """Adds areas to a source."""
    shapes = shapely.to_wkb(shapely.set_srid(areas.shape, SRID), hex=True, include_srid=True)
    rows = zip(areas.name.tolist(), areas.kind.tolist(), shapes.tolist(), strict=True)
    _copy(
        connection,
        "copy vigil.basemap_area (basemap_source_id, name, kind, shape) from stdin",
        [(source_id, *each) for each in rows],
    )


def _copy(connection: Connection, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
    driver = connection.connection.driver_connection
    assert driver is not None
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def save_bounds(connection: Connection, source_id: int) -> tuple[int, int]:
    """Writes the box around all rows of a source, and gives how many streets and areas it has."""
    of_street = basemap_street.c.basemap_source_id == source_id
    of_area = basemap_area.c.basemap_source_id == source_id
    streets, street_box = connection.execute(
        select(func.count(), gis.ST_Extent(basemap_street.c.line)).where(of_street)
    ).one()
    areas, area_box = connection.execute(
        select(func.count(), gis.ST_Extent(basemap_area.c.shape)).where(of_area)
    ).one()
    boxes = [_box(each) for each in (street_box, area_box) if each]
    if boxes:
        west, south = np.min([box[:2] for box in boxes], axis=0)
        east, north = np.max([box[2:] for box in boxes], axis=0)
        connection.execute(
            update(basemap_source)
            .where(basemap_source.c.basemap_source_id == source_id)
            .values(bounds=gis.ST_MakeEnvelope(west, south, east, north, SRID))
        )
    return int(streets), int(areas)


def _box(extent: str) -> tuple[float, float, float, float]:
    west, south, east, north = extent[4:-1].replace(",", " ").split()
    return float(west), float(south), float(east), float(north)


def analyze(connection: Connection) -> None:
    """Lets the planner know the new rows; without it the first tiles scan whole tables."""
    connection.execute(text("select vigil.analyze_basemap()"))


def find_sources(connection: Connection) -> Sequence[Row]:
    """Sources by name: basemap_source_id, name, attribution, imported_at, streets, areas."""
    source = basemap_source.c
    streets = (
        select(func.count())
        .where(basemap_street.c.basemap_source_id == source.basemap_source_id)
        .scalar_subquery()
    )
    areas = (
        select(func.count())
        .where(basemap_area.c.basemap_source_id == source.basemap_source_id)
        .scalar_subquery()
    )
    query = select(
        source.basemap_source_id,
        source.name,
        source.attribution,
        source.imported_at,
        streets.label("streets"),
        areas.label("areas"),
    )
    return connection.execute(query.order_by(source.name)).all()


def find_source(connection: Connection, name: str) -> int | None:
    """The id of the source of this name; None when it was never imported."""
    query = select(basemap_source.c.basemap_source_id).where(basemap_source.c.name == name)
    return connection.scalar(query)


def remove_source(connection: Connection, name: str) -> bool:
    """Deletes a source with all its rows; False when there is none of this name."""
    gone = connection.execute(delete(basemap_source).where(basemap_source.c.name == name))
    return bool(gone.rowcount)


def find_streets(connection: Connection, source_id: int) -> Streets:
    """All streets of a source, in the order they were imported."""
    street = basemap_street.c
    query = (
        select(
            street.name,
            street["class"],
            street.oneway,
            func.coalesce(street.maxspeed_kmh, 0),
            gis.ST_AsBinary(street.line),
        )
        .where(street.basemap_source_id == source_id)
        .order_by(street.basemap_street_id)
    )
    rows = connection.execute(query).all()
    if not rows:
        nothing = np.empty(0, object)
        counts = np.empty(0, np.int16)
        return Streets(nothing, nothing, counts, counts, nothing)
    names, classes, oneways, speeds, lines = zip(*rows, strict=True)
    return Streets(
        name=np.array(names, object),
        street_class=np.array(classes, object),
        oneway=np.array(oneways, np.int16),
        maxspeed_kmh=np.array(speeds, np.int16),
        line=shapely.from_wkb([bytes(each) for each in lines]),
    )


_NEAREST = """
select coalesce((
    select name from vigil.basemap_street
    where name <> '' and line && st_expand(at.point, :reach_deg)
    order by line <-> at.point limit 1), '')
from unnest(cast(:lon as float8[]), cast(:lat as float8[])) with ordinality as given (lon, lat, n),
    lateral (select st_setsrid(st_makepoint(lon, lat), 4326) as point) at
order by n
"""
_REACH_DEG = 0.003  # 330 m to the north; beyond that no street is "there"


def find_street_names(
    connection: Connection, lon: Sequence[float], lat: Sequence[float]
) -> list[str]:
    """The name of the nearest named street to each place; empty where none is near."""
    given = {"lon": list(lon), "lat": list(lat), "reach_deg": _REACH_DEG}
    return list(connection.scalars(text(_NEAREST), given)) if given["lon"] else []
