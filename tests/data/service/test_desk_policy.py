"""How the desk works is changed by a person, for a reason, and what was before stays on record."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text

from data.clock import FixedClock
from data.errors import BadInput, Clash
from data.model.alert import Priority
from data.model.user import Role
from data.service.desk_policy import DeskPolicies
from tests.stage import a_viewer

pytestmark = pytest.mark.db


def test_a_change_is_a_new_version(engine: Engine, clock: FixedClock) -> None:
    """It holds at once; the trail says who, what was and what is; an older screen is told."""
    policies = DeskPolicies(engine, clock)
    boss = a_viewer(engine, clock, "boss", Role.SUPERVISOR)
    assert (policies.in_force().number, policies.in_force().words) == (0, "")
    steps = {"1": [{"key": "victim", "words": "Victim", "notifies": "victim"}]}
    made = policies.change(
        boss, {"flood_alerts": 20, "steps": steps}, reason="new protocol", number=0
    )
    found = policies.in_force()
    assert (found.number, found.policy.flood_alerts, found.policy.hold_s) == (made, 20, 120.0)
    assert [step.key for step in found.policy.steps[Priority.P1]] == ["victim"]
    assert found.words == "boss, 2026-11-21 12:00 UTC: new protocol"
    with engine.connect() as connection:
        query = text("select detail from vigil.audit_entry where action = 'desk_policy_changed'")
        assert connection.scalar(query)["flood_alerts"] == {"was": 10, "is": 20}
    with pytest.raises(Clash):
        policies.change(boss, {"flood_alerts": 30}, reason="from an old screen", number=0)


@pytest.mark.parametrize(
    ("figures", "reason"),
    [
        ({"escalate_s": {"1": [61.0]}}, "slower"),
        ({"escalate_s": {"1": []}}, "never"),
        ({"hold_s": 0}, "no hold"),
        ({"hold_s": "soon"}, "words"),
        ({"steps": {"1": [{"key": "a"}]}}, "no words"),
        ({"nobody_knows": 1}, "?"),
        ({"flood_alerts": 10}, "the same as before"),
        ({"flood_alerts": 20}, "  "),
    ],
)
def test_what_makes_no_sense_is_not_recorded(
    engine: Engine, clock: FixedClock, figures: dict[str, object], reason: str
) -> None:
    """A first alert leaves the room within a minute, whoever sets the figures."""
    policies = DeskPolicies(engine, clock)
    boss = a_viewer(engine, clock, "boss", Role.SUPERVISOR)
    with pytest.raises(BadInput):
        policies.change(boss, figures, reason=reason, number=0)
    assert policies.in_force().number == 0
