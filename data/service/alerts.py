"""What people do about alerts: look, take, give back, note, close.

Every act is one transaction: the alert, a line of its history, the audit trail and the outbox
change together or not at all. The alert is locked first, so of two who act at once the second
sees what the first has done.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Row

from data.clock import Clock
from data.errors import AlertTaken, BadInput, Clash, NotFound, Refused
from data.model.alert import (
    MOVES,
    AlertAction,
    AlertCase,
    AlertKind,
    AlertLine,
    AlertRow,
    AlertState,
    Priority,
)
from data.model.breach import BreachKind, Channel, Finding
from data.model.user import Viewer
from data.rules.access import Action, Record, decide
from data.store import alerts, audit, outbox
from data.store.reading import reading

NOTE_LIMIT = 2000
"""Characters of a note or a reason."""


@dataclass(frozen=True, slots=True)
class Alerts:
    """The use cases around alerts, each checked against role and record."""

    engine: Engine
    clock: Clock

    def open_rows(self) -> list[AlertRow]:
        """Every open alert of every area, most urgent first.

        Not filtered by viewer: the live feed reads once for all and filters for each.
        """
        with reading(self.engine) as connection:
            return [row_of(found) for found in alerts.find_open(connection)]

    def rows(self, alert_ids: Sequence[int]) -> list[AlertRow]:
        """These alerts, open or closed, unfiltered as `open_rows`."""
        with reading(self.engine) as connection:
            return [row_of(found) for found in alerts.find(connection, alert_ids)]

    def case_of(self, viewer: Viewer, alert_id: int) -> AlertCase:
        """What the drawer shows of an alert.

        Raises:
            NotFound: there is no such alert.
            Refused: not for this viewer.
        """
        with reading(self.engine) as connection:
            row = row_of(alerts.get(connection, alert_id))
            _check(viewer, Action.SEE_CASE, row)
            found = alerts.get_surroundings(connection, alert_id, self.clock.now())
            entries = alerts.find_entries(connection, alert_id)
            finding = alerts.get(connection, alert_id).finding
        return _case(viewer, row, found, entries, finding)

    def acknowledge(self, viewer: Viewer, alert_id: int) -> AlertRow:
        """The viewer takes a new alert. Taking what one already has changes nothing.

        Raises:
            AlertTaken: somebody else was first; it says who, since when.
            Clash: the alert has been closed.
            NotFound, Refused: as ever.
        """
        with self.engine.begin() as connection:
            row = _locked(connection, viewer, alert_id, Action.ACKNOWLEDGE_ALERT)
            if row.state is AlertState.ACKNOWLEDGED and row.owner == viewer.login:
                return row
            _refuse_if_taken(row)
            return self._act(
                connection,
                viewer,
                row,
                AlertAction.ACKNOWLEDGED,
                state=AlertState.ACKNOWLEDGED,
                values={"owner_id": viewer.user_id, "acknowledged_at": self.clock.now()},
            )

    def release(self, viewer: Viewer, alert_id: int) -> AlertRow:
        """Gives an acknowledged alert back to the room; it is new again.

        Raises:
            Clash: nobody has it, or it has been closed.
            NotFound, Refused: as ever.
        """
        with self.engine.begin() as connection:
            row = _locked(connection, viewer, alert_id, Action.RELEASE_ALERT)
            return self._act(
                connection,
                viewer,
                row,
                AlertAction.RELEASED,
                state=AlertState.NEW,
                values={"owner_id": None, "acknowledged_at": None},
            )

    def note(self, viewer: Viewer, alert_id: int, words: str) -> AlertRow:
        """Adds a note to an alert's history, even a closed one's.

        Raises:
            BadInput: empty or too long.
            NotFound, Refused: as ever.
        """
        words = _words("note", words)
        with self.engine.begin() as connection:
            row = _locked(connection, viewer, alert_id, Action.NOTE_ALERT)
            return self._act(connection, viewer, row, AlertAction.NOTED, note=words)

    def close(self, viewer: Viewer, alert_id: int, *, finding: Finding, reason: str) -> AlertRow:
        """Files an acknowledged alert with what the person found.

        A rise in priority makes an alert new again, so what has grown meanwhile is not closed
        unseen. The condition may still hold: closing says nothing about it.

        Args:
            finding: what the person decided after looking.
            reason: in the person's own words; never empty.

        Raises:
            Clash: it is not acknowledged, has become new again, or has been closed.
            BadInput: the reason is empty or too long.
            NotFound, Refused: as ever.
        """
        reason = _words("reason", reason)
        with self.engine.begin() as connection:
            row = _locked(connection, viewer, alert_id, Action.CLOSE_ALERT)
            now = self.clock.now()
            return self._act(
                connection,
                viewer,
                row,
                AlertAction.CLOSED,
                state=AlertState.CLOSED,
                values={"closed_at": now, "finding": finding.value},
                note=reason,
                detail={"finding": finding.value},
            )

    def _act(
        self,
        connection: Connection,
        viewer: Viewer,
        row: AlertRow,
        action: AlertAction,
        *,
        state: AlertState | None = None,
        values: dict[str, Any] | None = None,
        note: str = "",
        detail: dict[str, Any] | None = None,
    ) -> AlertRow:
        """Moves the alert and writes the act down in all four places. `state` None stays."""
        if state is not None and state not in MOVES[row.state]:
            raise Clash(_WHY_NOT[row.state])
        now = self.clock.now()
        changed = dict(values or {})
        if state is not None:
            changed["state"] = state.value
        alerts.save(connection, row.alert_id, changed)
        alerts.append_entry(
            connection,
            row.alert_id,
            at=now,
            user_id=viewer.user_id,
            action=action,
            note=note,
            detail=detail,
        )
        after = row_of(alerts.get(connection, row.alert_id))
        # The trail says that a note was made, not what it says: notes may hold names.
        audit.append(
            connection,
            at=now,
            user_id=viewer.user_id,
            action=f"alert_{action.value}",
            record_kind="alert",
            record_id=row.alert_id,
            peer=viewer.peer,
            detail={**(detail or {}), "version": after.version},
        )
        outbox.append(connection, "alert", [row.alert_id], now)
        return after


_WHY_NOT = {
    AlertState.NEW: "Nobody has this alert. Acknowledge it first.",
    AlertState.ACKNOWLEDGED: "Somebody has this alert already.",
    AlertState.CLOSED: "This alert has been closed.",
}

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


def title_of(kind: AlertKind, breach_kind: str | None, zone_name: str | None) -> str:
    """The alert in a few words, as rows and cards show it."""
    if kind is AlertKind.BREACH:
        return _BREACH_TITLES.get(breach_kind or "", "breach").format(zone=zone_name or "a zone")
    return _TITLES.get(kind, "look at the device")


def row_of(found: Row) -> AlertRow:
    """A store row as the queue's line."""
    facts: dict[str, Any] = found.facts or {}
    kind = AlertKind(found.kind)
    return AlertRow(
        alert_id=found.alert_id,
        version=found.version,
        kind=kind,
        priority=Priority(found.priority),
        state=AlertState(found.state),
        raised_at=found.raised_at,
        began_at=found.began_at,
        title=title_of(kind, found.breach_kind, found.zone_name),
        area=found.area or "",
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
        # Work that has risen since is nobody's until it is taken again.
        owner=None if found.state == AlertState.NEW else found.owner,
        acknowledged_at=None if found.state == AlertState.NEW else found.acknowledged_at,
        cleared_at=found.cleared_at,
        device_kind=found.device_kind,
    )


def is_for(viewer: Viewer, row: AlertRow) -> bool:
    """Whether this line may be in front of this viewer at all."""
    return decide(viewer.role, Action.SEE_ALERTS, _record(viewer, row)).allowed


def _channel(stored: object) -> str | None:
    if isinstance(stored, int):
        return Channel(stored).name.lower()
    return str(stored) if stored else None


def _record(viewer: Viewer, row: AlertRow) -> Record:
    return Record(
        # A viewer without an area watches all; an alert without one is everybody's.
        is_in_area=not viewer.area or not row.area or viewer.area == row.area,
        is_own=row.owner is None or row.owner == viewer.login,
    )


def _check(viewer: Viewer, action: Action, row: AlertRow) -> None:
    decision = decide(viewer.role, action, _record(viewer, row))
    if not decision.allowed:
        raise Refused(decision.reason)


def _locked(connection: Connection, viewer: Viewer, alert_id: int, action: Action) -> AlertRow:
    alerts.lock(connection, alert_id)
    row = row_of(alerts.get(connection, alert_id))
    if not is_for(viewer, row):
        # Whether an alert of another area exists is not for this viewer to learn.
        raise NotFound(f"There is no alert {alert_id}.")
    _check(viewer, action, row)
    return row


def _refuse_if_taken(row: AlertRow) -> None:
    if row.state is AlertState.ACKNOWLEDGED and row.owner and row.acknowledged_at:
        raise AlertTaken(row.owner, row.acknowledged_at)


def _words(field: str, words: str) -> str:
    words = words.strip()
    if not words:
        raise BadInput(field, "a few words")
    if len(words) > NOTE_LIMIT:
        raise BadInput(field, f"at most {NOTE_LIMIT} characters", len(words))
    return words


def _case(
    viewer: Viewer, row: AlertRow, found: Row, entries: Sequence[Row], finding: str | None
) -> AlertCase:
    may_see_offender = decide(viewer.role, Action.SEE_OFFENDER_NAME).allowed
    may_see_victim = decide(viewer.role, Action.SEE_VICTIM_NAME).allowed
    code = row.case_code or "without a case"
    victim = found.victim_name
    return AlertCase(
        row=row,
        order_reference=found.order_reference or "",
        order_until=found.order_until,
        offender=found.offender_name
        if may_see_offender and found.offender_name
        else f"offender of {code}",
        victim=None if victim is None else victim if may_see_victim else f"victim of {code}",
        device_serial=found.serial,
        device_model=found.model or "",
        fixed_at=found.fixed_at,
        fix_radius_m=found.radius_95_m,
        edge_now_m=found.edge_now_m,
        battery_pct=found.battery_pct,
        finding=finding,
        history=tuple(
            AlertLine(at=each.at, action=each.action, by=each.login, note=each.note)
            for each in entries
        ),
    )
