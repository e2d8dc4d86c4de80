"""Alerts as operators work on them: read for the queue, moved under a row lock, never deleted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from geoalchemy2 import Geography
from sqlalchemy import Connection, Row, Select, func, insert, select, update

from data.errors import NotFound
from data.model.alert import AlertAction
from data.model.breach import Finding
from data.store import zones
from data.store.tables import (
    activation,
    alert,
    alert_entry,
    breach,
    case,
    device,
    live_fix,
    pair,
    person,
    user,
    zone,
    zone_version,
)


def _rows() -> Select:
    """One row an alert, joined with the few words the queue shows."""
    return (
        select(
            alert,
            case.c.code.label("case_code"),
            case.c.area,
            zones.label().label("zone_name"),
            user.c.login.label("owner"),
            device.c.kind.label("device_kind"),
            breach.c.kind.label("breach_kind"),
        )
        .outerjoin(case, case.c.case_id == alert.c.case_id)
        .outerjoin(zone, zone.c.zone_id == alert.c.zone_id)
        .outerjoin(user, user.c.user_id == alert.c.owner_id)
        .outerjoin(activation, activation.c.activation_id == alert.c.activation_id)
        .outerjoin(device, device.c.device_id == activation.c.device_id)
        .outerjoin(breach, breach.c.breach_id == alert.c.breach_id)
    )


def find_open(connection: Connection) -> Sequence[Row]:
    """Every alert nobody has closed, most urgent first."""
    query = _rows().where(alert.c.closed_at.is_(None))
    return connection.execute(query.order_by(alert.c.priority, alert.c.raised_at)).all()


def find(connection: Connection, alert_ids: Sequence[int]) -> Sequence[Row]:
    """These alerts, open or closed, oldest first; numbers that do not exist are left out."""
    query = _rows().where(alert.c.alert_id.in_(alert_ids))
    return connection.execute(query.order_by(alert.c.alert_id)).all()


def get(connection: Connection, alert_id: int) -> Row:
    """One alert.

    Raises:
        NotFound: there is none.
    """
    rows = find(connection, [alert_id])
    if not rows:
        raise NotFound(f"There is no alert {alert_id}.")
    return rows[0]


def lock(connection: Connection, alert_id: int) -> None:
    """Holds this alert until commit, so that of two who want it at once one comes second."""
    connection.execute(
        select(alert.c.alert_id).where(alert.c.alert_id == alert_id).with_for_update()
    )


def save_finding(connection: Connection, alert_id: int, finding: Finding) -> None:
    """Files what a person decided; its life says when."""
    connection.execute(
        update(alert).where(alert.c.alert_id == alert_id).values(finding=finding.value)
    )


def append_entry(
    connection: Connection,
    alert_id: int,
    *,
    at: datetime,
    user_id: int | None,
    action: AlertAction,
    note: str = "",
    detail: dict[str, Any] | None = None,
) -> None:
    """Adds a line to the alert's history; nothing ever changes one."""
    connection.execute(
        insert(alert_entry).values(
            alert_id=alert_id,
            at=at,
            user_id=user_id,
            action=action.value,
            note=note,
            detail=detail or {},
        )
    )


def find_entries(connection: Connection, alert_id: int) -> Sequence[Row]:
    """The alert's history, oldest first (at, action, note, detail, login)."""
    query = (
        select(
            alert_entry.c.at,
            alert_entry.c.action,
            alert_entry.c.note,
            alert_entry.c.detail,
            user.c.login,
        )
        .outerjoin(user, user.c.user_id == alert_entry.c.user_id)
        .where(alert_entry.c.alert_id == alert_id)
        .order_by(alert_entry.c.at, alert_entry.c.alert_entry_id)
    )
    return connection.execute(query).all()


def _victim_now_m(here: Any, at: datetime) -> Any:
    """Metres to the nearest victim of the alert's case who has reported in the last ten minutes.

    A distance and no place: nobody finds her by it.
    """
    hers, her_fix = activation.alias("hers"), live_fix.alias("her_fix")
    between = pair.alias("between")
    there = func.cast(
        func.st_setsrid(func.st_makepoint(her_fix.c.lon, her_fix.c.lat), 4326), Geography
    )
    return (
        select(func.min(func.st_distance(here, there)))
        .select_from(between)
        .join(hers, (hers.c.person_id == between.c.victim_id) & hers.c.ended_at.is_(None))
        .join(her_fix, her_fix.c.activation_id == hers.c.activation_id)
        .where(
            between.c.case_id == alert.c.case_id,
            between.c.valid_from <= at,
            between.c.valid_to.is_(None) | (between.c.valid_to > at),
            her_fix.c.fixed_at > at - timedelta(minutes=10),
        )
        .correlate(alert, live_fix)
        .scalar_subquery()
    )


def get_surroundings(connection: Connection, alert_id: int, at: datetime) -> Row:
    """Case, people, device and newest fix around an alert; what is missing is None.

    `edge_now_m` is measured on the ellipsoid from the newest fix to the version of the zone that
    is in force `at`; negative inside.
    """
    offender = person.alias("offender")
    victim = person.alias("victim")
    shape = func.cast(zone_version.c.shape, Geography)
    here = func.cast(
        func.st_setsrid(func.st_makepoint(live_fix.c.lon, live_fix.c.lat), 4326), Geography
    )
    edge = func.cast(func.st_boundary(zone_version.c.shape), Geography)
    inside_m = -func.st_distance(edge, here)
    outside_m = func.nullif(func.st_distance(shape, here), 0.0)
    query = (
        select(
            case.c.order_reference,
            case.c.order_until,
            case.c.offender_id,
            offender.c.name.label("offender_name"),
            victim.c.person_id.is_not(None).label("has_victim"),
            device.c.serial,
            device.c.model,
            live_fix.c.fixed_at,
            live_fix.c.radius_95_m,
            live_fix.c.battery_pct,
            func.coalesce(outside_m, inside_m).label("edge_now_m"),
            live_fix.c.speed_mps,
            _victim_now_m(here, at).label("victim_now_m"),
        )
        .select_from(alert)
        .outerjoin(case, case.c.case_id == alert.c.case_id)
        .outerjoin(breach, breach.c.breach_id == alert.c.breach_id)
        .outerjoin(pair, pair.c.pair_id == breach.c.pair_id)
        .outerjoin(zone, zone.c.zone_id == alert.c.zone_id)
        .outerjoin(
            zone_version,
            (zone_version.c.zone_id == zone.c.zone_id)
            & (zone_version.c.valid_from <= at)
            & (zone_version.c.valid_to.is_(None) | (zone_version.c.valid_to > at)),
        )
        .outerjoin(offender, offender.c.person_id == case.c.offender_id)
        .outerjoin(victim, victim.c.person_id == func.coalesce(pair.c.victim_id, zone.c.victim_id))
        .outerjoin(activation, activation.c.activation_id == alert.c.activation_id)
        .outerjoin(device, device.c.device_id == activation.c.device_id)
        .outerjoin(live_fix, live_fix.c.activation_id == alert.c.activation_id)
        .where(alert.c.alert_id == alert_id)
    )
    return connection.execute(query.limit(1)).one()
