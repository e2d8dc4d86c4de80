"""What people do about alerts: take, give back, go through the steps, shelve, escalate, close.

Each verb is one act; what an act is made of is in alert_moves.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from data.clock import microseconds
from data.errors import BadInput
from data.model.alert import AlertAction, AlertRow
from data.model.breach import Finding
from data.model.user import Viewer
from data.rules.access import Action
from data.rules.alert_life import is_taken
from data.service.alert_moves import AlertMoves, refuse_if_taken
from data.service.alert_steps import Work, step_of, steps_of
from data.service.alerts import row_of
from data.store import alerts, notices
from data.store.reading import reading

NOTE_LIMIT = 2000
"""Characters of a note or a reason."""


@dataclass(frozen=True, slots=True)
class AlertWork(AlertMoves):
    """The acts, each checked against role, record and turn.

    `turn` in each is the one the person saw; None acts on whatever there is, for who has no
    screen.
    """

    def work_of(self, viewer: Viewer, alert_id: int) -> Work:
        """The steps of an alert.

        Raises:
            NotFound, Refused: as ever.
        """
        with reading(self.engine) as connection:
            found = alerts.get(connection, alert_id)
            row = row_of(found, self.clock.now())
            self.check(connection, viewer, Action.SEE_CASE, row)
            policy = self.policy(connection)
            most_min = policy.shelve_at_most_s / self.rate / 60
            return Work(row, steps_of(connection, row, policy), most_min)

    def acknowledge(self, viewer: Viewer, alert_id: int, *, turn: int | None = None) -> AlertRow:
        """The viewer takes a new alert. Taking what one already has changes nothing.

        Raises:
            AlertTaken: somebody else was first; it says who, since when.
            Clash: the alert has been closed or shelved.
            NotFound, Refused: as ever.
        """
        with self.engine.begin() as connection:
            held = self.hold(connection, viewer, alert_id, Action.ACKNOWLEDGE_ALERT)
            if is_taken(held.life) and held.life.owner_id == viewer.user_id:
                return held.row
            refuse_if_taken(held.row)
            return self.act(connection, viewer, held, AlertAction.ACKNOWLEDGED, turn=turn)

    def take_over(self, viewer: Viewer, alert_id: int, *, turn: int | None = None) -> AlertRow:
        """The viewer takes an alert from whoever has it; the history says from whom.

        Raises:
            Clash: nobody has it, or it has changed hands since the viewer looked.
            NotFound, Refused: as ever.
        """
        with self.engine.begin() as connection:
            held = self.hold(connection, viewer, alert_id, Action.TAKE_OVER_ALERT)
            if is_taken(held.life) and held.life.owner_id == viewer.user_id:
                return held.row
            detail = {"from": held.row.owner}
            return self.act(
                connection, viewer, held, AlertAction.TAKEN_OVER, turn=turn, detail=detail
            )

    def release(self, viewer: Viewer, alert_id: int, *, turn: int | None = None) -> AlertRow:
        """Gives an alert back to the room; it is new again.

        Raises:
            Clash: nobody has it, or it has been closed.
            NotFound, Refused: as ever.
        """
        with self.engine.begin() as connection:
            held = self.hold(connection, viewer, alert_id, Action.RELEASE_ALERT)
            return self.act(connection, viewer, held, AlertAction.RELEASED, turn=turn)

    def escalate(self, viewer: Viewer, alert_id: int, *, turn: int | None = None) -> AlertRow:
        """Calls the supervisor to an alert; whoever has it keeps it.

        Raises:
            Clash: it is shelved or closed.
            NotFound, Refused: as ever.
        """
        with self.engine.begin() as connection:
            held = self.hold(connection, viewer, alert_id, Action.ESCALATE_ALERT)
            return self.act(connection, viewer, held, AlertAction.ESCALATED, turn=turn)

    def shelve(
        self,
        viewer: Viewer,
        alert_id: int,
        *,
        minutes: float,
        reason: str,
        turn: int | None = None,
    ) -> AlertRow:
        """Puts an alert aside for a while; it comes back by itself, and is counted meanwhile.

        Raises:
            Clash: of a kind that cannot be shelved, or not in a state to be.
            BadInput: the reason is empty or too long, or the time is.
            NotFound, Refused: as ever.
        """
        reason = _words("reason", reason)
        with self.engine.begin() as connection:
            held = self.hold(connection, viewer, alert_id, Action.SHELVE_ALERT)
            most = held.policy.shelve_at_most_s / self.rate / 60
            if not 0 < minutes <= most:
                raise BadInput("minutes", f"more than 0 and at most {most:.0f}", minutes)
            return self.act(
                connection,
                viewer,
                held,
                AlertAction.SHELVED,
                turn=turn,
                note=reason,
                detail={"minutes": minutes},
                shelve_for=timedelta(minutes=minutes * self.rate),
            )

    def bring_back(self, viewer: Viewer, alert_id: int, *, turn: int | None = None) -> AlertRow:
        """Takes an alert off the shelf before its time; it is new again.

        Raises:
            Clash: it is not shelved.
            NotFound, Refused: as ever.
        """
        with self.engine.begin() as connection:
            # Whoever may take an alert may bring it back: that only ever shows more.
            held = self.hold(connection, viewer, alert_id, Action.ACKNOWLEDGE_ALERT)
            return self.act(connection, viewer, held, AlertAction.RETURNED, turn=turn)

    def do_step(
        self,
        viewer: Viewer,
        alert_id: int,
        key: str,
        *,
        note: str = "",
        turn: int | None = None,
    ) -> AlertRow:
        """Does a step of the protocol: sends its notice, or says that the person has acted.

        Sending the same notice twice within one taking of the alert is one notice.

        Raises:
            BadInput: the protocol has no such step, or the note is too long.
            Clash: nobody has the alert, or it has been closed.
            NotFound, Refused: as ever.
        """
        note = _words("note", note, may_be_empty=True)
        with self.engine.begin() as connection:
            held = self.hold(connection, viewer, alert_id, Action.DO_STEP)
            step = step_of(held.policy, held.row, key)
            action = AlertAction.NOTIFIED if step.notifies else AlertAction.STEP_DONE
            if step.notifies:
                taken = held.life.acknowledged_at
                taking = 0 if taken is None else microseconds(taken)
                notices.append(
                    connection,
                    alert_id,
                    step.notifies,
                    key=f"step:{alert_id}:{taking}:{step.key}",
                    at=self.clock.now(),
                    user_id=viewer.user_id,
                )
            return self.act(
                connection, viewer, held, action, turn=turn, note=note, detail={"step": key}
            )

    def skip_step(
        self,
        viewer: Viewer,
        alert_id: int,
        key: str,
        *,
        reason: str,
        turn: int | None = None,
    ) -> AlertRow:
        """Leaves a step of the protocol out, and says why.

        Raises:
            BadInput: the protocol has no such step, or the reason is empty or too long.
            Clash: nobody has the alert, or it has been closed.
            NotFound, Refused: as ever.
        """
        reason = _words("reason", reason)
        with self.engine.begin() as connection:
            held = self.hold(connection, viewer, alert_id, Action.DO_STEP)
            step_of(held.policy, held.row, key)
            return self.act(
                connection,
                viewer,
                held,
                AlertAction.STEP_SKIPPED,
                turn=turn,
                note=reason,
                detail={"step": key},
            )

    def note(self, viewer: Viewer, alert_id: int, words: str) -> AlertRow:
        """Adds a note to an alert's history, even a closed one's.

        A note of the one who has it counts as having begun; a bystander's moves nothing.

        Raises:
            BadInput: empty or too long.
            NotFound, Refused: as ever.
        """
        words = _words("note", words)
        with self.engine.begin() as connection:
            held = self.hold(connection, viewer, alert_id, Action.NOTE_ALERT)
            is_own = held.life.owner_id == viewer.user_id
            return self.act(connection, viewer, held, AlertAction.NOTED, note=words, moves=is_own)

    def close(
        self,
        viewer: Viewer,
        alert_id: int,
        *,
        finding: Finding,
        reason: str,
        turn: int | None = None,
    ) -> AlertRow:
        """Files an alert that somebody has, with what the person found.

        A rise in priority makes an alert new again, so what has grown meanwhile is not closed
        unseen. The condition may still hold: closing says nothing about it. Steps that are
        neither done nor skipped are written down as skipped, with the reason of the closing.

        Raises:
            Clash: nobody has it, it has become new again, or it has been closed.
            BadInput: the reason is empty or too long.
            NotFound, Refused: as ever.
        """
        reason = _words("reason", reason)
        with self.engine.begin() as connection:
            held = self.hold(connection, viewer, alert_id, Action.CLOSE_ALERT)
            left_out = [
                each.step.key
                for each in steps_of(connection, held.row, held.policy)
                if each.at is None
            ]
            return self.act(
                connection,
                viewer,
                held,
                AlertAction.CLOSED,
                turn=turn,
                note=reason,
                detail={"finding": finding.value, "skipped": left_out},
                finding=finding,
            )


def _words(field: str, words: str, *, may_be_empty: bool = False) -> str:
    words = words.strip()
    if not words and not may_be_empty:
        raise BadInput(field, "a few words")
    if len(words) > NOTE_LIMIT:
        raise BadInput(field, f"at most {NOTE_LIMIT} characters", len(words))
    return words
