"""Devices: added, put on somebody, given a new key, taken out of use. Each act is audited.

A key is 160 random bits, shown once. What is kept is its SHA-256: there is nothing to guess, so
nothing has to be slow.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine

from data.clock import Clock
from data.errors import BadInput, NotFound, Refused
from data.model.people import DeviceKind, PersonRole
from data.store import audit, cases, devices, outbox

# What goes unquoted into a URL, a header and a file name. No colon: HTTP Basic splits there.
_SERIAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_PLAN_S = (1, 86_400)


def hash_of_key(key: str) -> bytes:
    """What is kept of a device's key."""
    return hashlib.sha256(key.encode()).digest()


@dataclass(frozen=True, slots=True)
class Wearer:
    """Whom a new device goes on: a known person, or somebody of a case that may yet be new.

    Args:
        person_id: a person already known; then the rest is not used.
        case_code: the case; opened if it is new and `role` is offender.
        role: which side of the case the wearer is on.
        name: of a person who has to be added.
        warn_m, alarm_m: distances of the pair, where a victim is added to a case.
    """

    person_id: int | None = None
    case_code: str = ""
    role: PersonRole = PersonRole.OFFENDER
    name: str = ""
    warn_m: float = 1000.0
    alarm_m: float = 300.0


@dataclass(frozen=True, slots=True)
class AddedDevice:
    """A new device with the one sight of its key."""

    device_id: int
    serial: str
    key: str
    activation_id: int | None


@dataclass(frozen=True, slots=True)
class ListedDevice:
    """A line of the list of devices: ids and roles, no names."""

    serial: str
    kind: DeviceKind
    added_at: datetime
    retired_at: datetime | None
    activation_id: int | None
    started_at: datetime | None
    report_every_s: int | None
    person_id: int | None
    role: PersonRole | None


@dataclass(frozen=True, slots=True)
class Devices:
    """The use cases around hardware."""

    engine: Engine
    clock: Clock

    def add(
        self,
        serial: str,
        kind: DeviceKind,
        wearer: Wearer | None = None,
        *,
        report_every_s: int = 60,
        started_at: datetime | None = None,
        user_id: int | None = None,
    ) -> AddedDevice:
        """A new device, put on the wearer at once if there is one.

        Args:
            started_at: when its first activation began; None is now.

        Raises:
            BadInput: a serial or a plan that cannot be.
            Clash: the serial is taken.
            NotFound, Refused: the wearer cannot be found or made as described.
        """
        if not _SERIAL.fullmatch(serial):
            raise BadInput("serial", "1 to 64 letters, digits, dots, dashes or underscores", serial)
        key = base64.b32encode(secrets.token_bytes(20)).decode().lower()
        now = self.clock.now()
        with self.engine.begin() as connection:
            device_id = devices.append(
                connection, serial=serial, kind=kind, key_hash=hash_of_key(key), at=now
            )
            activation_id = None
            if wearer is not None:
                activation_id = _put_on(
                    connection,
                    device_id,
                    _person(connection, wearer, started_at or now),
                    started_at or now,
                    report_every_s,
                )
            _record(connection, now, user_id, "device.added", device_id, activation_id)
        return AddedDevice(device_id, serial, key, activation_id)

    def activate(
        self,
        serial: str,
        wearer: Wearer,
        *,
        report_every_s: int = 60,
        user_id: int | None = None,
    ) -> int:
        """Puts a device on somebody from now on, off whoever had it; gives the activation.

        Raises:
            NotFound: no such device, person or case.
            Refused: the device is out of use.
        """
        now = self.clock.now()
        with self.engine.begin() as connection:
            found = devices.get(connection, serial, locked=True)
            if found.retired_at is not None:
                raise Refused(f"Device {serial} is out of use.")
            devices.end_activation(connection, found.device_id, now)
            person_id = _person(connection, wearer, now)
            activation_id = _put_on(connection, found.device_id, person_id, now, report_every_s)
            _record(connection, now, user_id, "device.activated", found.device_id, activation_id)
        return activation_id

    def take_off(self, serial: str, *, user_id: int | None = None) -> int | None:
        """Ends the activation that runs; gives it, None if none ran.

        Raises:
            NotFound: no such device.
        """
        now = self.clock.now()
        with self.engine.begin() as connection:
            found = devices.get(connection, serial, locked=True)
            ended = devices.end_activation(connection, found.device_id, now)
            if ended is not None:
                _record(connection, now, user_id, "device.taken_off", found.device_id, ended)
        return ended

    def rotate_key(self, serial: str, *, user_id: int | None = None) -> str:
        """A new key, shown this once; the old one opens nothing after a few seconds.

        Raises:
            NotFound: no such device.
        """
        key = base64.b32encode(secrets.token_bytes(20)).decode().lower()
        with self.engine.begin() as connection:
            found = devices.get(connection, serial, locked=True)
            devices.save_key(connection, found.device_id, hash_of_key(key))
            _record(connection, self.clock.now(), user_id, "device.new_key", found.device_id, None)
        return key

    def retire(self, serial: str, *, user_id: int | None = None) -> None:
        """Takes a device out of use: off its wearer, its key dead, its readings kept.

        Raises:
            NotFound: no such device.
        """
        now = self.clock.now()
        with self.engine.begin() as connection:
            found = devices.get(connection, serial, locked=True)
            ended = devices.end_activation(connection, found.device_id, now)
            devices.save_retired(connection, found.device_id, now)
            _record(connection, now, user_id, "device.retired", found.device_id, ended)

    def listed(self) -> list[ListedDevice]:
        """Every device, by serial."""
        with self.engine.connect() as connection:
            return [
                ListedDevice(
                    serial=row.serial,
                    kind=DeviceKind(row.kind),
                    added_at=row.added_at,
                    retired_at=row.retired_at,
                    activation_id=row.activation_id,
                    started_at=row.started_at,
                    report_every_s=row.report_every_s,
                    person_id=row.person_id,
                    role=None if row.role is None else PersonRole(row.role),
                )
                for row in devices.find_listed(connection)
            ]


def _put_on(
    connection: Connection, device_id: int, person_id: int, at: datetime, report_every_s: int
) -> int:
    low, high = _PLAN_S
    if not low <= report_every_s <= high:
        raise BadInput("report_every_s", f"seconds from {low} to {high}", report_every_s)
    activation_id = devices.append_activation(
        connection,
        device_id=device_id,
        person_id=person_id,
        at=at,
        report_every_s=report_every_s,
    )
    # Whoever draws tags learns that there is one more.
    outbox.append(connection, "tag", [activation_id], at)
    return activation_id


def _person(connection: Connection, wearer: Wearer, at: datetime) -> int:
    if wearer.person_id is not None:
        return int(cases.get_person(connection, wearer.person_id).person_id)
    if not wearer.case_code:
        raise BadInput("case", "the code of a case, or a person")
    found = cases.find_case(connection, wearer.case_code)
    if wearer.role is PersonRole.OFFENDER:
        if found is not None:
            return int(found.offender_id)
        name = wearer.name or f"Offender {wearer.case_code}"
        offender_id = cases.append_person(connection, role=wearer.role, name=name, at=at)
        cases.append_case(connection, code=wearer.case_code, offender_id=offender_id, order_from=at)
        return offender_id
    if found is None:
        raise NotFound(f"No case {wearer.case_code}. Add the offender's device first.")
    if not 0 < wearer.alarm_m <= wearer.warn_m:
        raise BadInput("alarm_m", "metres above 0 and at most warn_m", wearer.alarm_m)
    name = wearer.name or f"Victim {wearer.case_code}"
    victim_id = cases.append_person(connection, role=wearer.role, name=name, at=at)
    cases.append_pair(
        connection,
        case_id=found.case_id,
        offender_id=found.offender_id,
        victim_id=victim_id,
        warn_m=wearer.warn_m,
        alarm_m=wearer.alarm_m,
        at=at,
    )
    return victim_id


def _record(
    connection: Connection,
    at: datetime,
    user_id: int | None,
    action: str,
    device_id: int,
    activation_id: int | None,
) -> None:
    audit.append(
        connection,
        at=at,
        user_id=user_id,
        action=action,
        record_kind="device",
        record_id=device_id,
        detail={} if activation_id is None else {"activation_id": activation_id},
    )
