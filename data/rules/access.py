"""Who may do what: one table of role and action, and a reason with every decision.

An action that a role's row does not name is refused. Nothing else in Vigil decides access:
routes, callbacks, socket events, map layers, exports and terminal commands name an `Action` and
ask here. The role opens or shuts in general; the `Record` says what is true of the one record
that is meant, and can only shut further.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from data.model.user import Role


class Action(StrEnum):
    """Everything that can be asked of the room."""

    ENTER = "enter"  # the shell of a page, scripts and styles: nothing of any case
    SIGN_OUT = "sign_out"
    STEP_UP = "step_up"  # prove again, in an open session, that it is still you
    CHANGE_OWN_SIGN_IN = "change_own_sign_in"  # one's own password and second factors
    KEEP_OWN_CHOICES = "keep_own_choices"  # panes and keys: nothing of any case
    SEE_DESK = "see_desk"
    SEE_WALL = "see_wall"
    SET_UP_WALL = "set_up_wall"  # how large this screen is and how far people sit from it
    SEE_MAP = "see_map"  # base map, zones, offenders' live positions
    SEE_VICTIM_POSITION = "see_victim_position"
    SEE_TRAIL = "see_trail"
    SEE_VICTIM_TRAIL = "see_victim_trail"
    SEE_HISTORY = "see_history"  # past breaches: where, when, how sure, what was found
    SEE_FIGURES = "see_figures"  # how the room does: counts and times, no place
    SEE_REPLAY = "see_replay"  # where an offender was in any period; opening one is written down
    KEEP_BOOKMARK = "keep_bookmark"  # a moment of a replay with words
    SEE_ALERTS = "see_alerts"
    SEE_CASE = "see_case"  # the drawer: case, device, history of an alert
    SEE_OFFENDER_NAME = "see_offender_name"
    ACKNOWLEDGE_ALERT = "acknowledge_alert"
    RELEASE_ALERT = "release_alert"
    NOTE_ALERT = "note_alert"
    CLOSE_ALERT = "close_alert"
    TAKE_OVER_ALERT = "take_over_alert"
    ESCALATE_ALERT = "escalate_alert"
    SHELVE_ALERT = "shelve_alert"
    KEEP_DESK_POLICY = "keep_desk_policy"  # how long things may wait, and the steps
    HAND_OVER = "hand_over"  # the standing list, and both signatures of a shift's end
    DO_STEP = "do_step"  # of the protocol: notices to police and victim among them

    # A victim, field by field; each needs a reveal of its own.
    LOOK_UP = "look_up"  # the screen on which a case is looked up; shows nothing by itself
    REVEAL_VICTIM = "reveal_victim"
    SEE_VICTIM_NAME = "see_victim_name"
    SEE_VICTIM_ADDRESS = "see_victim_address"
    SEE_VICTIM_CONTACT = "see_victim_contact"
    SEE_VICTIM_ROUTINE = "see_victim_routine"
    SEE_ZONE_NAME = "see_zone_name"  # as it was written: often her street
    KEEP_ROUTINE = "keep_routine"  # enter, import, confirm where she usually is; her consent
    SEE_ENCOUNTERS = "see_encounters"  # was he near where she was due; places by number only
    BREAK_GLASS = "break_glass"
    HEAR_OF_GLASS = "hear_of_glass"

    # Watching those who watch.
    SEE_ACCESS = "see_access"
    EXPORT_ACCESS = "export_access"
    REVIEW_GLASS = "review_glass"
    SEE_ACCOUNTS = "see_accounts"
    ASSIGN_CASE = "assign_case"
    SEE_SIGNATURES = "see_signatures"
    ASK_SECOND = "ask_second"  # ask for what takes two people
    SIGN_SECOND = "sign_second"

    # Drawing zones.
    DRAW_ZONE = "draw_zone"  # drafts, their checks, and trying them on the past
    ACTIVATE_ZONE = "activate_zone"  # alone, in an emergency, for a day
    EXPORT_ZONE = "export_zone"

    # At the machine's own terminal.
    RUN_PROCESS = "run_process"
    IMPORT_HISTORY = "import_history"
    JUDGE_FILES = "judge_files"
    KEEP_BASEMAP = "keep_basemap"
    KEEP_DEVICES = "keep_devices"
    KEEP_ZONES = "keep_zones"
    KEEP_ACCOUNTS = "keep_accounts"
    KEEP_WALLS = "keep_walls"
    VERIFY_AUDIT = "verify_audit"


@dataclass(frozen=True, slots=True)
class Record:
    """What is true of one record and the person who asks for it."""

    is_in_area: bool = True
    is_own: bool = True  # taken by nobody else
    is_assigned: bool = False  # its case is given to the one who asks, at this moment
    is_glass_broken: bool = False  # by the one who asks, for this case, and the window is open
    is_revealed: bool = False  # asked for with a reason, by the one who asks, and the minute runs
    is_in_danger: bool = False  # an urgent alert of her case holds

    @property
    def is_known(self) -> bool:
        """Whether the one who asks has business with this case at all."""
        return self.is_assigned or self.is_glass_broken


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether, and why; the reason is written to be read by the one who asked."""

    allowed: bool
    reason: str


# Signed in is enough for these: they show nothing of any case.
_EVERYBODY = frozenset({Action.ENTER, Action.SIGN_OUT})

# A wall is a screen: it has nobody to prove who they are, and no password of its own to change.
_EVERY_PERSON = frozenset({Action.STEP_UP, Action.CHANGE_OWN_SIGN_IN, Action.KEEP_OWN_CHOICES})

_LIVE_PICTURE = frozenset({Action.SEE_MAP, Action.SEE_ALERTS, Action.SEE_WALL})

_DESK = _LIVE_PICTURE | {
    Action.SEE_DESK,
    Action.SEE_CASE,
    Action.SEE_TRAIL,
    Action.SEE_REPLAY,
    Action.KEEP_BOOKMARK,
    Action.SEE_OFFENDER_NAME,
    Action.SEE_HISTORY,
}

_WORK_ALERTS = frozenset(
    {
        Action.ACKNOWLEDGE_ALERT,
        Action.RELEASE_ALERT,
        Action.NOTE_ALERT,
        Action.CLOSE_ALERT,
        Action.TAKE_OVER_ALERT,
        Action.ESCALATE_ALERT,
        Action.SHELVE_ALERT,
        Action.DO_STEP,
        Action.HAND_OVER,
    }
)

VICTIM_FIELDS = frozenset(
    {
        Action.SEE_VICTIM_NAME,
        Action.SEE_VICTIM_ADDRESS,
        Action.SEE_VICTIM_CONTACT,
        Action.SEE_VICTIM_ROUTINE,
        Action.SEE_ZONE_NAME,
    }
)
"""What could lead somebody to her door. Masked until revealed, whoever asks."""

_VICTIM = VICTIM_FIELDS | {
    Action.LOOK_UP,
    Action.REVEAL_VICTIM,
    Action.BREAK_GLASS,
    Action.HEAR_OF_GLASS,
    Action.SEE_VICTIM_POSITION,
    Action.SEE_VICTIM_TRAIL,
}

GRANTS: dict[Role, dict[Action, str]] = {
    role: dict.fromkeys(_EVERYBODY, "everybody who is signed in") for role in Role
}
"""The table: what each role may do, and why. What is missing is refused."""

for _role in set(Role) - {Role.WALL}:
    GRANTS[_role] |= dict.fromkeys(_EVERY_PERSON, "everybody keeps their own sign-in")

GRANTS[Role.OPERATOR] |= dict.fromkeys(
    _DESK | _WORK_ALERTS, "operators watch the live picture and work the alerts"
)
GRANTS[Role.OPERATOR] |= {
    Action.SEE_FIGURES: "operators see how much their desks are asked",
    Action.SEE_VICTIM_POSITION: "operators send help to her while an urgent alert holds",
}
GRANTS[Role.SUPERVISOR] |= dict.fromkeys(
    _DESK | _WORK_ALERTS, "supervisors stand in for any operator"
)
GRANTS[Role.SUPERVISOR] |= dict.fromkeys(_VICTIM, "supervisors answer for the contact with her")
GRANTS[Role.SUPERVISOR] |= dict.fromkeys(
    {
        Action.SEE_FIGURES,
        Action.SEE_ACCESS,
        Action.EXPORT_ACCESS,
        Action.REVIEW_GLASS,
        Action.ASSIGN_CASE,
        Action.SEE_SIGNATURES,
        Action.ASK_SECOND,
        Action.SIGN_SECOND,
    },
    "supervisors answer for who looks at what",
)
GRANTS[Role.SUPERVISOR] |= {
    Action.KEEP_DESK_POLICY: "supervisors answer for how the desk works",
}
GRANTS[Role.CASE_OFFICER] |= dict.fromkeys(
    _DESK | {Action.NOTE_ALERT}, "case officers follow what happens in their cases"
)
GRANTS[Role.CASE_OFFICER] |= dict.fromkeys(
    _VICTIM | {Action.KEEP_ROUTINE}, "case officers keep her case"
)
for _role in (Role.CASE_OFFICER, Role.INVESTIGATOR, Role.SUPERVISOR):
    GRANTS[_role] |= {
        Action.SEE_ENCOUNTERS: "a course of conduct is found by those who work the case"
    }
GRANTS[Role.CASE_OFFICER] |= dict.fromkeys(
    {Action.SEE_SIGNATURES, Action.ASK_SECOND}, "case officers keep her zones and contacts"
)
_ZONES = frozenset({Action.DRAW_ZONE, Action.ACTIVATE_ZONE, Action.EXPORT_ZONE})
GRANTS[Role.CASE_OFFICER] |= dict.fromkeys(_ZONES, "case officers draw the zones of their cases")
GRANTS[Role.SUPERVISOR] |= dict.fromkeys(_ZONES, "supervisors stand in for any case officer")
GRANTS[Role.INVESTIGATOR] |= dict.fromkeys(
    _DESK | {Action.NOTE_ALERT}, "investigators follow offenders, not victims"
)
# A wall hangs where visitors see it: no names, no victim, nothing to click.
GRANTS[Role.WALL] |= dict.fromkeys(_LIVE_PICTURE, "the wall shows what is wrong and who is on it")
GRANTS[Role.WALL] |= {Action.SET_UP_WALL: "a wall keeps its own size, for nobody signs in to it"}
GRANTS[Role.AUDITOR] |= dict.fromkeys(
    {Action.SEE_ALERTS, Action.SEE_CASE, Action.SEE_DESK, Action.SEE_FIGURES},
    "auditors read what was done about alerts",
)
GRANTS[Role.AUDITOR] |= dict.fromkeys(
    {Action.SEE_ACCESS, Action.EXPORT_ACCESS}, "auditors watch those who watch"
)
# The administrator keeps the house, not the cases.
GRANTS[Role.ADMINISTRATOR] |= dict.fromkeys(
    {Action.SEE_ACCOUNTS, Action.ASSIGN_CASE}, "administrators keep accounts, and no case"
)

TERMINAL: dict[Action, str] = dict.fromkeys(
    {
        Action.RUN_PROCESS,
        Action.IMPORT_HISTORY,
        Action.JUDGE_FILES,
        Action.KEEP_BASEMAP,
        Action.KEEP_DEVICES,
        Action.KEEP_ZONES,
        Action.KEEP_ACCOUNTS,
        Action.KEEP_WALLS,
        Action.VERIFY_AUDIT,
    },
    "who may start programs on this machine keeps the house",
)
"""What the machine's own terminal may do: it has no person, so it sees no victim."""

_WHY_NOT: dict[Action, str] = {
    Action.SEE_MAP: "places are for those who send help or keep the case",
    Action.SEE_TRAIL: "where somebody has been is for those who work the case",
    Action.SEE_HISTORY: "where breaches were is for those who work the case",
    Action.SEE_REPLAY: "where somebody has been is for those who work the case",
    Action.SEE_OFFENDER_NAME: "the case code is enough for this work",
    Action.SEE_VICTIM_POSITION: "where she is leads to where she lives",
    Action.SEE_VICTIM_TRAIL: "where she has been leads to where she lives",
    Action.SEE_VICTIM_NAME: "a name finds an address",
    Action.SEE_VICTIM_ADDRESS: "she was hurt by somebody who found her",
    Action.SEE_VICTIM_CONTACT: "her number is for those who speak with her",
    Action.SEE_VICTIM_ROUTINE: "her week says where to wait for her",
    Action.SEE_ZONE_NAME: "a zone is often called after her street",
    Action.SEE_ENCOUNTERS: "when he was near her says where she is",
    Action.KEEP_ROUTINE: "her week is written down by those who keep her case",
    Action.SEE_ALERTS: "alerts are for those who work them or check the work",
    Action.SEE_ACCESS: "who looked at what is for supervisors and auditors",
    Action.ACKNOWLEDGE_ALERT: "alerts are taken at the operators' desks",
}

SIGHTS: dict[Action, str] = {
    Action.SEE_ALERTS: "Alerts",
    Action.SEE_MAP: "The map",
    Action.SEE_TRAIL: "Trails of offenders",
    Action.SEE_HISTORY: "Past breaches",
    Action.SEE_REPLAY: "Replay of offenders' tracks",
    Action.SEE_OFFENDER_NAME: "Offenders' names",
    Action.SEE_VICTIM_POSITION: "Victims' positions",
    Action.SEE_VICTIM_TRAIL: "Trails of victims",
    Action.SEE_VICTIM_NAME: "Victims' names",
    Action.SEE_VICTIM_ADDRESS: "Victims' addresses",
    Action.SEE_VICTIM_CONTACT: "Victims' telephone numbers",
    Action.SEE_VICTIM_ROUTINE: "Victims' routines",
    Action.SEE_ZONE_NAME: "Zones' own names",
    Action.SEE_ENCOUNTERS: "Encounters with victims",
    Action.SEE_ACCESS: "Who looked at what",
}
"""What can be seen here at all, in the words of the screens."""

# They work on cases, not on the live picture: a case that is not theirs is not their business.
_BY_ASSIGNMENT = frozenset({Role.CASE_OFFICER, Role.INVESTIGATOR})

STEP_UP_ACTIONS = frozenset(
    {
        Action.CHANGE_OWN_SIGN_IN,
        Action.BREAK_GLASS,
        Action.EXPORT_ACCESS,
        Action.ASK_SECOND,
        Action.SIGN_SECOND,
        Action.ACTIVATE_ZONE,
        Action.EXPORT_ZONE,
    }
)
"""Acts so grave that a screen somebody left open must not do for them."""

STEP_UP_FOR = timedelta(minutes=5)
"""How long a proof counts: one act with its reason typed in, not the rest of a shift."""

# Acts that change an alert somebody has taken are for that person, or for a supervisor.
_OWNERS_ONLY = frozenset(
    {Action.RELEASE_ALERT, Action.CLOSE_ALERT, Action.SHELVE_ALERT, Action.DO_STEP}
)

_NOT_YOURS = "This case is not given to you. Ask a supervisor, or break the glass."


def decide(role: Role, action: Action, record: Record | None = None) -> Decision:
    """Whether this role may do this, to this record where one is meant.

    `record` None asks in general, as for showing a button or opening a page.
    """
    reason = GRANTS[role].get(action)
    if reason is None:
        why = _WHY_NOT.get(action)
        return Decision(
            False,
            f"{_words(role)} may not {_words(action)}{f': {why}' if why else ''}. "
            "Ask the duty supervisor.",
        )
    if record is None:
        return Decision(True, reason)
    refusal = _refusal(role, action, record)
    return Decision(refusal is None, refusal or reason)


def decide_at_terminal(action: Action) -> Decision:
    """Whether the machine's own terminal may do this; nobody is signed in there."""
    reason = TERMINAL.get(action)
    if reason is None:
        return Decision(False, f"The terminal may not {_words(action)}. Sign in to the room.")
    return Decision(True, reason)


def needs_step_up(action: Action, stepped_up_at: datetime | None, now: datetime) -> bool:
    """Whether whoever asks must first prove that it is still them.

    Args:
        action: what they ask for.
        stepped_up_at: when they last proved it in this session; None: never.
        now: this moment. A proof counts up to, not at, the end of STEP_UP_FOR.
    """
    if action not in STEP_UP_ACTIONS:
        return False
    return stepped_up_at is None or not now < stepped_up_at + STEP_UP_FOR


def is_by_assignment(role: Role) -> bool:
    """Whether this role knows of no case but those given to it."""
    return role in _BY_ASSIGNMENT


def masked(role: Role) -> list[tuple[str, str]]:
    """What this role does not see, or not without asking: (what, why), in the table's words."""
    found = []
    for action, what in SIGHTS.items():
        if action not in GRANTS[role]:
            found.append((what, f"{_WHY_NOT[action]}"))
        elif action in VICTIM_FIELDS:
            found.append((what, "masked until you give a reason, then for a minute"))
        elif action is Action.SEE_VICTIM_POSITION:
            found.append((what, _WHEN_SEEN[role]))
        elif role in _BY_ASSIGNMENT and action is Action.SEE_ALERTS:
            found.append(("Other cases", "only cases that are given to you"))
    return found


_WHEN_SEEN = {
    Role.OPERATOR: "only while an urgent alert of her case holds",
    Role.SUPERVISOR: "only while an urgent alert of her case holds, or revealed",
    Role.CASE_OFFICER: "only in your cases, while an urgent alert holds, or revealed",
}


def _refusal(role: Role, action: Action, record: Record) -> str | None:
    """Why this record is not for this role; None where it is."""
    if not record.is_in_area:
        return "The record belongs to another area. Ask the duty supervisor."
    if action is Action.BREAK_GLASS:
        return "You have this case already: reveal is enough." if record.is_known else None
    if role in _BY_ASSIGNMENT and not record.is_known:
        return _NOT_YOURS
    if action in VICTIM_FIELDS and not (record.is_known and record.is_revealed):
        return "Masked. Give a reason to see it." if record.is_known else _NOT_YOURS
    if action in {Action.REVEAL_VICTIM, Action.KEEP_ROUTINE} and not record.is_known:
        return _NOT_YOURS
    is_shown = record.is_known and record.is_revealed
    if action is Action.SEE_VICTIM_TRAIL and not is_shown:
        return "Where she has been is shown for the minute of a reveal."
    if action is Action.SEE_VICTIM_POSITION and not (is_shown or record.is_in_danger):
        return "Her position is shown while an urgent alert of her case holds, or revealed."
    if action in _OWNERS_ONLY and not record.is_own and role is not Role.SUPERVISOR:
        return "Somebody else has this alert. Only they or a supervisor may do that."
    return None


# Names that are no verb and its object.
_IN_A_SENTENCE: dict[Action, str] = {
    Action.SIGN_OUT: "sign out",
    Action.STEP_UP: "prove that it is still them",
    Action.CHANGE_OWN_SIGN_IN: "change a sign-in of their own",
    Action.KEEP_OWN_CHOICES: "keep choices of their own",
    Action.SET_UP_WALL: "set up a wall",
    Action.TAKE_OVER_ALERT: "take over the alert",
    Action.HAND_OVER: "hand over the shift",
    Action.LOOK_UP: "look up a case",
    Action.HEAR_OF_GLASS: "hear of broken glass",
    Action.ASK_SECOND: "ask for a second person's signature",
    Action.SIGN_SECOND: "sign as the second person",
}


def _words(name: Role | Action) -> str:
    """The name as it stands in a sentence: "The role wall", "see the desk"."""
    words = name.value.replace("_", " ")
    if isinstance(name, Role):
        return f"The role {words}"
    return _IN_A_SENTENCE.get(name) or words.replace(" ", " the ", 1)
