"""Rehearsals as the studio asks for them: begin one, see how far it is, stop it, read it.

    job    = {"job_id", "state", "done": 0..1, "left_s"|null, "words"}
    result = null | {"rehearsal_id", "is_current", "days", "days_seen", "from", "to", "fixes",
                     "draft": R, "in_force": R|null, "buffers_m": [...], "buffers": [B...]}
    R = {"buffer_m", "alerts", "alerts_a_day", "breaches", "confirmed", "by_hour": [24],
         "by_cause", "one_fix", "drift", "minutes_inside", "warning_p50_min", "warning_p90_min",
         "hits": [{"hit_id","kind","at","until","cause","channel","grade","fixes","lon","lat",
                   "minutes","p_inside","depth_m","warning_min"}]}
    B = {"buffer_m", "alerts", "alerts_a_day", "warnings", "is_estimate": true,
         "warning_p50_min", "warning_p90_min"}

`draft` and `in_force` are the judge's (data.service.rehearsal_runner). A buffer that is only
being thought of is answered from distances measured once for the draft's shape.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import numpy as np
from geoalchemy2.shape import to_shape
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, Engine, Row

from data.clock import Clock
from data.errors import BadInput
from data.model.user import Viewer
from data.model.zone import ZoneKind
from data.rules.geofence import ZoneShapes, verdicts
from data.rules.rehearsal import buffer_visits, with_buffer
from data.rules.shapes import LARGEST_M
from data.service.reach import not_there
from data.service.zone_drafts import ZoneDrafts
from data.service.zone_json import fingerprint
from data.store import audit, fixes, outbox, rehearsals
from data.store.reading import reading

MOST_DAYS = 90
BUFFERS_M = tuple(range(0, 1001, 50))
_REACH_M = 2500.0  # farther fixes are never within a buffer of the slider
_KEPT = 8


@dataclass(frozen=True, slots=True)
class Distances:
    """How far each fix of a rehearsal was from the draft's shape; one block a track, in order."""

    first: Sequence[int]  # of each track's rows, and one behind the last
    moment_us: NDArray[np.int64]
    edge_m: NDArray[np.float64]
    radius_95_m: NDArray[np.float64]

    def visits(self, buffer_m: float) -> list[tuple[int, int]]:
        """Visits to the zone with this buffer, from and to."""
        return sorted(
            visit
            for start, end in zip(self.first[:-1], self.first[1:], strict=True)
            for visit in buffer_visits(
                self.moment_us[start:end],
                self.edge_m[start:end],
                self.radius_95_m[start:end],
                buffer_m,
            )
        )


@dataclass(frozen=True, slots=True)
class Rehearsals:
    """The use cases around rehearsals.

    Args:
        engine: the database.
        clock: the room's.
        drafts: who may see which draft.
    """

    engine: Engine
    clock: Clock
    drafts: ZoneDrafts
    _kept: OrderedDict[int, Distances] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, viewer: Viewer, draft_id: int, days: int) -> int:
        """Queues a rehearsal of the draft as it stands over the last days; gives its number.

        An earlier one of the draft that has not ended is cancelled: it tried another shape.

        Raises:
            BadInput: nothing is drawn, or the days are out of range.
        """
        if not 1 <= days <= MOST_DAYS:
            raise BadInput("days", f"1 to {MOST_DAYS}", days)
        now = self.clock.now()
        with self.engine.begin() as connection:
            row = self.drafts.draft_row(connection, viewer, draft_id)
            if row.shape is None:
                raise BadInput("parts", "something drawn")
            if row.content["kind"] == ZoneKind.NEUTRAL:
                raise BadInput("kind", "a zone that somebody is judged by")
            before = rehearsals.find_newest(connection, draft_id, is_done=False)
            if before is not None:
                rehearsals.end(connection, before.rehearsal_id, "cancelled", now)
            job_id = rehearsals.append(
                connection, zone_draft_id=draft_id, asked_by=viewer.user_id, asked_at=now,
                from_at=now - timedelta(days=days), to_at=now,
                fingerprint=fingerprint(row, self.drafts.time_zone),
            )  # fmt: skip
            audit.append(
                connection, at=now, user_id=viewer.user_id, action="zone_rehearsed",
                record_kind="zone_draft", record_id=draft_id, peer=viewer.peer,
                session_id=viewer.session_id or None, detail={"days": days},
            )  # fmt: skip
            outbox.append(connection, "rehearsal", [job_id], now)
        return job_id

    def job(self, viewer: Viewer, job_id: int) -> dict[str, Any]:
        """How far a rehearsal is."""
        with reading(self.engine) as connection:
            row = self._job(connection, viewer, job_id)
        left_s = None
        if row.state == "running" and row.done > 0.02:
            gone_s = (self.clock.now() - row.began_at).total_seconds()
            left_s = round(gone_s * (1 - row.done) / row.done)
        return {
            "job_id": job_id,
            "draft_id": row.zone_draft_id,
            "state": row.state,
            "done": 1.0 if row.state == "done" else round(row.done, 3),
            "left_s": left_s,
            "words": _WORDS[row.state],
        }

    def cancel(self, viewer: Viewer, job_id: int) -> dict[str, Any]:
        """Stops a rehearsal; one that has ended stays as it is."""
        with self.engine.begin() as connection:
            self._job(connection, viewer, job_id)
            now = self.clock.now()
            rehearsals.end(connection, job_id, "cancelled", now)
            outbox.append(connection, "rehearsal", [job_id], now)
        return self.job(viewer, job_id)

    def result(
        self, viewer: Viewer, draft_id: int, buffer_m: float | None = None
    ) -> dict[str, Any] | None:
        """The draft's newest result, and what other buffers would have done; None: none yet.

        Args:
            buffer_m: one buffer to be answered in `buffers`; None: those of `BUFFERS_M`.
        """
        if buffer_m is not None and not 0 <= buffer_m <= LARGEST_M:
            raise BadInput("buffer_m", f"metres from 0 to {LARGEST_M:g}", buffer_m)
        with reading(self.engine) as connection:
            draft = self.drafts.draft_row(connection, viewer, draft_id)
            row = rehearsals.find_newest(connection, draft_id, is_done=True)
            if row is None or row.result is None:
                return None
            is_current = row.fingerprint == fingerprint(draft, self.drafts.time_zone)
            asked = BUFFERS_M if buffer_m is None else (buffer_m,)
            has_ring = draft.content["kind"] == ZoneKind.EXCLUSION and draft.shape is not None
            distances = self._distances(connection, row, draft) if has_ring else None
        told = row.result["draft"]
        days = row.result.get("days_seen", row.result["days"])
        answers = [] if distances is None else [
            with_buffer(told, each, distances.visits(each) if each else (), days)
            for each in asked
        ]  # fmt: skip
        return {
            "rehearsal_id": row.rehearsal_id,
            "is_current": is_current,
            **row.result,
            "buffers_m": [answer["buffer_m"] for answer in answers],
            "buffers": answers,
        }

    def _job(self, connection: Connection, viewer: Viewer, job_id: int) -> Row[Any]:
        row = rehearsals.find(connection, job_id)
        if row is None:
            raise not_there("rehearsal", job_id)
        self.drafts.draft_row(connection, viewer, row.zone_draft_id)
        return row

    def _distances(self, connection: Connection, job: Row[Any], draft: Row[Any]) -> Distances:
        key = hash((job.rehearsal_id, draft.revision))
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        ids = rehearsals.find_activations(connection, draft.case_id)
        track = fixes.get_track(connection, ids, job.from_at, job.to_at)
        found = distances_of(to_shape(draft.shape), track)
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return found


def distances_of(area: BaseGeometry, track: fixes.Positions) -> Distances:
    """How far each stored fix with a place is from an area, in metres on the ground."""
    records = track.records
    has_place = np.flatnonzero(np.isfinite(records["lon"]) & np.isfinite(records["lat"]))
    order = has_place[np.lexsort((records["fixed_at"][has_place], track.activation_id[has_place]))]
    records, activation_id = records[order], track.activation_id[order]
    first = [0, *(np.flatnonzero(np.diff(activation_id)) + 1).tolist(), len(order)]
    edge_m, _ = verdicts(
        ZoneShapes.of([area]), np.zeros(len(order)), records["lon"], records["lat"], 0.0, _REACH_M
    )
    radius = records["radius_95_m"].astype(np.float64)
    radius = np.where(np.isfinite(radius), np.maximum(radius, 1.0), 50.0)
    return Distances(first, records["fixed_at"].copy(), edge_m, radius)


_WORDS = {
    "waiting": "Waiting for its turn.",
    "running": "Judging the past.",
    "done": "Done.",
    "cancelled": "Cancelled.",
    "failed": "It failed, and was written down. Nothing was changed.",
}
