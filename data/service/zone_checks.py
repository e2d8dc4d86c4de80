"""What speaks for and against a drawn zone, in the words of the studio. PostGIS has the last word.

Checks that use her door never say where it is. Who has not the case is not told how the zone
lies to it at all: by drawing one shape after the other, "inside" alone would lead there. Who has
it is told in words, on record; with the minute of a reveal also in metres.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, Engine, Row

from data.clock import Clock
from data.errors import BadInput
from data.geo import LonLat, Plane
from data.model.user import Viewer
from data.model.zone import ZoneKind
from data.model.zone_draft import DraftContent
from data.rules import zone_checks as rules
from data.rules.access import Action, decide
from data.rules.outline import flat_of, irregular, simpler
from data.rules.reach import Reach
from data.rules.zone_checks import Check
from data.rules.zone_drawing import MOST_VERTICES, drawn_vertices, parts_of_area
from data.service.noted import Noted
from data.service.zone_past import Past, Pasts
from data.store import assignments, audit, doors, zone_drafts

_TRIES = 40


@dataclass(frozen=True, slots=True)
class ZoneChecks:
    """Gathers what the rules need and asks them.

    Args:
        engine: where it is written down that somebody was told how a zone lies to her door.
        clock: that of sessions.
        pasts: what offenders' last weeks say.
    """

    engine: Engine
    clock: Clock
    pasts: Pasts
    noted: Noted = field(default_factory=Noted)

    def of(
        self,
        connection: Connection,
        viewer: Viewer,
        reach: Reach,
        draft: Row[Any],
        content: DraftContent,
        area: BaseGeometry | None,
        now: datetime,
        *,
        is_final: bool = False,
    ) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Measures and checks of an area as this viewer may read them.

        Args:
            is_final: it is about to be sent: every check counts, whoever may read its words.
        """
        if area is None:
            nothing = Check("valid", "error", "Nothing is drawn yet.")
            names = ("area_m2", "perimeter_m", "vertices", "door_m", "door")
            return dict.fromkeys(names), [nothing.to_json()]
        area_m2, perimeter_m = zone_drafts.measures(connection, area)
        vertices = vertices_of(area)
        past = self.pasts.of(connection, draft.case_id, now)
        flat, plane = flat_of(area)
        p95_m = past.p95_m(area)
        checks = [
            *rules.size_checks(area_m2, drawn_vertices(content.parts)),
            rules.width_check(flat, p95_m),
        ]
        places = doors.find_of_case(connection, draft.case_id)
        is_known = reach.record(draft.case_id, draft.area).is_known
        is_shown = is_known and self._is_shown(connection, reach, draft)
        if content.kind is ZoneKind.EXCLUSION and places:
            told = self._about_door(
                connection, area, flat, plane, content, places, p95_m, is_door_shown=is_shown
            )
            checks += told if is_known or is_final else [_HIDDEN]
            if is_known:
                self._note(viewer, draft)
        elif content.kind is ZoneKind.EXCLUSION:
            checks.append(rules.leak_check(flat, (), _circles(plane, content), 0))
        checks += self._about_him(connection, draft, area, flat, plane, past)
        shown = [_point(plane, place) for place in places] if is_shown else []
        edge_m = min((float(flat.boundary.distance(door)) for door in shown), default=None)
        measures = {
            "area_m2": round(area_m2, 1),
            "perimeter_m": round(perimeter_m, 1),
            "vertices": vertices,
            "p95_m": None if p95_m is None else round(p95_m, 1),
            "door_m": None if edge_m is None else round(edge_m, 1),
            "door": list(places[0]) if shown else None,
        }
        return measures, [check.to_json() for check in checks]

    def halo(self, connection: Connection, draft: Row[Any], area: BaseGeometry) -> float | None:
        """The usual error of his fixes near an area, in metres; None where too few are known."""
        return self.pasts.of(connection, draft.case_id, self.clock.now()).p95_m(area)

    def uneven(
        self, connection: Connection, draft: Row[Any], area: BaseGeometry, seed: int
    ) -> dict[str, Any]:
        """An uneven outline that covers the area and does not give her door away.

        Raises:
            BadInput: none was found; the area itself has to be drawn otherwise.
        """
        places = doors.find_of_case(connection, draft.case_id)
        rng = np.random.default_rng(seed)
        for _ in range(_TRIES):
            made = irregular(area, rng)
            flat, plane = flat_of(made)
            found = [_point(plane, place) for place in places]
            buildings = zone_drafts.count_buildings(connection, made)
            if rules.leak_check(flat, found, (), buildings).level == "ok":
                area_m2, _ = zone_drafts.measures(connection, made)
                parts = parts_of_area(made)
                return {"parts": parts, "seed": seed, "area_m2": round(area_m2, 1)}
        raise BadInput("parts", "a larger area: no outline about this one hides an address")

    def simple(self, area: BaseGeometry) -> dict[str, Any]:
        """The area with few enough vertices, and how far its outline moved at most."""
        made, error_m = simpler(area, MOST_VERTICES)
        return {
            "parts": parts_of_area(made),
            "vertices": vertices_of(made),
            "error_m": round(error_m, 2),
        }

    def door(
        self, connection: Connection, viewer: Viewer, reach: Reach, case: Row[Any]
    ) -> dict[str, Any]:
        """Her door, where this viewer may see it just now; and why not, where not."""
        places = doors.find_of_case(connection, case.case_id)
        is_revealed = self._is_revealed(connection, viewer, case.case_id)
        record = reach.record(case.case_id, case.area, is_revealed=is_revealed)
        decision = decide(viewer.role, Action.SEE_VICTIM_ADDRESS, record)
        is_shown = decision.allowed and bool(places)
        return {
            "is_known": bool(places),
            "place": list(places[0]) if is_shown else None,
            "why_not": "" if decision.allowed else decision.reason,
        }

    def _about_door(
        self,
        connection: Connection,
        area: BaseGeometry,
        flat: BaseGeometry,
        plane: Plane,
        content: DraftContent,
        places: Sequence[LonLat],
        p95_m: float | None,
        *,
        is_door_shown: bool,
    ) -> list[Check]:
        found = [_point(plane, place) for place in places]
        buildings = zone_drafts.count_buildings(connection, area)
        return [
            *rules.door_checks(flat, found, p95_m, is_door_shown=is_door_shown),
            rules.leak_check(flat, found, _circles(plane, content), buildings),
        ]

    def _about_him(
        self,
        connection: Connection,
        draft: Row[Any],
        area: BaseGeometry,
        flat: BaseGeometry,
        plane: Plane,
        past: Past,
    ) -> list[Check]:
        home, work = (
            None if place is None else _point(plane, place)
            for place in (past.haunts.home, past.haunts.work)
        )
        others = [
            shapely.transform(other, lambda at: np.column_stack(plane.metres(*at.T)))
            for other in zone_drafts.find_other_shapes(connection, draft.case_id, draft.zone_id)
        ]
        days_inside, days = past.days_inside(area)
        return [
            *rules.haunt_checks(flat, home, work, days_inside, days),
            rules.overlap_check(flat, others),
        ]

    def _is_shown(self, connection: Connection, reach: Reach, draft: Row[Any]) -> bool:
        is_revealed = self._is_revealed(connection, reach.viewer, draft.case_id)
        record = reach.record(draft.case_id, draft.area, is_revealed=is_revealed)
        return decide(reach.viewer.role, Action.SEE_VICTIM_ADDRESS, record).allowed

    def _is_revealed(self, connection: Connection, viewer: Viewer, case_id: int) -> bool:
        held = assignments.find_held(connection, [viewer.user_id], self.clock.now())
        return any(row.how == "revealed" and row.case_id == case_id for row in held)

    def _note(self, viewer: Viewer, draft: Row[Any]) -> None:
        # In a transaction of its own: what was told stays told, whatever becomes of the save.
        now = self.clock.now()
        if not self.noted.is_due(viewer.session_id, draft.case_id, now):
            return
        with self.engine.begin() as connection:
            audit.append(
                connection, at=now, user_id=viewer.user_id, action="door_checked",
                record_kind="case", record_id=draft.case_id, peer=viewer.peer,
                session_id=viewer.session_id or None,
                detail={"zone_draft_id": draft.zone_draft_id},
            )  # fmt: skip
        self.noted.note(viewer.session_id, draft.case_id, now)


_HIDDEN = Check("door", "ok", "How it lies to her door is told to those who have the case.")


def _circles(plane: Plane, content: DraftContent) -> list[tuple[BaseGeometry, float]]:
    return [
        (_point(plane, LonLat(*part["centre"])), float(part["radius_m"]))
        for part in content.parts
        if part["how"] == "circle"
    ]


def vertices_of(area: BaseGeometry) -> int:
    """Corners of an area; the one that closes a ring is not counted twice."""
    rings = sum(1 + len(part.interiors) for part in shapely.get_parts(area))
    return int(shapely.get_num_coordinates(area)) - rings


def _point(plane: Plane, place: LonLat) -> BaseGeometry:
    east, north = plane.metres(np.array([place.lon]), np.array([place.lat]))
    return shapely.Point(float(east[0]), float(north[0]))
