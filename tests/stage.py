"""Sets the stage in a database: people, a case, a device, a zone, alerts, users."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import shapely
from argon2 import PasswordHasher
from sqlalchemy import Connection, Engine, insert, select

from data.clock import Clock
from data.model.alert import AlertState
from data.model.user import Role, Viewer
from data.service.sign_in import SignIn
from data.store import assignments, outbox, tables, users

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"
OFFENDER = "Olaf Offender"
VICTIM = "Vera Victim"

QUICK_HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
"""argon2id that takes no time; only its strength differs."""


ADDRESS = "Kanariegatan 17"
TELEPHONE = "+46 70 555 0142"
ROUTINE = "Swims at the Valhalla baths, Tuesdays at 18:30"


@dataclass(frozen=True, slots=True)
class Stage:
    """Numbers of what stands on the stage."""

    case_id: int
    zone_id: int
    activation_id: int  # the offender's
    victim_activation_id: int
    breach_id: int
    zone_version_id: int = 0


def _add(connection: Connection, table: Any, **values: Any) -> int:
    key = next(iter(table.primary_key.columns))
    return connection.execute(insert(table).values(**values).returning(key)).scalar_one()


def a_stage(connection: Connection, code: str = "0142", at: datetime = NOON) -> Stage:
    """A case with an offender's tag, a victim's handset, a zone and a breach of it."""
    offender_id = _add(connection, tables.person, role="offender", name=OFFENDER, added_at=at)
    victim_id = _add(connection, tables.person, role="victim", name=VICTIM, added_at=at)
    case_id = _add(connection, tables.case, code=code, offender_id=offender_id, order_from=at)
    activations = [
        _add(
            connection,
            tables.activation,
            device_id=_add(
                connection,
                tables.device,
                serial=f"{kind}-{code}",
                kind=kind,
                key_hash=b"",
                added_at=at,
            ),
            person_id=person_id,
            started_at=at - timedelta(days=1),
        )
        for kind, person_id in (("tag", offender_id), ("handset", victim_id))
    ]
    for kind, words in (("address", ADDRESS), ("telephone", TELEPHONE), ("routine", ROUTINE)):
        _add(
            connection,
            tables.victim_detail,
            person_id=victim_id,
            kind=kind,
            words=words,
            valid_from=at - timedelta(days=1),
        )
    zone_id = _add(
        connection,
        tables.zone,
        case_id=case_id,
        kind="exclusion",
        name="Zone A",
        victim_id=victim_id,
    )
    zone_version_id = _add(
        connection,
        tables.zone_version,
        zone_id=zone_id,
        number=1,
        shape=f"SRID=4326;{shapely.multipolygons([shapely.box(11.95, 57.70, 11.96, 57.71)]).wkt}",
        buffer_m=200,
        valid_from=at - timedelta(days=1),
        recorded_at=at,
    )
    breach_id = _add(
        connection,
        tables.breach,
        kind="exclusion",
        case_id=case_id,
        activation_id=activations[0],
        zone_id=zone_id,
        entered_at=at,
        found_on_backfill=False,
        recorded_at=at,
    )
    return Stage(case_id, zone_id, activations[0], activations[1], breach_id, zone_version_id)


def a_live_fix(
    connection: Connection, activation_id: int, at: datetime = NOON, **changes: Any
) -> None:
    """The newest fix of an activation: in the middle of Zone A, unless told otherwise."""
    values = {
        "fixed_at": at,
        "received_at": at,
        "judged_at": at,
        "lon": 11.955,
        "lat": 57.705,
        "radius_95_m": 18.0,
        "heading_deg": 90.0,
        "battery_pct": 80.0,
        "mechanism": 1,
        "flags": 0,
        "state": 3,
    }
    connection.execute(
        insert(tables.live_fix).values(activation_id=activation_id, **(values | changes))
    )


def an_alert(connection: Connection, stage: Stage, at: datetime = NOON, **changes: Any) -> int:
    """A new P1 alert about the stage's breach, told to the outbox."""
    values = {
        "condition_key": f"breach:{stage.breach_id}",
        "kind": "breach",
        "priority": 1,
        "state": AlertState.NEW,
        "raised_at": at,
        "waiting_since": at,
        "began_at": at,
        "case_id": stage.case_id,
        "activation_id": stage.activation_id,
        "zone_id": stage.zone_id,
        "breach_id": stage.breach_id,
        "facts": {"channel": "confirmed", "p_inside": 0.93, "radius_95_m": 18.0, "edge_m": -40.0},
    }
    alert_id = _add(connection, tables.alert, **(values | changes))
    outbox.append(connection, "alert", [alert_id], at)
    return alert_id


def a_draft(
    connection: Connection, stage: Stage, at: datetime = NOON, name: str = "Lönngatan"
) -> int:
    """A draft of the stage's zone by a user of its own, nothing changed yet."""
    author = {"login": f"author-{stage.case_id}", "password_hash": "", "role": "case_officer"}
    author_id = _add(connection, tables.user, **author, added_at=at)
    ring = [[11.95, 57.7], [11.96, 57.7], [11.96, 57.71], [11.95, 57.71], [11.95, 57.7]]
    content = {"kind": "exclusion", "buffer_m": 200, "name": name,
               "parts": [{"how": "polygon", "rings": [ring]}]}  # fmt: skip
    return _add(
        connection,
        tables.zone_draft,
        case_id=stage.case_id,
        zone_id=stage.zone_id,
        base_version_id=stage.zone_version_id,
        content=content,
        shape=f"SRID=4326;{shapely.multipolygons([shapely.box(11.95, 57.70, 11.96, 57.71)]).wkt}",
        made_at=at,
        made_by=author_id,
        saved_at=at,
        saved_by=author_id,
    )


def a_rehearsal(connection: Connection, draft_id: int, at: datetime = NOON) -> int:
    """A rehearsal of a draft that nobody has begun to run."""
    author = select(tables.zone_draft.c.made_by).where(
        tables.zone_draft.c.zone_draft_id == draft_id
    )
    return _add(
        connection,
        tables.rehearsal,
        zone_draft_id=draft_id,
        asked_by=connection.scalar(author),
        asked_at=at,
        from_at=at - timedelta(days=30),
        to_at=at,
        fingerprint="",
    )


def give_case(engine: Engine, case_id: int, login: str, at: datetime = NOON) -> int:
    """Gives somebody a case from a day before this moment on; gives assignment_id."""
    with engine.begin() as connection:
        return assignments.append(
            connection,
            case_id=case_id,
            user_id=users.get(connection, login).user_id,
            at=at - timedelta(days=1),
            given_by=None,
        )


def a_viewer(
    engine: Engine, clock: Clock, login: str, role: Role = Role.OPERATOR, area: str = ""
) -> Viewer:
    """A signed-in user of this role."""
    return a_session(engine, clock, login, role, area)[1]


def a_session(
    engine: Engine, clock: Clock, login: str, role: Role = Role.OPERATOR, area: str = ""
) -> tuple[str, Viewer]:
    """A signed-in user of this role, with the cookie's value."""
    door = SignIn(engine, clock, QUICK_HASHER)
    door.add_user(login, PASSWORD, role, area)
    return door.sign_in(login, PASSWORD, "127.0.0.1")
