"""Judging, as a use case: readings off the queue, through the rules, onto the record.

One transaction a round. Fixes, verdicts, breaches, alerts and states are written and the
readings leave the queue together, or nothing happens at all; the outbox comes last, because it
holds up every other writer until the commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine

from data.clock import Clock, microseconds, moment_of
from data.model.alert import AlertKind, Priority
from data.model.fix import FixFlag, empty_fixes
from data.model.judging import BreachChange, BreachKey, ConditionChange, FixColumns, Verdicts
from data.rules import late, quality
from data.rules.judge import judge
from data.rules.state import JudgeState
from data.service import recording
from data.service.rulebook import Rulebook, read_rulebook
from data.store import breaches, outbox, verdicts, zones
from data.store import fixes as fix_store
from data.store import judging as queue
from data.store.alert_conditions import Condition, raise_alert

# A group of tracks is snapshotted when its first fix of a new stretch comes, so a late fix costs
# the judging again of ten minutes and what followed, not of a whole order. Two people of a pair
# report across each other by seconds all day, so this must be cheap. What is older is snapshotted
# as seldom as `queue.thin_snapshots` would leave it: weeks of history are judged at one go.
SNAPSHOT_EVERY_US = 600_000_000
_HOUR_US = 3_600_000_000
_BY_THE_HOUR_AFTER_US = 2 * _HOUR_US
_BY_THE_DAY_AFTER_US = 7 * 24 * _HOUR_US

# What is found later than this after it happened is history: shown and reviewed, without the
# sound that sends somebody out.
BACKFILL_AFTER_US = 300_000_000

# How often a reading may break the rules before it is set aside and somebody is told.
MOST_ATTEMPTS = 3


class RuleFailed(Exception):
    """The rules broke on a batch; `__cause__` says how."""


@dataclass(slots=True)
class Round:
    """What one round did."""

    readings: int = 0
    fixes: int = 0
    duplicates: int = 0
    late: int = 0
    alerts: list[int] = field(default_factory=list)
    newest_us: int | None = None

    def add(self, other: Round) -> None:
        """Counts another round's work with this one's."""
        self.readings += other.readings
        self.fixes += other.fixes
        self.duplicates += other.duplicates
        self.late += other.late
        self.alerts += other.alerts
        self.newest_us = max(filter(None, (self.newest_us, other.newest_us)), default=None)


class Judging:
    """Judges what is queued; one a worker process."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._book: Rulebook | None = None
        self._shares: dict[tuple[Any, ...], queue.Share] = {}

    def round(self, slices: Iterable[int], *, limit: int = 2000) -> Round:
        """Judges up to `limit` queued readings of these slices, then one that came from a file.

        A month of somebody's history so never keeps what is of now waiting for longer than a
        thousand fixes take.

        A reading that breaks the rules is tried alone, and set aside after a few attempts: its
        fixes are kept unjudged and an alert says so. All others go on.
        """
        owned = sorted(slices)
        done = self._some(owned, limit, is_history=False)
        done.add(self._some(owned, 1, is_history=True))
        return done

    def _some(self, slices: Sequence[int], limit: int, *, is_history: bool) -> Round:
        try:
            return self._transaction(slices, limit, is_history=is_history)
        except RuleFailed:
            return self._one_by_one(slices, limit, is_history=is_history)

    def pass_time(self, activation_ids: Sequence[int]) -> Round:
        """Judges the passing of time for these activations, up to now; no fix is needed.

        Windows that open, grace that runs out, silence: what nobody sends a message about.
        Whose readings are still queued is left out, with all in their group: time is judged
        with those readings, and who has just reported must not be called silent.
        """
        now = self._clock.now()
        with self._engine.begin() as connection:
            book = self._rulebook(connection)
            queued = queue.find_queued(connection)
            idle = [
                each
                for group in book.groups(activation_ids)
                if queued.isdisjoint(group)
                for each in group
            ]
            work = _Work(connection, book, now)
            work.lock(idle)
            work.pass_time()
            work.save()
            outbox.append(connection, "alert", work.done.alerts, now)
        return work.done

    def rulebook(self) -> Rulebook:
        """What is judged by just now."""
        with self._engine.connect() as connection:
            return self._rulebook(connection)

    def _rulebook(self, connection: Connection) -> Rulebook:
        if self._book is None or self._book.edition != zones.get_edition(connection):
            self._book = read_rulebook(connection)
        return self._book

    def _share(self, book: Rulebook, slices: Sequence[int]) -> queue.Share:
        # Two people of a pair are judged by one worker, who sees their readings in order: were
        # each judged by another, every reading of the one would be late for the other.
        key = (book.edition, *slices)
        if key not in self._shares:
            self._shares = {key: book.share(slices)}
        return self._shares[key]

    def _transaction(
        self, slices: Sequence[int], limit: int, *, is_history: bool, only: int | None = None
    ) -> Round:
        now = self._clock.now()
        with self._engine.begin() as connection:
            book = self._rulebook(connection)
            share = self._share(book, slices)
            batch = queue.take(connection, share, limit=limit, is_history=is_history, only=only)
            if len(batch) == 0:
                return Round()
            work = _Work(connection, book, now)
            work.judge(batch)
            queue.drop(connection, batch.reading_ids)
            outbox.append(connection, "alert", work.done.alerts, now)
        return work.done

    def _one_by_one(self, slices: Sequence[int], limit: int, *, is_history: bool) -> Round:
        with self._engine.connect() as connection:
            share = self._share(self._rulebook(connection), slices)
            batch = queue.take(connection, share, limit=limit, is_history=is_history)
        total = Round()
        for reading_id in batch.reading_ids.tolist():
            try:
                total.add(self._transaction(slices, 1, is_history=is_history, only=reading_id))
            except RuleFailed as failure:
                total.add(self._failed(reading_id, failure, is_history=is_history))
        return total

    def _failed(self, reading_id: int, failure: RuleFailed, *, is_history: bool) -> Round:
        now = self._clock.now()
        done = Round()
        with self._engine.begin() as connection:
            if queue.count_attempt(connection, reading_id) < MOST_ATTEMPTS:
                return done
            everybody = queue.Share(range(queue.SLICES))
            batch = queue.take(
                connection, everybody, limit=1, is_history=is_history, only=reading_id
            )
            recording.keep_unjudged(connection, batch, now)
            queue.drop(connection, batch.reading_ids)
            done.readings = 1
            alert_id = raise_alert(
                connection,
                Condition(
                    key=f"unjudged:{reading_id}",
                    kind=AlertKind.UNJUDGED,
                    priority=Priority.P2,
                    began_at=now,
                    activation_id=int(batch.activation_id[0]),
                    facts={"reading_id": reading_id, "error": type(failure.__cause__).__name__},
                ),
                now,
            )
            if alert_id is not None:
                done.alerts.append(alert_id)
            outbox.append(connection, "alert", done.alerts, now)
        return done


class _Work:
    """One transaction's judging: where it stands, and what it has done."""

    def __init__(self, connection: Connection, book: Rulebook, now: datetime) -> None:
        self._connection = connection
        self._book = book
        self._now = now
        self._state = JudgeState.empty()
        self.done = Round()

    def lock(self, activation_ids: Sequence[int]) -> None:
        """Takes the states of these activations and of all they are joined with."""
        members = [each for group in self._book.groups(activation_ids) for each in group]
        keys = [
            (link.pair_id, link.offender_activation_id, link.victim_activation_id)
            for link in self._book.links_within(members)
        ]
        tracks = queue.lock_states(self._connection, members)
        self._state = JudgeState.unpack(tracks, queue.get_pair_states(self._connection, keys))

    def save(self) -> None:
        """Keeps the states."""
        self.done.alerts = list(dict.fromkeys(self.done.alerts))
        queue.save_states(self._connection, self._state.pack(), self._state.pack_pairs())

    def pass_time(self) -> None:
        """Judges the passing of time up to now."""
        self._state, found = self._rules(self._state, _no_fixes(), microseconds(self._now))
        self._record(found, self._activations())

    def judge(self, batch: queue.Batch) -> None:
        """Judges a batch: what came late first, because the rest is judged from there."""
        book = self._book
        self.lock(np.unique(batch.activation_id).tolist())
        fixes, reading_id = _without_repeats(batch)
        is_late = late.late_fixes(self._state, fixes, book.pairs, book.plans, book.policy)
        known = np.zeros(len(fixes), bool)
        asked = fixes.take(is_late)
        known[is_late] = fix_store.find_known(
            self._connection, asked.activation_id, asked.records["fixed_at"], asked.fingerprint
        )
        missed = is_late & ~known
        again = np.zeros(len(fixes), bool)
        for group in book.groups(np.unique(fixes.activation_id[missed]).tolist()):
            # All that is new of the group: one that was not late may be so for a pair whose
            # other side has gone on meanwhile.
            rows = ~known & np.isin(fixes.activation_id, group)
            self._reopen(group, fixes.take(rows), reading_id[rows])
            again |= rows
        rest = ~is_late & ~again
        self._advance(fixes.take(rest), reading_id[rest])
        self.save()
        self.done.readings = len(batch)
        self.done.fixes = int((~known).sum())
        self.done.duplicates = len(batch.records) - self.done.fixes
        self.done.late = int(missed.sum())

    def _advance(self, fixes: FixColumns, reading_id: NDArray[np.int64]) -> None:
        for boundary_us, rows in self._stretches(fixes):
            part = fixes.take(rows)
            self._snapshot(part, boundary_us, self._state)
            self._state, found = self._rules(self._state, part, None)
            self._keep(part, reading_id[rows], found, np.zeros(len(part), np.int32))
            self._record(found, self._fresh(part, found.moment_us))

    def _reopen(
        self, group: tuple[int, ...], missed: FixColumns, reading_id: NDArray[np.int64]
    ) -> None:
        """Judges a group of tracks again from before its late fixes, and records what differs."""
        book, connection = self._book, self._connection
        stood = self._state
        missed_us = self._moments_us(missed)
        snapshot = queue.find_snapshot(connection, group, moment_of(int(missed_us.min())))
        since = snapshot.boundary if snapshot else moment_of(0)
        tracks = {each: snapshot.tracks.get(each, b"") if snapshot else b"" for each in group}
        self._state = JudgeState.unpack(tracks, snapshot.pairs if snapshot else {})
        queue.drop_snapshots_after(connection, group, since)

        # Also those left before it that somebody may have come back to since: without the
        # return, they stand as they stood.
        changes: list[BreachChange] = list(self._state.known_breaches())
        known = [change.breach_id for change in changes]
        conditions: list[ConditionChange] = []
        coverage = []
        stages: list[tuple[int, FixColumns, JudgeState]] = []
        everything, is_missed = self._since(group, since, missed)
        came_in = dict(zip(missed.fingerprint.tolist(), reading_id.tolist(), strict=True))
        own_us = {each: as_of for each, (as_of, _) in stood.pack().items()}
        for boundary_us, rows in self._stretches(everything):
            part, new = everything.take(rows), is_missed[rows]
            if boundary_us > microseconds(since):
                stages.append((boundary_us, part, self._state))
            self._state, found = self._rules(self._state, part, None)
            from_reading = [came_in[each] for each in part.fingerprint[new].tolist()]
            # Behind its partner only is no delay of its own: it is not marked as late.
            judged_us = np.array([own_us.get(each, 0) for each in part.activation_id.tolist()])
            late_flag = np.where(found.moment_us < judged_us, FixFlag.LATE, 0)
            self._keep(part, np.array(from_reading, np.int64), found, late_flag, new)
            changes += found.breach_changes
            conditions += found.conditions
            coverage.append(found.coverage)
        # Time had passed for them before the late fix came; it does not come back.
        passed_us = max((as_of for as_of, _ in stood.pack().values()), default=0)
        self._state, found = self._rules(self._state, _no_fixes(), passed_us)
        changes += [*found.breach_changes, *self._state.open_breaches()]
        conditions += found.conditions
        coverage.append(found.coverage)

        stored = [
            recording.change_on_record(row)
            for each in group
            for row in breaches.find_since(connection, each, since, known)
        ]
        amendment = late.amend(stored, late.latest(changes))
        self._state = self._state.name(amendment.ids)
        ids = amendment.ids | self._record_breaches(
            (*amendment.withdrawals, *amendment.amendments, *amendment.additions),
            self._fresh(missed, missed_us),
        )
        # Only now are the breaches of the stages on the way known by their ids; a snapshot that
        # did not know them would find them again as others.
        for boundary_us, part, stage in stages:
            self._snapshot(part, boundary_us, stage.name(ids))
        self.done.alerts += recording.record_conditions(connection, conditions, book, self._now)
        self.done.alerts += recording.clear_unfounded(
            connection, group, {each.key for each in conditions}, since, self._now
        )
        edition = 1 + verdicts.get_last_edition(connection, group)
        verdicts.append_coverage(connection, np.concatenate(coverage), edition)
        again = self._state
        self._state = JudgeState.unpack(
            {each: packed for each, (_, packed) in (stood.pack() | again.pack()).items()},
            {key: packed for key, (_, packed) in (stood.pack_pairs() | again.pack_pairs()).items()},
        )

    def _since(
        self, group: Sequence[int], since: datetime, missed: FixColumns
    ) -> tuple[FixColumns, NDArray[np.bool_]]:
        # All that counts since then, kept or only just come; and which of it has just come.
        kept = fix_store.get_all_since(self._connection, group, since)
        everything = FixColumns(
            np.concatenate([kept.activation_id, missed.activation_id]),
            np.concatenate([kept.records, missed.records]),
            np.concatenate([kept.received_at_us, missed.received_at_us]),
            np.concatenate([kept.fingerprint, missed.fingerprint]),
        )
        counts = self._moments_us(everything) >= microseconds(since)
        return everything.take(counts), (np.arange(len(counts)) >= len(kept))[counts]

    def _rules(
        self, state: JudgeState, fixes: FixColumns, up_to_us: int | None
    ) -> tuple[JudgeState, Verdicts]:
        book = self._book
        try:
            return judge(state, fixes, book.zones, book.pairs, book.plans, book.policy, up_to_us)
        except Exception as error:
            raise RuleFailed(f"judging {len(fixes)} fixes failed") from error

    def _moments_us(self, fixes: FixColumns) -> NDArray[np.int64]:
        moment_us, _ = quality.moments(
            fixes.records,
            fixes.received_at_us,
            self._book.plans.started_of(fixes.activation_id),
            self._book.policy,
        )
        return moment_us

    def _stretches(self, fixes: FixColumns) -> list[tuple[int, NDArray[np.bool_]]]:
        # A snapshot is the state exactly between two stretches, so no call of the rules runs
        # across one. Live this is a single call; a long history takes one a stretch.
        moment_us = self._moments_us(fixes)
        age_us = microseconds(self._now) - moment_us
        every_us = np.where(age_us > _BY_THE_HOUR_AFTER_US, _HOUR_US, SNAPSHOT_EVERY_US)
        every_us = np.where(age_us > _BY_THE_DAY_AFTER_US, 24 * _HOUR_US, every_us)
        boundary_us = moment_us - moment_us % every_us
        return [(int(each), boundary_us == each) for each in np.unique(boundary_us)]

    def _snapshot(self, part: FixColumns, boundary_us: int, state: JudgeState) -> None:
        tracks = state.pack()
        crossing: set[int] = set()
        for group in self._book.groups(np.unique(part.activation_id).tolist()):
            stood_us = [tracks[each][0] for each in group if each in tracks]
            # Whoever of them crosses first takes it for all: once one is beyond, the state is
            # no longer how they stood at the boundary, and nothing could be judged from it.
            if 0 < max(stood_us, default=0) < boundary_us:
                crossing.update(group)
        if crossing:
            pairs = state.pack_pairs()
            queue.save_snapshots(
                self._connection,
                moment_of(boundary_us),
                {each: tracks[each] for each in crossing if each in tracks},
                {key: stands for key, stands in pairs.items() if key[1] in crossing},
            )

    def _activations(self) -> frozenset[int]:
        return frozenset(self._state.pack())

    def _fresh(self, fixes: FixColumns, moment_us: NDArray[np.int64]) -> frozenset[int]:
        # Whose news in this batch is of now: what goes on for them is not history, whenever it
        # began and however long its first fixes were on their way.
        now_ish = moment_us >= microseconds(self._now) - BACKFILL_AFTER_US
        return frozenset(np.unique(fixes.activation_id[now_ish]).tolist())

    def _record(self, found: Verdicts, fresh: frozenset[int]) -> None:
        self._record_breaches(found.breach_changes, fresh)
        self.done.alerts += recording.record_conditions(
            self._connection, found.conditions, self._book, self._now
        )
        verdicts.append_coverage(self._connection, found.coverage, 0)

    def _record_breaches(
        self, changes: Sequence[BreachChange], fresh: frozenset[int]
    ) -> dict[BreachKey, int]:
        horizon_us = microseconds(self._now) - BACKFILL_AFTER_US

        def is_backfill(change: BreachChange) -> bool:
            over = change.left_at_us is not None and change.left_at_us < horizon_us
            return over or (change.at_us < horizon_us and change.key.activation_id not in fresh)

        ids, alerts = recording.record_breaches(
            self._connection, changes, self._book, self._now, is_backfill
        )
        self._state = self._state.name(ids)
        self.done.alerts += alerts
        return ids

    def _keep(
        self,
        fixes: FixColumns,
        reading_id: NDArray[np.int64],
        found: Verdicts,
        extra: NDArray[np.int32],
        only: NDArray[np.bool_] | None = None,
    ) -> None:
        """Keeps fixes with their verdicts; with `only`, those of a re-judging that are new."""
        kept = np.ones(len(fixes), bool) if only is None else only
        flags = found.flags | extra
        fix_store.append(
            self._connection,
            fix_store.Positions(
                fixes.activation_id[kept],
                fixes.fingerprint[kept],
                fixes.received_at_us[kept],
                flags[kept],
                fixes.records[kept],
            ),
            reading_id,
            self._now,
        )
        counting = kept[found.fix_index]
        at = found.fix_index[counting]
        verdicts.append(
            self._connection,
            {
                "activation_id": fixes.activation_id[at],
                "fixed_at": fixes.records["fixed_at"][at],
                "fingerprint": fixes.fingerprint[at],
                "zone_version_id": found.zone_version_id[counting],
                "p_inside": found.p_inside[counting],
                "p_filtered": found.p_filtered[counting],
                "edge_m": found.edge_m[counting],
                "grade": found.grade[counting],
            },
            self._now,
        )
        self._show(fixes, found, flags)

    def _show(self, fixes: FixColumns, found: Verdicts, flags: NDArray[np.int32]) -> None:
        # The newest believable fix of each activation goes onto the live map.
        believed = np.flatnonzero(found.believable)
        if len(believed) == 0:
            return
        order = believed[np.lexsort((found.moment_us[believed], fixes.activation_id[believed]))]
        ids = fixes.activation_id[order]
        newest = order[np.append(ids[1:] != ids[:-1], True)]
        records = fixes.records[newest]
        verdicts.update_live(
            self._connection,
            {
                "activation_id": fixes.activation_id[newest],
                "fixed_at": found.moment_us[newest],
                "received_at": fixes.received_at_us[newest],
                "radius_95_m": found.radius_95_m[newest],
                "flags": flags[newest],
                "state": found.tag_state[newest],
                **{
                    name: records[name]
                    for name in (
                        "lon",
                        "lat",
                        "speed_mps",
                        "heading_deg",
                        "battery_pct",
                        "mechanism",
                    )
                },
            },
            self._now,
        )
        newest_us = int(found.moment_us[believed].max())
        self.done.newest_us = max(newest_us, self.done.newest_us or 0)


def _no_fixes() -> FixColumns:
    return FixColumns.of(np.empty(0, np.int64), empty_fixes(0), np.empty(0, np.int64))


def _without_repeats(batch: queue.Batch) -> tuple[FixColumns, NDArray[np.int64]]:
    # A device that sends a fix twice in one batch means it once: the first to come is kept.
    order = np.lexsort(
        (batch.reading_id, batch.fingerprint, batch.records["fixed_at"], batch.activation_id)
    )
    ids, moments = batch.activation_id[order], batch.records["fixed_at"][order]
    prints = batch.fingerprint[order]
    same = (ids[1:] == ids[:-1]) & (moments[1:] == moments[:-1]) & (prints[1:] == prints[:-1])
    first = np.sort(order[np.append(True, ~same)]) if len(order) else order
    fixes = FixColumns(
        batch.activation_id[first],
        batch.records[first],
        batch.received_at_us[first],
        batch.fingerprint[first],
    )
    return fixes, batch.reading_id[first]
