"""The OsmAnd protocol as Traccar Client and others send it: parameters, or JSON since client 9.

Parameters (query, form, or both): `id`, `timestamp`, `lat`, `lon` or `location=lat,lon`,
`speed` in knots, `bearing`, `altitude`, `accuracy`, `hdop`, `batt` in percent, `charge`,
`motion`, `alarm`, `valid`, `sat`. JSON: `speed` in m/s, `battery.level` from 0 to 1.
Beyond the protocol we read `strap` and `case` (open, closed), `mechanism` and `sequence`.
A time without a zone is UTC. Source: traccar.org/osmand and the client's own templates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from math import isnan

import numpy as np
import orjson
from numpy.typing import NDArray

from data.errors import BadInput
from data.feeds.wire import (
    BATCH_LIMIT,
    EVENT_BITS,
    MPS_OF_KNOT,
    RANGES,
    Decoded,
    joined,
    one_record,
    read_field,
    read_json,
    read_known,
    read_mechanism,
    read_moment_us,
    read_number,
    read_object,
    read_place,
    read_truth,
)
from data.model.fix import RADIUS_95_OF_68, DeviceEvent

# Traccar's words for alarms; those that say nothing about a tag on a person are left out.
_ALARM_BITS: dict[str, DeviceEvent] = {
    "sos": EVENT_BITS["button"],
    "removing": EVENT_BITS["strap_open"],
    "tampering": EVENT_BITS["case_open"],
    "jamming": EVENT_BITS["jamming"],
}
_SWITCHES = {
    ("strap", "open"): "strap_open",
    ("strap", "closed"): "strap_closed",
    ("case", "open"): "case_open",
    ("case", "closed"): "case_closed",
}
# What lets a report stand without a place: the device said that it has none, or why it reports.
_REASONS_WITHOUT_PLACE = ("cell", "wifi", "alarm", "strap", "case")


def claimed_identity(pairs: Sequence[tuple[str, str]], body: bytes) -> str | None:
    """The device a request says it is from, before anything else of it is believed.

    Args:
        pairs: parameters of query and form.
        body: the body where it is JSON, else empty.
    """
    for name, value in pairs:
        if name in ("id", "deviceid") and value:
            return value
    if not body.lstrip().startswith(b"{"):
        return None
    try:
        identity = orjson.loads(body).get("device_id")
    except orjson.JSONDecodeError:
        return None
    return str(identity) if isinstance(identity, (str, int)) else None


def decode_parameters(pairs: Sequence[tuple[str, str]], received_at: datetime) -> Decoded:
    """One fix from the parameters of a request, with `key` among them or not.

    Raises:
        BadInput: a parameter is missing, unreadable or given twice with two values.
    """
    given = _given_once(pairs)
    identity = given.get("id") or given.get("deviceid")
    if given.get("id") and given.get("deviceid", identity) != identity:
        raise BadInput("deviceid", "the same device as id")
    values: dict[str, float | int] = {
        "fixed_at": read_moment_us(given.get("timestamp"), "timestamp", received_at, naive=UTC),
        "speed_mps": read_known(given.get("speed"), "speed", "knots") * MPS_OF_KNOT,
        "heading_deg": _heading(given.get("bearing", given.get("heading")), "bearing"),
        "altitude_m": read_field(given.get("altitude"), "altitude", "altitude_m"),
        "radius_95_m": _radius(given.get("accuracy"), "accuracy"),
        "hdop": read_known(given.get("hdop"), "hdop", RANGES["hdop"][2]),
        # Always percent here, even 0.5: the protocol has no fraction for `batt`.
        "battery_pct": _battery(given.get("batt"), "batt"),
        "mechanism": read_mechanism(given.get("mechanism"), "mechanism"),
        "events": _parameter_events(given),
    }
    if "," in given.get("location", ""):
        given["lat"], _, given["lon"] = given["location"].partition(",")
    if _has_place(given):
        values["lon"], values["lat"] = read_place(given.get("lon"), given.get("lat"), "lon", "lat")
    for name, field in (("satellites", "sat"), ("sequence", "sequence")):
        number = read_field(given.get(field), field, name)
        values[name] = -1 if isnan(number) else int(number)
    return Decoded(one_record(values), identity)


def _given_once(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    given: dict[str, str] = {}
    for name, value in pairs:
        if name in ("cell", "wifi"):  # one parameter for each mast or access point
            given[name] = value
        elif value and given.setdefault(name, value) != value:
            raise BadInput(name[:60], "one value", "two")
    return given


def _has_place(given: Mapping[str, str]) -> bool:
    if read_truth(given.get("valid"), "valid") is False:
        return False
    if "lat" in given or "lon" in given:
        return True
    return not any(given.get(name) for name in _REASONS_WITHOUT_PLACE)


def _parameter_events(given: Mapping[str, str]) -> DeviceEvent:
    events = _alarms(given.get("alarm"))
    for name in ("strap", "case"):
        if name in given:
            word = _SWITCHES.get((name, given[name].lower()))
            if word is None:
                raise BadInput(name, "open or closed", given[name])
            events |= EVENT_BITS[word]
    if read_truth(given.get("charge"), "charge"):
        events |= DeviceEvent.CHARGING
    return events | _motion(read_truth(given.get("motion"), "motion"))


def _motion(moving: bool | None) -> DeviceEvent:
    if moving is None:
        return DeviceEvent(0)
    return EVENT_BITS["moving" if moving else "still"]


def _alarms(value: object) -> DeviceEvent:
    events = DeviceEvent(0)
    for word in value.split(",") if isinstance(value, str) else ():
        events |= _ALARM_BITS.get(word.strip(), DeviceEvent(0))
    return events


def _radius(value: object, field: str) -> float:
    # Android's accuracy is a 68 % radius, and 0 stands for "none given".
    radius_68_m = read_known(value, field, "metres")
    return min(radius_68_m * RADIUS_95_OF_68, RANGES["radius_95_m"][1]) or float("nan")


def _heading(value: object, field: str) -> float:
    heading = read_known(value, field, RANGES["heading_deg"][2])
    return heading if isnan(heading) else read_field(heading, field, "heading_deg")


def _battery(value: object, field: str) -> float:
    battery = read_known(value, field, RANGES["battery_pct"][2])
    return battery if isnan(battery) else read_field(battery, field, "battery_pct")


def decode_json(body: bytes, received_at: datetime) -> Decoded:
    """The fixes of a JSON body: `location` is one location, or a list of them.

    Raises:
        BadInput: a field is missing or unreadable; it is named as `location.coords.latitude`.
    """
    message = read_object(read_json(body), "body")
    identity = message.get("device_id")
    if not isinstance(identity, (str, int, type(None))) or isinstance(identity, bool):
        raise BadInput("device_id", "the device's identifier")
    found = message.get("location")
    if isinstance(found, list):
        if not 1 <= len(found) <= BATCH_LIMIT:
            raise BadInput("location", f"1 to {BATCH_LIMIT} locations", len(found))
        locations = [_location(each, f"location[{n}]", received_at) for n, each in enumerate(found)]
    else:
        locations = [_location(found, "location", received_at)]
    return Decoded(joined(locations), None if identity is None else str(identity))


def _location(value: object, at: str, received_at: datetime) -> NDArray[np.void]:
    location = read_object(value, at)
    battery = read_object(location.get("battery") or {}, f"{at}.battery")
    extras = read_object(location.get("extras") or {}, f"{at}.extras")
    values: dict[str, float | int] = {
        "fixed_at": read_moment_us(
            location.get("timestamp"), f"{at}.timestamp", received_at, naive=UTC
        ),
        "battery_pct": _level(battery.get("level"), f"{at}.battery.level"),
        "events": _alarms(location.get("alarm") or extras.get("alarm"))
        | _motion(read_truth(location.get("is_moving"), f"{at}.is_moving")),
    }
    if read_truth(battery.get("is_charging"), f"{at}.battery.is_charging"):
        values["events"] = int(values["events"]) | DeviceEvent.CHARGING
    # A location without coords tells of the device's state only.
    if location.get("coords") is not None:
        values |= _coords(location["coords"], f"{at}.coords")
    return one_record(values)


def _coords(value: object, at: str) -> dict[str, float | int]:
    coords = read_object(value, at)
    lon, lat = read_place(
        coords.get("longitude"), coords.get("latitude"), f"{at}.longitude", f"{at}.latitude"
    )
    return {
        "lon": lon,
        "lat": lat,
        "radius_95_m": _radius(coords.get("accuracy"), f"{at}.accuracy"),
        "speed_mps": read_known(coords.get("speed"), f"{at}.speed", "metres per second"),
        "heading_deg": _heading(coords.get("heading"), f"{at}.heading"),
        "altitude_m": read_field(coords.get("altitude"), f"{at}.altitude", "altitude_m"),
    }


def _level(value: object, field: str) -> float:
    # A fraction by the protocol; what is above 1 can only be percent. -1 is unknown.
    level = read_known(value, field, "a fraction from 0 to 1")
    if isnan(level):
        return level
    return read_number(level if level > 1 else level * 100, field, 0, 100, "a fraction from 0 to 1")
