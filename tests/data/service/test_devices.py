"""Devices: one key each, shown once; one person at a time; every act on the record."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from data.clock import FixedClock
from data.errors import BadInput, Clash, NotFound, Refused
from data.model.people import DeviceKind, PersonRole
from data.service.devices import Devices, Wearer
from data.store import tables

pytestmark = pytest.mark.db


@pytest.fixture
def devices(engine: Engine, clock: FixedClock) -> Devices:
    """The use cases, on an empty database."""
    return Devices(engine, clock)


def all_of(engine: Engine, table: object) -> list:
    """Every row of a table."""
    with engine.connect() as connection:
        return list(connection.execute(select(table)).all())


def test_a_key_is_random_and_only_its_hash_is_kept(devices: Devices, engine: Engine) -> None:
    """160 bits that nobody can read back out of the database."""
    first = devices.add("TAG1", DeviceKind.TAG)
    second = devices.add("TAG2", DeviceKind.TAG)
    assert len(first.key) == 32
    assert first.key != second.key
    stored = {row.serial: bytes(row.key_hash) for row in all_of(engine, tables.device)}
    assert stored["TAG1"] == hashlib.sha256(first.key.encode()).digest()
    with engine.connect() as connection:
        dumped = str(connection.execute(select(tables.audit_entry)).all())
    assert first.key not in dumped


def test_the_first_device_of_a_case_opens_it(devices: Devices, engine: Engine) -> None:
    """A new code makes an offender and a case; the same code again finds them."""
    first = devices.add("TAG1", DeviceKind.TAG, Wearer(case_code="0999"))
    second = devices.add("PHONE1", DeviceKind.HANDSET, Wearer(case_code="0999"))
    (case,) = all_of(engine, tables.case)
    (person,) = all_of(engine, tables.person)
    assert (case.code, case.offender_id, person.role) == ("0999", person.person_id, "offender")
    people = {row.activation_id: row.person_id for row in all_of(engine, tables.activation)}
    assert people == dict.fromkeys((first.activation_id, second.activation_id), person.person_id)


def test_a_victims_device_makes_the_pair(devices: Devices, engine: Engine) -> None:
    """A victim joins a case that is there, and the offender is bound to keep away."""
    with pytest.raises(NotFound):
        devices.add("VIC", DeviceKind.HANDSET, Wearer(case_code="0999", role=PersonRole.VICTIM))
    assert all_of(engine, tables.device) == []
    devices.add("TAG1", DeviceKind.TAG, Wearer(case_code="0999"))
    devices.add(
        "VIC",
        DeviceKind.HANDSET,
        Wearer(case_code="0999", role=PersonRole.VICTIM, warn_m=800, alarm_m=200),
    )
    (pair,) = all_of(engine, tables.pair)
    assert (pair.warn_m, pair.alarm_m) == (800, 200)
    assert pair.offender_id != pair.victim_id


def test_a_device_is_on_one_person_at_a_time(
    devices: Devices, engine: Engine, clock: FixedClock
) -> None:
    """Put on another, it is off the first at that moment; periods touch and never overlap."""
    devices.add("TAG1", DeviceKind.TAG, Wearer(case_code="A"))
    clock.forward(timedelta(hours=1))
    devices.activate("TAG1", Wearer(case_code="B"))
    earlier, later = sorted(all_of(engine, tables.activation), key=lambda row: row.activation_id)
    assert earlier.ended_at == later.started_at == clock.now()
    assert later.ended_at is None
    assert devices.take_off("TAG1") == later.activation_id
    assert devices.take_off("TAG1") is None


def test_a_retired_device_is_off_and_stays_so(devices: Devices) -> None:
    """Out of use is for good; the list still shows it."""
    devices.add("TAG1", DeviceKind.TAG, Wearer(case_code="A"))
    devices.retire("TAG1")
    (listed,) = devices.listed()
    assert listed.retired_at is not None
    assert listed.activation_id is None
    with pytest.raises(Refused):
        devices.activate("TAG1", Wearer(case_code="A"))


def test_every_act_is_on_the_record(devices: Devices, engine: Engine) -> None:
    """Added, moved, given a key, taken off, retired: five lines, ids only."""
    devices.add("TAG1", DeviceKind.TAG, Wearer(case_code="A", name="Olaf Offender"))
    devices.activate("TAG1", Wearer(case_code="B"))
    devices.rotate_key("TAG1")
    devices.take_off("TAG1")
    devices.retire("TAG1")
    entries = all_of(engine, tables.audit_entry)
    assert [row.action for row in entries] == [
        "device.added",
        "device.activated",
        "device.new_key",
        "device.taken_off",
        "device.retired",
    ]
    assert "Olaf" not in str(entries)


@pytest.mark.parametrize("serial", ["", "a b", "a:b", "a/b", "ä", "x" * 65, "-x", "a\n"])
def test_a_serial_has_to_fit_into_addresses(devices: Devices, serial: str) -> None:
    """It stands in URLs and headers, so it may not need quoting there."""
    with pytest.raises(BadInput):
        devices.add(serial, DeviceKind.TAG)


def test_what_cannot_be_is_refused(devices: Devices) -> None:
    """A serial twice, a plan of no seconds, a person nobody knows, nobody at all."""
    devices.add("TAG1", DeviceKind.TAG)
    with pytest.raises(Clash):
        devices.add("TAG1", DeviceKind.TAG)
    with pytest.raises(BadInput):
        devices.add("TAG2", DeviceKind.TAG, Wearer(case_code="A"), report_every_s=0)
    with pytest.raises(NotFound):
        devices.add("TAG2", DeviceKind.TAG, Wearer(person_id=4711))
    with pytest.raises(BadInput):
        devices.activate("TAG1", Wearer())
    with pytest.raises(NotFound):
        devices.rotate_key("TAG9")
