"""Bulk writes for the demo's world, and what the demo's feeder asks of the database.

Rows go in by the hundred and come back with their numbers in the order they were handed in.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, insert, select, update

from data.store.tables import (
    activation,
    case,
    device,
    pair,
    person,
    session,
    victim_detail,
    zone,
    zone_version,
)

SERIALS = "DEMO-"
"""What every demo device's serial begins with."""

_KEYS = {
    "person": person.c.person_id,
    "case": case.c.case_id,
    "device": device.c.device_id,
    "activation": activation.c.activation_id,
    "pair": pair.c.pair_id,
    "zone": zone.c.zone_id,
    "zone_version": zone_version.c.zone_version_id,
}


def is_settled(connection: Connection) -> bool:
    """Whether the demo's devices are here already."""
    query = select(device.c.device_id).where(device.c.serial.startswith(SERIALS)).limit(1)
    return connection.scalar(query) is not None


def append_all(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> list[int]:
    """Inserts rows of one table and gives their numbers, in the same order."""
    if not rows:
        return []
    statement = insert(table).returning(_KEYS[table.name], sort_by_parameter_order=True)
    return [int(number) for number in connection.execute(statement, rows).scalars()]


def append_details(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Keeps what is known of the demo's victims."""
    if rows:
        connection.execute(insert(victim_detail), rows)


def find_devices(connection: Connection) -> Sequence[Row]:
    """The demo's devices (serial, device_id, key_hash), by serial."""
    query = select(device.c.serial, device.c.device_id, device.c.key_hash)
    return connection.execute(
        query.where(device.c.serial.startswith(SERIALS)).order_by(device.c.serial)
    ).all()


def save_key_hashes(connection: Connection, key_hashes: dict[str, bytes]) -> None:
    """Gives devices new keys, by serial."""
    for serial, key_hash in key_hashes.items():
        connection.execute(
            update(device).where(device.c.serial == serial).values(key_hash=key_hash)
        )


def find_entries(connection: Connection, since: datetime) -> list[datetime]:
    """When people signed in at or after this moment, in order; by the session's own clock."""
    query = select(session.c.started_at).where(session.c.started_at >= since)
    return list(connection.scalars(query.order_by(session.c.started_at)))
