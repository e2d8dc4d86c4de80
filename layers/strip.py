"""The last hour of one track as lanes: zone, speed, signal. No place is in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, text

from data.errors import NotFound
from data.geo import LonLat, metres_between
from data.rules.gaps import gap_limit_s
from data.rules.last_hour import pace_mps, spans
from data.rules.reach import Reach
from data.store.tables import case, zone
from layers import privacy, trails

MINUTES = 60

# The newest fix before the hour speaks into it. Verdicts exist where a fix was near the zone.
_FIXES = text(
    """
    with hour as (
        select activation_id, fixed_at, fingerprint, position, speed_mps
        from vigil.fix
        where activation_id = :activation_id and fixed_at > :before and fixed_at <= :now
          and position is not null and flags & :not_drawn = 0
    )
    select extract(epoch from hour.fixed_at)::float8 as at_s,
           st_x(position) as lon, st_y(position) as lat, speed_mps,
           verdict.p_inside, verdict.edge_m, verdict.buffer_m
    from hour
    left join lateral (
        select v.p_inside, v.edge_m, z.buffer_m
        from vigil.fix_verdict v
        join vigil.zone_version z using (zone_version_id)
        where z.zone_id = :zone_id and v.activation_id = hour.activation_id
          and v.fixed_at = hour.fixed_at and v.fingerprint = hour.fingerprint
        order by z.number desc limit 1
    ) verdict on true
    order by hour.fixed_at, hour.fingerprint
    """
)


def strip(
    connection: Connection, reach: Reach, activation_id: int, zone_id: int | None, now: datetime
) -> dict[str, Any]:
    """Lanes of the hour before `now`.

    Returns:
        `from_s`, `to_s`: unix seconds. `zone`: [from_s, to_s, "inside", "buffer", "outside" or
        "unseen"], empty without a zone. `signal`: the same with "seen" or "unseen". `speed`:
        [unix s, km/h or None]; None breaks the line. `pace_mps`: as now, at least walking.
        `limit_s`: from when on a pause is a gap.

    Raises:
        Refused, NotFound: as for the trail; also for a zone of a case the viewer must not know.
    """
    trails.need_trail(connection, reach, activation_id)
    if zone_id is not None:
        _need_zone(connection, reach, zone_id)
    limit_s = gap_limit_s(_report_every_s(connection, activation_id))
    begin = now - timedelta(minutes=MINUTES)
    fixes = connection.execute(
        _FIXES,
        {
            "activation_id": activation_id,
            "zone_id": zone_id,
            "before": begin - timedelta(seconds=limit_s),
            "now": now,
            "not_drawn": trails.NOT_DRAWN,
        },
    ).all()
    lane = {"from_s": begin.timestamp(), "to_s": now.timestamp(), "limit_s": limit_s}
    at_s = [each.at_s for each in fixes]
    speeds = _speeds(fixes, limit_s)
    return {
        **lane,
        "signal": spans(at_s, ["seen"] * len(fixes), **lane),
        "zone": [] if zone_id is None else spans(at_s, [_where(each) for each in fixes], **lane),
        "speed": [each for each in speeds if each[0] >= lane["from_s"]],
        "pace_mps": pace_mps(None if not speeds or speeds[-1][1] is None else speeds[-1][1] / 3.6),
    }


def _where(fix: Row) -> str:
    # No verdict: the judge found it too far away to count.
    if fix.p_inside is None:
        return "outside"
    if fix.p_inside >= 0.5:  # "probable" and better, as the grades go
        return "inside"
    return "buffer" if fix.edge_m <= fix.buffer_m else "outside"


def _speeds(fixes: Sequence[Row], limit_s: float) -> list[tuple[float, float | None]]:
    """As the device said; where it did not, the way from the fix before. Gaps break the line."""
    found: list[tuple[float, float | None]] = []
    before = None
    for fix in fixes:
        speed_mps = fix.speed_mps
        if before is not None and fix.at_s - before.at_s > limit_s:
            found.append((before.at_s, None))
        elif before is not None and speed_mps is None and fix.at_s > before.at_s:
            way_m = metres_between(LonLat(before.lon, before.lat), LonLat(fix.lon, fix.lat))
            speed_mps = way_m / (fix.at_s - before.at_s)
        if speed_mps is not None:
            found.append((fix.at_s, round(speed_mps * 3.6, 1)))
        before = fix
    return found


def _report_every_s(connection: Connection, activation_id: int) -> float:
    query = text("select report_every_s from vigil.activation where activation_id = :id")
    return float(connection.execute(query, {"id": activation_id}).scalar_one())


def _need_zone(connection: Connection, reach: Reach, zone_id: int) -> None:
    known = (
        zone.select()
        .join(case, case.c.case_id == zone.c.case_id)
        .where(zone.c.zone_id == zone_id, privacy.of_cases(reach))
    )
    if connection.execute(known).first() is None:
        raise NotFound(f"There is no zone {zone_id}")
