"""Zones in a GeoJSON file: what `app.py judge-files` is given. Pure.

A feature carries `zone_id`, `kind` and optionally `buffer_m`, `activations`, `schedule`, and
`radius_m` where its geometry is a point (circle) or a line (corridor).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from shapely.geometry.base import BaseGeometry

from data.errors import BadInput
from data.model.schedule import Schedule, from_json
from data.model.zone import ZoneKind
from data.rules.shapes import LARGEST_M, from_geojson

_PROPERTIES = "zone_id, kind, buffer_m, activations, schedule, radius_m"


@dataclass(frozen=True, slots=True)
class ZoneFeature:
    """A zone as a file describes it."""

    zone_id: str | int  # as the file calls it
    kind: ZoneKind
    shape: BaseGeometry
    buffer_m: float
    activations: tuple[str, ...] | None  # None: binds everybody in the file of fixes
    schedule: Schedule | None


def read_zone_features(raw: bytes) -> list[ZoneFeature]:
    """The zones of a GeoJSON FeatureCollection (or one Feature), in its order.

    Raises:
        BadInput: names the feature by its place in the list and the field, such as
            `features[2].properties.kind`.
    """
    try:
        document = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise BadInput("zones", f"JSON ({error.msg} in line {error.lineno})") from error
    if not isinstance(document, Mapping):
        raise BadInput("zones", "a GeoJSON FeatureCollection")
    if document.get("type") == "Feature":
        return [_feature(document, "feature")]
    features = document.get("features")
    if document.get("type") != "FeatureCollection" or not isinstance(features, list):
        raise BadInput("zones", "a GeoJSON FeatureCollection", document.get("type"))
    found = [_feature(feature, f"features[{i}]") for i, feature in enumerate(features)]
    seen: set[str | int] = set()
    for i, zone in enumerate(found):
        if zone.zone_id in seen:
            raise BadInput(f"features[{i}].properties.zone_id", "each id once", zone.zone_id)
        seen.add(zone.zone_id)
    return found


def _feature(feature: object, field: str) -> ZoneFeature:
    if not isinstance(feature, Mapping) or feature.get("type") != "Feature":
        raise BadInput(field, "a GeoJSON Feature")
    given = feature.get("properties")
    place = f"{field}.properties"
    if not isinstance(given, Mapping):
        raise BadInput(place, f"an object with {_PROPERTIES}")
    zone_id = given.get("zone_id", feature.get("id"))
    if isinstance(zone_id, bool) or not isinstance(zone_id, str | int) or zone_id == "":
        raise BadInput(f"{place}.zone_id", "a name or number", zone_id)
    schedule = given.get("schedule")
    try:
        shape = from_geojson(feature.get("geometry"), given.get("radius_m"), f"{field}.geometry")
    except BadInput as error:
        if error.field != "radius_m":
            raise
        raise BadInput(f"{place}.radius_m", error.expected, error.found) from error
    return ZoneFeature(
        zone_id,
        _kind(given.get("kind"), f"{place}.kind"),
        shape,
        _buffer_m(given.get("buffer_m"), f"{place}.buffer_m"),
        _activations(given.get("activations"), f"{place}.activations"),
        None if schedule is None else from_json(schedule, f"{place}.schedule"),
    )


def _kind(value: object, field: str) -> ZoneKind:
    try:
        return ZoneKind(value if isinstance(value, str) else "")
    except ValueError as error:
        raise BadInput(field, f"one of {', '.join(ZoneKind)}", value) from error


def _buffer_m(value: Any, field: str) -> float:
    if value is None:
        return 0.0
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not (value == 0 or 1 <= value <= LARGEST_M):
        raise BadInput(field, f"0, or metres from 1 to {LARGEST_M:g}", value)
    return float(value)


def _activations(value: object, field: str) -> tuple[str, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list):
        raise BadInput(field, "a list of activations; leave it out to bind everybody", value)
    for i, name in enumerate(value):
        if isinstance(name, bool) or not isinstance(name, str | int):
            raise BadInput(f"{field}[{i}]", "the name of an activation", name)
    # A CSV file knows no difference between 7 and "7".
    return tuple(str(name) for name in value)
