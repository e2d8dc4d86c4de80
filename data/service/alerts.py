"""Alerts as people see them: the queue's rows and the drawer. What they do is in alert_work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row

from data.clock import Clock
from data.errors import Refused
from data.model.alert import AlertCase, AlertKind, AlertLine, AlertRow
from data.model.breach import BreachKind, Channel
from data.model.user import Viewer
from data.rules.access import Action, Decision, decide
from data.rules.alert_life import as_of
from data.rules.last_hour import pace_mps
from data.rules.reach import Reach
from data.rules.sending import WHOM
from data.service.noted import Noted
from data.service.reach import Reaches, not_there, reach_of
from data.store import alert_lives, alerts, audit
from data.store.reading import reading


@dataclass(frozen=True, slots=True)
class Alerts:
    """The use cases around alerts, each checked against role and record."""

    engine: Engine
    clock: Clock
    reaches: Reaches | None = None  # None: on the same clock
    noted: Noted = field(default_factory=Noted)

    def open_rows(self) -> list[AlertRow]:
        """Every open alert of every area, most urgent first.

        Not filtered by viewer: the live feed reads once for all and filters for each.
        """
        now = self.clock.now()
        with reading(self.engine) as connection:
            return [row_of(found, now) for found in alerts.find_open(connection)]

    def rows(self, alert_ids: Sequence[int]) -> list[AlertRow]:
        """These alerts, open or closed, unfiltered as `open_rows`."""
        now = self.clock.now()
        with reading(self.engine) as connection:
            return [row_of(found, now) for found in alerts.find(connection, alert_ids)]

    def case_of(self, viewer: Viewer, alert_id: int) -> AlertCase:
        """What the drawer shows of an alert; that it was shown is written down.

        Raises:
            NotFound: there is no such alert.
            Refused: not for this viewer.
        """
        now = self.clock.now()
        is_due = self.noted.is_due(viewer.session_id, alert_id, now)
        # What is shown is shown only once it is on record that it was.
        with self.engine.begin() if is_due else reading(self.engine) as connection:
            found = alerts.get(connection, alert_id)
            row = row_of(found, now)
            reach = self.check(connection, viewer, Action.SEE_CASE, row)
            around = alerts.get_surroundings(connection, alert_id, now)
            entries = alerts.find_entries(connection, alert_id)
            case = _case(reach, row, around, entries, found.finding)
            if is_due:
                _note_look(connection, viewer, row, around, case, now)
        if is_due:
            self.noted.note(viewer.session_id, alert_id, now)
        return case

    def check(self, connection: Connection, viewer: Viewer, action: Action, row: AlertRow) -> Reach:
        """What this viewer may see around an alert, where they may do this to it at all.

        Raises:
            NotFound: not even that it exists is for them to learn.
            Refused: with the reason; both are written down.
        """
        reaches = self.reaches or Reaches(self.engine, self.clock)
        reach = reach_of(connection, viewer, reaches.clock.now())
        decision = _may(reach, action, row)
        if decision.allowed:
            return reach
        reaches.note_refusal(viewer, action, "alert", row.alert_id)
        if not is_for(reach, row):
            raise not_there("alert", row.alert_id)
        raise Refused(decision.reason)


_TITLES: dict[AlertKind, str] = {
    AlertKind.STRAP_OPEN: "strap open",
    AlertKind.CASE_OPEN: "case of the device open",
    AlertKind.BATTERY_LOW: "battery low",
    AlertKind.BATTERY_CRITICAL: "battery nearly empty",
    AlertKind.SILENT: "silent",
    AlertKind.MOVING_WITHOUT_FIX: "moving without a fix",
    AlertKind.NEVER_REPORTED: "never reported since fitting",
    AlertKind.TWIN_POSITION: "one device in two places",
    AlertKind.UNJUDGED: "a fix could not be judged",
}

_BREACH_TITLES: dict[str, str] = {
    BreachKind.EXCLUSION: "in {zone}",
    BreachKind.BUFFER: "near {zone}",
    BreachKind.INCLUSION: "outside {zone}",
    BreachKind.PAIR_ALARM: "close to the victim",
    BreachKind.PAIR_WARN: "nearing the victim",
}


def title_of(
    kind: AlertKind,
    breach_kind: str | None,
    zone_name: str | None,
    *,
    is_of_device: bool = True,
) -> str:
    """The alert in a few words, as rows and cards show it."""
    if kind is AlertKind.BREACH:
        return _BREACH_TITLES.get(breach_kind or "", "breach").format(zone=zone_name or "a zone")
    return _TITLES.get(kind, "look at the device" if is_of_device else "look at Vigil itself")


def row_of(found: Row, now: datetime) -> AlertRow:
    """A store row as the queue's line, as time has left it."""
    facts: dict[str, Any] = found.facts or {}
    kind = AlertKind(found.kind)
    life = as_of(alert_lives.life_of(found, found.breach_kind), now)
    is_whose = life.owner_id is not None
    return AlertRow(
        alert_id=found.alert_id,
        version=found.version,
        kind=kind,
        priority=life.priority,
        state=life.state,
        raised_at=found.raised_at,
        began_at=found.began_at,
        title=_title(kind, found, facts),
        area=found.area or "",
        case_id=found.case_id,
        case_code=found.case_code,
        activation_id=found.activation_id,
        zone_id=found.zone_id,
        zone_name=found.zone_name,
        breach_kind=found.breach_kind,
        channel=_channel(facts.get("channel")),
        p_inside=facts.get("p_inside"),
        radius_95_m=facts.get("radius_95_m"),
        edge_m=facts.get("edge_m"),
        repeats=found.repeats,
        minutes_to_contact=found.minutes_to_contact,
        found_on_backfill=found.found_on_backfill,
        owner=found.owner if is_whose else None,
        acknowledged_at=life.acknowledged_at,
        cleared_at=found.cleared_at,
        device_kind=found.device_kind,
        turn=found.turn,
        waiting_since=life.waiting_since,
        hold_until=life.hold_until,
        shelved_until=life.shelved_until,
        shelves=life.shelves,
        escalated_at=life.escalated_at,
        rung=life.rung,
        is_flapping=bool(facts.get("flapping")),
        is_shelvable=life.is_shelvable,
    )


def _title(kind: AlertKind, found: Row, facts: dict[str, Any]) -> str:
    if "no_checkpoint" in facts:
        return "no checkpoint of the audit trail"
    if "clock_jump_s" in facts:
        return "this machine's clock has leapt"
    if "notice_to" in facts:
        return f"a notice to {WHOM[facts['notice_to']]} has not gone out: ring them"
    if "zone_hours_unreadable" in facts:
        return f"hours of {found.zone_name or 'a zone'} cannot be read"
    if "zone_emergency" in facts:
        return f"{found.zone_name or 'a zone'} put into force by one person, for a day"
    if "zone_not_begun" in facts:
        return "a signed zone did not begin: it was changed meanwhile"
    if "zone_emergency_over" in facts:
        return f"emergency over: {found.zone_name or 'a zone'} is as it was before"
    is_of_device = found.activation_id is not None
    return title_of(kind, found.breach_kind, found.zone_name, is_of_device=is_of_device)


def is_for(reach: Reach, row: AlertRow) -> bool:
    """Whether this line may be in front of this viewer at all."""
    return _may(reach, Action.SEE_ALERTS, row).allowed


def _channel(stored: object) -> str | None:
    if isinstance(stored, int):
        return Channel(stored).name.lower()
    return str(stored) if stored else None


def _note_look(
    connection: Connection,
    viewer: Viewer,
    row: AlertRow,
    around: Row,
    case: AlertCase,
    now: datetime,
) -> None:
    is_named = around.offender_name is not None and case.offender == around.offender_name
    shown = {
        "alert": row.alert_id,
        "case": row.case_id,
        "activation": row.activation_id,
        "person": around.offender_id if is_named else None,
    }
    audit.append(
        connection,
        at=now,
        user_id=viewer.user_id,
        action="case_shown",
        record_kind="alert",
        record_id=row.alert_id,
        peer=viewer.peer,
        session_id=viewer.session_id or None,
        shown={kind: [each] for kind, each in shown.items() if each is not None},
    )


def _may(reach: Reach, action: Action, row: AlertRow) -> Decision:
    is_own = row.owner is None or row.owner == reach.viewer.login
    record = reach.record(row.case_id, row.area, is_own=is_own)
    return decide(reach.viewer.role, action, record)


def _case(
    reach: Reach, row: AlertRow, found: Row, entries: Sequence[Row], finding: str | None
) -> AlertCase:
    may_see_offender = _may(reach, Action.SEE_OFFENDER_NAME, row).allowed
    code = row.case_code or "without a case"
    pace = pace_mps(found.speed_mps)
    return AlertCase(
        row=row,
        order_reference=found.order_reference or "",
        order_until=found.order_until,
        offender=found.offender_name
        if may_see_offender and found.offender_name
        else f"offender of {code}",
        # Her name is in no answer but that to a reveal.
        victim=f"victim of {code}" if found.has_victim else None,
        device_serial=found.serial,
        device_model=found.model or "",
        fixed_at=found.fixed_at,
        fix_radius_m=found.radius_95_m,
        edge_now_m=found.edge_now_m,
        battery_pct=found.battery_pct,
        pace_mps=pace,
        edge_now_min=_minutes(found.edge_now_m, pace),
        victim_now_min=_minutes(found.victim_now_m, pace)
        if _may(reach, Action.SEE_MAP, row).allowed
        else None,
        finding=finding,
        history=tuple(
            AlertLine(each.at, each.action, each.login, each.note, each.detail or {})
            for each in entries
        ),
    )


def _minutes(metres: float | None, pace: float) -> float | None:
    """The way in minutes, straight on: nobody is there sooner. None: there already, or unknown."""
    return None if metres is None or metres <= 0 else metres / pace / 60
