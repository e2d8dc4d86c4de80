"""Versions, drafts and differences of zones as the studio reads them; and what of one is tried."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import shapely
from geoalchemy2.shape import to_shape
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, Row

from data.model import schedule as schedules
from data.service import zone_live
from data.store import zone_drafts


def fingerprint(draft: Row[Any], time_zone: ZoneInfo) -> str:
    """What of a draft a rehearsal tries: shape, buffer, hours and kind; "" without a shape."""
    if draft.shape is None:
        return ""
    content = zone_live.content_of(draft)
    hours = zone_live.hours_of(content, time_zone)
    tried = [
        shapely.to_wkb(to_shape(draft.shape), hex=True),
        content.kind.value,
        content.buffer_m,
        hours_json(hours),
    ]
    return hashlib.sha256(orjson.dumps(tried)).hexdigest()[:32]


def version_json(row: Row[Any]) -> dict[str, Any]:
    """A version as the studio lists it."""
    return {
        "zone_version_id": row.zone_version_id,
        "zone_id": row.zone_id,
        "number": row.number,
        "kind": row.kind,
        "shape": geojson(to_shape(row.shape)),
        "buffer_m": row.buffer_m,
        # Read and written anew: what came from a file may have left out what may be left out.
        "schedule": None if row.schedule is None else hours_json(schedules.from_json(row.schedule)),
        "valid_from": row.valid_from.isoformat(),
        "valid_to": row.valid_to.isoformat() if row.valid_to else None,
        "reason": row.reason,
        "order_ref": row.order_reference,
        "drawn_by": row.drawn_by,
        "signed_by": row.signer,
        "is_emergency": row.expires_at is not None,
        "expires_at": row.expires_at.isoformat() if row.expires_at else None,
        "checks": row.checks,
        "rehearsal": row.rehearsal,
    }


def difference_json(
    connection: Connection, before: BaseGeometry | None, now: BaseGeometry | None
) -> dict[str, Any]:
    """What one area has that the other has not, both ways, on the ground."""
    added, removed, added_m2, removed_m2 = zone_drafts.difference(connection, before, now)
    return {
        "before": geojson(before),
        "now": geojson(now),
        "added": geojson(added),
        "removed": geojson(removed),
        "added_m2": round(added_m2, 1),
        "removed_m2": round(removed_m2, 1),
    }


def state_of(row: Row[Any], now: datetime) -> str:
    """Whether a zone holds at this moment."""
    if row.valid_to is not None and row.valid_to <= now:
        return "ended"
    return "in force" if zone_live.is_open(row.schedule, now) else "hours closed"


def draft_line(row: Row[Any] | None, *, is_tried: bool) -> dict[str, Any] | None:
    """A draft in a list; `is_tried` as it is now, on the past."""
    if row is None:
        return None
    return {
        "draft_id": row.zone_draft_id,
        "revision": row.revision,
        "order_ref": zone_live.content_of(row).order_ref,
        "is_tried": is_tried,
        "author": row.author,
        "saved_at": row.saved_at.isoformat(),
        "state": row.state,
    }


def geojson(area: BaseGeometry | None) -> dict[str, Any] | None:
    """A MultiPolygon; None for nothing."""
    if area is None or area.is_empty:
        return None
    whole = area if area.geom_type == "MultiPolygon" else shapely.multipolygons([area])
    return mapping(whole)


def hours_json(hours: Any) -> dict[str, Any] | None:
    """Hours; None: always."""
    return None if hours is None else schedules.to_json(hours)
