"""Zones and their buffers as GeoJSON: the versions that hold at a moment, and whether hours run.

The buffer is a ring of its own, so that it can be drawn and clicked apart from the zone. Its
metres are true metres on the ground (geography), not map units. No person is named.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import orjson
from geoalchemy2 import Geography, Geometry
from sqlalchemy import ColumnElement, Connection, and_, cast, func, or_, select
from sqlalchemy import case as when

from data.model import schedule as schedules_model
from data.model.user import Viewer
from data.rules import schedules
from data.store.tables import case, zone, zone_version
from layers import privacy
from layers.style import FONT, TOKENS, Layer, Theme, by_zoom

LEGEND = [
    {"symbol": "exclusion", "text": "Exclusion zone: the offender may not enter"},
    {"symbol": "buffer", "text": "Buffer: warning ring around it"},
    {"symbol": "inclusion", "text": "Inclusion zone: curfew, the offender must stay"},
    {"symbol": "inactive", "text": "Not in force just now, by its hours"},
]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DIGITS = 7  # 1.1 cm


def geojson(connection: Connection, viewer: Viewer, now: datetime) -> tuple[bytes, str]:
    """The FeatureCollection of all zones this viewer may see, and its ETag.

    Two features for an exclusion zone with a buffer, `role` "buffer" and "zone"; one otherwise.
    Buffers come first, so that zones are drawn over them. Properties: zone_id,
    zone_version_id, kind, name, case_code, buffer_m, in_force, role. Feature ids are zone ids.
    """
    if not privacy.sees_map(viewer):
        return _tagged([])
    rows = connection.execute(_query(viewer, now)).all()
    at_us = np.array([(now - _EPOCH) // timedelta(microseconds=1)], np.int64)
    buffers, zones = [], []
    for row in rows:
        hours = None if row.schedule is None else schedules_model.from_json(row.schedule)
        properties = {
            "zone_id": row.zone_id,
            "zone_version_id": row.zone_version_id,
            "kind": row.kind,
            "name": row.name,
            "case_code": row.code,
            "buffer_m": row.buffer_m,
            "in_force": bool(schedules.is_open(hours, at_us)[0]),
        }
        zones.append(_feature(row.zone_id, row.shape, {**properties, "role": "zone"}))
        if row.ring is not None:
            buffers.append(_feature(row.zone_id, row.ring, {**properties, "role": "buffer"}))
    return _tagged(buffers + zones)


def _query(viewer: Viewer, now: datetime) -> Any:
    version = zone_version.c
    ground = cast(version.shape, Geography(srid=4326))
    # What lies within the buffer but not in the zone itself.
    ring: ColumnElement[Any] = func.ST_Difference(
        cast(func.ST_Buffer(ground, version.buffer_m, 24), Geometry(srid=4326)), version.shape
    )
    has_ring = and_(zone.c.kind == "exclusion", version.buffer_m > 0)
    return (
        select(
            zone.c.zone_id,
            zone.c.kind,
            zone.c.name,
            case.c.code,
            version.zone_version_id,
            version.buffer_m,
            version.schedule,
            func.ST_AsGeoJSON(version.shape, _DIGITS).label("shape"),
            when((has_ring, func.ST_AsGeoJSON(ring, _DIGITS))).label("ring"),
        )
        .join(zone_version, version.zone_id == zone.c.zone_id)
        .join(case, case.c.case_id == zone.c.case_id)
        .where(
            # Half-open: at its end a version no longer holds.
            version.valid_from <= now,
            or_(version.valid_to.is_(None), now < version.valid_to),
            privacy.in_area(viewer),
        )
        .order_by(zone.c.zone_id)
    )


def _feature(zone_id: int, shape: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": zone_id,
        "properties": properties,
        "geometry": orjson.Fragment(shape),
    }


def _tagged(features: list[dict[str, Any]]) -> tuple[bytes, str]:
    body = orjson.dumps({"type": "FeatureCollection", "features": features})
    return body, f'"{hashlib.sha256(body).hexdigest()[:24]}"'


def style(theme: Theme) -> list[Layer]:
    """MapLibre layers on the GeoJSON source `zones`: the pattern tells the kind, never a hue."""
    token = TOKENS[theme]
    width = 2.5

    def where(*conditions: list[Any]) -> list[Any]:
        return ["all", *conditions]

    is_zone = ["==", ["get", "role"], "zone"]
    is_buffer = ["==", ["get", "role"], "buffer"]
    in_force = ["==", ["get", "in_force"], True]
    exclusion = ["==", ["get", "kind"], "exclusion"]
    inclusion = ["==", ["get", "kind"], "inclusion"]
    neutral = ["==", ["get", "kind"], "neutral"]

    def line(name: str, condition: list[Any], **paint: Any) -> Layer:
        return {
            "id": f"zones-{name}",
            "type": "line",
            "source": "zones",
            "filter": condition,
            "layout": {"line-join": "round"},
            "paint": {"line-color": token.zone, **paint},
        }

    def dash(*pixels: float) -> dict[str, Any]:
        # MapLibre counts dashes in line widths.
        return {"line-dasharray": [each / width for each in pixels], "line-width": width}

    return [
        {
            "id": "zones-hatch",
            "type": "fill",
            "source": "zones",
            "filter": where(is_zone, exclusion, in_force),
            "paint": {"fill-pattern": f"hatch-{theme.value}"},
        },
        line("buffer", where(is_buffer, in_force), **dash(6, 4) | {"line-width": 1.5}),
        line(
            "exclusion",
            where(is_zone, exclusion, in_force),
            **{"line-width": width},
        ),
        line("inclusion", where(is_zone, inclusion, in_force), **dash(2, 4)),
        line("neutral", where(is_zone, neutral, in_force), **{"line-width": 1}),
        line(
            "inactive",
            where(is_zone, ["!=", ["get", "in_force"], True]),
            **{"line-width": 1, "line-opacity": 0.4},
        ),
        {
            "id": "zones-names",
            "type": "symbol",
            "source": "zones",
            "minzoom": 13,
            "filter": is_zone,
            "layout": {
                "text-field": ["concat", ["get", "case_code"], " ", ["get", "name"]],
                "text-font": FONT,
                "text-size": by_zoom(13, 12, 16, 14),
                "text-padding": 6,
            },
            "paint": {
                "text-color": token.zone,
                "text-halo-color": token.label_halo,
                "text-halo-width": 2,
            },
        },
    ]
