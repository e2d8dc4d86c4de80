"""What the demo's past asks of the database."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from data.store.demo_world import SERIALS
from data.store.tables import activation, device


def find_people(connection: Connection) -> dict[str, int]:
    """Who wears each of the demo's devices: serial to person."""
    query = select(device.c.serial, activation.c.person_id).join(
        activation, activation.c.device_id == device.c.device_id
    )
    query = query.where(device.c.serial.startswith(SERIALS), activation.c.ended_at.is_(None))
    return {row.serial: row.person_id for row in connection.execute(query)}


def find_fitted(connection: Connection, serial: str) -> datetime:
    """Since when the device of this serial has been worn."""
    query = select(activation.c.started_at).join(
        device, device.c.device_id == activation.c.device_id
    )
    query = query.where(device.c.serial == serial, activation.c.ended_at.is_(None))
    return connection.execute(query).scalar_one()


def find_device(connection: Connection, serial: str) -> int | None:
    """The device of this serial; None where there is none."""
    return connection.scalar(select(device.c.device_id).where(device.c.serial == serial))
