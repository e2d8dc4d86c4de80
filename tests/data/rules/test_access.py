"""The whole table of who may do what. A new role or action fails here until it is decided."""

from __future__ import annotations

import itertools
import re

import pytest

from data.model.user import Role
from data.rules.access import (
    GRANTS,
    SIGHTS,
    TERMINAL,
    VICTIM_FIELDS,
    Action,
    Record,
    decide,
    decide_at_terminal,
    masked,
)

# One letter a role: operator, case officer, investigator, administrator, supervisor, wall, auditor.
COLUMNS = dict(
    zip(
        "ociasxu",
        (
            Role.OPERATOR,
            Role.CASE_OFFICER,
            Role.INVESTIGATOR,
            Role.ADMINISTRATOR,
            Role.SUPERVISOR,
            Role.WALL,
            Role.AUDITOR,
        ),
        strict=True,
    )
)

MAY: dict[Action, str] = {
    Action.ENTER: "ociasxu",
    Action.SIGN_OUT: "ociasxu",
    Action.STEP_UP: "ocias-u",
    Action.CHANGE_OWN_SIGN_IN: "ocias-u",
    Action.KEEP_OWN_CHOICES: "ocias-u",
    Action.SEE_DESK: "oci-s-u",
    Action.SEE_WALL: "oci-sx-",
    Action.SET_UP_WALL: "-----x-",
    Action.SEE_MAP: "oci-sx-",
    Action.SEE_VICTIM_POSITION: "oc--s--",
    Action.SEE_TRAIL: "oci-s--",
    Action.SEE_REPLAY: "oci-s--",
    Action.KEEP_BOOKMARK: "oci-s--",
    Action.SEE_VICTIM_TRAIL: "-c--s--",
    Action.SEE_HISTORY: "oci-s--",
    Action.SEE_FIGURES: "o---s-u",
    Action.SEE_ALERTS: "oci-sxu",
    Action.SEE_CASE: "oci-s-u",
    Action.SEE_OFFENDER_NAME: "oci-s--",
    Action.ACKNOWLEDGE_ALERT: "o---s--",
    Action.RELEASE_ALERT: "o---s--",
    Action.NOTE_ALERT: "oci-s--",
    Action.CLOSE_ALERT: "o---s--",
    Action.LOOK_UP: "-c--s--",
    Action.REVEAL_VICTIM: "-c--s--",
    Action.SEE_VICTIM_NAME: "-c--s--",
    Action.SEE_VICTIM_ADDRESS: "-c--s--",
    Action.SEE_VICTIM_CONTACT: "-c--s--",
    Action.SEE_VICTIM_ROUTINE: "-c--s--",
    Action.SEE_ZONE_NAME: "-c--s--",
    Action.KEEP_ROUTINE: "-c-----",
    Action.SEE_ENCOUNTERS: "-ci-s--",
    Action.BREAK_GLASS: "-c--s--",
    Action.HEAR_OF_GLASS: "-c--s--",
    Action.SEE_ACCESS: "----s-u",
    Action.EXPORT_ACCESS: "----s-u",
    Action.REVIEW_GLASS: "----s--",
    Action.SEE_ACCOUNTS: "---a---",
    Action.ASSIGN_CASE: "---as--",
    Action.SEE_SIGNATURES: "-c--s--",
    Action.ASK_SECOND: "-c--s--",
    Action.SIGN_SECOND: "----s--",
    Action.DRAW_ZONE: "-c--s--",
    Action.ACTIVATE_ZONE: "-c--s--",
    Action.EXPORT_ZONE: "-c--s--",
    # At the machine's own terminal, where nobody is signed in.
    Action.RUN_PROCESS: "",
    Action.IMPORT_HISTORY: "",
    Action.JUDGE_FILES: "",
    Action.KEEP_BASEMAP: "",
    Action.KEEP_DEVICES: "",
    Action.KEEP_ZONES: "",
    Action.KEEP_ACCOUNTS: "",
    Action.KEEP_WALLS: "",
    Action.VERIFY_AUDIT: "",
    Action.TAKE_OVER_ALERT: "o---s--",
    Action.ESCALATE_ALERT: "o---s--",
    Action.SHELVE_ALERT: "o---s--",
    Action.DO_STEP: "o---s--",
    Action.HAND_OVER: "o---s--",
    Action.KEEP_DESK_POLICY: "----s--",
}

OF_A_CASE = sorted(VICTIM_FIELDS | {Action.REVEAL_VICTIM, Action.SEE_VICTIM_TRAIL})


@pytest.mark.parametrize(("action", "letter"), list(itertools.product(Action, COLUMNS)))
def test_every_role_and_action_is_decided(action: Action, letter: str) -> None:
    """Each role may do exactly what its column says, and is told why."""
    decision = decide(COLUMNS[letter], action)
    assert decision.allowed is (letter in MAY[action])
    assert decision.reason


@pytest.mark.parametrize("action", Action)
def test_a_refusal_reads_as_a_sentence(action: Action) -> None:
    """What may not be done is a verb and its object: "look up a case", not "look the up"."""
    refused = decide_at_terminal(action).reason if MAY[action] else decide(Role.WALL, action).reason
    assert not re.search(r"\bthe ((up|out|over|own|of)\b|second\.)", refused), refused


def test_every_role_has_a_column() -> None:
    """No role is left out of the table."""
    assert set(COLUMNS.values()) == set(Role)


@pytest.mark.parametrize("action", Action)
def test_the_terminal_does_what_no_role_does(action: Action) -> None:
    """Nobody is signed in at the terminal, so it may do nothing that a role may: no victim."""
    assert decide_at_terminal(action).allowed is (MAY[action] == "")
    assert (action in TERMINAL) is (MAY[action] == "")
    assert decide_at_terminal(action).reason


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", Action)
def test_another_area_is_closed_to_everybody(role: Role, action: Action) -> None:
    """A record of another area is refused whatever the role, and whatever else is true of it."""
    record = Record(
        is_in_area=False,
        is_assigned=True,
        is_glass_broken=True,
        is_revealed=True,
        is_in_danger=True,
    )
    assert not decide(role, action, record).allowed


@pytest.mark.parametrize(
    "action",
    [Action.RELEASE_ALERT, Action.CLOSE_ALERT, Action.SHELVE_ALERT, Action.DO_STEP],
)
def test_only_its_owner_or_a_supervisor_files_an_alert(action: Action) -> None:
    """Nobody gives back or closes what another operator has taken, except a supervisor."""
    of_another = Record(is_own=False)
    assert not decide(Role.OPERATOR, action, of_another).allowed
    assert decide(Role.SUPERVISOR, action, of_another).allowed
    assert decide(Role.OPERATOR, action, Record(is_own=True)).allowed
    assert decide(Role.OPERATOR, Action.NOTE_ALERT, of_another).allowed


@pytest.mark.parametrize("role", [Role.CASE_OFFICER, Role.INVESTIGATOR])
@pytest.mark.parametrize("action", [Action.SEE_ALERTS, Action.SEE_CASE, Action.SEE_MAP])
def test_who_works_by_cases_sees_their_own(role: Role, action: Action) -> None:
    """A case that is not given to them, or opened by breaking the glass, is none of theirs."""
    assert not decide(role, action, Record()).allowed
    assert decide(role, action, Record(is_assigned=True)).allowed
    assert decide(role, action, Record(is_glass_broken=True)).allowed


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", OF_A_CASE)
def test_a_victim_is_for_those_with_her_case(role: Role, action: Action) -> None:
    """Without her case nobody gets any field of hers, and with it only those the table names."""
    assert not decide(role, action, Record(is_revealed=True, is_in_danger=True)).allowed
    with_it = decide(role, action, Record(is_assigned=True, is_revealed=True))
    assert with_it.allowed is (action in GRANTS[role])


@pytest.mark.parametrize("action", sorted(VICTIM_FIELDS))
def test_her_fields_are_masked_until_asked_for(action: Action) -> None:
    """Having the case is not enough: each look says why."""
    assert not decide(Role.CASE_OFFICER, action, Record(is_assigned=True)).allowed
    assert not decide(Role.SUPERVISOR, action, Record(is_glass_broken=True)).allowed


def test_where_she_is_shows_while_she_is_in_danger() -> None:
    """Operators send help to her; at any other time her position would say where she lives."""
    action = Action.SEE_VICTIM_POSITION
    assert not decide(Role.OPERATOR, action, Record()).allowed
    assert decide(Role.OPERATOR, action, Record(is_in_danger=True)).allowed
    assert not decide(Role.CASE_OFFICER, action, Record(is_in_danger=True)).allowed
    assert not decide(Role.CASE_OFFICER, action, Record(is_assigned=True)).allowed
    for record in (
        Record(is_assigned=True, is_in_danger=True),
        Record(is_assigned=True, is_revealed=True),
    ):
        assert decide(Role.CASE_OFFICER, action, record).allowed


def test_nobody_breaks_glass_without_need() -> None:
    """Who has the case, or has broken it already, reveals like everybody with the case."""
    assert decide(Role.SUPERVISOR, Action.BREAK_GLASS, Record()).allowed
    for record in (Record(is_assigned=True), Record(is_glass_broken=True)):
        assert not decide(Role.SUPERVISOR, Action.BREAK_GLASS, record).allowed


@pytest.mark.parametrize("role", Role)
def test_each_screen_can_say_what_it_does_not_show(role: Role) -> None:
    """What a role never sees is on its list with a reason; nothing it sees freely is."""
    told = dict(masked(role))
    for action, what in SIGHTS.items():
        if not decide(role, action).allowed or action in VICTIM_FIELDS:
            assert told[what]
    assert ("Alerts" in told) is not decide(role, Action.SEE_ALERTS).allowed
