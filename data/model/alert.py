"""An alert: work for an operator. Cleared, acknowledged and closed are three different facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum


class Priority(IntEnum):
    """Lower is more urgent."""

    P1 = 1
    P2 = 2
    P3 = 3


class AlertState(StrEnum):
    """Where the work stands. Whether the condition still holds is `cleared_at`, not a state."""

    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


# A closed alert is evidence, so nothing leads out of CLOSED: a new breach raises a new alert.
MOVES: dict[AlertState, frozenset[AlertState]] = {
    AlertState.NEW: frozenset({AlertState.ACKNOWLEDGED}),
    AlertState.ACKNOWLEDGED: frozenset({AlertState.NEW, AlertState.CLOSED}),
    AlertState.CLOSED: frozenset(),
}


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
    CONFIRMED = "confirmed"
    REPEATED = "repeated"
    CLEARED = "cleared"
    ACKNOWLEDGED = "acknowledged"
    RELEASED = "released"
    NOTED = "noted"
    CLOSED = "closed"


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
    title: str  # a few words, such as "in Zone A"
    area: str = ""
    case_code: str | None = None
    activation_id: int | None = None
    zone_id: int | None = None
    zone_name: str | None = None
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


@dataclass(frozen=True, slots=True)
class AlertLine:
    """One line of an alert's history."""

    at: datetime
    action: str
    by: str | None  # login; None: Vigil itself
    note: str


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
    finding: str | None
    history: tuple[AlertLine, ...]
