"""The studio's desk: which drafts, zones and cases a viewer may work on, and a draft as JSON.

A record that is not theirs is not there. `draft` means:

    {"draft_id", "zone_id"|null, "case_id", "case_code", "label", "kind", "template"|null,
     "buffer_m", "parts": [...], "schedule"|null, "permissions": [{"from","to","reason"}],
     "reason", "order_ref", "revision", "state", "author", "saved_at", "history",
     "shape": MultiPolygon|null, "ring": its buffer's edge|null, "measures": {...},
     "checks": [...], "base": version|null, "is_base_current", "remark",
     "waits_until"|null, "rehearsal": {"rehearsal_id","is_current"}|null, "may": {...},
     "rehearsing": rehearsal_id|null,
     "valid_from"|null, "also_affects": {"cases": [code], "hidden": n}}

`rehearsing` is the job that waits or runs. `also_affects` are the other cases of the same man:
what this zone raises is about him there too.

Ids are numbers, moments ISO UTC, longitude before latitude.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from geoalchemy2.shape import to_shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, Engine, Row

from data.clock import Clock
from data.errors import Clash, NotFound
from data.model.user import Viewer
from data.model.zone import ZoneKind
from data.model.zone_draft import DraftContent, DraftState
from data.rules.access import Action
from data.rules.reach import Reach
from data.rules.zone_drawing import (
    content_to_json,
)
from data.service import zone_live
from data.service.approvals import Approvals
from data.service.reach import Reaches, not_there, reach_of
from data.service.zone_checks import ZoneChecks
from data.service.zone_json import (
    fingerprint,
    geojson,
    version_json,
)
from data.store import audit, rehearsals, zone_drafts, zones


class DraftTaken(Clash):
    """Somebody saved this draft first; `theirs` is the draft as they saved it, as JSON."""

    def __init__(self, theirs: dict[str, Any]) -> None:
        self.theirs = theirs
        super().__init__(f"{theirs['author']} saved this draft meanwhile. Nothing is lost.")


@dataclass(frozen=True, slots=True)
class ZoneDesk:
    """What every use case of the studio stands on.

    Args:
        engine: the database.
        clock: the room's: zones begin and end by it.
        reaches: how far a viewer's business reaches.
        approvals: the one door of second signatures.
        checks: what speaks against a shape.
        time_zone: the room's wall time.
    """

    engine: Engine
    clock: Clock
    reaches: Reaches
    approvals: Approvals
    checks: ZoneChecks
    time_zone: ZoneInfo

    def reach(self, connection: Connection, viewer: Viewer) -> Reach:
        """How far this viewer's business reaches now."""
        return reach_of(connection, viewer, self.reaches.clock.now())

    def may_see(self, reach: Reach, row: Row[Any]) -> bool:
        """Whether this viewer may draw zones of the case that this record is of."""
        return reach.may(Action.DRAW_ZONE, row.case_id, row.area).allowed

    def draft_of(
        self, connection: Connection, reach: Reach, draft_id: int, *, lock: bool = False
    ) -> Row[Any]:
        """A draft that may be drawn at this reach; else it is not there."""
        row = zone_drafts.find(connection, draft_id, lock=lock)
        if row is None or not self.may_see(reach, row):
            raise not_there("draft", draft_id)
        return row

    def draft_row(self, connection: Connection, viewer: Viewer, draft_id: int) -> Row[Any]:
        """The draft on record, when this viewer may draw it."""
        return self.draft_of(connection, self.reach(connection, viewer), draft_id)

    def locked_draft(self, connection: Connection, viewer: Viewer, draft_id: int) -> Row[Any]:
        """The same, which nobody else changes until the transaction ends."""
        return self.draft_of(connection, self.reach(connection, viewer), draft_id, lock=True)

    def zone_of(self, connection: Connection, reach: Reach, zone_id: int) -> Row[Any]:
        """A zone that may be drawn at this reach; else it is not there."""
        row = zone_drafts.find_zone(connection, zone_id)
        if row is None or not self.may_see(reach, row):
            raise not_there("zone", zone_id)
        return row

    def zone_row(self, connection: Connection, viewer: Viewer, zone_id: int) -> Row[Any]:
        """The zone on record, when this viewer may draw it."""
        return self.zone_of(connection, self.reach(connection, viewer), zone_id)

    def version_row(self, connection: Connection, viewer: Viewer, version_id: int) -> Row[Any]:
        """A version on record, when this viewer may draw its zone."""
        row = zone_drafts.find_version(connection, version_id)
        if row is None or not self.may_see(self.reach(connection, viewer), row):
            raise not_there("version", version_id)
        return row

    def case_of(self, connection: Connection, reach: Reach, case_id: int) -> Row[Any]:
        """A case whose zones may be drawn at this reach; else it is not there."""
        for row in zone_drafts.find_cases(connection):
            if row.case_id == case_id and self.may_see(reach, row):
                return row
        raise not_there("case", case_id)

    def case_id_of(self, connection: Connection, reach: Reach, code: str) -> int:
        """The number of such a case by its code."""
        for row in zone_drafts.find_cases(connection):
            if row.code == code and self.may_see(reach, row):
                return row.case_id
        raise NotFound("There is no such case here.")

    def need_editing(self, row: Row[Any]) -> None:
        """Returns when the draft is being edited; says in a Clash what it is instead."""
        if row.state == DraftState.WAITING:
            raise Clash("The draft waits for a second person's signature. Take it back first.")
        if row.state == DraftState.DUE:
            raise Clash("The draft is signed, and waits for its day. Take it back first.")
        if row.state != DraftState.EDITING:
            raise Clash(f"The draft is {row.state}.")

    def need_revision(
        self, connection: Connection, reach: Reach, row: Row[Any], revision: int
    ) -> None:
        """Returns when this is the draft's newest revision; else DraftTaken shows it."""
        if row.revision != revision:
            raise DraftTaken(self.draft_json(connection, reach, row))

    def draft_json(self, connection: Connection, reach: Reach, row: Row[Any]) -> dict[str, Any]:
        """A draft as the studio reads it, with what speaks against it."""
        content = zone_live.content_of(row)
        area = None if row.shape is None else to_shape(row.shape)
        measures, checks = self.checks.of(
            connection, reach.viewer, reach, row, content, area, self.clock.now()
        )
        base = zones.find_in_force(connection, row.zone_id) if row.zone_id else None
        of_base = zone_drafts.find_version(connection, base.zone_version_id) if base else None
        fields = content_to_json(content)
        fields.pop("name")
        return {
            "draft_id": row.zone_draft_id,
            "zone_id": row.zone_id,
            "case_id": row.case_id,
            "case_code": row.case_code,
            "label": row.label,
            **fields,
            "revision": row.revision,
            "state": row.state,
            "author": row.author,
            "saved_at": row.saved_at.isoformat(),
            "history": row.history,
            "shape": geojson(area),
            "ring": geojson(self._ring(connection, content, area)),
            "measures": measures,
            "checks": checks,
            "base": version_json(of_base) if of_base else None,
            "is_base_current": (base.zone_version_id if base else None) == row.base_version_id,
            "remark": row.remark or "",
            "waits_until": row.waits_until.isoformat() if row.waits_until else None,
            "rehearsal": self._rehearsal_line(connection, row),
            "rehearsing": self._running(connection, row),
            "also_affects": self._also_affects(connection, reach, row),
            "may": self._may(reach, row),
        }

    def _ring(
        self, connection: Connection, content: DraftContent, area: BaseGeometry | None
    ) -> BaseGeometry | None:
        has_ring = content.kind is ZoneKind.EXCLUSION and content.buffer_m > 0
        if area is None or not has_ring:
            return None
        return zone_drafts.ring_around(connection, area, content.buffer_m)

    def _rehearsal_line(self, connection: Connection, row: Row[Any]) -> dict[str, Any] | None:
        tried = rehearsals.find_newest(connection, row.zone_draft_id, is_done=True)
        if tried is None:
            return None
        is_current = tried.fingerprint == fingerprint(row, self.time_zone)
        return {"rehearsal_id": tried.rehearsal_id, "is_current": is_current}

    def _running(self, connection: Connection, row: Row[Any]) -> int | None:
        job = rehearsals.find_newest(connection, row.zone_draft_id, is_done=False)
        return job.rehearsal_id if job else None

    def _also_affects(self, connection: Connection, reach: Reach, row: Row[Any]) -> dict[str, Any]:
        others = zone_drafts.find_cases_of_same_offender(connection, row.case_id)
        seen = [other.code for other in others if self.may_see(reach, other)]
        return {"cases": seen, "hidden": len(others) - len(seen)}

    def _may(self, reach: Reach, row: Row[Any]) -> dict[str, bool]:
        def may(action: Action) -> bool:
            return reach.may(action, row.case_id, row.area).allowed

        is_editing = row.state == DraftState.EDITING
        return {
            "edit": is_editing and may(Action.DRAW_ZONE),
            "send": is_editing and may(Action.ASK_SECOND),
            "activate": is_editing and may(Action.ACTIVATE_ZONE),
            "recall": row.state in (DraftState.WAITING, DraftState.DUE) and may(Action.DRAW_ZONE),
            "sign": row.state == DraftState.WAITING
            and may(Action.SIGN_SECOND)
            and row.saved_by != reach.viewer.user_id,
            "export": may(Action.EXPORT_ZONE),
            "retire": row.zone_id is not None and may(Action.ASK_SECOND),
        }

    def record(self, connection: Connection, viewer: Viewer, action: str, row: Row[Any]) -> None:
        """Writes down what was done to a draft."""
        audit.append(
            connection,
            at=self.clock.now(),
            user_id=viewer.user_id,
            action=action,
            record_kind="zone_draft",
            record_id=row.zone_draft_id,
            peer=viewer.peer,
            session_id=viewer.session_id or None,
            detail={"case_id": row.case_id, "zone_id": row.zone_id},
        )
