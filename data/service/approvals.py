"""Two people for what a victim's protection rests on: one asks, another signs.

This is the one door for putting a zone into force or out of it, changing how she is reached and
forgetting her details; whoever draws or edits comes through here. What the second signature
releases is done in the transaction that writes it down.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, Row

from data.clock import Clock
from data.errors import BadInput, Clash, NotFound, Refused
from data.model.user import Viewer
from data.model.victim import DetailKind
from data.model.zone_draft import DraftState
from data.rules.access import Action, decide
from data.rules.approval import EXPIRES_AFTER, What, may_sign
from data.rules.reach import Reach
from data.service import zone_live
from data.service.reach import reach_of
from data.store import (
    approvals,
    audit,
    cases,
    doors,
    outbox,
    routines,
    victims,
    zone_drafts,
    zones,
)
from data.store.reading import reading

PROTECTING = "exclusion"
"""The kind of zone that keeps somebody away from a victim."""

_UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Approvals:
    """The use cases around second signatures.

    Args:
        engine: the database.
        clock: the room's: zones begin and end by it.
        time_zone: the room's wall time, for permissions of zones that have no hours.
    """

    engine: Engine
    clock: Clock
    time_zone: ZoneInfo = _UTC

    # ---- asking

    def retire_zone(self, viewer: Viewer, zone_id: int, *, reason: str) -> int:
        """Asks for a zone to be taken out of force; gives the number under which it waits.

        Raises:
            Refused, NotFound, BadInput: not for this viewer, no such zone, or no reason.
            Clash: the zone is not in force.
        """
        with self.engine.begin() as connection:
            zone = zones.get(connection, zone_id)
            if zones.find_in_force(connection, zone_id) is None:
                raise Clash(f"Zone {zone_id} is not in force.")
            return self._ask(
                connection, viewer, What.RETIRE_ZONE, zone.case_id, zone_id, {}, reason
            )

    def activate_zones(
        self,
        connection: Connection,
        viewer: Viewer,
        drafts: Sequence[Row[Any]],
        told: dict[str, dict[str, Any]],
        *,
        reason: str,
    ) -> int:
        """Asks, in the caller's transaction, for drafts of one case to be put into force.

        Args:
            told: by draft, what its author was told: `checks` and `rehearsal_id`.

        Raises:
            Refused, BadInput: not for this viewer, or no reason.
        """
        ids = [draft.zone_draft_id for draft in drafts]
        return self._ask(
            connection, viewer, What.ACTIVATE_ZONE, drafts[0].case_id, ids[0],
            {"zone_draft_ids": ids, "told": told}, reason,
        )  # fmt: skip

    def change_contact(
        self, viewer: Viewer, case_code: str, *, kind: str, words: str, reason: str
    ) -> int:
        """Asks for another address, telephone or routine of the victim of a case.

        Raises:
            Refused, NotFound, BadInput: as in `retire_zone`; or the case has several victims.
        """
        if kind not in set(DetailKind):
            raise BadInput("kind", "address, telephone or routine")
        with self.engine.begin() as connection:
            case, person_id = self._victim(connection, case_code)
            payload = {"kind": kind, "words": _words(words)}
            return self._ask(
                connection, viewer, What.CHANGE_CONTACT, case.case_id, person_id, payload, reason
            )

    def purge_details(self, viewer: Viewer, case_code: str, *, reason: str) -> int:
        """Asks for everything that leads to the victim of a case to be forgotten for good.

        Raises:
            Refused, NotFound, BadInput: as in `change_contact`.
        """
        with self.engine.begin() as connection:
            case, person_id = self._victim(connection, case_code)
            return self._ask(
                connection, viewer, What.PURGE_DETAILS, case.case_id, person_id, {}, reason
            )

    # ---- signing

    def waiting(self, viewer: Viewer) -> list[Row]:
        """What can be signed, oldest first; for whoever asks or signs, of their area and cases."""
        return self._listed(viewer, lambda connection: approvals.find_waiting(
            connection, self.clock.now()))  # fmt: skip

    def decided(self, viewer: Viewer) -> list[Row]:
        """The last that were signed or refused, newest first."""
        return self._listed(viewer, approvals.find_decided)

    def zones_of(self, viewer: Viewer) -> list[tuple[int, str]]:
        """Victims' zones in force that this viewer may ask about: (zone_id, case and label)."""
        with reading(self.engine) as connection:
            reach = reach_of(connection, viewer, self.clock.now())
            return [
                (row.zone_id, f"{row.code} · {row.label}")
                for row in zones.find_protecting(connection, PROTECTING)
                if reach.may(Action.ASK_SECOND, row.case_id, row.area).allowed
            ]

    def sign(
        self, viewer: Viewer, approval_id: int, *, is_approved: bool, remark: str = ""
    ) -> None:
        """The second person's word; where it is yes, what was asked for is done with it.

        Raises:
            Refused: not for this viewer, or it is what they asked for themselves.
            Clash: it was decided, has expired, or can no longer be done.
        """
        now = self.clock.now()
        with self.engine.begin() as connection:
            row = approvals.find_locked(connection, approval_id)
            if row is None:
                raise Clash("That has been decided already.")
            reach = reach_of(connection, viewer, now)
            decision = reach.may(Action.SIGN_SECOND, row.case_id, row.area)
            if decision.allowed:
                decision = may_sign(
                    asked_by=row.asked_by,
                    signer=viewer.user_id,
                    expires_at=row.expires_at,
                    now=now,
                )
            if not decision.allowed:
                raise Refused(decision.reason)
            approvals.save_decided(
                connection,
                approval_id,
                decided_by=viewer.user_id,
                decided_at=now,
                is_approved=is_approved,
                remark=remark.strip()[:500],
                # A refused number or street is nobody's any more.
                payload=row.payload if What(row.what) is What.ACTIVATE_ZONE else {},
            )
            if is_approved:
                self._do(connection, row, viewer)
            elif What(row.what) is What.ACTIVATE_ZONE:
                self._give_back(connection, approval_id)
            self._record(
                connection,
                viewer,
                "second_signed" if is_approved else "second_refused",
                "approval",
                approval_id,
                {"what": row.what, "record_id": row.record_id, "asked_by": row.asked_by},
            )

    def _do(self, connection: Connection, row: Row, viewer: Viewer) -> None:
        now = self.clock.now()
        match What(row.what):
            case What.ACTIVATE_ZONE:
                self._put_in_force(connection, row, viewer)
            case What.RETIRE_ZONE:
                if not zones.end_version(connection, row.record_id, now):
                    raise Clash(f"Zone {row.record_id} is not in force.")
                outbox.append(connection, "zone", [row.record_id], now)
            case What.CHANGE_CONTACT:
                kind = row.payload["kind"]
                victims.end_details(connection, row.record_id, kind, now)
                victims.append_detail(
                    connection,
                    person_id=row.record_id,
                    kind=kind,
                    words=row.payload["words"],
                    at=now,
                )
            case What.PURGE_DETAILS:
                victims.delete_details(connection, row.record_id)
                routines.delete_all(connection, row.record_id)
                doors.delete_all(connection, row.record_id)

    def _put_in_force(self, connection: Connection, row: Row, viewer: Viewer) -> None:
        now = self.clock.now()
        found = zone_drafts.find_of_approval(connection, row.approval_id)
        if [draft.zone_draft_id for draft in found] != sorted(row.payload["zone_draft_ids"]):
            raise Clash("The draft has been taken back.")
        due = [draft for draft in found if zone_live.begins_later(draft, now)]
        for draft in due:
            zone_live.need_base(connection, draft)
            zone_drafts.move(connection, draft.zone_draft_id, state=DraftState.DUE.value)
        changed = [
            zone_live.put_in_force(
                connection, draft, now, self.time_zone,
                recorded_by=row.asked_by, signed_by=viewer.user_id,
                **row.payload["told"].get(str(draft.zone_draft_id), {}),
            )[0]
            for draft in found if draft not in due
        ]  # fmt: skip
        outbox.append(connection, "zone", changed, now)
        outbox.append(connection, "draft", [draft.zone_draft_id for draft in found], now)

    def _give_back(self, connection: Connection, approval_id: int) -> None:
        found = zone_drafts.find_of_approval(connection, approval_id)
        for draft in found:
            # The approval stays beside it: its remark says why.
            zone_drafts.move(connection, draft.zone_draft_id, state="editing")
        ids = [draft.zone_draft_id for draft in found]
        outbox.append(connection, "draft", ids, self.clock.now())

    def _ask(
        self,
        connection: Connection,
        viewer: Viewer,
        what: What,
        case_id: int,
        record_id: int,
        payload: dict[str, Any],
        reason: str,
    ) -> int:
        self._need(connection, viewer, case_id)
        now = self.clock.now()
        approval_id = approvals.append(
            connection,
            what=what.value,
            case_id=case_id,
            record_id=record_id,
            payload=payload,
            reason=_words(reason),
            asked_by=viewer.user_id,
            asked_at=now,
            expires_at=now + EXPIRES_AFTER,
        )
        detail = {"what": what.value, "record_id": record_id}
        self._record(connection, viewer, "second_asked", "approval", approval_id, detail)
        return approval_id

    def _need(self, connection: Connection, viewer: Viewer, case_id: int) -> None:
        area = cases.get_area(connection, case_id)
        reach = reach_of(connection, viewer, self.clock.now())
        decision = reach.may(Action.ASK_SECOND, case_id, area)
        if not decision.allowed:
            raise Refused(decision.reason)

    def _victim(self, connection: Connection, case_code: str) -> tuple[Row, int]:
        case = cases.find_case(connection, case_code.strip())
        if case is None:
            raise NotFound("There is no such case here.")
        found = victims.find_ids(connection, case.case_id)
        if len(found) != 1:
            raise BadInput("case", "one with one victim", len(found))
        return case, found[0]

    def _listed(self, viewer: Viewer, find: Callable[[Connection], Sequence[Row]]) -> list[Row]:
        may = {each for each in (Action.ASK_SECOND, Action.SIGN_SECOND)
               if decide(viewer.role, each).allowed}  # fmt: skip
        if not may:
            raise Refused("Second signatures are for those who ask for them or sign.")
        with reading(self.engine) as connection:
            found = find(connection)
            reach: Reach = reach_of(connection, viewer, self.clock.now())
        return [
            row
            for row in found
            if any(reach.may(each, row.case_id, row.area).allowed for each in may)
        ]

    def _record(
        self,
        connection: Connection,
        viewer: Viewer,
        action: str,
        kind: str,
        record_id: int,
        detail: dict[str, Any],
    ) -> None:
        now = self.clock.now()
        audit.append(
            connection,
            at=now,
            user_id=viewer.user_id,
            action=action,
            record_kind=kind,
            record_id=record_id,
            peer=viewer.peer,
            detail=detail,
        )
        outbox.append(connection, "approval", [record_id], now)


def _words(reason: str) -> str:
    found = reason.strip()
    if not found or len(found) > 500:
        raise BadInput("reason", "1 to 500 characters")
    return found
