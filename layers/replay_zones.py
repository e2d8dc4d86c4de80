"""The zones of a replay: every version in force in the period, and each fix held against them.

What is drawn at an instant is the version of that instant, with the hours of that instant: last
month's night is shown under last month's order. Zones go by labels, never by their own names.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import orjson
import shapely
from geoalchemy2 import Geography, Geometry
from numpy.typing import NDArray
from sqlalchemy import Connection, Row, cast, func, or_, select
from sqlalchemy import case as when

from data.clock import microseconds
from data.geo import LonLat, plane_of
from data.model import schedule as schedules_model
from data.model.track import StoredTrack
from data.rules import schedules
from data.rules.reach import Reach
from data.rules.replay import Drawn, rows_drawn
from data.store import zones as stored
from data.store.tables import case, zone, zone_version
from layers import privacy
from layers.replay import Period

_DIGITS = 7  # 1.1 cm
_FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
_PG_EPOCH_US = 946_684_800_000_000
_ARRAY_HEADER_BYTES = 20


def find_versions(
    connection: Connection, reach: Reach, person_id: int, period: Period
) -> Sequence[Row]:
    """Versions of this offender's zones that hold somewhere in the period, oldest first."""
    version = zone_version.c
    ground = cast(version.shape, Geography(srid=4326))
    ring: Any = func.ST_Difference(
        cast(func.ST_Buffer(ground, version.buffer_m, 24), Geometry(srid=4326)), version.shape
    )
    has_ring = (zone.c.kind == "exclusion") & (version.buffer_m > 0)
    query = (
        select(
            zone.c.zone_id,
            zone.c.kind,
            stored.label().label("name"),
            case.c.code,
            version.zone_version_id,
            version.number,
            version.buffer_m,
            version.schedule,
            version.valid_from,
            version.valid_to,
            func.ST_AsBinary(version.shape).label("wkb"),
            func.ST_AsGeoJSON(version.shape, _DIGITS).label("shape"),
            func.ST_AsGeoJSON(func.ST_PointOnSurface(version.shape), _DIGITS).label("inside"),
            when((has_ring, func.ST_AsGeoJSON(ring, _DIGITS))).label("ring"),
        )
        .join(zone_version, version.zone_id == zone.c.zone_id)
        .join(case, case.c.case_id == zone.c.case_id)
        .where(
            case.c.offender_id == person_id,
            version.valid_from < period.last,
            or_(version.valid_to.is_(None), period.first < version.valid_to),
            privacy.of_cases(reach),
        )
        .order_by(zone.c.zone_id, version.number)
    )
    return connection.execute(query).all()


def as_json(versions: Sequence[Row], period: Period) -> tuple[bytes, str]:
    """The versions with the stretches of the period in which their hours run, and an ETag."""
    body = orjson.dumps({"versions": [_version(row, period) for row in versions]})
    return body, f'"{hashlib.sha256(body).hexdigest()[:24]}"'


def _version(row: Row, period: Period) -> dict[str, Any]:
    properties = {
        "zone_id": row.zone_id,
        "zone_version_id": row.zone_version_id,
        "kind": row.kind,
        "name": row.name,
        "number": row.number,
        "case_code": row.code,
        "buffer_m": row.buffer_m,
        "words": f"{row.code} {row.name}",
    }
    shapes = [("buffer", row.ring), ("zone", row.shape), ("name", row.inside)]
    return {
        "zone_version_id": row.zone_version_id,
        "from_s": row.valid_from.timestamp(),
        "to_s": None if row.valid_to is None else row.valid_to.timestamp(),
        "open": [[start / 1e6, end / 1e6] for start, end in _open(row, period).tolist()],
        "features": [
            {
                "type": "Feature",
                "id": row.zone_id,
                "properties": {**properties, "role": role},
                "geometry": orjson.Fragment(shape),
            }
            for role, shape in shapes
            if shape is not None
        ],
    }


def _open(row: Row, period: Period) -> NDArray[np.int64]:
    """Half-open stretches in which this version holds and its hours run, microseconds."""
    hours = None if row.schedule is None else schedules_model.from_json(row.schedule)
    first = max(period.first, row.valid_from)
    last = min(period.last, row.valid_to or _FOREVER)
    return schedules.open_stretches(hours, microseconds(first), microseconds(last))


@dataclass(frozen=True, slots=True)
class Near:
    """Each drawn fix against the exclusion zone whose edge is nearest then, shape (k,) each."""

    edge_m: NDArray[np.float64]  # negative inside; NaN where none was in force
    buffer_m: NDArray[np.float64]
    zone_version_id: NDArray[np.int64]  # 0 where none was in force
    p_inside: NDArray[np.float64]  # the highest the judge stored; NaN where it stored none


def near(
    connection: Connection,
    track: StoredTrack,
    drawn: Drawn,
    versions: Sequence[Row],
    period: Period,
) -> Near:
    """Distances by the stored shapes; chances as the judge stored them, never worked out anew."""
    count = len(drawn)
    edge = np.full(count, np.inf)
    buffer = np.zeros(count)
    version_id = np.zeros(count, np.int64)
    exclusions = [row for row in versions if row.kind == "exclusion"]
    for row in exclusions:
        opened = _open(row, period).ravel()
        # Odd places lie between a stretch's start and its end; it holds its first moment.
        holds = np.flatnonzero(np.searchsorted(opened, drawn.at_us, side="right") % 2 == 1)
        if len(holds) == 0:
            continue
        metres = _edge_m(shapely.from_wkb(bytes(row.wkb)), drawn.lon[holds], drawn.lat[holds])
        nearer = metres < edge[holds]
        where = holds[nearer]
        edge[where], buffer[where] = metres[nearer], row.buffer_m
        version_id[where] = row.zone_version_id
    edge[~np.isfinite(edge)] = np.nan
    ids = [row.zone_version_id for row in exclusions]
    return Near(edge, buffer, version_id, _chances(connection, track, drawn, ids))


def packed(track: StoredTrack, drawn: Drawn, near: Near) -> bytes:
    """Little-endian: u32 n, u32 0, then over the n fixes of the packed track
    f32 edge_m, f32 p_inside, u32 version.
    """
    count, kept = len(track), rows_drawn(track, drawn)
    columns = [np.full(count, np.nan, "<f4"), np.full(count, np.nan, "<f4"), np.zeros(count, "<u4")]
    for column, values in zip(
        columns, (near.edge_m, near.p_inside, near.zone_version_id), strict=True
    ):
        column[drawn.row] = values
    return struct.pack("<II", len(kept), 0) + b"".join(column[kept].tobytes() for column in columns)


def _edge_m(
    shape: shapely.Geometry, lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Signed distance to the edge in metres, in a plane at the zone."""
    middle = shape.centroid
    plane = plane_of(LonLat(middle.x, middle.y))
    flat = shapely.transform(shape, lambda at: np.column_stack(plane.metres(at[:, 0], at[:, 1])))
    points = shapely.points(*plane.metres(lon, lat))
    shapely.prepare(flat)
    away = shapely.distance(flat.boundary, points)
    # The edge is inside: a zone is covered.
    return np.where(shapely.covers(flat, points), -away, away)


_VERDICTS = """
select array_send(array_agg(fixed_at)), array_send(array_agg(fingerprint)),
    array_send(array_agg(p_inside))
from vigil.fix_verdict
where activation_id = %s and fixed_at >= %s and fixed_at < %s and zone_version_id = any(%s)
"""


def _chances(
    connection: Connection, track: StoredTrack, drawn: Drawn, version_ids: list[int]
) -> NDArray[np.float64]:
    found = np.full(len(track), np.nan)
    if version_ids and len(track):
        rows = track.rows
        at = rows["fixed_at_us"].astype(np.int64)
        bounds = [np.datetime64(int(each), "us").item().replace(tzinfo=UTC) for each in
                  (at[0], at[-1] + 1)]  # fmt: skip
        ids = (int(rows["activation_id"][0]), *bounds, version_ids)
        cursor: Any = connection.connection.cursor(binary=True)
        with cursor:
            cursor.execute(_VERDICTS, ids)
            sent = cursor.fetchone()
        if sent[0] is not None:
            moments, prints, chances = (
                np.frombuffer(one, [("size", ">i4"), ("value", kind)], offset=_ARRAY_HEADER_BYTES)[
                    "value"
                ]
                for one, kind in zip(sent, (">i8", ">i8", ">f4"), strict=True)
            )
            place = _places(at, rows["fingerprint"], moments + _PG_EPOCH_US, prints)
            np.fmax.at(found, place[place >= 0], chances[place >= 0])
    return found[drawn.row]


def _places(
    at: NDArray[np.int64],
    fingerprint: NDArray[np.int64],
    wanted_at: NDArray[np.int64],
    wanted_fingerprint: NDArray[np.int64],
) -> NDArray[np.int64]:
    """The row of each (moment, fingerprint) in sorted rows; -1 where there is none."""
    place = np.searchsorted(at, wanted_at)
    while True:
        # Fixes of one moment stand side by side: go on among them to the right one.
        inside = np.minimum(place, len(at) - 1)
        same = (place < len(at)) & (at[inside] == wanted_at)
        wrong = same & (fingerprint[inside] != wanted_fingerprint)
        if not wrong.any():
            return np.where(same, place, -1)
        place = place + wrong
