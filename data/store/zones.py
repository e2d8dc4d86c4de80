"""Zones and their versions; and zones and pairs as the judge needs them, with whom they bind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from geoalchemy2.shape import from_shape
from shapely import MultiPolygon
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, Row, func, insert, select, text, update

from data.errors import NotFound
from data.store.tables import case, zone, zone_version


@dataclass(frozen=True, slots=True)
class ZoneLine:
    """A zone in a list: whose, what, which version, how long in force."""

    zone_id: int
    case_code: str
    name: str
    kind: str
    number: int
    buffer_m: float
    valid_from: datetime
    valid_to: datetime | None


def append(connection: Connection, *, case_id: int, kind: str, name: str) -> int:
    """Adds a zone without a shape yet and gives its id."""
    return connection.execute(
        insert(zone).values(case_id=case_id, kind=kind, name=name).returning(zone.c.zone_id)
    ).scalar_one()


def append_version(
    connection: Connection,
    *,
    zone_id: int,
    shape: BaseGeometry,
    buffer_m: float,
    schedule: dict[str, Any] | None,
    valid_from: datetime,
    recorded_at: datetime,
    reason: str,
) -> int:
    """Adds the next version of a zone, in force until further notice, and gives its id.

    The caller has ended the version before it, if there was one. `shape` is a polygon or
    multipolygon, EPSG:4326.
    """
    last = select(func.coalesce(func.max(zone_version.c.number), 0)).where(
        zone_version.c.zone_id == zone_id
    )
    whole = shape if shape.geom_type == "MultiPolygon" else MultiPolygon([shape])
    return connection.execute(
        insert(zone_version)
        .values(
            zone_id=zone_id,
            number=(connection.scalar(last) or 0) + 1,
            shape=from_shape(whole, 4326),
            buffer_m=buffer_m,
            schedule=schedule,
            valid_from=valid_from,
            recorded_at=recorded_at,
            reason=reason,
        )
        .returning(zone_version.c.zone_version_id)
    ).scalar_one()


def end_version(connection: Connection, zone_id: int, at: datetime) -> bool:
    """Ends the version of a zone that is in force; False where none is."""
    ended = connection.execute(
        update(zone_version)
        .where(
            zone_version.c.zone_id == zone_id,
            zone_version.c.valid_to.is_(None),
            zone_version.c.valid_from < at,
        )
        .values(valid_to=at)
    )
    return ended.rowcount > 0


def get(connection: Connection, zone_id: int) -> Row[Any]:
    """A zone (zone_id, case_id, kind, name, victim_id).

    Raises:
        NotFound: there is none of this id.
    """
    row = connection.execute(select(zone).where(zone.c.zone_id == zone_id)).one_or_none()
    if row is None:
        raise NotFound(f"No zone {zone_id}.")
    return row


def find_lines(connection: Connection) -> list[ZoneLine]:
    """Every zone with its newest version, by case and name."""
    newest = (
        select(zone_version)
        .distinct(zone_version.c.zone_id)
        .order_by(zone_version.c.zone_id, zone_version.c.number.desc())
        .subquery()
    )
    query = (
        select(
            zone.c.zone_id,
            case.c.code.label("case_code"),
            zone.c.name,
            zone.c.kind,
            newest.c.number,
            newest.c.buffer_m,
            newest.c.valid_from,
            newest.c.valid_to,
        )
        .join(case, case.c.case_id == zone.c.case_id)
        .join(newest, newest.c.zone_id == zone.c.zone_id)
        .order_by(case.c.code, zone.c.name)
    )
    return [ZoneLine(**row) for row in connection.execute(query).mappings()]


# A zone binds every activation of its case's offender, past ones included: late data is judged
# by the activation it came from.
_VERSIONS = """
select v.zone_version_id, v.zone_id, z.case_id, z.kind, st_asbinary(v.shape) as shape,
    v.buffer_m, v.schedule, v.valid_from, v.valid_to,
    array_agg(a.activation_id order by a.activation_id) as activation_ids
from vigil.zone_version v
join vigil.zone z using (zone_id)
join vigil."case" c using (case_id)
join vigil.activation a on a.person_id = c.offender_id
where z.kind <> 'neutral'
group by v.zone_version_id, z.zone_id order by v.zone_version_id
"""

_PAIRS = """
select p.pair_id, p.case_id, p.warn_m, p.alarm_m, p.valid_from, p.valid_to,
    o.activation_id as offender_activation_id, v.activation_id as victim_activation_id
from vigil.pair p
join vigil.activation o on o.person_id = p.offender_id
join vigil.activation v on v.person_id = p.victim_id
order by p.pair_id, o.activation_id, v.activation_id
"""

_PLANS = """
select a.activation_id, a.report_every_s, a.started_at, a.ended_at, p.role, d.kind,
    (select min(c.case_id) from vigil."case" c where c.offender_id = a.person_id) as case_id
from vigil.activation a join vigil.person p using (person_id) join vigil.device d using (device_id)
order by a.activation_id
"""

_EDITION = """
select (select count(*) from vigil.zone_version),
    (select max(zone_version_id) from vigil.zone_version),
    (select max(valid_to) from vigil.zone_version),
    (select count(*) from vigil.activation), (select max(activation_id) from vigil.activation),
    (select max(ended_at) from vigil.activation),
    (select count(*) from vigil.pair), (select max(pair_id) from vigil.pair),
    (select max(valid_to) from vigil.pair), (select max(policy_id) from vigil.policy)
"""


def find_versions(connection: Connection) -> Sequence[Row]:
    """Every zone version there ever was that binds somebody, shapes as WKB."""
    return connection.execute(text(_VERSIONS)).all()


def find_pairs(connection: Connection) -> Sequence[Row]:
    """Every pair there ever was, one row for each two activations of the two people."""
    return connection.execute(text(_PAIRS)).all()


def find_plans(connection: Connection) -> Sequence[Row]:
    """Every activation with its reporting plan, role, device kind and case."""
    return connection.execute(text(_PLANS)).all()


def find_active_ids(connection: Connection) -> list[int]:
    """Activations that are on somebody now, by id."""
    query = "select activation_id from vigil.activation where ended_at is null order by 1"
    return list(connection.scalars(text(query)))


def get_edition(connection: Connection) -> tuple[Any, ...]:
    """Changes whenever anything changes that the judge goes by; compare, do not read."""
    return tuple(connection.execute(text(_EDITION)).one())
