"""The zone studio's use cases around drafts: begin, save, check, compare, restore.

Nothing drawn here is judged by before a second person has signed it (data.service.approvals,
screen Signatures), but for an emergency: data.service.zone_sending has both ways.

Every method takes the viewer first and refuses by role, area and assignment; what comes back is
`draft` as data.service.zone_desk tells it. A save names the revision it was made on; where
somebody saved meanwhile it is refused with `DraftTaken`, which carries their draft, and nothing
is overwritten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson
from geoalchemy2.shape import to_shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, Row

from data.errors import BadInput, Clash
from data.geo import LonLat
from data.model import schedule as schedules
from data.model.user import Viewer
from data.model.zone import ZoneKind
from data.model.zone_draft import DraftContent, DraftState
from data.rules.reach import Reach
from data.rules.zone_drawing import (
    area_of,
    content_from_json,
    content_to_json,
    kind_of,
    parts_of_area,
)
from data.rules.zone_templates import TEMPLATES
from data.service import zone_live
from data.service.zone_desk import DraftTaken
from data.service.zone_views import ZoneViews
from data.store import audit, doors, outbox, victims, zone_drafts, zones
from data.store.reading import reading

MOST_HISTORY = 200_000
MOST_AT_ONCE = 50
"""Zones of one order that are drawn or sent together."""


class ZoneDrafts(ZoneViews):
    """The use cases around drafts of zones."""

    def set_door(self, viewer: Viewer, case_id: int, place: LonLat) -> None:
        """Keeps where her door is, for the checks; who has the case says so, on record.

        Raises:
            Refused: the case is not given to this viewer.
            BadInput: the place is none, or the case has several victims.
        """
        if not (-180 <= place.lon <= 180 and -85 <= place.lat <= 85):  # also refuses NaN
            raise BadInput("place", "[longitude, latitude] in degrees")
        now = self.clock.now()
        with self.engine.begin() as connection:
            reach = self.reach(connection, viewer)
            case = self.case_of(connection, reach, case_id)
            if not reach.record(case_id, case.area).is_known:
                raise BadInput("case", "one that is given to you")
            hers = victims.find_ids(connection, case_id)
            if len(hers) != 1:
                raise BadInput("case", "one with one victim", len(hers))
            doors.save(connection, hers[0], place, at=now, user_id=viewer.user_id)
            audit.append(
                connection, at=now, user_id=viewer.user_id, action="door_set",
                record_kind="person", record_id=hers[0], peer=viewer.peer,
                session_id=viewer.session_id or None,
            )  # fmt: skip

    def begin(
        self,
        viewer: Viewer,
        *,
        case_code: str = "",
        kind: str | None = None,
        template: str | None = None,
        zone_id: int | None = None,
        from_version: int | None = None,
        from_zone: int | None = None,
        content: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Begins a draft, or gives the one that is open for the zone.

        Args:
            case_code: whose it will be; not needed with `zone_id`.
            kind: of a new zone; None: an exclusion zone, or the template's.
            template: one of data.rules.zone_templates.
            zone_id: the zone to change; None: a new one.
            from_version: start from this version's drawing (zone_version_id).
            from_zone: start a new zone from the newest version of another.
            content: fields to start with (data.rules.zone_drawing).
        """
        with self.engine.begin() as connection:
            reach = self.reach(connection, viewer)
            draft_id = self._begin(
                connection, viewer, reach, case_code=case_code, kind=kind, template=template,
                zone_id=zone_id, from_version=from_version, from_zone=from_zone,
                content=content or {},
            )  # fmt: skip
            row = zone_drafts.find(connection, draft_id)
            assert row is not None
            return self.draft_json(connection, reach, row)

    def begin_many(
        self,
        viewer: Viewer,
        *,
        case_code: str,
        order_ref: str,
        reason: str,
        given: Sequence[Mapping[str, Any]],
    ) -> list[dict[str, Any]]:
        """Begins a draft for each zone of one order; all of them or none.

        Raises:
            BadInput: names the zone by its place in the list.
        """
        if not 1 <= len(given) <= MOST_AT_ONCE:
            raise BadInput("zones", f"1 to {MOST_AT_ONCE} zones")
        with self.engine.begin() as connection:
            reach = self.reach(connection, viewer)
            found = []
            for i, each in enumerate(given):
                try:
                    fields = {**each, "order_ref": order_ref, "reason": reason}
                    draft_id = self._begin(
                        connection, viewer, reach, case_code=case_code,
                        kind=fields.pop("kind", None), template=fields.pop("template", None),
                        content=fields,
                    )  # fmt: skip
                except BadInput as error:
                    raise BadInput(f"zones[{i}].{error.field}", error.expected) from error
                row = zone_drafts.find(connection, draft_id)
                assert row is not None
                found.append(self.draft_json(connection, reach, row))
            return found

    def save(
        self, viewer: Viewer, draft_id: int, revision: int, given: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Keeps what was changed, if this is still the draft it was changed on.

        Args:
            revision: the one the change was made on.
            given: fields of the content; `history` beside them is kept as it comes.

        Raises:
            DraftTaken: somebody saved meanwhile.
            BadInput: the drawing is no valid area, or a field makes no sense; nothing is kept.
            Clash: the draft is not being edited any more.
        """
        given = dict(given)
        history = given.pop("history", None)
        if history is not None and len(orjson.dumps(history)) > MOST_HISTORY:
            raise BadInput("history", f"at most {MOST_HISTORY} bytes")
        with self.engine.begin() as connection:
            reach = self.reach(connection, viewer)
            row = self.draft_of(connection, reach, draft_id)
            self.need_editing(row)
            self.need_revision(connection, reach, row, revision)
            content = content_from_json(given, zone_live.content_of(row))
            self._need_kind(connection, row, content)
            area = area_of(content.parts)
            self._need_valid(connection, area)
            is_kept = zone_drafts.save(
                connection,
                draft_id,
                revision,
                shape=area,
                content=content_to_json(content),
                saved_at=self.clock.now(),
                saved_by=viewer.user_id,
                **({} if history is None else {"history": history}),
            )
            saved = zone_drafts.find(connection, draft_id)
            assert saved is not None
            if not is_kept:
                raise DraftTaken(self.draft_json(connection, reach, saved))
            answer = self.draft_json(connection, reach, saved)
            outbox.append(connection, "draft", [draft_id], self.clock.now())
            return answer

    def drop(self, viewer: Viewer, draft_id: int) -> None:
        """Gives a draft up. It stays on record; the zone is as it was."""
        with self.engine.begin() as connection:
            row = self.draft_of(connection, self.reach(connection, viewer), draft_id, lock=True)
            self.need_editing(row)
            zone_drafts.move(connection, draft_id, state=DraftState.DROPPED.value)
            self.record(connection, viewer, "zone_draft_dropped", row)
            outbox.append(connection, "draft", [draft_id], self.clock.now())

    def rebase(self, viewer: Viewer, draft_id: int, revision: int) -> dict[str, Any]:
        """Takes the draft on from the version in force now, once its author has seen both."""
        with self.engine.begin() as connection:
            reach = self.reach(connection, viewer)
            row = self.draft_of(connection, reach, draft_id, lock=True)
            self.need_editing(row)
            self.need_revision(connection, reach, row, revision)
            stands = zones.find_in_force(connection, row.zone_id) if row.zone_id else None
            zone_drafts.move(
                connection, draft_id, base_version_id=stands.zone_version_id if stands else None
            )
            after = zone_drafts.find(connection, draft_id)
            assert after is not None
            answer = self.draft_json(connection, reach, after)
            outbox.append(connection, "draft", [draft_id], self.clock.now())
            return answer

    def restore(self, viewer: Viewer, version_id: int) -> dict[str, Any]:
        """A draft of the zone that holds what this version held; nothing is live by it.

        Raises:
            Clash: a draft of the zone is open, and its work is not thrown away.
        """
        with reading(self.engine) as connection:
            row = self.version_row(connection, viewer, version_id)
            if zone_drafts.find_open(connection, row.zone_id):
                raise Clash("A draft of this zone is open. Send or drop it first.")
        return self.begin(viewer, zone_id=row.zone_id, from_version=version_id)

    def _begin(
        self,
        connection: Connection,
        viewer: Viewer,
        reach: Reach,
        *,
        case_code: str,
        kind: str | None,
        template: str | None,
        content: Mapping[str, Any],
        zone_id: int | None = None,
        from_version: int | None = None,
        from_zone: int | None = None,
    ) -> int:
        base = None
        if zone_id is not None:
            zone = self.zone_of(connection, reach, zone_id)
            case_id, kind = zone.case_id, zone.kind
            if drafts := zone_drafts.find_open(connection, zone_id):
                return drafts[0].zone_draft_id
            base = zones.find_in_force(connection, zone_id)
        else:
            case_id = self.case_id_of(connection, reach, case_code)
        start = self._start(connection, viewer, kind, template)
        source = from_version if from_version is not None else self._newest(
            connection, reach, from_zone if from_zone is not None else zone_id
        )  # fmt: skip
        if source is not None:
            start = _content_of_version(self.version_row(connection, viewer, source), start.kind)
        made = content_from_json(content, start)
        area = area_of(made.parts)
        self._need_valid(connection, area)
        now = self.clock.now()
        draft_id = zone_drafts.append(
            connection, shape=area, case_id=case_id, zone_id=zone_id,
            base_version_id=base.zone_version_id if base else None,
            content=content_to_json(made), made_at=now, made_by=viewer.user_id, saved_at=now,
            saved_by=viewer.user_id,
        )  # fmt: skip
        outbox.append(connection, "draft", [draft_id], now)
        return draft_id

    def _start(
        self, connection: Connection, viewer: Viewer, kind: str | None, template: str | None
    ) -> DraftContent:
        if template is None:
            return DraftContent(ZoneKind.EXCLUSION if kind is None else kind_of(kind))
        known = TEMPLATES.get(template) if isinstance(template, str) else None
        if known is None:
            raise BadInput("template", f"one of {', '.join(TEMPLATES)}")
        return DraftContent(
            known.kind if kind is None else kind_of(kind),
            buffer_m=known.buffer_m,
            schedule=known.hours(self.time_zone.key),
            template=known.name,
        )

    def _newest(self, connection: Connection, reach: Reach, zone_id: int | None) -> int | None:
        if zone_id is None:
            return None
        self.zone_of(connection, reach, zone_id)
        found = zone_drafts.find_versions(connection, zone_id)
        return found[0].zone_version_id if found else None

    def _need_valid(self, connection: Connection, area: BaseGeometry | None) -> None:
        # PostGIS decides. What it refuses is said with its place by `data.rules.shapes` before;
        # this is for what only it would refuse.
        if area is not None and not zone_drafts.is_valid(connection, area):
            raise BadInput("parts", "a valid area")

    def _need_kind(self, connection: Connection, row: Row[Any], content: DraftContent) -> None:
        if row.zone_id is not None and zones.get(connection, row.zone_id).kind != content.kind:
            raise BadInput("kind", "the kind the zone has: another kind is another zone")


def _content_of_version(row: Row[Any], kind: ZoneKind) -> DraftContent:
    if "parts" in row.drawn_as:
        drawn = content_from_json(row.drawn_as, DraftContent(kind))
        return replace(
            drawn, kind=kind, valid_from=None, reason="", order_ref=row.order_reference, name=""
        )
    hours = None if row.schedule is None else schedules.from_json(row.schedule)
    return DraftContent(
        kind,
        tuple(parts_of_area(to_shape(row.shape))),
        row.buffer_m,
        hours,
        order_ref=row.order_reference,
    )
