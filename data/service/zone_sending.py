"""A draft on its way into force: sent for a second person's signature, or alone for a day.

What is sent is locked until it is signed, refused or taken back: what is signed is what was sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from geoalchemy2.shape import to_shape
from sqlalchemy import Connection, Row

from data.errors import BadInput, Clash, Refused
from data.model import schedule as schedules
from data.model.user import Viewer
from data.model.zone import ZoneKind
from data.model.zone_draft import DraftState
from data.rules.access import Action
from data.rules.approval import is_shrink
from data.rules.reach import Reach
from data.rules.zone_drawing import area_of, content_from_json, content_to_json
from data.service import zone_live
from data.service.approvals import PROTECTING
from data.service.zone_drafts import MOST_AT_ONCE, ZoneDrafts
from data.service.zone_json import fingerprint
from data.store import approvals as approval_store
from data.store import outbox, rehearsals, zone_drafts, zones
from data.store.reading import reading


@dataclass(frozen=True, slots=True)
class ZoneSending:
    """The use cases that end in force.

    Args:
        drafts: who may see which draft, and how it stands.
    """

    drafts: ZoneDrafts

    def send(
        self,
        viewer: Viewer,
        drafts: Sequence[tuple[int, int]],
        *,
        reason: str,
        order_ref: str,
    ) -> int:
        """Sends drafts of one case for one signature, and gives the number it waits under.

        Args:
            drafts: (draft_id, revision) each, as they were seen.

        Raises:
            Refused: not for this viewer.
            BadInput: something speaks against a draft, or it was not tried on the past.
            Clash, DraftTaken: it changed meanwhile.
        """
        if not 1 <= len(drafts) <= MOST_AT_ONCE:
            raise BadInput("drafts", f"1 to {MOST_AT_ONCE} drafts")
        with self.drafts.engine.begin() as connection:
            reach = self.drafts.reach(connection, viewer)
            rows, told = [], {}
            for draft_id, revision in sorted(drafts):
                row = self._ready(connection, viewer, reach, draft_id, revision, reason, order_ref)
                try:
                    told[str(draft_id)] = {
                        "checks": self._need_no_error(connection, viewer, reach, row),
                        "rehearsal_id": self._need_rehearsal(connection, row),
                    }
                except BadInput as error:
                    if len(drafts) == 1:
                        raise
                    # Of several: which.
                    raise BadInput(f"{row.label}, {error.field}", error.expected) from error
                rows.append(row)
            if len({row.case_id for row in rows}) > 1:
                raise BadInput("drafts", "drafts of one case")
            approval_id = self.drafts.approvals.activate_zones(
                connection, viewer, rows, told, reason=rows[0].content["reason"]
            )
            for row in rows:
                zone_drafts.move(
                    connection, row.zone_draft_id,
                    state=DraftState.WAITING.value, approval_id=approval_id,
                )  # fmt: skip
            ids = [row.zone_draft_id for row in rows]
            outbox.append(connection, "draft", ids, self.drafts.clock.now())
            return approval_id

    def recall(self, viewer: Viewer, draft_id: int) -> None:
        """Takes a draft back from the signature it waits for, with all that wait with it."""
        now = self.drafts.clock.now()
        with self.drafts.engine.begin() as connection:
            row = self.drafts.locked_draft(connection, viewer, draft_id)
            waits = row.state in (DraftState.WAITING, DraftState.DUE)
            if not waits or row.approval_id is None:
                raise Clash("The draft does not wait for a signature or its day.")
            if row.state == DraftState.WAITING:
                approval_store.save_decided(connection, row.approval_id, withdrawn_at=now)
            together = zone_drafts.find_of_approval(connection, row.approval_id)
            together = [each for each in together if each.state == row.state]
            for each in together:
                zone_drafts.move(connection, each.zone_draft_id, state="editing")
            self.drafts.record(connection, viewer, "zone_draft_recalled", row)
            outbox.append(connection, "draft", [each.zone_draft_id for each in together], now)

    def activate(
        self, viewer: Viewer, draft_id: int, revision: int, *, reason: str, order_ref: str
    ) -> dict[str, Any]:
        """Puts a draft into force alone, for a day; the supervisor is told at once.

        Raises:
            Refused: not for this viewer, or it would protect less than what is in force.
            BadInput, Clash, DraftTaken: as in `send`, but it need not have been tried.
        """
        now = self.drafts.clock.now()
        with self.drafts.engine.begin() as connection:
            reach = self.drafts.reach(connection, viewer)
            row = self._ready(connection, viewer, reach, draft_id, revision, reason, order_ref)
            decision = reach.may(Action.ACTIVATE_ZONE, row.case_id, row.area)
            if not decision.allowed:
                raise Refused(decision.reason)
            checks = self._need_no_error(connection, viewer, reach, row)
            self._need_no_less(connection, row)
            zone_id, version_id = zone_live.put_in_force(
                connection, row, now, self.drafts.time_zone,
                recorded_by=viewer.user_id, is_emergency=True, checks=checks,
            )  # fmt: skip
            self.drafts.record(connection, viewer, "zone_activated", row)
            zone_live.tell(connection, zone_id, row.case_id, version_id, now)
            outbox.append(connection, "zone", [zone_id], now)
            outbox.append(connection, "draft", [draft_id], now)
        return self.drafts.draft(viewer, draft_id)

    def retire(self, viewer: Viewer, zone_id: int, *, reason: str) -> int:
        """Asks for a zone to be taken out of force; gives the number it waits under."""
        with reading(self.drafts.engine) as connection:
            self.drafts.zone_row(connection, viewer, zone_id)
        return self.drafts.approvals.retire_zone(viewer, zone_id, reason=reason)

    # ---- steps

    def _ready(
        self,
        connection: Connection,
        viewer: Viewer,
        reach: Reach,
        draft_id: int,
        revision: int,
        reason: str,
        order_ref: str,
    ) -> Row[Any]:
        """The draft, locked, with its reason and order, as it is about to be sent."""
        row = self.drafts.locked_draft(connection, viewer, draft_id)
        if row.state == DraftState.WAITING and row.waits_until <= self.drafts.clock.now():
            row = self._reopened(connection, row)  # nobody signed in time: it is asked anew
        else:
            self.drafts.need_editing(row)
            self.drafts.need_revision(connection, reach, row, revision)
        zone_live.need_base(connection, row)
        given = {"reason": reason, "order_ref": order_ref}
        content = content_from_json(
            {name: words for name, words in given.items() if words}, zone_live.content_of(row)
        )
        for field, words in (("reason", content.reason), ("order_ref", content.order_ref)):
            if not words:
                raise BadInput(field, "1 to 500 characters" if field == "reason" else "the order")
        zone_drafts.save(
            connection, draft_id, row.revision, content=content_to_json(content),
            shape=None if row.shape is None else to_shape(row.shape),
            saved_at=self.drafts.clock.now(), saved_by=viewer.user_id,
        )  # fmt: skip
        found = zone_drafts.find(connection, draft_id)
        assert found is not None
        return found

    def _reopened(self, connection: Connection, row: Row[Any]) -> Row[Any]:
        zone_drafts.move(connection, row.zone_draft_id, state=DraftState.EDITING.value)
        found = zone_drafts.find(connection, row.zone_draft_id)
        assert found is not None
        return found

    def _need_no_error(
        self, connection: Connection, viewer: Viewer, reach: Reach, row: Row[Any]
    ) -> list[dict[str, Any]]:
        content = zone_live.content_of(row)
        _, checks = self.drafts.checks.of(
            connection, viewer, reach, row, content, area_of(content.parts),
            self.drafts.clock.now(), is_final=True,
        )  # fmt: skip
        for check in checks:
            if check["level"] == "error":
                raise BadInput(f"checks.{check['check']}", check["words"])
        return checks

    def _need_rehearsal(self, connection: Connection, row: Row[Any]) -> int | None:
        if row.content["kind"] == ZoneKind.NEUTRAL:
            return None  # nobody is judged by it
        tried = rehearsals.find_newest(connection, row.zone_draft_id, is_done=True)
        if tried is None or tried.fingerprint != fingerprint(row, self.drafts.time_zone):
            raise BadInput("rehearsal", "the draft tried on the past as it is now, first")
        return tried.rehearsal_id

    def _need_no_less(self, connection: Connection, row: Row[Any]) -> None:
        stands = zones.find_in_force(connection, row.zone_id) if row.zone_id else None
        if stands is None or row.content["kind"] != PROTECTING:
            return
        content = zone_live.content_of(row)
        if is_shrink(
            to_shape(stands.shape),
            to_shape(row.shape),
            old_buffer_m=stands.buffer_m,
            new_buffer_m=content.buffer_m,
            old_hours=None if stands.schedule is None else schedules.from_json(stands.schedule),
            new_hours=zone_live.hours_of(content, self.drafts.time_zone),
        ):
            raise Refused("It would protect her less than now: that takes two people.")
