"""How values are written for people: one way each, the same on every screen."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import Row

from data.model.alert import AlertRow
from data.model.breach import Channel, Grade
from data.rules.reasons import WHY_WORDS, Why
from data.service.alert_steps import Work
from data.service.pace import Pace
from data.service.past_breaches import PastBreach


def clock_time(at: datetime, time_zone: ZoneInfo) -> str:
    """The time of day in the room, such as "02:14:07"."""
    return at.astimezone(time_zone).strftime("%H:%M:%S")


def day_and_time(at: datetime, time_zone: ZoneInfo) -> str:
    """Day and time with the offset, such as "2026-11-21 02:14:07 +00:00"."""
    written = at.astimezone(time_zone).isoformat(" ", "seconds")
    return f"{written[:19]} {written[19:].replace('-', '−')}"


def day(at: datetime, time_zone: ZoneInfo) -> str:
    """The day, such as "2027-03-27"."""
    return at.astimezone(time_zone).date().isoformat()


def age(since: datetime, now: datetime) -> str:
    """How long ago, such as "0:38", "14 min", "3 h 05" or "28 d 16 h"; never below zero."""
    passed = max(now - since, timedelta())
    seconds = int(passed.total_seconds())
    if seconds < 600:
        return f"{seconds // 60}:{seconds % 60:02}"
    if seconds < 5400:
        return f"{seconds // 60} min"
    if seconds < 48 * 3600:
        return f"{seconds // 3600} h {seconds % 3600 // 60:02}"
    return f"{seconds // 86_400} d {seconds % 86_400 // 3600} h"


def metres(value: float) -> str:
    """A distance: "38 m", "1.4 km"."""
    return f"{value:.0f} m" if abs(value) < 995 else f"{value / 1000:.1f} km"


def minutes(value: float) -> str:
    """How long somebody needs: "under 1 min", "1½ min", "12 min". Never longer than it is."""
    if value < 1:
        return "under 1 min"
    if value < 10:
        return f"{int(value)}{'½' if value % 1 >= 0.5 else ''} min"
    return f"{int(value)} min" if value < 90 else "over 90 min"


def from_edge(edge_m: float) -> str:
    """A place against a zone's edge: negative is inside, and so is the edge itself."""
    return f"{metres(abs(edge_m))} {'inside' if edge_m <= 0 else 'from'} the edge"


def deepest(edge_m: float) -> tuple[str, str]:
    """How far in a breach went, with the word before it: ("Deepest", "38 m inside the edge").

    0 is what is kept where no fix was inside and the way between two of them was.
    """
    if edge_m == 0:
        return "Deepest", "crossed between two fixes"
    return ("Deepest" if edge_m < 0 else "Nearest"), from_edge(edge_m)


def percent(share: float) -> str:
    """A share of the whole: "92 %"."""
    return f"{share * 100:.0f} %"


def case_or_device(row: AlertRow) -> str:
    """The code of the case, or which kind of device reports without one; "–" for neither."""
    return row.case_code or (f"a {row.device_kind}" if row.device_kind else "–")


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
        "turn": row.turn,
        "waiting_since": _iso(row.waiting_since),
        "hold_until": _iso(row.hold_until),
        "shelved_until": _iso(row.shelved_until),
        "shelves": row.shelves,
        "escalated_at": _iso(row.escalated_at),
        "rung": row.rung,
        "is_flapping": row.is_flapping,
        "is_shelvable": row.is_shelvable,
    }


def work_json(work: Work) -> dict[str, Any]:
    """The steps of an alert as they go to a browser, field by field."""
    return {
        "alert": alert_json(work.row),
        "shelve_at_most_min": work.shelve_at_most_min,
        "steps": [
            {
                "key": each.step.key,
                "words": each.step.words,
                "notifies": each.step.notifies,
                "at": _iso(each.at),
                "by": each.by,
                "is_skipped": each.is_skipped,
                "note": each.note,
                "notice": None
                if each.notice is None
                else {
                    "asked_at": _iso(each.notice.asked_at),
                    "sent_at": _iso(each.notice.sent_at),
                    "delivered_at": _iso(each.notice.delivered_at),
                    "read_at": _iso(each.notice.read_at),
                    "failed_at": _iso(each.notice.failed_at),
                },
            }
            for each in work.steps
        ],
    }


def wall_alert_json(row: AlertRow) -> dict[str, Any]:
    """The same for a wall, which visitors see: somebody has it, and not who."""
    return {**alert_json(row), "owner": None if row.owner is None else "taken"}


def pace_json(pace: Pace, area: str) -> dict[str, Any]:
    """How busy the room is, as a wall of this area shows it."""
    return {"counts": pace.counts(area), "calm_since": _iso(pace.calm_since(area))}


def glass_json(row: Row) -> dict[str, Any]:
    """Broken glass as it goes to a browser: who, which case, when, why by its code. No words."""
    return {
        "glass_id": row.glass_id,
        "login": row.login,
        "case_code": row.case_code,
        "broken_at": row.broken_at.isoformat(),
        "until": row.until.isoformat(),
        "why": WHY_WORDS[Why(row.code)].lower(),
    }


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def past_breach_json(found: PastBreach) -> dict[str, Any]:
    """A past breach as it goes to a browser, field by field. No name."""
    row = found.row
    return {
        "breach_id": row.breach_id,
        "case_code": row.case_code,
        "kind": row.kind,
        "zone_id": row.zone_id,
        "zone_name": row.zone_name,
        "zone_version": row.number,
        "zone_since": _iso(row.valid_from),
        "zone_shape": None if row.shape is None else orjson.Fragment(row.shape),
        "is_confirmed": row.channel == Channel.CONFIRMED,
        "grade": Grade(row.grade).name.lower(),
        "cause": row.cause,
        "entered_at": _iso(row.entered_at),
        "confirmed_at": _iso(row.confirmed_at),
        "left_at": _iso(row.left_at),
        "p_inside": round(row.p_inside_max, 3),
        "radius_95_m": None if row.radius_95_m is None else round(row.radius_95_m, 1),
        "edge_m": None if row.edge_m is None else round(row.edge_m, 1),
        "fixes": row.fixes,
        "crossings": row.crossings,
        "revision": row.revision,
        "found_on_backfill": row.found_on_backfill,
        "is_withdrawn": row.withdrawn,
        "finding": row.finding,
        "place": None if row.lon is None else [round(row.lon, 7), round(row.lat, 7)],
        "alerts": [
            {
                "alert_id": each.row.alert_id,
                "priority": each.row.priority,
                "state": each.row.state,
                "finding": each.row.finding,
                "history": [
                    {
                        "at": _iso(line.at),
                        "action": line.action,
                        "by": line.by,
                        "note": line.note,
                    }
                    for line in each.history
                ],
            }
            for each in found.alerts
        ],
    }
