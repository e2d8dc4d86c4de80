"""Which demo a database holds, and forgetting what happened in it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, select, text, update

from data.store.demo_world import SERIALS
from data.store.tables import SCHEMA, activation, device, live_fix, person

_FITTED = timedelta(minutes=7)  # just before the trail that devices send at the start
_HAPPENED = (
    "reading pending quarantine fix fix_verdict live_fix judge_state judge_snapshot pair_state "
    "pair_snapshot coverage breach breach_revision breach_now alert alert_entry notice sound_entry "
    "hand_over heartbeat bookmark"
)


def get_seed(connection: Connection) -> int | None:
    """The seed of the demo this database holds; None when it holds none."""
    # Kept as the schema's comment: no table of a real room has a place for it.
    query = text("select obj_description(to_regnamespace(:schema), 'pg_namespace')")
    note = re.fullmatch(r"demo (\d+)", connection.scalar(query, {"schema": SCHEMA}) or "")
    return int(note[1]) if note else None


def save_seed(connection: Connection, seed: int) -> None:
    """Marks this database as holding the demo of this seed."""
    connection.execute(text(f"comment on schema {SCHEMA} is 'demo {int(seed)}'"))


def has_people(connection: Connection) -> bool:
    """Whether anybody at all is on record."""
    return connection.scalar(select(person.c.person_id).limit(1)) is not None


def find_newest_fix(connection: Connection) -> datetime | None:
    """The moment of the newest fix of the demo's own devices; None when there is none."""
    newest = select(func.max(live_fix.c.fixed_at)).join_from(
        live_fix, activation, activation.c.activation_id == live_fix.c.activation_id
    )
    newest = newest.join(device, device.c.device_id == activation.c.device_id)
    return connection.scalar(newest.where(device.c.serial.startswith(SERIALS)))


def forget_what_happened(connection: Connection, now: datetime) -> None:
    """Empties every record of what happened; people, devices, zones and users stay.

    The audit trail stays as well: it is a chain.
    """
    tables = ", ".join(f"{SCHEMA}.{name}" for name in _HAPPENED.split())
    connection.execute(text(f"truncate {tables}"))
    # Of what was worn before nothing is on record any more: it would pass for never heard.
    connection.execute(delete(activation).where(activation.c.ended_at.is_not(None)))
    demo = select(device.c.device_id).where(device.c.serial.startswith(SERIALS))
    connection.execute(
        update(activation)
        .where(activation.c.device_id.in_(demo), activation.c.ended_at.is_(None))
        .values(started_at=now - _FITTED)
    )


def drop_everything(connection: Connection) -> None:
    """Removes Vigil's schema; the next migration makes it anew."""
    connection.execute(text(f"drop schema {SCHEMA} cascade"))
