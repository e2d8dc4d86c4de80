"""What the studio shows: lists, drafts, versions, checks of a shape that is only tried.

Every method takes the viewer first and refuses by role, area and assignment.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from geoalchemy2.shape import to_shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, Row

from data.errors import BadInput, NotFound
from data.model.user import Viewer
from data.model.zone import ZoneKind
from data.rules.access import Action
from data.rules.zone_checks import Check
from data.rules.zone_drawing import (
    area_of,
    content_from_json,
    raw_polygons,
)
from data.rules.zone_templates import TEMPLATES
from data.service import zone_live
from data.service.zone_desk import ZoneDesk
from data.service.zone_json import (
    difference_json,
    draft_line,
    fingerprint,
    geojson,
    hours_json,
    state_of,
    version_json,
)
from data.store import rehearsals, zone_drafts, zones
from data.store.reading import reading


class ZoneViews(ZoneDesk):
    """The studio's use cases that keep nothing."""

    def overview(self, viewer: Viewer) -> dict[str, Any]:
        """Every zone and open draft this viewer may draw, the cases and the templates."""
        with reading(self.engine) as connection:
            reach = self.reach(connection, viewer)
            all_drafts = zone_drafts.find_open(connection)
            drafts = [row for row in all_drafts if self.may_see(reach, row)]
            of_zone = {row.zone_id: row for row in drafts if row.zone_id is not None}
            ids = [row.zone_draft_id for row in drafts]
            tried = rehearsals.find_tried(connection, ids)
            is_tried = {
                row.zone_draft_id: row.content["kind"] == ZoneKind.NEUTRAL
                or tried.get(row.zone_draft_id) == fingerprint(row, self.time_zone)
                for row in drafts
            }

            def line(row: Row[Any] | None) -> dict[str, Any] | None:
                return draft_line(row, is_tried=row is not None and is_tried[row.zone_draft_id])

            now = self.clock.now()
            return {
                "zones": [
                    {
                        "zone_id": row.zone_id,
                        "case_id": row.case_id,
                        "case_code": row.code,
                        "label": row.label,
                        "kind": row.kind,
                        "state": state_of(row, now),
                        "is_emergency": row.valid_to is None and row.expires_at is not None,
                        "version": row.number,
                        "versions": row.versions,
                        "since": row.valid_from.isoformat(),
                        "draft": line(of_zone.get(row.zone_id)),
                    }
                    for row in zone_drafts.find_zones(connection)
                    if self.may_see(reach, row)
                ],
                "drafts": [
                    {"case_code": row.case_code, "label": row.label, "kind": row.content["kind"],
                     **(line(row) or {})}
                    for row in drafts if row.zone_id is None
                ],
                "cases": [
                    {"case_id": row.case_id, "case_code": row.code,
                     "order_ref": row.order_reference}
                    for row in zone_drafts.find_cases(connection)
                    if self.may_see(reach, row)
                ],
                "templates": [
                    {
                        "template": each.name, "words": each.words, "kind": each.kind.value,
                        "radius_m": each.radius_m, "buffer_m": each.buffer_m,
                        "schedule": hours_json(each.hours(self.time_zone.key)),
                    }
                    for each in TEMPLATES.values()
                ],
                "may": {"draw": reach.may(Action.DRAW_ZONE, None, "").allowed or bool(
                    reach.cases)},
            }  # fmt: skip

    def zone(self, viewer: Viewer, zone_id: int) -> dict[str, Any]:
        """A zone with all its versions, newest first, and its open draft."""
        with reading(self.engine) as connection:
            reach = self.reach(connection, viewer)
            row = self.zone_of(connection, reach, zone_id)
            drafts = zone_drafts.find_open(connection, zone_id)
            return {
                "zone": {
                    "zone_id": zone_id, "case_id": row.case_id, "case_code": row.case_code,
                    "label": row.label, "kind": row.kind,
                },
                "versions": [
                    version_json(each) for each in zone_drafts.find_versions(connection, zone_id)
                ],
                "draft": self.draft_json(connection, reach, drafts[0]) if drafts else None,
            }  # fmt: skip

    def draft(self, viewer: Viewer, draft_id: int) -> dict[str, Any]:
        """A draft as it stands."""
        with reading(self.engine) as connection:
            reach = self.reach(connection, viewer)
            return self.draft_json(connection, reach, self.draft_of(connection, reach, draft_id))

    def try_out(self, viewer: Viewer, draft_id: int, given: Mapping[str, Any]) -> dict[str, Any]:
        """Shape, measures and checks of the draft with these fields changed; saves nothing."""
        with reading(self.engine) as connection:
            reach = self.reach(connection, viewer)
            row = self.draft_of(connection, reach, draft_id)
            fault = self._fault(connection, given)
            if fault is not None:
                return {"shape": None, "measures": None, "checks": [fault.to_json()]}
            content = content_from_json(given, zone_live.content_of(row))
            area = area_of(content.parts)
            measures, checks = self.checks.of(
                connection, viewer, reach, row, content, area, self.clock.now()
            )
            return {"shape": geojson(area), "measures": measures, "checks": checks}

    def halo(self, viewer: Viewer, draft_id: int) -> dict[str, Any]:
        """The usual error of his fixes near the draft, for a band along its edge."""
        with reading(self.engine) as connection:
            row = self.draft_of(connection, self.reach(connection, viewer), draft_id)
            if row.shape is None:
                return {"p95_m": None}
            return {"p95_m": self.checks.halo(connection, row, to_shape(row.shape))}

    def uneven(self, viewer: Viewer, draft_id: int) -> dict[str, Any]:
        """An outline that does not give her address away, to be saved or not; keeps nothing."""
        with reading(self.engine) as connection:
            row = self.draft_of(connection, self.reach(connection, viewer), draft_id)
            seed = secrets.randbits(32)
            return self.checks.uneven(connection, row, _need_shape(row), seed)

    def simple(self, viewer: Viewer, draft_id: int) -> dict[str, Any]:
        """The draft's outline with few enough vertices; keeps nothing."""
        with reading(self.engine) as connection:
            row = self.draft_of(connection, self.reach(connection, viewer), draft_id)
            return self.checks.simple(_need_shape(row))

    def door(self, viewer: Viewer, case_id: int) -> dict[str, Any]:
        """Whether her door is known, and where it is for the minute of a reveal."""
        with reading(self.engine) as connection:
            reach = self.reach(connection, viewer)
            return self.checks.door(
                connection, viewer, reach, self.case_of(connection, reach, case_id)
            )

    def compare(self, viewer: Viewer, draft_id: int) -> dict[str, Any]:
        """What a draft adds to the version in force and takes from it, on the ground."""
        with reading(self.engine) as connection:
            row = self.draft_of(connection, self.reach(connection, viewer), draft_id)
            before = zones.find_in_force(connection, row.zone_id) if row.zone_id else None
            return difference_json(
                connection,
                to_shape(before.shape) if before else None,
                to_shape(row.shape) if row.shape is not None else None,
            )

    def compare_versions(
        self, viewer: Viewer, zone_id: int, older: int, newer: int
    ) -> dict[str, Any]:
        """The same for two versions of a zone by their numbers."""
        with reading(self.engine) as connection:
            self.zone_of(connection, self.reach(connection, viewer), zone_id)
            by_number = {
                row.number: to_shape(row.shape)
                for row in zone_drafts.find_versions(connection, zone_id)
            }
            if older not in by_number or newer not in by_number:
                raise NotFound(f"Zone {zone_id} has no such versions.")
            return difference_json(connection, by_number[older], by_number[newer])

    def _fault(self, connection: Connection, given: Mapping[str, Any]) -> Check | None:
        """What PostGIS finds wrong with the first drawn part that is not valid."""
        for part in raw_polygons(given.get("parts")):
            found = zone_drafts.find_fault(connection, part)
            if found is not None:
                reason, at = found
                return Check("valid", "error", f"{reason}.", at)
        return None


def _need_shape(row: Row[Any]) -> BaseGeometry:
    if row.shape is None:
        raise BadInput("parts", "something drawn")
    return to_shape(row.shape)
