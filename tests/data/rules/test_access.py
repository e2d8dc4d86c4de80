"""The whole table of who may do what. A new role or action fails here until it is decided."""

from __future__ import annotations

import itertools

import pytest

from data.model.user import Role
from data.rules.access import Action, Record, decide

# One letter a role: operator, case officer, investigator, supervisor, administrator, wall, auditor.
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
    Action.SEE_DESK: "oci-s-u",
    Action.SEE_WALL: "oci-sx-",
    Action.SEE_MAP: "oci-sx-",
    Action.SEE_VICTIM_POSITION: "oc--s--",
    Action.SEE_TRAIL: "oci-s--",
    Action.SEE_ALERTS: "oci-sxu",
    Action.SEE_CASE: "oci-s-u",
    Action.SEE_OFFENDER_NAME: "oci-s--",
    Action.SEE_VICTIM_NAME: "-c--s--",
    Action.ACKNOWLEDGE_ALERT: "o---s--",
    Action.RELEASE_ALERT: "o---s--",
    Action.NOTE_ALERT: "oci-s--",
    Action.CLOSE_ALERT: "o---s--",
}


@pytest.mark.parametrize(("action", "letter"), list(itertools.product(Action, COLUMNS)))
def test_every_role_and_action_is_decided(action: Action, letter: str) -> None:
    """Each role may do exactly what its column says, and is told why."""
    decision = decide(COLUMNS[letter], action)
    assert decision.allowed is (letter in MAY[action])
    assert decision.reason


def test_every_role_has_a_column() -> None:
    """No role is left out of the table."""
    assert set(COLUMNS.values()) == set(Role)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", Action)
def test_another_area_is_closed_to_everybody(role: Role, action: Action) -> None:
    """A record of another area is refused whatever the role."""
    assert not decide(role, action, Record(is_in_area=False)).allowed


@pytest.mark.parametrize("action", [Action.RELEASE_ALERT, Action.CLOSE_ALERT])
def test_only_its_owner_or_a_supervisor_files_an_alert(action: Action) -> None:
    """Nobody gives back or closes what another operator has taken, except a supervisor."""
    of_another = Record(is_own=False)
    assert not decide(Role.OPERATOR, action, of_another).allowed
    assert decide(Role.SUPERVISOR, action, of_another).allowed
    assert decide(Role.OPERATOR, action, Record(is_own=True)).allowed
    assert decide(Role.OPERATOR, Action.NOTE_ALERT, of_another).allowed
