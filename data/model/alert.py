"""An alert: work for an operator. Cleared, acknowledged and closed are three different facts."""

from __future__ import annotations

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
