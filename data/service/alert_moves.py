"""One act on an alert: held, checked, moved on and written down in all four places, or not at all.

The alert is locked and then moved on from the turn the person saw, so of two who act at once the
second is told what the first has done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row

from data.clock import Clock
from data.errors import AlertTaken, Clash
from data.model.alert import AlertAction, AlertLife, AlertRow, AlertState
from data.model.breach import Finding
from data.model.desk_policy import DeskPolicy
from data.model.user import Viewer
from data.rules.access import Action
from data.rules.alert_life import CannotMove, as_of, move
from data.service.alerts import Alerts, row_of
from data.service.reach import Reaches
from data.store import alert_lives, alerts, audit, outbox, past_breaches
from data.store.desk_policies import get_desk_policy


@dataclass(frozen=True, slots=True)
class Held:
    """A locked alert as its row says, and as time has left it."""

    found: Row
    stored: AlertLife
    life: AlertLife
    row: AlertRow
    policy: DeskPolicy


@dataclass(frozen=True, slots=True)
class AlertMoves:
    """What every act is made of.

    `rate`: how many seconds the clock runs in one of the people who work here.
    """

    engine: Engine
    clock: Clock
    rate: float = 1.0
    reaches: Reaches | None = None  # None: on the same clock

    def check(self, connection: Connection, viewer: Viewer, action: Action, row: AlertRow) -> None:
        """Returns where this viewer may do this to this alert.

        Raises:
            NotFound, Refused: as ever.
        """
        Alerts(self.engine, self.clock, self.reaches).check(connection, viewer, action, row)

    def policy(self, connection: Connection) -> DeskPolicy:
        """The desk's policy in seconds of the clock."""
        return get_desk_policy(connection).at_rate(self.rate)

    def hold(self, connection: Connection, viewer: Viewer, alert_id: int, action: Action) -> Held:
        """The alert locked until the transaction ends, where this viewer may do this to it.

        Raises:
            NotFound, Refused: as ever.
        """
        alerts.lock(connection, alert_id)
        found = alerts.get(connection, alert_id)
        now = self.clock.now()
        row = row_of(found, now)
        self.check(connection, viewer, action, row)
        stored = alert_lives.life_of(found, found.breach_kind)
        return Held(found, stored, as_of(stored, now), row, self.policy(connection))

    def act(
        self,
        connection: Connection,
        viewer: Viewer,
        held: Held,
        action: AlertAction,
        *,
        turn: int | None = None,
        note: str = "",
        detail: Mapping[str, Any] | None = None,
        moves: bool = True,
        shelve_for: timedelta | None = None,
        finding: Finding | None = None,
    ) -> AlertRow:
        """Moves the alert and writes the act down in all four places."""
        now = self.clock.now()
        alert_id = held.row.alert_id
        after = held.life
        if moves:
            moved = move(
                held.life,
                action,
                now,
                held.policy,
                user_id=viewer.user_id,
                shelve_for=shelve_for,
            )
            if isinstance(moved, CannotMove):
                raise Clash(moved.reason)
            after = moved
        if turn is not None and turn != held.found.turn:
            refuse_if_taken(held.row, but=viewer.login)
            raise Clash("Somebody has changed this alert since. Look again.")
        alert_lives.save(connection, alert_id, held.found.turn, held.stored, after)
        if held.life is not held.stored:
            # Time had moved it before the watch could write that down.
            lapse = _BY_TIME[held.stored.state]
            alerts.append_entry(
                connection, alert_id, at=held.life.waiting_since, user_id=None, action=lapse
            )
        if finding is not None:
            alerts.save_finding(connection, alert_id, finding)
            past_breaches.keep_finding(connection, alert_id)
        alerts.append_entry(
            connection,
            alert_id,
            at=now,
            user_id=viewer.user_id,
            action=action,
            note=note,
            detail=dict(detail or {}),
        )
        row = row_of(alerts.get(connection, alert_id), now)
        # The trail says that a note was made, not what it says: notes may hold names.
        audit.append(
            connection,
            at=now,
            user_id=viewer.user_id,
            action=f"alert_{action.value}",
            record_kind="alert",
            record_id=alert_id,
            peer=viewer.peer,
            session_id=viewer.session_id or None,
            detail={**(detail or {}), "version": row.version},
        )
        outbox.append(connection, "alert", [alert_id], now)
        return row


_BY_TIME = {
    AlertState.ACKNOWLEDGED: AlertAction.LAPSED,
    AlertState.SHELVED: AlertAction.RETURNED,
}


def refuse_if_taken(row: AlertRow, *, but: str | None = None) -> None:
    """Returns where nobody has it, or the one who asks.

    Raises:
        AlertTaken: somebody else does.
    """
    is_held = row.state in (AlertState.ACKNOWLEDGED, AlertState.ACTING)
    if is_held and row.owner and row.owner != but and row.acknowledged_at:
        raise AlertTaken(row.owner, row.acknowledged_at)
