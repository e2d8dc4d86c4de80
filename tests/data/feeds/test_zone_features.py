"""Zones in GeoJSON: read as they are meant, or refused by feature and field."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from data.errors import BadInput
from data.feeds.zone_features import read_zone_features
from data.model.zone import ZoneKind

SQUARE = [[[0, 53], [1, 53], [1, 54], [0, 54], [0, 53]]]


def _feature(geometry: dict[str, Any] | None = None, **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": geometry or {"type": "Polygon", "coordinates": SQUARE},
        "properties": {"zone_id": "home", "kind": "exclusion", **properties},
    }


def _raw(*features: Any) -> bytes:
    return orjson.dumps({"type": "FeatureCollection", "features": list(features)})


def test_a_zone_with_everything() -> None:
    """Kind, buffer, whom it binds, its hours."""
    schedule = {"time_zone": "UTC", "weekly": [{"days": ["mon"], "from": "09:00", "to": "17:00"}]}
    (zone,) = read_zone_features(
        _raw(_feature(kind="inclusion", buffer_m=200, activations=["a", 7], schedule=schedule))
    )
    assert (zone.zone_id, zone.kind, zone.buffer_m) == ("home", ZoneKind.INCLUSION, 200.0)
    assert zone.activations == ("a", "7")
    assert zone.schedule is not None
    assert zone.schedule.time_zone == "UTC"


def test_a_zone_with_the_least() -> None:
    """No buffer, everybody, always; nulls mean the same; the feature's own id will do."""
    bare = {**_feature(), "id": 12, "properties": {"kind": "neutral", "buffer_m": None}}
    (zone,) = read_zone_features(_raw(bare))
    assert (zone.zone_id, zone.buffer_m) == (12, 0.0)
    assert zone.activations is None
    assert zone.schedule is None
    assert read_zone_features(orjson.dumps(bare))[0].zone_id == 12


def test_points_and_lines_with_a_radius_are_zones() -> None:
    """A circle and a corridor."""
    line = {"type": "LineString", "coordinates": [[0, 53], [0.1, 53]]}
    point = {"type": "Point", "coordinates": [0, 53]}
    corridor, circle = read_zone_features(
        _raw(_feature(line, radius_m=50), _feature(point, radius_m=300, zone_id=2))
    )
    assert corridor.shape.geom_type == circle.shape.geom_type == "Polygon"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"zone_id": None}, "features[1].properties.zone_id"),
        ({"zone_id": "home"}, "features[1].properties.zone_id"),
        ({"zone_id": True}, "features[1].properties.zone_id"),
        ({"kind": "forbidden"}, "features[1].properties.kind"),
        ({"kind": None}, "features[1].properties.kind"),
        ({"buffer_m": -1}, "features[1].properties.buffer_m"),
        ({"buffer_m": "200"}, "features[1].properties.buffer_m"),
        ({"activations": "a"}, "features[1].properties.activations"),
        ({"activations": [["a"]]}, "features[1].properties.activations[0]"),
        ({"schedule": {"time_zone": "UTC"}}, "features[1].properties.schedule.weekly"),
    ],
)
def test_a_wrong_property_is_named(change: dict[str, Any], field: str) -> None:
    """By the feature's place in the file and the property."""
    with pytest.raises(BadInput) as refused:
        read_zone_features(_raw(_feature(), _feature(**{"zone_id": "work", **change})))
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("geometry", "field"),
    [
        ({"type": "Point", "coordinates": [0, 53]}, "features[0].properties.radius_m"),
        ({"type": "Polygon", "coordinates": [[]]}, "features[0].geometry.coordinates[0]"),
        ({"type": "Circle"}, "features[0].geometry.type"),
    ],
)
def test_a_wrong_geometry_is_named(geometry: dict[str, Any], field: str) -> None:
    """Down to the ring."""
    with pytest.raises(BadInput) as refused:
        read_zone_features(_raw(_feature(geometry)))
    assert refused.value.field == field


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[]", b"null", b'{"type": "FeatureCollection"}', b'{"type": "Polygon"}']
)
def test_what_is_no_collection_is_refused(raw: bytes) -> None:
    """Broken JSON and other documents."""
    with pytest.raises(BadInput):
        read_zone_features(raw)
