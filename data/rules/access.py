"""Who may do what: one table of role and action, and a reason with every decision.

An action that a role's row does not name is refused. Nothing else in Vigil decides access:
routes, callbacks and socket events name an `Action` and ask here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from data.model.user import Role


class Action(StrEnum):
    """Everything that can be asked of the room."""

    ENTER = "enter"  # the shell of a page, scripts and styles: nothing of any case
    SIGN_OUT = "sign_out"
    SEE_DESK = "see_desk"
    SEE_WALL = "see_wall"
    SEE_MAP = "see_map"  # base map, zones, offenders' live positions
    SEE_VICTIM_POSITION = "see_victim_position"
    SEE_TRAIL = "see_trail"
    SEE_ALERTS = "see_alerts"
    SEE_CASE = "see_case"  # the drawer: case, device, history of an alert
    SEE_OFFENDER_NAME = "see_offender_name"
    SEE_VICTIM_NAME = "see_victim_name"
    ACKNOWLEDGE_ALERT = "acknowledge_alert"
    RELEASE_ALERT = "release_alert"
    NOTE_ALERT = "note_alert"
    CLOSE_ALERT = "close_alert"


@dataclass(frozen=True, slots=True)
class Record:
    """What matters about one record to the person who asks for it."""

    is_in_area: bool = True
    is_own: bool = True  # taken by, or assigned to, the one who asks


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether, and why; the reason is written to be read by the one who asked."""

    allowed: bool
    reason: str


# Signed in is enough for these: they show nothing of any case.
_EVERYBODY = frozenset({Action.ENTER, Action.SIGN_OUT})

_LIVE_PICTURE = frozenset({Action.SEE_MAP, Action.SEE_ALERTS, Action.SEE_WALL})

_DESK = _LIVE_PICTURE | {
    Action.SEE_DESK,
    Action.SEE_CASE,
    Action.SEE_TRAIL,
    Action.SEE_VICTIM_POSITION,
    Action.SEE_OFFENDER_NAME,
}

_WORK_ALERTS = frozenset(
    {
        Action.ACKNOWLEDGE_ALERT,
        Action.RELEASE_ALERT,
        Action.NOTE_ALERT,
        Action.CLOSE_ALERT,
    }
)

GRANTS: dict[Role, dict[Action, str]] = {
    role: dict.fromkeys(_EVERYBODY, "everybody who is signed in") for role in Role
}
"""The table: what each role may do, and why. What is missing is refused."""

GRANTS[Role.OPERATOR] |= dict.fromkeys(
    _DESK | _WORK_ALERTS, "operators watch the live picture and work the alerts"
)
GRANTS[Role.SUPERVISOR] |= dict.fromkeys(
    _DESK | _WORK_ALERTS, "supervisors stand in for any operator"
)
GRANTS[Role.SUPERVISOR] |= {Action.SEE_VICTIM_NAME: "supervisors answer for the contact with her"}
GRANTS[Role.CASE_OFFICER] |= dict.fromkeys(
    _DESK | {Action.NOTE_ALERT}, "case officers follow what happens in their cases"
)
GRANTS[Role.CASE_OFFICER] |= {Action.SEE_VICTIM_NAME: "case officers keep her case"}
GRANTS[Role.INVESTIGATOR] |= dict.fromkeys(
    (_DESK | {Action.NOTE_ALERT}) - {Action.SEE_VICTIM_POSITION},
    "investigators follow offenders, not victims",
)
# A wall hangs where visitors see it: no names, no victim, nothing to click.
GRANTS[Role.WALL] |= dict.fromkeys(_LIVE_PICTURE, "the wall shows what is wrong and who is on it")
GRANTS[Role.AUDITOR] |= {
    Action.SEE_ALERTS: "auditors read what was done about alerts",
    Action.SEE_CASE: "auditors read what was done about alerts",
    Action.SEE_DESK: "auditors read what was done about alerts",
}
# The administrator keeps the house, not the cases: nothing beyond what everybody may.

# Acts that change an alert somebody has taken are for that person, or for a supervisor.
_OWNERS_ONLY = frozenset({Action.RELEASE_ALERT, Action.CLOSE_ALERT})


def decide(role: Role, action: Action, record: Record | None = None) -> Decision:
    """Whether this role may do this, to this record where one is meant.

    `record` None asks in general, as for showing a button or opening a page.
    """
    reason = GRANTS[role].get(action)
    if reason is None:
        return Decision(False, f"{_words(role)} may not {_words(action)}. Ask the duty supervisor.")
    if record is None:
        return Decision(True, reason)
    if not record.is_in_area:
        return Decision(False, "The record belongs to another area. Ask the duty supervisor.")
    if action in _OWNERS_ONLY and not record.is_own and role is not Role.SUPERVISOR:
        return Decision(
            False, "Somebody else has this alert. Only they or a supervisor may do that."
        )
    return Decision(True, reason)


def _words(name: Role | Action) -> str:
    """The name as it stands in a sentence: "The role wall", "see the desk"."""
    words = name.value.replace("_", " ")
    return f"The role {words}" if isinstance(name, Role) else words.replace(" ", " the ", 1)
