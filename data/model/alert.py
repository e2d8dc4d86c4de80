"""An alert: work for an operator. Cleared, acknowledged and closed are three different facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any


class Priority(IntEnum):
    """Lower is more urgent."""

    P1 = 1
    P2 = 2
    P3 = 3


class AlertState(StrEnum):
    """Where the work stands. Whether the condition still holds is `cleared_at`, not a state."""

    NEW = "new"
    ACKNOWLEDGED = "acknowledged"  # somebody has it, and a short while to begin
    ACTING = "acting"  # somebody has begun
    SHELVED = "shelved"  # put aside by somebody, until a moment, with a reason
    CLOSED = "closed"


class AlertKind(StrEnum):
    """What an alert is about: a breach, or a condition of a device or of Vigil itself."""

    BREACH = "breach"
    STRAP_OPEN = "strap_open"
    CASE_OPEN = "case_open"
    BATTERY_LOW = "battery_low"
    BATTERY_CRITICAL = "battery_critical"
    SILENT = "silent"
    MOVING_WITHOUT_FIX = "moving_without_fix"
    NEVER_REPORTED = "never_reported"
    TWIN_POSITION = "twin_position"
    UNJUDGED = "unjudged"
    OTHER = "other"


class AlertAction(StrEnum):
    """What was done about an alert; one line of its history each."""

    RAISED = "raised"
    CONFIRMED = "confirmed"  # rose in priority
    REPEATED = "repeated"
    CLEARED = "cleared"
    ACKNOWLEDGED = "acknowledged"
    LAPSED = "lapsed"  # taken, and nothing done in time: back to the room
    TAKEN_OVER = "taken_over"
    RELEASED = "released"
    STEP_DONE = "step_done"
    STEP_SKIPPED = "step_skipped"
    NOTIFIED = "notified"
    NOTED = "noted"
    SHELVED = "shelved"
    RETURNED = "returned"
    ESCALATED = "escalated"
    REMINDED = "reminded"  # taken, but open for too long
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class AlertLife:
    """The part of an alert that people and time move. Moments are aware UTC."""

    state: AlertState
    priority: Priority
    waiting_since: datetime  # since when nobody has had it, the last time nobody had it
    is_shelvable: bool = True
    owner_id: int | None = None
    acknowledged_at: datetime | None = None
    hold_until: datetime | None = None  # acknowledged, and by then something must be done
    shelved_until: datetime | None = None
    shelves: int = 0  # how often it has been put aside
    escalated_at: datetime | None = None
    rung: int = 0  # how far up it has gone while nobody had it; 0: nowhere
    reminded_at: datetime | None = None
    cleared_at: datetime | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AlertRow:
    """One line of the queue. It holds no person's name and no place."""

    alert_id: int
    version: int
    kind: AlertKind
    priority: Priority
    state: AlertState
    raised_at: datetime
    began_at: datetime
    title: str  # a few words, such as "in victim safe area 1"
    area: str = ""
    case_id: int | None = None
    case_code: str | None = None
    activation_id: int | None = None
    zone_id: int | None = None
    zone_name: str | None = None  # the neutral label, never the name it was given
    breach_kind: str | None = None
    channel: str | None = None  # "possible" or "confirmed"; None: not a breach
    p_inside: float | None = None
    radius_95_m: float | None = None
    edge_m: float | None = None  # negative inside
    repeats: int = 0
    minutes_to_contact: float | None = None
    found_on_backfill: bool = False
    owner: str | None = None
    acknowledged_at: datetime | None = None
    cleared_at: datetime | None = None
    device_kind: str | None = None
    turn: int = 0  # counts what changes whose work it is: who acts names the turn they saw
    waiting_since: datetime | None = None
    hold_until: datetime | None = None
    shelved_until: datetime | None = None
    shelves: int = 0
    escalated_at: datetime | None = None
    rung: int = 0
    is_flapping: bool = False
    is_shelvable: bool = False


@dataclass(frozen=True, slots=True)
class AlertLine:
    """One line of an alert's history."""

    at: datetime
    action: str
    by: str | None  # login; None: Vigil itself
    note: str
    detail: Mapping[str, Any] = field(default_factory=dict)  # step, rung, minutes, finding


@dataclass(frozen=True, slots=True)
class AlertCase:
    """What the case drawer says of one alert; names only where the viewer may see them."""

    row: AlertRow
    order_reference: str
    order_until: datetime | None
    offender: str
    victim: str | None
    device_serial: str | None
    device_model: str
    fixed_at: datetime | None  # of the newest fix
    fix_radius_m: float | None
    edge_now_m: float | None  # from the newest fix to the zone's edge, negative inside
    battery_pct: float | None
    pace_mps: float  # what minutes are counted with: as now, never slower than a walker
    edge_now_min: float | None  # from the newest fix; None: inside, or no zone
    victim_now_min: float | None  # to the nearest victim of the case; None: nothing is known
    finding: str | None
    history: tuple[AlertLine, ...]
