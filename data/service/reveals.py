"""Looking at a victim: with a reason, for a minute, and never unseen.

Who has the case reveals. Who has not breaks the glass first, which the case's owners and the
supervisors read on their screens at once, and a supervisor signs for afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, Row

from data.clock import Clock
from data.errors import BadInput, Clash, NotFound, Refused, StepUpNeeded
from data.model.user import Role, Viewer
from data.model.victim import DetailKind, Revealed, Standing, Victim
from data.rules.access import Action, Decision, decide, needs_step_up
from data.rules.reach import Reach
from data.rules.reasons import GLASS_FOR, REVEAL_FOR, reason_of
from data.service.reach import Reaches, reach_of
from data.store import alerts, audit, cases, outbox, victims
from data.store.reading import reading


@dataclass(frozen=True, slots=True)
class Reveals:
    """The use cases around one case's victims.

    Args:
        engine: the database.
        clock: that of sessions: a minute on screen is a minute of the person before it.
    """

    engine: Engine
    clock: Clock

    def standing(
        self, viewer: Viewer, *, alert_id: int | None = None, case_code: str = ""
    ) -> Standing:
        """What this viewer may ask for about the case, by its code or that of an alert.

        Raises:
            Refused: this role has nothing to do with victims.
            NotFound: no such case in the viewer's area, or the alert is of none.
        """
        with reading(self.engine) as connection:
            case, reach = self._case(connection, viewer, alert_id, case_code)
            reveal = reach.may(Action.REVEAL_VICTIM, case.case_id, case.area)
            break_ = reach.may(Action.BREAK_GLASS, case.case_id, case.area)
            glass = victims.find_open_glass(
                connection, viewer.user_id, case.case_id, self.clock.now()
            )
        return Standing(
            case_id=case.case_id,
            case_code=case.code,
            may_reveal=reveal.allowed,
            may_break=break_.allowed,
            reason=reveal.reason,
            glass_until=glass.until if glass else None,
        )

    def reveal(
        self,
        viewer: Viewer,
        *,
        code: object,
        words: object,
        alert_id: int | None = None,
        case_code: str = "",
    ) -> Revealed:
        """Shows the victims of a case once, and writes down who looked, why, and at whom.

        Raises:
            Refused: not for this viewer.
            NotFound: as in `standing`.
            BadInput: there is no reason.
        """
        why, said = reason_of(code, words)
        now = self.clock.now()
        until = now + REVEAL_FOR
        with self.engine.begin() as connection:
            case, reach = self._case(connection, viewer, alert_id, case_code)
            self._need(reach, Action.REVEAL_VICTIM, case)
            glass = None
            if case.case_id not in reach.assigned:
                glass = victims.find_open_glass(connection, viewer.user_id, case.case_id, now)
            if glass is not None:
                # Nothing that broken glass shows outlives it.
                until = min(until, glass.until)
            found = _victims(reach, case, victims.find_details(connection, case.case_id, now))
            names = _zone_names(reach, case, victims.find_zone_names(connection, case.case_id))
            person_ids = [each.person_id for each in found]
            victims.append_reveal(
                connection,
                case_id=case.case_id,
                user_id=viewer.user_id,
                glass_id=glass.glass_id if glass else None,
                at=now,
                until=until,
                code=why.value,
                words=said,
                person_ids=person_ids,
            )
            audit.append(
                connection,
                at=now,
                user_id=viewer.user_id,
                action="victim_revealed",
                record_kind="case",
                record_id=case.case_id,
                peer=viewer.peer,
                session_id=viewer.session_id or None,
                detail={
                    "code": why.value,
                    "glass_id": glass.glass_id if glass else None,
                    "shown": {"person": person_ids},
                },
            )
        return Revealed(case.code, until, found, names)

    def break_glass(
        self,
        viewer: Viewer,
        *,
        code: object,
        words: object,
        alert_id: int | None = None,
        case_code: str = "",
    ) -> datetime:
        """Lets the viewer at a case that is not theirs for a quarter of an hour; gives its end.

        Raises:
            StepUpNeeded: without a fresh proof of who asks.
            Refused: not for this viewer.
            NotFound, BadInput: as in `reveal`.
        """
        why, said = reason_of(code, words, is_glass=True)
        now = self.clock.now()
        if needs_step_up(Action.BREAK_GLASS, viewer.stepped_up_at, now):
            raise StepUpNeeded("Breaking the glass needs a fresh proof that it is you.")
        with self.engine.begin() as connection:
            case, reach = self._case(connection, viewer, alert_id, case_code)
            self._need(reach, Action.BREAK_GLASS, case)
            glass_id = victims.append_glass(
                connection,
                case_id=case.case_id,
                user_id=viewer.user_id,
                broken_at=now,
                until=now + GLASS_FOR,
                code=why.value,
                words=said,
            )
            self._record(connection, viewer, "glass_broken", glass_id, {"code": why.value})
        return now + GLASS_FOR

    def told(self, viewer: Viewer, reach: Reach) -> list[Row]:
        """Broken glass this viewer shall read of at once, newest first.

        Supervisors until one of them has signed; the case's owners as well; never one's own.
        """
        if not decide(viewer.role, Action.HEAR_OF_GLASS).allowed:
            return []
        with reading(self.engine) as connection:
            found = victims.find_glasses(connection, is_open=True)
        return [
            row
            for row in found
            if row.user_id != viewer.user_id
            and (row.case_id in reach.assigned or viewer.role is Role.SUPERVISOR)
            and reach.record(row.case_id, row.area).is_in_area
        ]

    def to_review(self, viewer: Viewer) -> list[Row]:
        """Broken glass that nobody has signed for, newest first, of the viewer's area.

        Raises:
            Refused: not for this viewer.
        """
        return self._glasses(viewer, is_open=True)

    def reviewed(self, viewer: Viewer) -> list[Row]:
        """The last that was signed for."""
        return self._glasses(viewer, is_open=False)

    def review(self, viewer: Viewer, glass_id: int, *, is_justified: bool, remark: str) -> None:
        """A supervisor's signature under broken glass.

        Raises:
            Refused: not for this viewer, or it is their own.
            Clash: somebody has signed already, or there is none.
            BadInput: no remark where it was not justified.
        """
        decision = decide(viewer.role, Action.REVIEW_GLASS)
        if not decision.allowed:
            raise Refused(decision.reason)
        remark = remark.strip()[:500]
        if not is_justified and not remark:
            raise BadInput("remark", "what is done about it")
        with self.engine.begin() as connection:
            row = victims.find_unreviewed(connection, glass_id)
            if row is None or not Reach(viewer).record(row.case_id, row.area).is_in_area:
                raise Clash("That has been signed for already.")
            if row.user_id == viewer.user_id:
                raise Refused("Nobody signs for themselves. Another supervisor has to.")
            victims.save_review(
                connection,
                glass_id,
                reviewed_by=viewer.user_id,
                reviewed_at=self.clock.now(),
                is_justified=is_justified,
                remark=remark,
            )
            self._record(
                connection, viewer, "glass_reviewed", glass_id, {"is_justified": is_justified}
            )

    def _glasses(self, viewer: Viewer, *, is_open: bool) -> list[Row]:
        decision = decide(viewer.role, Action.SEE_ACCESS)
        if not decision.allowed:
            raise Refused(decision.reason)
        with reading(self.engine) as connection:
            found = victims.find_glasses(connection, is_open=is_open)
        reach = Reach(viewer)
        return [row for row in found if reach.record(row.case_id, row.area).is_in_area]

    def _record(
        self,
        connection: Connection,
        viewer: Viewer,
        action: str,
        glass_id: int,
        detail: dict[str, object],
    ) -> None:
        now = self.clock.now()
        audit.append(
            connection,
            at=now,
            user_id=viewer.user_id,
            action=action,
            record_kind="glass",
            record_id=glass_id,
            peer=viewer.peer,
            session_id=viewer.session_id or None,
            detail=detail,
        )
        outbox.append(connection, "glass", [glass_id], now)

    def _case(
        self, connection: Connection, viewer: Viewer, alert_id: int | None, case_code: str
    ) -> tuple[Row, Reach]:
        decision = decide(viewer.role, Action.LOOK_UP)
        if not decision.allowed:
            raise Refused(decision.reason)
        reach = reach_of(connection, viewer, self.clock.now())
        if alert_id is not None:
            row = alerts.get(connection, alert_id)
            case = None if row.case_code is None else cases.find_case(connection, row.case_code)
        else:
            case = cases.find_case(connection, case_code)
        if case is None or not reach.record(case.case_id, case.area).is_in_area:
            raise NotFound("There is no such case here.")
        return case, reach

    def _need(self, reach: Reach, action: Action, case: Row) -> None:
        decision: Decision = reach.may(action, case.case_id, case.area)
        if not decision.allowed:
            reaches = Reaches(self.engine, self.clock)
            reaches.note_refusal(reach.viewer, action, "case", case.case_id)
            raise Refused(decision.reason)


def _victims(reach: Reach, case: Row, rows: Sequence[Row]) -> tuple[Victim, ...]:
    """Field by field what the table lets this viewer see, now that they have said why."""
    record = reach.record(case.case_id, case.area, is_revealed=True)

    def words(person_id: int, kind: DetailKind, action: Action) -> tuple[str, ...]:
        if not decide(reach.viewer.role, action, record).allowed:
            return ()
        return tuple(
            row.words for row in rows if row.person_id == person_id and row.kind == kind.value
        )

    sees_name = decide(reach.viewer.role, Action.SEE_VICTIM_NAME, record).allowed
    return tuple(
        Victim(
            person_id,
            name if sees_name else "",
            words(person_id, DetailKind.ADDRESS, Action.SEE_VICTIM_ADDRESS),
            words(person_id, DetailKind.TELEPHONE, Action.SEE_VICTIM_CONTACT),
            words(person_id, DetailKind.ROUTINE, Action.SEE_VICTIM_ROUTINE),
        )
        for person_id, name in dict.fromkeys((row.person_id, row.name) for row in rows)
    )


def _zone_names(reach: Reach, case: Row, rows: Sequence[Row]) -> tuple[tuple[str, str], ...]:
    record = reach.record(case.case_id, case.area, is_revealed=True)
    if not decide(reach.viewer.role, Action.SEE_ZONE_NAME, record).allowed:
        return ()
    return tuple((row.label, row.name) for row in rows)
