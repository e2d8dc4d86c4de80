"""Changing how the desk works: versioned, with a reason, and on the audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

from data.clock import Clock
from data.errors import BadInput, Clash
from data.model.desk_policy import DeskPolicy
from data.model.user import Viewer
from data.store import audit, desk_policies
from data.store.reading import reading

REASON_LIMIT = 500


@dataclass(frozen=True, slots=True)
class PolicyInForce:
    """The figures that hold, and who wrote them; number 0: nobody has, they are Vigil's own."""

    number: int
    policy: DeskPolicy
    words: str  # "boss, 2026-11-21 12:00 UTC: quieter nights", empty for Vigil's own


@dataclass(frozen=True, slots=True)
class DeskPolicies:
    """Reads and changes the policy. Who may is the gate's question."""

    engine: Engine
    clock: Clock

    def in_force(self) -> PolicyInForce:
        """What holds now."""
        with reading(self.engine) as connection:
            row = desk_policies.find_newest(connection)
            policy = desk_policies.get_desk_policy(connection)
        if row is None:
            return PolicyInForce(0, policy, "")
        who = row.login or "the terminal"
        words = f"{who}, {row.recorded_at:%Y-%m-%d %H:%M} UTC: {row.reason}"
        return PolicyInForce(row.desk_policy_id, policy, words)

    def change(
        self, viewer: Viewer, figures: Mapping[str, Any], *, reason: str, number: int
    ) -> int:
        """Records new figures, which hold from now on; gives their number.

        Args:
            viewer: who changes them.
            figures: as DeskPolicy.to_json gives them; those left out stay as they are.
            reason: for who reads the trail.
            number: the policy that was on screen: who changes an older one is told.

        Raises:
            BadInput: a figure that makes no sense, no reason, or nothing changed.
            Clash: somebody has changed it since.
        """
        reason = reason.strip()
        if not 0 < len(reason) <= REASON_LIMIT:
            raise BadInput("reason", f"1 to {REASON_LIMIT} characters")
        with self.engine.begin() as connection:
            desk_policies.lock(connection)
            row = desk_policies.find_newest(connection)
            if number != (0 if row is None else row.desk_policy_id):
                raise Clash("Somebody has changed the desk's policy since. Look again.")
            before = desk_policies.get_desk_policy(connection)
            after = DeskPolicy.from_json({**before.to_json(), **figures})
            changed = [
                name for name, each in after.to_json().items() if each != before.to_json()[name]
            ]
            if not changed:
                raise BadInput("policy", "a figure that differs")
            now = self.clock.now()
            made = desk_policies.append(
                connection, after, at=now, user_id=viewer.user_id, reason=reason
            )
            audit.append(
                connection,
                at=now,
                user_id=viewer.user_id,
                action="desk_policy_changed",
                record_kind="desk_policy",
                record_id=made,
                peer=viewer.peer,
                session_id=viewer.session_id or None,
                detail={
                    name: {"was": before.to_json()[name], "is": after.to_json()[name]}
                    for name in changed
                },
            )
        return made
