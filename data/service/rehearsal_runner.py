"""Runs rehearsals: a draft before the same judge that works live, over days already judged.

One job at a time, in the watch's process: it outlives the tab that asked, and the web server's
threads stay free. The version in force is judged beside the draft in the same pass.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from geoalchemy2.shape import to_shape
from sqlalchemy import Connection, Engine, Row
from sqlalchemy.exc import DBAPIError

from data.clock import Clock, microseconds
from data.model import schedule as schedules
from data.model.fix import empty_fixes
from data.model.judging import BreachChange, FixColumns, Happened, Plans, Policy, ZoneVersion
from data.model.zone import ZoneKind
from data.rules import quality
from data.rules.approach import PairSet
from data.rules.judge import judge
from data.rules.late import latest
from data.rules.rehearsal import figures
from data.rules.state import JudgeState
from data.rules.zones import ZoneSet
from data.service import zone_live
from data.store import fixes as fix_store
from data.store import outbox, policies, rehearsals, zone_drafts, zones

_log = logging.getLogger(__name__)

WARM_UP = timedelta(hours=12)
"""Judged before the first day without being counted: the judge knows the track by then."""

_DRAFT, _IN_FORCE = 1, 2  # zone ids of the rehearsal's own little world
_DAY_US = 86_400_000_000
_STRETCH_US = 2 * _DAY_US
_TELL_EVERY_S = 0.5  # open pages hear how far it is this often, and of its end


@dataclass(frozen=True, slots=True)
class Past:
    """The track and thresholds a rehearsal goes by."""

    fixes: FixColumns  # in the order of judging
    moment_us: Any
    plans: Plans
    policy: Policy
    activation_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RehearsalRunner:
    """Takes jobs off the table and runs them.

    Args:
        engine: the database.
        clock: the deployment's clock.
        time_zone: the room's: whose hours of the day the figures mean.
    """

    engine: Engine
    clock: Clock
    time_zone: ZoneInfo

    def run_next(self) -> bool:
        """Runs the oldest waiting job to its end; False where none waits."""
        with self.engine.begin() as connection:
            job = rehearsals.take(connection, self.clock.now())
        if job is None:
            return False
        try:
            result = self._run(job)
            state = "done"
        except DBAPIError:
            raise  # the job stays ours to take up again
        except Exception as error:
            # Whatever it was: the next job still runs. Its class only: a message may hold a place.
            _log.warning("rehearsal %s failed (%s)", job.rehearsal_id, type(error).__name__)
            result, state = None, "failed"
        if result is not None or state == "failed":
            with self.engine.begin() as connection:
                now = self.clock.now()
                rehearsals.end(connection, job.rehearsal_id, state, now, result)
                outbox.append(connection, "rehearsal", [job.rehearsal_id], now)
        return True

    def keep_running(self, goes_on: Callable[[], bool], wait: Callable[[], object]) -> None:
        """Runs jobs until `goes_on` says no; `wait` is called where none waits."""
        while goes_on():
            try:
                if not self.run_next():
                    wait()
            except DBAPIError as error:
                _log.warning("rehearsals: the database is away (%s)", type(error).__name__)
                wait()

    def _run(self, job: Row[Any]) -> dict[str, Any] | None:
        """The result; None where somebody cancelled it meanwhile."""
        with self.engine.connect() as connection:
            draft = zone_drafts.find(connection, job.zone_draft_id)
            assert draft is not None
            past = past_of(connection, draft.case_id, job)
            versions, buffers = self._law(connection, draft, past.activation_ids)
        changes: list[BreachChange] = []
        state, law = JudgeState.empty(), ZoneSet.of(versions)
        told_s = time.monotonic()
        first_us = int(past.moment_us[0]) if len(past.fixes) else 0
        stretch = (past.moment_us - first_us) // _STRETCH_US
        for each in np.unique(stretch):
            rows = slice(*np.searchsorted(stretch, [each, each + 1]))
            state, found = judge(
                state, past.fixes.take(rows), law, PairSet.of(()), past.plans, past.policy
            )
            changes += found.breach_changes
            is_told = time.monotonic() - told_s >= _TELL_EVERY_S
            told_s = time.monotonic() if is_told else told_s
            if not self._beat(job, rows.stop / len(past.fixes), is_told=is_told):
                return None
        nothing = FixColumns.of(np.empty(0, np.int64), empty_fixes(0), np.empty(0, np.int64))
        to_us = microseconds(job.to_at)
        _, found = judge(state, nothing, law, PairSet.of(()), past.plans, past.policy, to_us)
        changes += found.breach_changes
        return self._told(job, past, changes, buffers)

    def _law(
        self, connection: Connection, draft: Row[Any], activation_ids: tuple[int, ...]
    ) -> tuple[list[ZoneVersion], dict[int, float]]:
        content = zone_live.content_of(draft)
        assert draft.shape is not None
        hours = zone_live.hours_of(content, self.time_zone)
        given = [(_DRAFT, to_shape(draft.shape), content.buffer_m, hours)]
        stands = zones.find_in_force(connection, draft.zone_id) if draft.zone_id else None
        if stands is not None:
            then = None if stands.schedule is None else schedules.from_json(stands.schedule)
            given.append((_IN_FORCE, to_shape(stands.shape), stands.buffer_m, then))
        versions = [
            ZoneVersion(
                zone_id=zone_id, zone_version_id=zone_id, case_id=draft.case_id,
                kind=ZoneKind(content.kind), shape=shape, buffer_m=buffer_m, schedule=schedule,
                valid_from_us=0, valid_to_us=None, activation_ids=activation_ids,
            )
            for zone_id, shape, buffer_m, schedule in given
        ]  # fmt: skip
        return versions, {zone_id: buffer_m for zone_id, _, buffer_m, _ in given}

    def _beat(self, job: Row[Any], done: float, *, is_told: bool) -> bool:
        now = self.clock.now()
        with self.engine.begin() as connection:
            goes_on = rehearsals.beat(connection, job.rehearsal_id, done, now)
            outbox.append(connection, "rehearsal", [job.rehearsal_id] if is_told else [], now)
        return goes_on

    def _told(
        self, job: Row[Any], past: Past, changes: list[BreachChange], buffers: dict[int, float]
    ) -> dict[str, Any]:
        from_us, to_us = microseconds(job.from_at), microseconds(job.to_at)
        breaches = sorted(
            (
                each
                for each in latest(changes)
                if each.happened is not Happened.WITHDRAWN and from_us <= each.entered_at_us
            ),
            key=lambda each: each.entered_at_us,
        )
        counted_us = past.moment_us[past.moment_us >= from_us]
        days_seen = len(np.unique(counted_us // _DAY_US))
        places = _Places(past)
        told = {
            zone_id: figures(
                [each for each in breaches if each.key.zone_id == zone_id],
                places.of,
                buffer_m=buffer_m,
                to_us=to_us,
                days=days_seen,
                time_zone=self.time_zone,
            )
            for zone_id, buffer_m in buffers.items()
        }
        return {
            "days": round((to_us - from_us) / _DAY_US),
            "days_seen": days_seen,
            "from": job.from_at.isoformat(),
            "to": job.to_at.isoformat(),
            "fixes": len(counted_us),
            "draft": told[_DRAFT],
            "in_force": told.get(_IN_FORCE),
        }


def past_of(connection: Connection, case_id: int, job: Row[Any]) -> Past:
    """All fixes of a case's offender for a job, in the order of judging, with their warm-up."""
    ids = rehearsals.find_activations(connection, case_id)
    track = fix_store.get_track(connection, ids, job.from_at - WARM_UP, job.to_at)
    plans = Plans.of(
        {
            row.activation_id: (row.report_every_s, microseconds(row.started_at))
            for row in zones.find_plans(connection)
            if row.activation_id in ids
        }
    )
    _, policy = policies.get_policy(connection)
    moment_us, _ = quality.moments(
        track.records, track.received_at_us, plans.started_of(track.activation_id), policy
    )
    order = np.argsort(moment_us, kind="stable")
    fixes = FixColumns(
        track.activation_id, track.records, track.received_at_us, track.fingerprint
    ).take(order)
    return Past(fixes, moment_us[order], plans, policy, tuple(ids))


class _Places:
    """Where somebody was at the fix that bears a breach out best."""

    def __init__(self, past: Past) -> None:
        self._past = past
        self._row_of = {
            key: row
            for row, key in enumerate(
                zip(
                    past.fixes.activation_id.tolist(),
                    past.fixes.fingerprint.tolist(),
                    strict=True,
                )
            )
        }

    def of(self, breach: BreachChange) -> tuple[float, float] | None:
        """Longitude and latitude; None where no fix of it has a place."""
        best = breach.proof.get("best_fingerprint")
        row = self._row_of.get((breach.key.activation_id, best)) if best is not None else None
        if row is None:
            # Crossed between two fixes: the one before it.
            row = int(np.searchsorted(self._past.moment_us, breach.entered_at_us, "right")) - 1
        if row < 0:
            return None
        record = self._past.fixes.records[row]
        lon, lat = float(record["lon"]), float(record["lat"])
        return (lon, lat) if np.isfinite(lon) and np.isfinite(lat) else None
