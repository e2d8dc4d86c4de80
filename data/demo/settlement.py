"""Settling the demo's world in the database: people, cases, devices, zones and pairs, once.

Device keys are random. The database keeps their hashes, the feeder their only copy.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import shapely
from sqlalchemy import Connection, Engine

from data.clock import Clock
from data.demo.streets import StreetGraph, graph_of
from data.demo.world import OFFENDERS, DemoZone, World, cast
from data.errors import NotFound
from data.model.people import DeviceKind, PersonRole
from data.service.basemap import DEMO_CITY
from data.service.devices import hash_of_key
from data.store import basemap, demo_evening, demo_world, outbox
from data.store.reading import reading
from data.store.tables import activation, case, device, pair, person, zone, zone_version

_ORDERS_BEGAN = timedelta(days=40)
_ORDERS_LAST = timedelta(days=365)
_FITTED = timedelta(minutes=7)  # just before the trail that devices send at the start


def read_world(engine: Engine, seed: int) -> World:
    """The demo's world on the streets that are in the database.

    Raises:
        NotFound: the demo city was never imported.
    """
    with engine.connect() as connection:
        return cast(_graph(connection), seed)


def settle(engine: Engine, clock: Clock, seed: int) -> None:
    """Writes the demo's world into the database; where it stands already, nothing happens.

    Raises:
        NotFound: the demo city was never imported.
    """
    with engine.begin() as connection:
        if not demo_world.is_settled(connection):
            _write(connection, cast(_graph(connection), seed), clock.now())


def _graph(connection: Connection) -> StreetGraph:
    source_id = basemap.find_source(connection, DEMO_CITY)
    if source_id is None:
        raise NotFound("The demo city is not on the base map. Run: app.py demo")
    return graph_of(basemap.find_streets(connection, source_id))


def _write(connection: Connection, world: World, now: datetime) -> None:
    began = now - _ORDERS_BEGAN
    person_id = demo_world.append_all(
        connection,
        person,
        [{"role": each.role.value, "name": each.name, "added_at": began} for each in world.people],
    )
    case_id = demo_world.append_all(
        connection,
        case,
        [
            {
                "code": world.case_code(offender),
                "offender_id": person_id[offender],
                "order_reference": f"DEMO B {2000 + offender}-26",
                "order_from": began,
                "order_until": now + _ORDERS_LAST,
            }
            for offender in range(OFFENDERS)
        ],
    )
    demo_world.append_all(
        connection,
        pair,
        [
            {
                "case_id": case_id[each.offender],
                "offender_id": person_id[each.offender],
                "victim_id": person_id[each.victim],
                "warn_m": each.warn_m,
                "alarm_m": each.alarm_m,
                "valid_from": began,
            }
            for each in world.pairs
        ],
    )
    demo_world.append_details(
        connection,
        [
            {"person_id": person_id[each.number], "kind": kind, "words": words, "valid_from": began}
            for each in world.people
            if each.role is PersonRole.VICTIM
            for kind, words in _details(each.number)
        ],
    )
    activations = _write_devices(connection, world, person_id, now)
    zones = _write_zones(connection, world, case_id, person_id, began, now)
    outbox.append(connection, "activation", activations, now)
    outbox.append(connection, "zone", zones, now)


def _details(number: int) -> tuple[tuple[str, str], ...]:
    """An invented address on a street that is not there, a number nobody has, a usual week."""
    return (
        ("address", f"Påhittsgatan {number}, Göteborg"),
        ("telephone", f"+46 31 555 {number:04}"),
        ("routine", f"Work on weekdays from {7 + number % 3}:00, sister on Sundays"),
    )


def _write_devices(
    connection: Connection, world: World, person_id: list[int], now: datetime
) -> list[int]:
    device_id = demo_world.append_all(
        connection,
        device,
        [
            {
                "serial": world.serial(each.number),
                "kind": (
                    DeviceKind.TAG if each.role is PersonRole.OFFENDER else DeviceKind.HANDSET
                ).value,
                "model": f"Demo {each.protocol}",
                # Of a key that nobody has: the feeder fits the real ones.
                "key_hash": secrets.token_bytes(32),
                "added_at": now,
            }
            for each in world.people
        ],
    )
    return demo_world.append_all(
        connection,
        activation,
        [
            {
                "device_id": device_id[each.number],
                "person_id": person_id[each.number],
                "started_at": now - _FITTED,
                "report_every_s": each.report_every_s,
            }
            for each in world.people
        ],
    )


def _write_zones(
    connection: Connection,
    world: World,
    case_id: list[int],
    person_id: list[int],
    began: datetime,
    now: datetime,
) -> list[int]:
    zone_id = demo_world.append_all(
        connection,
        zone,
        [
            {
                "case_id": case_id[each.offender],
                "kind": each.kind.value,
                "name": each.name,
                "victim_id": None if each.victim is None else person_id[each.victim],
            }
            for each in world.zones
        ],
    )
    demo_world.append_all(
        connection,
        zone_version,
        [
            {
                "zone_id": number,
                "number": 1,
                "shape": f"SRID=4326;{_in_degrees(world, each).wkt}",
                "buffer_m": each.buffer_m,
                "schedule": each.schedule,
                "valid_from": began,
                "recorded_at": now,
                "reason": "demo",
            }
            for number, each in zip(zone_id, world.zones, strict=True)
        ],
    )
    return zone_id


def _in_degrees(world: World, each: DemoZone) -> shapely.MultiPolygon:
    lon, lat = world.graph.plane.degrees(*shapely.get_coordinates(each.shape).T)
    return shapely.MultiPolygon([shapely.Polygon(np.round(np.column_stack([lon, lat]), 7))])


def fit_keys(engine: Engine, keys_file: Path) -> dict[str, str]:
    """The key of each demo device, by serial.

    Keys that the file holds and the database still knows are kept; the others are made anew.
    The file is readable by its owner alone.
    """
    kept: dict[str, str] = {}
    if keys_file.exists():
        kept = json.loads(keys_file.read_text())
    with engine.begin() as connection:
        devices = demo_world.find_devices(connection)
        keys = {
            row.serial: kept[row.serial]
            for row in devices
            if hash_of_key(kept.get(row.serial, "")) == bytes(row.key_hash)
        }
        made = {
            row.serial: base64.b32encode(secrets.token_bytes(20)).decode().lower()
            for row in devices
            if row.serial not in keys
        }
        demo_world.save_key_hashes(
            connection, {serial: hash_of_key(key) for serial, key in made.items()}
        )
        keys |= made
        if made:
            _write_secret(keys_file, json.dumps(keys))
    return keys


def opened_at(started_at: datetime, now: datetime, note: Path) -> datetime:
    """When this demo's first scene begins: now, or what an earlier feeder of it noted down.

    A feeder that died and was started again goes on with the same evening.
    """
    key = started_at.isoformat()
    noted = json.loads(note.read_text()) if note.exists() else {}
    if key not in noted:
        noted = {key: now.isoformat()}
        _write_secret(note, json.dumps(noted))
    return datetime.fromisoformat(noted[key])


def has_history(engine: Engine) -> bool:
    """Whether any device of the demo has been heard; after a fresh start none has."""
    with reading(engine) as connection:
        return demo_evening.find_newest_fix(connection) is not None


def find_entries(engine: Engine, since: datetime) -> list[datetime]:
    """When people signed in since then, in real time, oldest first.

    Raises:
        Unavailable: the database does not answer.
    """
    with reading(engine) as connection:
        return demo_world.find_entries(connection, since)


def _write_secret(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    fresh.replace(path)
