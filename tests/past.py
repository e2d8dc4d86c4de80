"""Past breaches for tests: an identity, what was known of it in turn, and fixes with verdicts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, select

from data.store import breaches, past_breaches, tables
from data.store.partitions import ensure_days
from tests.makers import START, ACase

MINUTE = timedelta(minutes=1)


def a_past_breach(
    connection: Connection,
    case: ACase,
    zone_id: int | None,
    at: datetime = START,
    *,
    kind: str = "exclusion",
    pair_id: int | None = None,
    place: tuple[float, float] | None = (11.965, 57.7025),
    **known: Any,
) -> int:
    """A breach that lasted ten minutes, with one fix in the middle of it; gives breach_id."""
    if place is not None:
        a_judged_fix(connection, case.activation_id, zone_id, at + 5 * MINUTE, place, 0.9)
    breach_id = breaches.append(
        connection,
        breaches.BreachIdentity(
            kind, case.case_id, case.activation_id, zone_id, pair_id, at, False
        ),
        at,
    )
    a_revision(connection, breach_id, at, **known)
    return breach_id


def a_revision(connection: Connection, breach_id: int, at: datetime = START, **known: Any) -> None:
    """One more word on a breach, and what now holds of it."""
    version = select(func.max(tables.zone_version.c.zone_version_id))
    values = {
        "zone_version_id": connection.scalar(version),
        "channel": 2,
        "grade": 4,
        "cause": "fix_inside",
        "entered_at": at,
        "confirmed_at": at + MINUTE,
        "left_at": at + 10 * MINUTE,
        "p_inside_max": 0.97,
        "radius_95_m": 18.0,
        "edge_m": -40.0,
        "fixes": 10,
        "crossings": 1,
    }
    breaches.append_revision(connection, breach_id, at, **(values | known))
    past_breaches.keep(connection, [breach_id])


def a_judged_fix(
    connection: Connection,
    activation_id: int,
    zone_id: int | None,
    at: datetime,
    place: tuple[float, float],
    p_inside: float,
    flags: int = 0,
) -> None:
    """A fix, and against the newest version of a zone what the judge thought of it."""
    for table in ("fix", "fix_verdict"):
        ensure_days(connection, table, [at.date()])
    key = {"activation_id": activation_id, "fixed_at": at, "fingerprint": int(at.timestamp())}
    connection.execute(
        insert(tables.fix).values(
            **key,
            received_at=at,
            judged_at=at,
            reading_id=1,
            position=f"SRID=4326;POINT({place[0]} {place[1]})",
            radius_95_m=18.0,
            mechanism=1,
            events=0,
            flags=flags,
        )
    )
    if zone_id is None:
        return
    version = select(func.max(tables.zone_version.c.zone_version_id)).where(
        tables.zone_version.c.zone_id == zone_id
    )
    connection.execute(
        insert(tables.fix_verdict).values(
            **key,
            zone_version_id=connection.scalar(version),
            p_inside=p_inside,
            p_filtered=p_inside,
            edge_m=10 - 50 * p_inside,
            grade=4,
        )
    )
