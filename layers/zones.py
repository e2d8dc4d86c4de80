"""Zones and their buffers as GeoJSON: the versions that hold at a moment, and whether hours run.

The buffer is a ring of its own, so that it can be drawn and clicked apart from the zone. Its
metres are true metres on the ground (geography), not map units. No person is named, and no zone
is called by the name it was given: that is often a street.
"""

from __future__ import annotations

import hashlib
import math
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import orjson
from geoalchemy2 import Geography, Geometry
from sqlalchemy import ColumnElement, Connection, and_, cast, func, or_, select
from sqlalchemy import case as when

from data.model import schedule as schedules_model
from data.rules import schedules
from data.rules.reach import Reach
from data.store import zones as stored
from data.store.tables import case, zone, zone_draft, zone_version
from layers import privacy
from layers.style import FONT, TOKENS, Layer, Theme, by_zoom

LEGEND = [
    {"symbol": "exclusion", "text": "Exclusion zone: the offender may not enter"},
    {"symbol": "buffer", "text": "Buffer: warning ring around it"},
    {"symbol": "inclusion", "text": "Inclusion zone: curfew, the offender must stay"},
    {"symbol": "inactive", "text": "Not in force just now, by its hours"},
    {"symbol": "draft", "text": "Draft: drawn and not signed, in force for nobody"},
]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DIGITS = 7  # 1.1 cm
_SMALL_PX = 8.0
"""A zone that would be narrower than this on the screen is drawn as a speck, without pattern."""

_WORLD_PX = 512.0  # width of the world at zoom 0


def geojson(
    connection: Connection, reach: Reach, now: datetime, *, has_drafts: bool = False
) -> tuple[bytes, str]:
    """The FeatureCollection of all zones this viewer may see, and its ETag.

    Args:
        connection: to the database.
        reach: of the viewer.
        now: the moment whose versions are wanted, also a past one.
        has_drafts: with the drafts that wait for a signature or are being drawn, `role` "draft",
            for whoever may draw; nobody else gets any. They are of this day, whatever `now` says.

    An area for each zone, `role` "zone", one for its buffer if it has one, `role` "buffer", and a
    point inside for its words, `role` "name": on the area itself a label comes once for each tile
    that it reaches into. Buffers come first, so that zones are drawn over them. Properties of
    areas: zone_id, zone_version_id, kind, name, case_code, buffer_m, in_force, role, from_zoom:
    where it is wide enough for its pattern. Feature ids are zone ids.
    """
    if not privacy.sees_map(reach):
        return _tagged([])
    rows = connection.execute(_query(reach, now)).all()
    at_us = np.array([(now - _EPOCH) // timedelta(microseconds=1)], np.int64)
    buffers, zones, names = [], [], []
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
            "from_zoom": _from_zoom(row.across_deg),
        }
        zones.append(_feature(row.zone_id, row.shape, {**properties, "role": "zone"}))
        if row.ring is not None:
            buffers.append(_feature(row.zone_id, row.ring, {**properties, "role": "buffer"}))
        says = {"zone_id": row.zone_id, "case_code": row.code, "words": f"{row.code} {row.name}"}
        names.append(_feature(row.zone_id, row.inside, {**says, "role": "name"}))
    drafts = _drafts(connection, reach) if has_drafts else []
    return _tagged(buffers + zones + names + drafts)


def _from_zoom(across_deg: float) -> float:
    """The zoom from which a zone so wide, in degrees of longitude, is no speck any more."""
    width_px = max(across_deg, 1e-9) / 360.0 * _WORLD_PX
    return max(0.0, round(math.log2(_SMALL_PX / width_px), 1))


def _drafts(connection: Connection, reach: Reach) -> list[dict[str, Any]]:
    if not privacy.sees_drafts(reach):
        return []
    draft = zone_draft.c
    rows = connection.execute(
        select(
            draft.zone_draft_id,
            draft.content["kind"].astext.label("kind"),
            case.c.code,
            func.ST_AsGeoJSON(draft.shape, _DIGITS).label("shape"),
            func.ST_AsGeoJSON(func.ST_PointOnSurface(draft.shape), _DIGITS).label("inside"),
        )
        .join(case, case.c.case_id == draft.case_id)
        .where(
            draft.shape.is_not(None),
            draft.state.in_(("editing", "waiting", "due")),
            privacy.of_cases(reach),
        )
        .order_by(draft.zone_draft_id)
    )
    # Without a zone_id: what is breached or chosen is the zone that holds, never its draft.
    return [
        {
            "type": "Feature",
            "properties": {
                "draft_id": row.zone_draft_id,
                "kind": row.kind,
                "case_code": row.code,
                "role": role,
            }
            | ({"words": f"{row.code} DRAFT"} if role == "name" else {}),
            "geometry": orjson.Fragment(geometry),
        }
        for row in rows
        for role, geometry in (("draft", row.shape), ("name", row.inside))
        if geometry is not None
    ]


def _query(reach: Reach, now: datetime) -> Any:
    version = zone_version.c
    ground = cast(version.shape, Geography(srid=4326))
    # What lies within the buffer but not in the zone itself.
    ring: ColumnElement[Any] = func.ST_Difference(
        cast(func.ST_Buffer(ground, version.buffer_m, 24), Geometry(srid=4326)), version.shape
    )
    # As wide on the map: a degree of latitude is drawn longer the further from the equator.
    across_deg = func.greatest(
        func.ST_XMax(version.shape) - func.ST_XMin(version.shape),
        (func.ST_YMax(version.shape) - func.ST_YMin(version.shape))
        / func.cosd(func.ST_YMin(version.shape)),
    )
    has_ring = and_(zone.c.kind == "exclusion", version.buffer_m > 0)
    return (
        select(
            zone.c.zone_id,
            zone.c.kind,
            stored.label().label("name"),
            case.c.code,
            version.zone_version_id,
            version.buffer_m,
            version.schedule,
            across_deg.label("across_deg"),
            func.ST_AsGeoJSON(version.shape, _DIGITS).label("shape"),
            func.ST_AsGeoJSON(func.ST_PointOnSurface(version.shape), _DIGITS).label("inside"),
            when((has_ring, func.ST_AsGeoJSON(ring, _DIGITS))).label("ring"),
        )
        .join(zone_version, version.zone_id == zone.c.zone_id)
        .join(case, case.c.case_id == zone.c.case_id)
        .where(
            # Half-open: at its end a version no longer holds.
            version.valid_from <= now,
            or_(version.valid_to.is_(None), now < version.valid_to),
            privacy.of_cases(reach),
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
    is_name = ["==", ["get", "role"], "name"]
    in_force = ["==", ["get", "in_force"], True]
    exclusion = ["==", ["get", "kind"], "exclusion"]
    inclusion = ["==", ["get", "kind"], "inclusion"]
    neutral = ["==", ["get", "kind"], "neutral"]
    # Thousands of patterns a few pixels wide are one blot, and cost a slow screen its picture.
    is_wide = [">=", ["zoom"], ["coalesce", ["get", "from_zoom"], 0]]

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
            "filter": where(is_zone, exclusion, in_force, is_wide),
            "paint": {"fill-pattern": f"hatch-{theme.value}"},
        },
        {
            "id": "zones-specks",
            "type": "fill",
            "source": "zones",
            "filter": where(is_zone, in_force, ["!", is_wide]),
            "paint": {"fill-color": token.zone, "fill-antialias": False},
        },
        line("buffer", where(is_buffer, in_force, is_wide), **dash(6, 4) | {"line-width": 1.5}),
        line(
            "exclusion",
            where(is_zone, exclusion, in_force, is_wide),
            **{"line-width": width},
        ),
        line("inclusion", where(is_zone, inclusion, in_force, is_wide), **dash(2, 4)),
        line("neutral", where(is_zone, neutral, in_force, is_wide), **{"line-width": 1}),
        line(
            "inactive",
            where(is_zone, ["!=", ["get", "in_force"], True], is_wide),
            **{"line-width": 1, "line-opacity": 0.4},
        ),
        line("draft", ["==", ["get", "role"], "draft"], **dash(12, 4)),
        {
            "id": "zones-draft-words",
            "type": "symbol",
            "source": "zones",
            "minzoom": 12,
            "filter": where(is_name, ["has", "draft_id"]),
            "layout": {
                "text-field": ["get", "words"],
                "text-font": FONT,
                "text-size": 12,
            },
            "paint": {
                "text-color": token.zone,
                "text-halo-color": token.label_halo,
                "text-halo-width": 2,
            },
        },
        {
            "id": "zones-names",
            "type": "symbol",
            "source": "zones",
            "minzoom": 13,
            "filter": where(is_name, ["has", "zone_id"]),
            "layout": {
                "text-field": ["get", "words"],
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
