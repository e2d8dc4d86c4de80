"""Small worlds for tests: people, tags, zones and tracks, each in a line or two."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, insert

from data.clock import microseconds
from data.model.fix import empty_fixes
from data.store import tables

START = datetime(2026, 11, 20, 22, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ACase:
    """An offender with a case, a tag and an open activation."""

    case_id: int
    offender_id: int
    device_id: int
    activation_id: int
    serial: str


def a_person(connection: Connection, role: str = "offender", name: str = "Olaf Test") -> int:
    """A person; gives the id."""
    return connection.execute(
        insert(tables.person)
        .values(role=role, name=name, added_at=START)
        .returning(tables.person.c.person_id)
    ).scalar_one()


def an_activation(
    connection: Connection,
    person_id: int,
    serial: str,
    *,
    kind: str = "tag",
    report_every_s: int = 60,
    started_at: datetime = START - timedelta(minutes=10),
) -> tuple[int, int]:
    """A device on a person; gives (device_id, activation_id)."""
    device_id = connection.execute(
        insert(tables.device)
        .values(serial=serial, kind=kind, key_hash=b"\0" * 32, added_at=started_at)
        .returning(tables.device.c.device_id)
    ).scalar_one()
    activation_id = connection.execute(
        insert(tables.activation)
        .values(
            device_id=device_id,
            person_id=person_id,
            started_at=started_at,
            report_every_s=report_every_s,
        )
        .returning(tables.activation.c.activation_id)
    ).scalar_one()
    return device_id, activation_id


def a_case(connection: Connection, code: str = "0142", *, report_every_s: int = 60) -> ACase:
    """A case whose offender wears a tag that reports once a minute."""
    offender_id = a_person(connection)
    case_id = connection.execute(
        insert(tables.case)
        .values(code=code, offender_id=offender_id, order_from=START - timedelta(days=100))
        .returning(tables.case.c.case_id)
    ).scalar_one()
    serial = f"TAG-{code}"
    device_id, activation_id = an_activation(
        connection, offender_id, serial, report_every_s=report_every_s
    )
    return ACase(case_id, offender_id, device_id, activation_id, serial)


def a_zone(
    connection: Connection,
    case_id: int,
    shape: shapely.Polygon,
    *,
    kind: str = "exclusion",
    name: str = "Zone A",
    buffer_m: float = 0.0,
    schedule: dict | None = None,
    valid_from: datetime = START - timedelta(days=100),
) -> int:
    """A zone with one version in force; gives zone_id. Its shape is in degrees."""
    zone_id = connection.execute(
        insert(tables.zone)
        .values(case_id=case_id, kind=kind, name=name)
        .returning(tables.zone.c.zone_id)
    ).scalar_one()
    connection.execute(
        insert(tables.zone_version).values(
            zone_id=zone_id,
            number=1,
            shape=f"SRID=4326;{shapely.MultiPolygon([shape]).wkt}",
            buffer_m=buffer_m,
            schedule=schedule,
            valid_from=valid_from,
            recorded_at=valid_from,
        )
    )
    return zone_id


def a_victim(
    connection: Connection,
    case: ACase,
    serial: str,
    *,
    warn_m: float = 800.0,
    alarm_m: float = 300.0,
) -> ACase:
    """A victim with a handset, paired with the case's offender; as the case seen from her."""
    victim_id = a_person(connection, "victim", "Vera Test")
    device_id, activation_id = an_activation(connection, victim_id, serial, kind="handset")
    victim = ACase(case.case_id, victim_id, device_id, activation_id, serial)
    a_pair(connection, case, victim, warn_m=warn_m, alarm_m=alarm_m)
    return victim


def a_pair(
    connection: Connection,
    case: ACase,
    victim: ACase,
    *,
    warn_m: float = 800.0,
    alarm_m: float = 300.0,
) -> None:
    """The offender of this case must keep away from this victim."""
    connection.execute(
        insert(tables.pair).values(
            case_id=case.case_id,
            offender_id=case.offender_id,
            victim_id=victim.offender_id,
            warn_m=warn_m,
            alarm_m=alarm_m,
            valid_from=START - timedelta(days=100),
        )
    )


def a_square(lon: float, lat: float, half_m: float) -> shapely.Polygon:
    """A square around a place, its sides 2 * half_m long on the ground (to a few per mille)."""
    north = half_m / 111_320.0
    east = north / np.cos(np.radians(lat))
    return shapely.box(lon - east, lat - north, lon + east, lat + north)


_STEP = re.compile(r"\s*(?P<s>\d+)s\s+(?P<lat>-?[\d.]+),(?P<lon>-?[\d.]+)(?:\s+r(?P<r>[\d.]+))?\s*")


def track(text: str, *, start: datetime = START, radius_95_m: float = 10.0) -> NDArray[np.void]:
    """Fix records from "0s 53.40,-2.98 | 30s 53.41,-2.98 r60": seconds, lat,lon, radius."""
    steps = [_STEP.fullmatch(part) for part in text.split("|")]
    fixes = empty_fixes(len(steps))
    for place, step in enumerate(steps):
        assert step, f"cannot read step {place} of {text!r}"
        fixes["fixed_at"][place] = microseconds(start) + int(step["s"]) * 1_000_000
        fixes["lat"][place] = float(step["lat"])
        fixes["lon"][place] = float(step["lon"])
        fixes["radius_95_m"][place] = float(step["r"] or radius_95_m)
    fixes["mechanism"] = 1
    return fixes


def offset(lon: float, lat: float, east_m: float, north_m: float) -> tuple[float, float]:
    """The place so many metres east and north of another, good to a few per mille."""
    return (
        lon + east_m / (111_320.0 * np.cos(np.radians(lat))),
        lat + north_m / 111_320.0,
    )


def a_reading(
    connection: Connection,
    case: ACase,
    fixes: NDArray[np.void],
    *,
    received_at: datetime | None = None,
    slices: Sequence[int] | None = None,
) -> int:
    """A reading of the case's tag in the queue of the judge; gives reading_id."""
    last = datetime.fromtimestamp(int(fixes["fixed_at"].max()) / 1e6, UTC)
    received = received_at or last + timedelta(seconds=2)
    reading_id = connection.execute(
        insert(tables.reading)
        .values(
            received_at=received,
            device_id=case.device_id,
            activation_id=case.activation_id,
            protocol="json",
            raw=b"",
            fix_count=len(fixes),
            fixes=fixes.tobytes(),
        )
        .returning(tables.reading.c.reading_id)
    ).scalar_one()
    connection.execute(
        insert(tables.pending).values(
            reading_id=reading_id,
            received_at=received,
            activation_id=case.activation_id,
            slice=case.activation_id % 64,
        )
    )
    return reading_id
