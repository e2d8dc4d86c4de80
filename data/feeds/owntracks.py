"""OwnTracks over HTTP: one JSON object a request, told apart by `_type`.

`tst` is Unix seconds, `vel` km/h, `acc` metres (68 %), `batt` percent, `bs` 2 charging, 3 full.
`acc` 0, negative `vel`, `cog` and `batt` stand for "unknown". Other types than `location` are
well-formed messages that carry no fix. Source: the OwnTracks booklet, JSON and HTTP.
"""

from __future__ import annotations

from datetime import datetime
from math import isnan
from typing import TypeGuard

from data.errors import BadInput
from data.feeds.wire import (
    EVENT_BITS,
    MPS_OF_KMH,
    RANGES,
    Decoded,
    joined,
    one_record,
    read_field,
    read_json,
    read_known,
    read_moment_us,
    read_object,
    read_place,
)
from data.model.fix import RADIUS_95_OF_68, DeviceEvent

_ON_POWER = (2, 3)
_NO_FIXES = joined([])


def decode(body: bytes, received_at: datetime) -> Decoded:
    """The fix of a `location` message; other types are ignored with a reason.

    Raises:
        BadInput: no JSON object, no `_type`, or a field of a location is missing or unreadable.
    """
    if not body.strip():
        # The apps post an empty body when a friend is deleted.
        return Decoded(_NO_FIXES, ignored="empty")
    message = read_object(read_json(body), "body")
    kind = message.get("_type")
    if not isinstance(kind, str) or not kind:
        raise BadInput("_type", "the kind of message, such as location")
    if kind != "location":
        return Decoded(_NO_FIXES, ignored=kind[:40])
    lon, lat = read_place(message.get("lon"), message.get("lat"), "lon", "lat")
    values: dict[str, float | int] = {
        "fixed_at": read_moment_us(message.get("tst"), "tst", received_at),
        "lon": lon,
        "lat": lat,
        "radius_95_m": min(
            read_known(message.get("acc"), "acc", "metres") * RADIUS_95_OF_68,
            RANGES["radius_95_m"][1],
        )
        or float("nan"),
        "speed_mps": read_known(message.get("vel"), "vel", "km/h") * MPS_OF_KMH,
        "heading_deg": _bounded(message.get("cog"), "cog", "heading_deg"),
        "altitude_m": read_field(message.get("alt"), "alt", "altitude_m"),
        "battery_pct": _bounded(message.get("batt"), "batt", "battery_pct"),
        "events": _events(message.get("bs"), message.get("motionactivities")),
    }
    return Decoded(one_record(values))


def _bounded(value: object, field: str, name: str) -> float:
    number = read_known(value, field, RANGES[name][2])
    return number if isnan(number) else read_field(number, field, name)


def _events(battery_status: object, activities: object) -> DeviceEvent:
    events = DeviceEvent.CHARGING if battery_status in _ON_POWER else DeviceEvent(0)
    known = [each for each in activities if each != "unknown"] if _is_list(activities) else []
    if known:
        events |= EVENT_BITS["still" if known == ["stationary"] else "moving"]
    return events


def _is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)
