"""A victim's week and an offender's track for tests of routines and encounters."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Engine, select, update

from data.clock import FixedClock, microseconds
from data.model import schedule
from data.model.fix import empty_fixes, fingerprints
from data.model.routine import Confidence, RoutinePlace
from data.service.encounters import Encounters
from data.service.routines import Routines
from data.store import fixes, tables
from data.store.fixes import Positions
from tests.makers import offset
from tests.stage import NOON

ZONE = ZoneInfo("Europe/Stockholm")
CHOIR = (11.981_237, 57.711_873)
"""Where she sings on Tuesdays; no corner of any zone."""

CHOIR_NAME = "Choir at Sirengatan 9"
WEEKDAYS = ["mon", "tue", "wed", "thu", "fri"]


def a_place(
    at: tuple[float, float] = CHOIR, name: str = CHOIR_NAME, **hours: tuple[str, str]
) -> RoutinePlace:
    """A place with its hours by day: tue=("18:00", "20:00")."""
    week = {
        "time_zone": ZONE.key,
        "weekly": [{"days": [day], "from": start, "to": end}
                   for day, (start, end) in (hours or {"tue": ("18:00", "20:00")}).items()],
    }  # fmt: skip
    return RoutinePlace(name, *at, 30.0, schedule.from_json(week), Confidence.HIGH,
                        date(2027, 5, 1))  # fmt: skip


def the_routines(engine: Engine, clock: FixedClock) -> Routines:
    """The service on the test's clock."""
    return Routines(engine, clock, clock, ZONE)


def the_encounters(engine: Engine, clock: FixedClock) -> Encounters:
    """The same."""
    return Encounters(engine, clock, clock, ZONE)


def local(text: str) -> datetime:
    """A moment by the town's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


def wears_since(engine: Engine, activation_id: int, since: datetime) -> None:
    """Lets an activation have begun earlier."""
    with engine.begin() as connection:
        connection.execute(
            update(tables.activation)
            .where(tables.activation.c.activation_id == activation_id)
            .values(started_at=since)
        )


def was_at(
    engine: Engine,
    activation_id: int,
    first: datetime,
    minutes: int,
    *,
    at: tuple[float, float] = CHOIR,
    east_m: float = 0.0,
    every_min: int = 1,
    radius_m: float = 12.0,
) -> None:
    """A judged fix every so many minutes, standing so far east of a place."""
    n = minutes // every_min + 1
    lon, lat = offset(*at, east_m, 0.0)
    records = empty_fixes(n)
    records["fixed_at"] = microseconds(first) + 60_000_000 * every_min * np.arange(n)
    records["lon"], records["lat"], records["radius_95_m"] = lon, lat, radius_m
    records["mechanism"] = 1
    positions = Positions(
        np.full(n, activation_id, np.int64),
        fingerprints(records),
        records["fixed_at"].astype(np.int64),
        np.zeros(n, np.int32),
        records,
    )
    with engine.begin() as connection:
        fixes.append(connection, positions, np.ones(n, np.int64), NOON)


def audited(engine: Engine) -> list[str]:
    """What was written down of looks and changes, oldest first."""
    entry = tables.audit_entry.c
    query = select(entry.action).order_by(entry.audit_entry_id)
    with engine.connect() as connection:
        return [
            each
            for each in connection.scalars(query)
            if each.startswith(("routine", "encounters", "consent", "refused"))
        ]


LONG_AGO = NOON - timedelta(days=60)
