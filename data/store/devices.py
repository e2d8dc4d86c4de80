"""Devices and their activations: hardware, and whose it is when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, and_, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from data.errors import Clash, NotFound
from data.model.people import DeviceKind
from data.store.tables import activation, device, person

_OPEN = and_(activation.c.device_id == device.c.device_id, activation.c.ended_at.is_(None))


def append(
    connection: Connection, *, serial: str, kind: DeviceKind, key_hash: bytes, at: datetime
) -> int:
    """Keeps a new device and gives its number.

    Raises:
        Clash: the serial is taken; the transaction cannot go on.
    """
    statement = insert(device).values(serial=serial, kind=kind, key_hash=key_hash, added_at=at)
    try:
        return connection.execute(statement.returning(device.c.device_id)).scalar_one()
    except IntegrityError as error:
        raise Clash(f"There is a device {serial} already.") from error


def get(connection: Connection, serial: str, *, locked: bool = False) -> Row:
    """The device with this serial, retired or not.

    Raises:
        NotFound: there is none.
    """
    query = select(device).where(device.c.serial == serial)
    found = connection.execute(query.with_for_update() if locked else query).one_or_none()
    if found is None:
        raise NotFound(f"No device {serial}.")
    return found


def save_key(connection: Connection, device_id: int, key_hash: bytes) -> None:
    """From now on only the new key opens."""
    connection.execute(
        update(device).where(device.c.device_id == device_id).values(key_hash=key_hash)
    )


def save_retired(connection: Connection, device_id: int, at: datetime) -> None:
    """The device's key opens nothing any more; its readings stay."""
    connection.execute(update(device).where(device.c.device_id == device_id).values(retired_at=at))


def find_speakers(connection: Connection, serial: str | None = None) -> Sequence[Row]:
    """Who may send: (serial, device_id, key_hash, activation_id, started_at), retired left out.

    `activation_id` and `started_at` are None for a device that is on nobody.
    """
    query = (
        select(
            device.c.serial,
            device.c.device_id,
            device.c.key_hash,
            activation.c.activation_id,
            activation.c.started_at,
        )
        .select_from(device.outerjoin(activation, _OPEN))
        .where(device.c.retired_at.is_(None))
    )
    return connection.execute(
        query if serial is None else query.where(device.c.serial == serial)
    ).all()


def find_listed(connection: Connection) -> Sequence[Row]:
    """Every device with whom it is on, for a list: ids and roles, no names."""
    return connection.execute(
        select(
            device.c.serial,
            device.c.kind,
            device.c.added_at,
            device.c.retired_at,
            activation.c.activation_id,
            activation.c.started_at,
            activation.c.report_every_s,
            activation.c.person_id,
            person.c.role,
        )
        .select_from(device.outerjoin(activation, _OPEN).outerjoin(person))
        .order_by(device.c.serial)
    ).all()


def append_activation(
    connection: Connection, *, device_id: int, person_id: int, at: datetime, report_every_s: int
) -> int:
    """Puts a device on a person from now on; it must be on nobody."""
    statement = insert(activation).values(
        device_id=device_id, person_id=person_id, started_at=at, report_every_s=report_every_s
    )
    return connection.execute(statement.returning(activation.c.activation_id)).scalar_one()


def find_activations(connection: Connection, device_id: int) -> Sequence[Row]:
    """Whose this device was and is, oldest first.

    Rows of (activation_id, started_at, ended_at, person_id).
    """
    return connection.execute(
        select(
            activation.c.activation_id,
            activation.c.started_at,
            activation.c.ended_at,
            activation.c.person_id,
        )
        .where(activation.c.device_id == device_id)
        .order_by(activation.c.started_at, activation.c.activation_id)
    ).all()


def end_activation(connection: Connection, device_id: int, at: datetime) -> int | None:
    """Takes the device off whoever has it; gives the activation that ended, None if none ran."""
    statement = (
        update(activation)
        .where(activation.c.device_id == device_id, activation.c.ended_at.is_(None))
        .values(ended_at=at)
    )
    return connection.execute(statement.returning(activation.c.activation_id)).scalar_one_or_none()


def save_earlier_start(connection: Connection, activation_id: int, at: datetime) -> None:
    """Lets an activation begin earlier, as history that is imported shows; never later."""
    connection.execute(
        update(activation)
        .where(activation.c.activation_id == activation_id)
        .values(started_at=func.least(activation.c.started_at, at))
    )
