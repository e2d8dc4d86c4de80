"""How values are written for people: one way each, the same on every screen."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from data.model.alert import AlertRow


def clock_time(at: datetime, time_zone: ZoneInfo) -> str:
    """The time of day in the room, such as "02:14:07"."""
    return at.astimezone(time_zone).strftime("%H:%M:%S")


def day_and_time(at: datetime, time_zone: ZoneInfo) -> str:
    """Day and time with the offset, such as "2026-11-21 02:14:07 +00:00"."""
    written = at.astimezone(time_zone).isoformat(" ", "seconds")
    return f"{written[:19]} {written[19:].replace('-', '−')}"


def day(at: datetime, time_zone: ZoneInfo) -> str:
    """The day, such as "27 Mar 2027"."""
    return at.astimezone(time_zone).strftime("%-d %b %Y")


def age(since: datetime, now: datetime) -> str:
    """How long ago, such as "0:38", "14 min" or "3 h 05"; never below zero."""
    passed = max(now - since, timedelta())
    seconds = int(passed.total_seconds())
    if seconds < 600:
        return f"{seconds // 60}:{seconds % 60:02}"
    if seconds < 5400:
        return f"{seconds // 60} min"
    return f"{seconds // 3600} h {seconds % 3600 // 60:02}"


def metres(value: float) -> str:
    """A distance: "38 m", "1.4 km"."""
    return f"{value:.0f} m" if abs(value) < 995 else f"{value / 1000:.1f} km"


def from_edge(edge_m: float) -> str:
    """A place against a zone's edge: negative is inside, and so is the edge itself."""
    return (
        f"{metres(-edge_m)} inside the edge" if edge_m <= 0 else f"{metres(edge_m)} from the edge"
    )


def alert_json(row: AlertRow) -> dict[str, Any]:
    """An alert as it goes to a browser. Field by field, so that nothing new slips out."""
    return {
        "alert_id": row.alert_id,
        "version": row.version,
        "kind": row.kind.value,
        "priority": int(row.priority),
        "state": row.state.value,
        "raised_at": row.raised_at.isoformat(),
        "began_at": row.began_at.isoformat(),
        "case_code": row.case_code,
        "activation_id": row.activation_id,
        "zone_id": row.zone_id,
        "zone_name": row.zone_name,
        "title": row.title,
        "breach_kind": row.breach_kind,
        "channel": row.channel,
        "p_inside": row.p_inside,
        "radius_95_m": row.radius_95_m,
        "edge_m": row.edge_m,
        "repeats": row.repeats,
        "minutes_to_contact": row.minutes_to_contact,
        "found_on_backfill": row.found_on_backfill,
        "owner": row.owner,
        "acknowledged_at": _iso(row.acknowledged_at),
        "cleared_at": _iso(row.cleared_at),
        "device_kind": row.device_kind,
    }


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
