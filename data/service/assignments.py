"""Giving cases to people, and taking them back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, Row

from data.clock import Clock
from data.errors import BadInput, NotFound, Refused
from data.model.user import Role, Viewer
from data.rules.access import Action, decide
from data.rules.reach import Reach
from data.store import assignments, audit, cases, outbox, users
from data.store.reading import reading

HOLDERS = frozenset({Role.CASE_OFFICER, Role.INVESTIGATOR, Role.SUPERVISOR})
"""Roles for whom having a case means anything."""


@dataclass(frozen=True, slots=True)
class Assignments:
    """Who has which case; each change is written down with who made it."""

    engine: Engine
    clock: Clock

    def open(self, viewer: Viewer) -> Sequence[Row]:
        """Everything that is given now, of the viewer's area, by case (as the store says).

        Raises:
            Refused: not for this viewer.
        """
        _need(viewer)
        with reading(self.engine) as connection:
            found = assignments.find_open(connection)
        return [row for row in found if Reach(viewer).record(None, row.area).is_in_area]

    def accounts(self, viewer: Viewer) -> Sequence[Row]:
        """Every account (login, role, area, added_at, disabled_at), by login.

        Raises:
            Refused: not for this viewer.
        """
        decision = decide(viewer.role, Action.SEE_ACCOUNTS)
        if not decision.allowed:
            raise Refused(decision.reason)
        with reading(self.engine) as connection:
            return users.find_all(connection)

    def give(self, viewer: Viewer, case_code: str, login: str) -> int:
        """Gives a case to somebody from now on.

        Raises:
            Refused: not for this viewer, or to themselves.
            NotFound: no such case in the viewer's area, or no such user.
            BadInput: the user's role works without cases.
            Clash: they have it already.
        """
        _need(viewer)
        with self.engine.begin() as connection:
            case = cases.find_case(connection, case_code.strip())
            if case is None or not Reach(viewer).record(case.case_id, case.area).is_in_area:
                raise NotFound("There is no such case here.")
            user = users.get(connection, login.strip())
            if user.user_id == viewer.user_id:
                # Or whoever gives cases would never have to break the glass.
                raise Refused("Nobody gives a case to themselves. Ask somebody else to.")
            if user.disabled_at is not None or Role(user.role) not in HOLDERS:
                raise BadInput("user", "an open account that works with cases", user.role)
            return self._give(connection, case.case_id, user.user_id, viewer)

    def give_in_demo(self, user_id: int, role: Role) -> None:
        """Gives a demo's case officer and investigator half of the cases each, once.

        Both are given a case with a past: one sees it with her places, the other without.
        """
        half = {Role.CASE_OFFICER: 0, Role.INVESTIGATOR: 1}.get(role)
        if half is None:
            return
        with self.engine.begin() as connection:
            held = {row.case_id for row in assignments.find_open(connection)
                    if row.user_id == user_id}  # fmt: skip
            if held:
                return
            with_past = cases.find_refitted(connection)
            for case_id in cases.find_ids(connection):
                if case_id % 2 == half or case_id in with_past:
                    self._give(connection, case_id, user_id, None)

    def end(self, viewer: Viewer, assignment_id: int) -> None:
        """Takes a case back; its screens lose it within a second.

        Raises:
            Refused: not for this viewer.
            NotFound: nothing of this number is given.
        """
        _need(viewer)
        now = self.clock.now()
        with self.engine.begin() as connection:
            row = assignments.save_ended(connection, assignment_id, now, viewer.user_id)
            if row is None:
                raise NotFound(f"There is no open assignment {assignment_id}.")
            area = cases.get_area(connection, row.case_id)
            if not Reach(viewer).record(row.case_id, area).is_in_area:
                raise NotFound(f"There is no open assignment {assignment_id}.")
            self._record(connection, "case_taken_back", row.case_id, row.user_id, viewer)

    def _give(
        self, connection: Connection, case_id: int, user_id: int, viewer: Viewer | None
    ) -> int:
        found = assignments.append(
            connection,
            case_id=case_id,
            user_id=user_id,
            at=self.clock.now(),
            given_by=viewer.user_id if viewer else None,
        )
        self._record(connection, "case_given", case_id, user_id, viewer)
        return found

    def _record(
        self,
        connection: Connection,
        action: str,
        case_id: int,
        user_id: int,
        viewer: Viewer | None,
    ) -> None:
        audit.append(
            connection,
            at=self.clock.now(),
            user_id=viewer.user_id if viewer else None,
            action=action,
            record_kind="case",
            record_id=case_id,
            peer=viewer.peer if viewer else "",
            session_id=(viewer.session_id or None) if viewer else None,
            detail={"user_id": user_id},
        )
        outbox.append(connection, "assignment", [case_id], self.clock.now())


def _need(viewer: Viewer) -> None:
    decision = decide(viewer.role, Action.ASSIGN_CASE)
    if not decision.allowed:
        raise Refused(decision.reason)
