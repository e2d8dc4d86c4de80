"""Zones and their versions; and zones and pairs as the judge needs them, with whom they bind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from geoalchemy2.shape import from_shape
from shapely import MultiPolygon
from shapely.geometry.base import BaseGeometry
from sqlalchemy import ColumnElement, Connection, Row, func, insert, select, text, update
from sqlalchemy import case as when

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


def label() -> ColumnElement[str]:
    """What a zone is called on screens, such as "victim safe area 2"; beside `zone` in a query.

    Its own name is often her street, so nobody is shown that without a reveal. Counted within
    the case and kind, in the order in which the zones were made, so a label stays a zone's.
    """
    before = zone.alias("zone_before")
    number = (
        select(func.count())
        .where(
            before.c.case_id == zone.c.case_id,
            before.c.kind == zone.c.kind,
            before.c.zone_id <= zone.c.zone_id,
        )
        .correlate(zone)
        .scalar_subquery()
    )
    words = when(
        (zone.c.kind == "inclusion", "curfew zone "),
        (zone.c.kind == "neutral", "neutral zone "),
        (zone.c.victim_id.is_(None), "exclusion zone "),
        else_="victim safe area ",
    )
    return when((zone.c.zone_id.is_not(None), words.concat(number)))


def append(
    connection: Connection, *, case_id: int, kind: str, name: str, victim_id: int | None = None
) -> int:
    """Adds a zone without a shape yet and gives its id."""
    values = {"case_id": case_id, "kind": kind, "name": name, "victim_id": victim_id}
    return connection.execute(insert(zone).values(values).returning(zone.c.zone_id)).scalar_one()


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
    **more: Any,
) -> int:
    """Adds the next version of a zone, in force until further notice, and gives its id.

    The caller has ended the version before it, if there was one. `shape` is a polygon or
    multipolygon, EPSG:4326; `more` are other columns of the table.
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
            **more,
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


def find_in_force(connection: Connection, zone_id: int) -> Row[Any] | None:
    """The version of a zone that is in force until further notice (every column), or None."""
    query = select(zone_version).where(
        zone_version.c.zone_id == zone_id, zone_version.c.valid_to.is_(None)
    )
    return connection.execute(query).one_or_none()


def find_expired(connection: Connection, at: datetime) -> Sequence[Row[Any]]:
    """Emergency versions whose day is over and that still hold, with their zone's case."""
    query = (
        select(zone_version, zone.c.case_id)
        .join(zone, zone.c.zone_id == zone_version.c.zone_id)
        # Half-open: at its end it is over.
        .where(zone_version.c.valid_to.is_(None), zone_version.c.expires_at <= at)
        .order_by(zone_version.c.zone_version_id)
        .with_for_update(of=zone_version)
    )
    return connection.execute(query).all()


def find_protecting(connection: Connection, kind: str) -> Sequence[Row[Any]]:
    """Zones of this kind in force (zone_id, case_id, code, area, label), by case and age."""
    query = (
        select(zone.c.zone_id, zone.c.case_id, case.c.code, case.c.area, label().label("label"))
        .join(case, case.c.case_id == zone.c.case_id)
        .join(zone_version, zone_version.c.zone_id == zone.c.zone_id)
        .where(zone.c.kind == kind, zone_version.c.valid_to.is_(None))
        .order_by(case.c.code, zone.c.zone_id)
    )
    return connection.execute(query).all()


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

# Each offender's case is worked out once for all: asked for row by row, twenty thousand of them
# kept a judge from its work for most of a minute.
_PLANS = """
select a.activation_id, a.report_every_s, a.started_at, a.ended_at, p.role, d.kind, own.case_id
from vigil.activation a join vigil.person p using (person_id) join vigil.device d using (device_id)
left join (
    select offender_id, min(case_id) as case_id from vigil."case" group by offender_id
) own on own.offender_id = a.person_id
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
