"""What holds of each breach now, made out of its revisions, its alerts and the fixes of the visit.

`breach_now` is derived and holds nothing of its own; the function `vigil.breach_known` makes its
rows. Judging keeps everything in it but the finding, closing an alert keeps the finding: neither
can undo what the other wrote at that moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, select, text

from data.store import zones
from data.store.tables import (
    alert,
    breach,
    breach_now,
    breach_revision,
    case,
    zone,
    zone_version,
)

_KEPT_ANEW = ", ".join(
    f"{column.name} = excluded.{column.name}"
    for column in breach_now.columns
    if column.name not in ("breach_id", "finding")
)


def keep(connection: Connection, breach_ids: Iterable[int]) -> None:
    """Brings these breaches up to their newest revision; in the transaction that added it."""
    ids = sorted(set(breach_ids))  # one order for all writers, so that none waits for another
    if ids:
        connection.execute(
            text(
                "insert into vigil.breach_now select * from vigil.breach_known(:ids) "
                f"order by breach_id on conflict (breach_id) do update set {_KEPT_ANEW}"
            ),
            {"ids": ids},
        )


def keep_finding(connection: Connection, alert_id: int) -> None:
    """Brings the breach of an alert up to what a person has just decided about it."""
    connection.execute(
        text(
            "update vigil.breach_now n set finding = a.finding from vigil.alert a "
            "where a.alert_id = :alert_id and n.breach_id = a.breach_id"
        ),
        {"alert_id": alert_id},
    )


def find(connection: Connection, breach_id: int) -> Row[Any] | None:
    """All that is known of one breach now, None where there is none.

    Columns of `breach_now`, and case_code, area, zone_name (its label), lon, lat; of its newest
    revision cause, edge_m, fixes, crossings, revision; found_on_backfill; of the version of the
    zone it was judged by number, valid_from, shape (GeoJSON).
    """
    newest = (
        select(breach_revision)
        .where(breach_revision.c.breach_id == breach_id)
        .order_by(breach_revision.c.revision.desc())
        .limit(1)
        .subquery("newest")
    )
    query = (
        select(
            breach_now,
            func.st_x(breach_now.c.position).label("lon"),
            func.st_y(breach_now.c.position).label("lat"),
            case.c.code.label("case_code"),
            case.c.area,
            zones.label().label("zone_name"),
            breach.c.found_on_backfill,
            newest.c.revision,
            newest.c.cause,
            newest.c.edge_m,
            newest.c.fixes,
            newest.c.crossings,
            zone_version.c.number,
            zone_version.c.valid_from,
            func.st_asgeojson(zone_version.c.shape, 7).label("shape"),
        )
        .join(breach, breach.c.breach_id == breach_now.c.breach_id)
        .join(case, case.c.case_id == breach_now.c.case_id)
        .join(newest, newest.c.breach_id == breach_now.c.breach_id)
        .outerjoin(zone, zone.c.zone_id == breach_now.c.zone_id)
        .outerjoin(zone_version, zone_version.c.zone_version_id == breach_now.c.zone_version_id)
        .where(breach_now.c.breach_id == breach_id)
    )
    return connection.execute(query).one_or_none()


def find_alerts(connection: Connection, breach_id: int) -> Sequence[Row[Any]]:
    """Alerts about a breach, the oldest first (alert_id, priority, state, raised_at, ...)."""
    query = select(alert).where(alert.c.breach_id == breach_id).order_by(alert.c.alert_id)
    return connection.execute(query).all()


def find_zones(connection: Connection, case_code: str) -> Sequence[Row[Any]]:
    """Zones of a case (zone_id, label, case_id, area), by kind and age."""
    query = (
        select(zone.c.zone_id, zones.label().label("label"), case.c.case_id, case.c.area)
        .join(case, case.c.case_id == zone.c.case_id)
        .where(case.c.code == case_code)
        .order_by(zone.c.kind, zone.c.zone_id)
    )
    return connection.execute(query).all()
