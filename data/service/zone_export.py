"""A version of a zone to be taken out of the room: GeoJSON, KML, or a map on paper for the order.

Each is written down under a number, and carries that number. None holds a name, an address or
the zone's own name; the outline is what the order says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import orjson
import shapely
from geoalchemy2.shape import to_shape
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, Engine, Row

from data.clock import Clock
from data.errors import BadInput, Refused
from data.model.schedule import DAYS, Window, from_json
from data.model.user import Viewer
from data.rules.access import Action
from data.rules.shapes import buffer_of
from data.service.reach import reach_of
from data.service.zone_drafts import ZoneDrafts
from data.service.zone_sheet import Sheet, draw, window_of
from data.store import audit, basemap_window, zone_drafts

FORMATS = {
    "geojson": "application/geo+json",
    "kml": "application/vnd.google-earth.kml+xml",
    "pdf": "application/pdf",
}
_KML = "http://www.opengis.net/kml/2.2"


@dataclass(frozen=True, slots=True)
class Exported:
    """A file and what it is."""

    name: str
    kind: str  # media type
    body: bytes


@dataclass(frozen=True, slots=True)
class ZoneExports:
    """Makes the files.

    Args:
        engine: the database.
        clock: the room's.
        drafts: who may see which version.
    """

    engine: Engine
    clock: Clock
    drafts: ZoneDrafts

    def export(self, viewer: Viewer, version_id: int, form: str) -> Exported:
        """One version as a file, on record.

        Raises:
            Refused, NotFound: not for this viewer.
            BadInput: no such format.
        """
        if form not in FORMATS:
            raise BadInput("format", f"one of {', '.join(FORMATS)}", form)
        now = self.clock.now()
        with self.engine.begin() as connection:
            row = self.drafts.version_row(connection, viewer, version_id)
            reach = reach_of(connection, viewer, self.drafts.reaches.clock.now())
            decision = reach.may(Action.EXPORT_ZONE, row.case_id, row.area)
            if not decision.allowed:
                raise Refused(decision.reason)
            zone = zone_drafts.find_zone(connection, row.zone_id)
            number = audit.append(
                connection, at=now, user_id=viewer.user_id, action="zone_exported",
                record_kind="zone_version", record_id=version_id, peer=viewer.peer,
                session_id=viewer.session_id or None, detail={"format": form},
            )  # fmt: skip
            mark = f"Export {number} - {viewer.login} - {now:%Y-%m-%d %H:%M} UTC"
            match form:
                case "geojson":
                    body = _geojson(row, mark)
                case "kml":
                    body = _kml(row, mark)
                case _:
                    body = draw(self._sheet(connection, row, zone, mark, now))
        name = f"vigil-zone-{row.case_code}-{row.zone_id}-v{row.number}-export-{number}.{form}"
        return Exported(_safe(name), FORMATS[form], body)

    def _sheet(
        self, connection: Connection, row: Row[Any], zone: Row[Any] | None, mark: str, now: datetime
    ) -> Sheet:
        area = to_shape(row.shape)
        ring = buffer_of(area, row.buffer_m) if row.buffer_m > 0 else None
        window = window_of(area, ring)
        area_m2, _ = zone_drafts.measures(connection, area)
        streets = [
            (each.name, each.street_class, shapely.from_wkb(bytes(each.line)))
            for each in basemap_window.find_streets(connection, window)
        ]
        areas = [
            (each.kind, shapely.from_wkb(bytes(each.shape)))
            for each in basemap_window.find_areas(connection, window)
        ]
        zone_of_time = self.drafts.time_zone
        until = (
            "until further notice" if row.valid_to is None else _both(row.valid_to, zone_of_time)
        )
        if row.valid_to is None and row.expires_at is not None:
            until = f"{_both(row.expires_at, zone_of_time)} (emergency)"
        lines = [
            ("Order", row.order_reference or "none given"),
            ("Version", f"{row.number}, {row.kind}, {_size(area_m2)}"),
            ("Holds from", _both(row.valid_from, zone_of_time)),
            ("Holds until", until),
            ("Hours", hours_on_paper(row.schedule)),
            ("Buffer", f"{row.buffer_m:g} m" if row.buffer_m else "none"),
            ("Drawn by", row.drawn_by or "at the terminal"),
            ("Signed by", row.signer or "no second person"),
            ("Printed", _both(now, zone_of_time)),
        ]  # fmt: skip
        return Sheet(
            title=f"Case {row.case_code} - {row.label}",
            lines=lines,
            area=area,
            ring=ring,
            streets=streets,
            areas=areas,
            attribution=basemap_window.get_attribution(connection),
            mark=mark,
        )


def _properties(row: Row[Any], mark: str) -> dict[str, Any]:
    return {
        "case_code": row.case_code,
        "zone": row.label,
        "zone_id": row.zone_id,
        "version": row.number,
        "kind": row.kind,
        "buffer_m": row.buffer_m,
        "schedule": row.schedule,
        "valid_from": row.valid_from.isoformat(),
        "valid_to": None if row.valid_to is None else row.valid_to.isoformat(),
        "order_ref": row.order_reference,
        "export": mark,
    }


def _geojson(row: Row[Any], mark: str) -> bytes:
    feature = {
        "type": "Feature",
        "properties": _properties(row, mark),
        "geometry": mapping(to_shape(row.shape)),
    }
    return orjson.dumps({"type": "FeatureCollection", "features": [feature]})


def _kml(row: Row[Any], mark: str) -> bytes:
    ElementTree.register_namespace("", _KML)
    kml = ElementTree.Element(f"{{{_KML}}}kml")
    placemark = _sub(_sub(kml, "Document"), "Placemark")
    _sub(placemark, "name", f"{row.case_code} {row.label}, version {row.number}")
    data = _sub(placemark, "ExtendedData")
    for name, value in _properties(row, mark).items():
        if value is not None:
            entry = _sub(data, "Data")
            entry.set("name", name)
            _sub(entry, "value", value if isinstance(value, str) else orjson.dumps(value).decode())
    many = _sub(placemark, "MultiGeometry")
    for part in shapely.get_parts(to_shape(row.shape)):
        polygon = _sub(many, "Polygon")
        _ring(_sub(polygon, "outerBoundaryIs"), part.exterior)
        for hole in part.interiors:
            _ring(_sub(polygon, "innerBoundaryIs"), hole)
    return ElementTree.tostring(kml, encoding="utf-8", xml_declaration=True)


def _ring(parent: ElementTree.Element, ring: BaseGeometry) -> None:
    corners = " ".join(f"{lon!r},{lat!r}" for lon, lat in shapely.get_coordinates(ring).tolist())
    _sub(_sub(parent, "LinearRing"), "coordinates", corners)


def _sub(parent: ElementTree.Element, name: str, words: str | None = None) -> ElementTree.Element:
    child = ElementTree.SubElement(parent, f"{{{_KML}}}{name}")
    child.text = words
    return child


def _both(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{local:%Y-%m-%d %H:%M} {local.tzname()} ({at:%Y-%m-%d %H:%M} UTC)"


def hours_on_paper(stored: Any) -> str:
    """Hours as an order states them, a line each: days of equal hours together, every exception."""
    if stored is None:
        return "always"
    hours = from_json(stored)
    lines = [
        f"{_days(list(days))} {_times(windows)}"
        for windows, days in groupby(zip(DAYS, hours.weekly, strict=True), key=lambda each: each[1])
    ]
    if hours.grace_s:
        lines.append(f"Grace {hours.grace_s / 60:g} min at opening and closing")
    # Of an order every day counts: exceptions are written out, not numbered.
    lines += [f"{day:%Y-%m-%d}: {_times(windows)}" for day, windows in hours.exceptions]
    return "\n".join([f"in {hours.time_zone}:", *lines])


def _days(days: list[tuple[str, Any]]) -> str:
    first, last = days[0][0].capitalize(), days[-1][0].capitalize()
    return first if first == last else f"{first}-{last}"


def _times(windows: Sequence[Window]) -> str:
    if not windows:
        return "does not hold"
    return ", ".join(
        f"{each.start_min // 60:02}:{each.start_min % 60:02}-"
        f"{each.end_min // 60:02}:{each.end_min % 60:02}"
        for each in windows
    )


def _size(area_m2: float) -> str:
    return f"{area_m2 / 1e6:.3f} km²" if area_m2 >= 100_000 else f"{area_m2:.0f} m²"


def _safe(name: str) -> str:
    # A case code is somebody's typing; a header and a file system are not.
    return "".join(each if each.isalnum() or each in "-." else "_" for each in name)
