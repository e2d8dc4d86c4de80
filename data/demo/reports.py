"""What a demo device reports at a moment, and how its protocol says it on the wire.

A report is a function of the stage, the device and the moment: sent twice, it is byte for byte
the same, so a repeat is recognised as one.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import atan2, ceil, degrees, floor, hypot
from typing import Any
from urllib.parse import urlencode

import orjson

from data.demo import noise
from data.demo.people import Person
from data.demo.scenarios import Stage
from data.demo.world import OFFENDERS
from data.model.fix import RADIUS_95_OF_68, Mechanism
from data.model.people import PersonRole

_KNOTS_OF_MPS = 1 / 0.514444
_STILL_MPS = 0.3
_ONE_BY_ONE = 3
_CELL_SHARE = {PersonRole.OFFENDER: 0.003, PersonRole.VICTIM: 0.015}


@dataclass(frozen=True, slots=True)
class Report:
    """One fix as a device has it, before its protocol writes it down."""

    at_s: float  # unix seconds
    lon: float
    lat: float
    radius_95_m: float
    mechanism: Mechanism
    speed_mps: float
    heading_deg: float
    battery_pct: float
    strap_open: bool
    sequence: int


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent to the gateway."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    reports: int


def moments(person: Person, after_s: float, until_s: float) -> list[float]:
    """When this device reports, after the first moment and up to and with the second."""
    every = person.report_every_s
    # Devices are not in step with each other.
    phase = person.number * 7.3 % every
    first = floor((after_s - phase) / every) + 1
    last = floor((until_s - phase) / every)
    return [round(number * every + phase, 1) for number in range(first, last + 1)]


def report(stage: Stage, person: Person, at_s: float) -> Report | None:
    """The device's report of this moment; None while no satellite reaches it."""
    world = stage.world
    place = stage.place_at(person, at_s)
    if not place.is_seen:
        return None
    before = stage.place_at(person, at_s - 2)
    step_east, step_north = place.east_m - before.east_m, place.north_m - before.north_m
    seen = noise.sighting(
        world.seed,
        person.number,
        at_s,
        is_indoors=place.is_indoors,
        is_clear=place.is_clear,
        cell_share=0.0 if place.is_clear else _CELL_SHARE[person.role],
    )
    where = world.graph.lonlat(place.east_m + seen.east_m, place.north_m + seen.north_m)
    speed = hypot(step_east, step_north) / 2
    return Report(
        at_s=at_s,
        lon=round(where.lon, 7),
        lat=round(where.lat, 7),
        radius_95_m=seen.radius_95_m,
        mechanism=seen.mechanism,
        speed_mps=round(speed, 2),
        heading_deg=round(degrees(atan2(step_east, step_north)) % 360, 1) if speed else 0.0,
        battery_pct=noise.battery_pct(world.seed, person.number, at_s),
        strap_open=place.strap_open,
        sequence=ceil(at_s / person.report_every_s),
    )


def requests(person: Person, serial: str, key: str, reports: Sequence[Report]) -> Iterator[Request]:
    """The messages that carry these reports, in order, in the device's own protocol.

    What was stored goes out as the protocol has it, one by one or many at once; a long backlog of
    a device that speaks the old OsmAnd form goes as one batch.
    """
    is_backlog = person.protocol == "osmand" and len(reports) > _ONE_BY_ONE
    if person.protocol == "batch" or is_backlog:
        for start in range(0, len(reports), 1000):
            yield _batch(person, serial, key, reports[start : start + 1000])
    elif person.protocol == "owntracks":
        for each in reports:
            yield _owntracks(serial, key, each)
    elif person.protocol == "osmand":
        for each in reports:
            yield _osmand(person, serial, key, each)
    else:
        for start in range(0, len(reports), 1000):
            yield _osmand_json(serial, key, reports[start : start + 1000])


def _basic(serial: str, key: str) -> dict[str, str]:
    token = base64.b64encode(f"{serial}:{key}".encode()).decode()
    return {"Authorization": f"Basic {token}"}


def _json(target: str, serial: str, key: str, body: Any, count: int) -> Request:
    headers = {**_basic(serial, key), "Content-Type": "application/json"}
    return Request("POST", target, headers, orjson.dumps(body), count)


def _iso(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).isoformat().replace("+00:00", "Z")


def _batch(person: Person, serial: str, key: str, reports: Sequence[Report]) -> Request:
    fixes = []
    for each in reports:
        fix: dict[str, Any] = {
            "fixed_at": _iso(each.at_s),
            "lon": each.lon,
            "lat": each.lat,
            "radius_95_m": each.radius_95_m,
            "speed_mps": each.speed_mps,
            "battery_pct": each.battery_pct,
            "mechanism": each.mechanism.name.lower(),
            "sequence": each.sequence,
        }
        if each.speed_mps > _STILL_MPS:
            fix["heading_deg"] = each.heading_deg
        if person.number < OFFENDERS:
            fix["events"] = ["strap_open" if each.strap_open else "strap_closed", _motion(each)]
        fixes.append(fix)
    return _json("/fixes", serial, key, {"fixes": fixes}, len(fixes))


def _motion(each: Report) -> str:
    return "moving" if each.speed_mps > _STILL_MPS else "still"


def _owntracks(serial: str, key: str, each: Report) -> Request:
    body = {
        "_type": "location",
        "tid": serial[-2:],
        "tst": int(each.at_s),
        "lon": each.lon,
        "lat": each.lat,
        "acc": round(each.radius_95_m / RADIUS_95_OF_68),
        "vel": round(each.speed_mps * 3.6),
        "batt": round(each.battery_pct),
        "bs": 1,
        "conn": "m",
        "t": "u",
    }
    if each.speed_mps > _STILL_MPS:
        body["cog"] = round(each.heading_deg) % 360
    return _json("/owntracks", serial, key, body, 1)


def _osmand(person: Person, serial: str, key: str, each: Report) -> Request:
    given: dict[str, Any] = {
        "id": serial,
        "key": key,
        "timestamp": int(each.at_s),  # a rounded one would lie in the future
        "lat": each.lat,
        "lon": each.lon,
        "speed": round(each.speed_mps * _KNOTS_OF_MPS, 2),
        "accuracy": round(each.radius_95_m / RADIUS_95_OF_68, 1),
        "batt": each.battery_pct,
        "mechanism": each.mechanism.name.lower(),
        "sequence": each.sequence,
        "motion": "true" if each.speed_mps > _STILL_MPS else "false",
    }
    if each.speed_mps > _STILL_MPS:
        given["bearing"] = each.heading_deg
    if person.number < OFFENDERS:
        given["strap"] = "open" if each.strap_open else "closed"
    return Request("GET", "/?" + urlencode(given), {}, b"", 1)


def _osmand_json(serial: str, key: str, reports: Sequence[Report]) -> Request:
    locations = [
        {
            "timestamp": _iso(each.at_s),
            "coords": {
                "latitude": each.lat,
                "longitude": each.lon,
                "accuracy": round(each.radius_95_m / RADIUS_95_OF_68, 1),
                "speed": each.speed_mps,
                "heading": each.heading_deg if each.speed_mps > _STILL_MPS else -1,
                "altitude": 12,
            },
            "is_moving": each.speed_mps > _STILL_MPS,
            "battery": {"level": round(each.battery_pct / 100, 2), "is_charging": False},
            "activity": {"type": "walking" if each.speed_mps > _STILL_MPS else "still"},
        }
        for each in reports
    ]
    body = {"location": locations[0] if len(locations) == 1 else locations, "device_id": serial}
    return _json("/", serial, key, body, len(locations))
