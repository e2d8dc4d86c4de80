"""Histories for tests of the judge: tracks in metres about one place, zones, pairs, a day."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from data.geo import LonLat
from data.model.fix import DeviceEvent, Mechanism, empty_fixes
from data.model.judging import (
    BreachChange,
    FixColumns,
    Happened,
    PairLink,
    Plans,
    Policy,
    Verdicts,
    ZoneVersion,
)
from data.model.schedule import Schedule, Window
from data.model.zone import ZoneKind
from data.rules.approach import PairSet
from data.rules.filter import degree_m
from data.rules.judge import judge
from data.rules.late import amend, late_fixes, latest
from data.rules.quality import moments
from data.rules.shapes import circle
from data.rules.state import JudgeState
from data.rules.zones import ZoneSet

S = 1_000_000
MINUTE = 60 * S
HOUR = 60 * MINUTE
T0 = 1_763_676_000 * S
"""2025-11-20 22:00 UTC."""
CENTRE = LonLat(-2.98, 53.40)
POLICY = Policy.default()


def place(east_m: float, north_m: float, centre: LonLat = CENTRE) -> tuple[float, float]:
    """Longitude and latitude of a place so far from the centre."""
    east, north = degree_m(centre.lat)
    lon = centre.lon + east_m / east
    return (lon + 180.0) % 360.0 - 180.0, centre.lat + north_m / north


def fixes(
    rows: Sequence[tuple[float, float, float]],
    *,
    activation_id: int = 7,
    radius_m: float = 10.0,
    mechanism: Mechanism = Mechanism.GNSS,
    centre: LonLat = CENTRE,
    start_us: int = T0,
) -> FixColumns:
    """Fixes of one activation: (seconds after the start, metres east, metres north) each."""
    records = empty_fixes(len(rows))
    for i, (seconds, east, north) in enumerate(rows):
        records["fixed_at"][i] = start_us + round(seconds * S)
        records["lon"][i], records["lat"][i] = place(east, north, centre)
    records["radius_95_m"] = radius_m
    records["mechanism"] = mechanism
    ids = np.full(len(rows), activation_id, np.int64)
    return FixColumns.of(ids, records, records["fixed_at"].copy())


def together(*parts: FixColumns) -> FixColumns:
    """The fixes of all parts."""
    return FixColumns(
        np.concatenate([part.activation_id for part in parts]),
        np.concatenate([part.records for part in parts]),
        np.concatenate([part.received_at_us for part in parts]),
        np.concatenate([part.fingerprint for part in parts]),
    )


def a_zone(
    zone_id: int = 5,
    *,
    radius_m: float = 300.0,
    east_m: float = 0.0,
    north_m: float = 0.0,
    kind: ZoneKind = ZoneKind.EXCLUSION,
    buffer_m: float = 0.0,
    schedule: Schedule | None = None,
    valid_from_us: int = 0,
    valid_to_us: int | None = None,
    version: int = 1,
    shape: shapely.Geometry | None = None,
    activation_ids: tuple[int, ...] = (7,),
) -> ZoneVersion:
    """A round zone about the centre, binding activation 7."""
    middle = LonLat(*place(east_m, north_m))
    return ZoneVersion(
        zone_id, zone_id * 100 + version, 3, kind, shape or circle(middle, radius_m), buffer_m,
        schedule, valid_from_us, valid_to_us, activation_ids,
    )  # fmt: skip


def hours(start: str, end: str, *, grace_s: int = 0, time_zone: str = "UTC") -> Schedule:
    """Every day from one wall time to another."""

    def minutes(wall: str) -> int:
        hour, minute = wall.split(":")
        return int(hour) * 60 + int(minute)

    return Schedule(time_zone, ((Window(minutes(start), minutes(end)),),) * 7, (), grace_s)


@dataclass(frozen=True, slots=True)
class Law:
    """What a history is judged by."""

    zones: ZoneSet
    pairs: PairSet
    plans: Plans
    policy: Policy = POLICY

    @classmethod
    def of(
        cls,
        *zones: ZoneVersion,
        pairs: Sequence[PairLink] = (),
        plans: dict[int, tuple[int, int]] | None = None,
        policy: Policy = POLICY,
    ) -> Law:
        """From zones and pairs; a report a minute unless `plans` says otherwise."""
        return cls(ZoneSet.of(zones), PairSet.of(pairs), Plans.of(plans or {}), policy)

    def judge(
        self, given: FixColumns, state: JudgeState | None = None, up_to_us: int | None = None
    ) -> tuple[JudgeState, Verdicts]:
        """One call of the door."""
        start = JudgeState.empty() if state is None else state
        return judge(start, given, self.zones, self.pairs, self.plans, self.policy, up_to_us)


def in_parts(law: Law, parts: Sequence[FixColumns]) -> tuple[JudgeState, list[Verdicts]]:
    """The parts judged one after the other, the state packed and unpacked in between."""
    state = JudgeState.empty()
    found = []
    for part in parts:
        state, verdicts = law.judge(part, state)
        found.append(verdicts)
        state = repacked(state)
    return state, found


def repacked(state: JudgeState) -> JudgeState:
    """The state as it comes back from the store."""
    tracks = {key: packed for key, (_, packed) in state.pack().items()}
    return JudgeState.unpack(
        tracks, {key: packed for key, (_, packed) in state.pack_pairs().items()}
    )


def story(verdicts: Verdicts | Sequence[Verdicts]) -> list[tuple[str, str, str, float]]:
    """What happened: (what, to which kind, on which channel, minutes after the start)."""
    several = [verdicts] if isinstance(verdicts, Verdicts) else verdicts
    return [
        (
            change.happened,
            change.key.kind,
            change.channel.name.lower(),
            (change.at_us - T0) / MINUTE,
        )
        for each in several
        for change in each.breach_changes
    ]


def a_busy_day(seed: int, n: int = 240) -> tuple[Law, FixColumns]:
    """Four people about several zones, with noise, spikes, gaps, events and wrong clocks.

    Offenders 7 and 8, victims 21 and 22; fixes come in no order and are all different.
    """
    rng = np.random.default_rng(seed)
    parts = []
    for activation_id, offset in ((7, 0.0), (8, 600.0), (21, -200.0), (22, 900.0)):
        seconds = np.cumsum(rng.choice([20, 60, 60, 60, 61, 400, 900], n))
        angle = np.cumsum(rng.normal(0, 0.5, n))
        speed = rng.choice([0.0, 0.0, 1.2, 8.0], n)
        step = speed * np.append(0, np.diff(seconds)).clip(0, 120)
        east = offset + np.cumsum(step * np.cos(angle)) * 0.4
        north = np.cumsum(step * np.sin(angle)) * 0.4
        east, north = 900 * np.sin(east / 900), 900 * np.sin(north / 900)
        east, north = east + rng.normal(0, 8, n), north + rng.normal(0, 8, n)
        rows = list(zip(seconds, east, north, strict=True))
        part = fixes(rows, activation_id=activation_id, radius_m=20.0)
        records = part.records
        cell = rng.random(n) < 0.06
        records["radius_95_m"][cell], records["mechanism"][cell] = 1500.0, Mechanism.CELL
        records["mechanism"][rng.random(n) < 0.2] = Mechanism.WIFI
        spike = rng.random(n) < 0.03
        records["lon"][spike] += 0.4
        for name in ("lon", "lat"):
            records[name][rng.random(n) < 0.04] = np.nan
        records["battery_pct"] = np.linspace(40, 2, n)
        records["speed_mps"] = np.where(rng.random(n) < 0.5, speed, np.nan)
        events = np.zeros(n, np.int64)
        events[rng.random(n) < 0.3] |= DeviceEvent.MOVING_KNOWN | DeviceEvent.MOVING
        strap = int(n * 0.6)
        events[strap : strap + 20] |= DeviceEvent.STRAP_KNOWN | DeviceEvent.STRAP_OPEN
        events[strap + 20 : strap + 40] |= DeviceEvent.STRAP_KNOWN
        records["events"] = events
        future = rng.random(n) < 0.01
        records["fixed_at"][future] += 30 * MINUTE
        received = T0 + (seconds * S).astype(np.int64) + rng.integers(0, 5 * S, n)
        parts.append(FixColumns.of(part.activation_id, records, received))
    given = together(*parts)
    mine = (7, 8)
    change_us = T0 + 3 * HOUR
    pairs = [
        PairLink(1, 3, 7, 21, 500.0, 200.0, 0),
        PairLink(2, 3, 8, 22, 400.0, 150.0, 0, T0 + 5 * HOUR),
    ]
    return (
        Law.of(
            a_zone(5, radius_m=250, buffer_m=200, activation_ids=mine, valid_to_us=change_us),
            a_zone(
                5, radius_m=300, east_m=150, buffer_m=300, version=2, activation_ids=mine,
                valid_from_us=change_us,
            ),
            a_zone(
                6, radius_m=200, east_m=500, schedule=hours("23:10", "02:40"), activation_ids=mine
            ),
            a_zone(
                9, radius_m=400, north_m=300, kind=ZoneKind.INCLUSION,
                schedule=hours("00:30", "04:15", grace_s=300), activation_ids=(8,),
            ),
            pairs=pairs,
            plans={7: (60, T0 - HOUR), 8: (120, 0), 21: (60, 0), 22: (60, 0)},
        ),
        given,
    )  # fmt: skip


def by_moment(law: Law, given: FixColumns) -> FixColumns:
    """The fixes in the order of judging."""
    moment_us, _ = moments(
        given.records, given.received_at_us, law.plans.started_of(given.activation_id), law.policy
    )
    order = np.lexsort(
        (given.fingerprint, given.records["fixed_at"], given.activation_id, moment_us)
    )
    return given.take(order)


def corners(count: int, radius_m: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Corners of a star-shaped polygon about the centre, shape (count, 2), degrees."""
    angles = np.sort(rng.uniform(0, 2 * math.pi, count))
    reach = radius_m * rng.uniform(0.4, 1.0, count)
    pairs = zip(reach * np.cos(angles), reach * np.sin(angles), strict=True)
    return np.array([place(east, north) for east, north in pairs])


def later(change: ZoneVersion, valid_from_us: int) -> ZoneVersion:
    """The same zone from another moment on."""
    return replace(change, valid_from_us=valid_from_us)


class Record:
    """Breaches on record, kept as the service keeps them: by addition, late fixes judged again."""

    def __init__(self, law: Law) -> None:
        self.law = law
        self.state = JudgeState.empty()
        self.known = fixes([])
        self.revisions: dict[int, list[BreachChange]] = {}
        self.snapshots: list[tuple[int, JudgeState]] = [(-(2**62), self.state)]
        self.reopened = 0

    def take(self, batch: FixColumns) -> None:
        """Judges what is new in a batch, whenever it comes."""
        batch = batch.take(~np.isin(batch.fingerprint, self.known.fingerprint))
        batch = batch.take(np.unique(batch.fingerprint, return_index=True)[1])
        law = self.law
        is_late = late_fixes(self.state, batch, law.pairs, law.plans, law.policy)
        self.known = together(self.known, batch)
        if is_late.any():
            self._again(int(self._moments(batch).min()))
        else:
            for change in self._advance(batch):
                self._add(change)

    def on_record(self) -> list[tuple[object, ...]]:
        """What is known of each breach at last; one that goes on, without its figures."""
        found = []
        for revisions in self.revisions.values():
            last = revisions[-1]
            if last.happened is Happened.WITHDRAWN:
                continue
            key = last.key
            row = (
                key.kind, key.activation_id, key.zone_id or 0, key.pair_id or 0,
                last.entered_at_us, last.confirmed_at_us or 0, last.left_at_us or 0,
            )  # fmt: skip
            if last.left_at_us is not None:
                row += (
                    last.fixes, last.crossings, last.p_inside_max, last.edge_m, last.grade,
                    last.cause, last.channel, last.zone_version_id,
                )  # fmt: skip
            found.append(row)
        return sorted(found, key=repr)

    def _advance(self, batch: FixColumns) -> list[BreachChange]:
        changes: list[BreachChange] = []
        hour = self._moments(batch) // HOUR
        for each in np.unique(hour).tolist():
            if self.snapshots[-1][0] < each * HOUR:
                self.snapshots.append((each * HOUR, self.state))
            self.state, found = self.law.judge(batch.take(hour == each), self.state)
            for change in found.breach_changes:
                known = change.breach_id or self._ids().get(change.key, 0)
                changes.append(replace(change, breach_id=known))
        return changes

    def _again(self, from_us: int) -> None:
        self.reopened += 1
        while self.snapshots[-1][0] > from_us:
            self.snapshots.pop()
        since, self.state = self.snapshots[-1]
        found = list(self.state.known_breaches())
        again = self.known.take(self._moments(self.known) >= since)
        hour = self._moments(again) // HOUR
        for each in np.unique(hour).tolist():
            if self.snapshots[-1][0] < each * HOUR:
                self.snapshots.append((each * HOUR, self.state))
            self.state, verdicts = self.law.judge(again.take(hour == each), self.state)
            found += verdicts.breach_changes
        found += self.state.open_breaches()
        stored = [
            revisions[-1]
            for revisions in self.revisions.values()
            if revisions[-1].happened is not Happened.WITHDRAWN
            and (
                revisions[-1].left_at_us is None
                or revisions[-1].left_at_us >= since
                or revisions[-1].breach_id in {each.breach_id for each in found}
            )
        ]
        amendment = amend(stored, latest(found))
        for change in (*amendment.withdrawals, *amendment.amendments, *amendment.additions):
            self._add(change)
        self.state = self.state.name(amendment.ids)

    def _add(self, change: BreachChange) -> None:
        breach_id = change.breach_id or self._ids().get(change.key, 0)
        if not breach_id:
            breach_id = len(self.revisions) + 1
        self.revisions.setdefault(breach_id, []).append(replace(change, breach_id=breach_id))
        self.state = self.state.name({change.key: breach_id})

    def _ids(self) -> dict[object, int]:
        return {
            change.key: breach_id
            for breach_id, changes in self.revisions.items()
            for change in changes
        }

    def _moments(self, given: FixColumns) -> NDArray[np.int64]:
        started = self.law.plans.started_of(given.activation_id)
        return moments(given.records, given.received_at_us, started, self.law.policy)[0]
