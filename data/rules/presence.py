"""Each fix against each zone that binds its offender: the steps that visits are made of.

Fixes stand by (activation, moment) here. A fix or a boundary of a zone's hours becomes one step
a zone; rules at rest with nobody near get none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.model.breach import BreachCause, Grade
from data.model.fix import FixFlag
from data.model.judging import FixColumns, Policy, Seen
from data.rules.filter import PLACE_SIGMAS
from data.rules.geofence import path_enters, verdicts
from data.rules.state import (
    NEVER,
    GroupKind,
    JudgeState,
    fresh_groups,
    fresh_visits,
)
from data.rules.track import Course
from data.rules.visits import CAUSES, STEP_DTYPE
from data.rules.zones import ZoneSet, boundaries, in_force

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Rows = NDArray[np.void]

_DOUBTED = int(
    FixFlag.FUTURE
    | FixFlag.STALE_CLOCK
    | FixFlag.IMPOSSIBLE_SPEED
    | FixFlag.NULL_ISLAND
    | FixFlag.DUPLICATE
)
_NOT_CERTAIN = int(FixFlag.COARSE | FixFlag.RADIUS_ASSUMED | FixFlag.FROZEN)
_UNUSABLE = int(FixFlag.NO_FIX | FixFlag.NULL_ISLAND | FixFlag.DUPLICATE)
_OUTSIDE, _INDETERMINATE, _POSSIBLE, _PROBABLE, _CERTAIN = (int(each) for each in Grade)


@dataclass(frozen=True, slots=True)
class Batch:
    """Fixes in order of judging, with what their tracks made of them."""

    fixes: FixColumns  # (n,) by (activation, moment)
    moment_us: Ints
    radius_m: Floats
    track_of: Ints  # row of the track of each
    course: Course
    before: Rows  # tracks as they stood before the batch
    limit_us: Ints  # (tracks,) longest gap that counts as observed
    up_to_us: int | None

    def until_us(self) -> Ints:
        """Up to when time has passed for each track, shape (tracks,)."""
        until = self.before["passed_us"].copy()
        np.maximum.at(until, self.track_of, self.moment_us)
        if self.up_to_us is not None:
            heard = until > NEVER  # nothing passes for one that never reported
            until[heard] = np.maximum(until[heard], self.up_to_us)
        return until

    def since_us(self) -> Ints:
        """From when: what was judged before, or the first fix, shape (tracks,)."""
        since = self.before["passed_us"].copy()
        fresh = since == NEVER
        first = np.full(len(since), np.iinfo(np.int64).max)
        np.minimum.at(first, self.track_of, self.moment_us)
        known = fresh & (first < np.iinfo(np.int64).max)
        since[known] = first[known]
        return since


@dataclass(frozen=True, slots=True)
class _Places:
    """Places to hold against zones: one entry a step."""

    group: Ints
    version: Ints  # place in ZoneSet.versions
    lon: Floats
    lat: Floats
    radius_m: Floats
    flon: Floats
    flat: Floats
    fsigma_m: Floats
    flags: Ints


def with_groups(state: JudgeState, zones: ZoneSet) -> JudgeState:
    """The state with a row for every zone that binds one of its activations."""
    mine = zones.groups_of(state.tracks["activation_id"])
    wanted = np.column_stack([zones.group_activation[mine], zones.zone_id[zones.group_zone[mine]]])
    have = np.column_stack([state.groups["activation_id"], state.groups["zone_id"]])
    if np.array_equal(wanted, have):  # as a rule nothing is new
        return state
    known = {(int(one), int(other)) for one, other in have}
    rows = np.array([tuple(each) not in known for each in wanted.tolist()], bool)
    if not rows.any():
        return state
    new = fresh_groups(int(rows.sum()))
    new["activation_id"], new["zone_id"] = wanted[rows].T
    last = zones.zone_first[1:][zones.group_zone[mine]][rows] - 1
    new["case_id"] = zones.case_id[last]
    new["kind"] = zones.kind[zones.group_zone[mine]][rows]
    groups = np.concatenate([state.groups, new])
    visits = np.concatenate([state.visits, fresh_visits(len(new))])
    order = np.lexsort((groups["zone_id"], groups["activation_id"]))
    return JudgeState(
        state.tracks, groups[order], visits[order],
        state.pairs, state.pair_groups, state.pair_visits,
    )  # fmt: skip


def zone_steps(batch: Batch, state: JudgeState, zones: ZoneSet, policy: Policy) -> Rows:
    """The steps of all zones, by group and time; the tracks' passing of time is moved on.

    Args:
        batch: the fixes.
        state: with a row for every group; `tracks` is changed in place.
        zones: the zones.
        policy: the thresholds.
    """
    groups = state.groups
    track_of = np.searchsorted(state.tracks["activation_id"], groups["activation_id"])
    zone = _zone_of(groups, zones)
    since, until = batch.since_us()[track_of], batch.until_us()[track_of]
    state.tracks["passed_us"] = batch.until_us()
    alive = until > NEVER
    if not alive.any():
        return np.zeros(0, STEP_DTYPE)
    hours = zones.hours(int(since[alive].min()), int(until[alive].max()))
    table = (hours.first, hours.start_us, hours.end_us)
    binding = _Binding(zones, groups, zone)

    at_boundary = _boundary_steps(
        batch,
        state,
        zones,
        policy,
        binding,
        table,
        hours.version,
        zone,
        track_of,
        since,
        until,
        alive,
    )
    at_fix = _fix_steps(batch, state, zones, policy, binding, table, hours.version, zone)
    steps = np.concatenate([at_boundary, at_fix])
    if len(at_boundary):
        np.maximum.at(
            state.tracks["boundary_us"], track_of[at_boundary["group"]], at_boundary["us"]
        )
    steps = steps[_awake(steps, state)[steps["group"]]]
    # At one moment the boundary comes first: a window is open at the moment it opens.
    order = np.lexsort((steps["fix"], 1 - steps["boundary"], steps["us"], steps["group"]))
    return steps[order]


def _zone_of(groups: Rows, zones: ZoneSet) -> Ints:
    """Place of each group's zone; -1 where the zone is no more."""
    if len(zones.zone_id) == 0:
        return np.full(len(groups), -1, np.int64)
    at = np.minimum(np.searchsorted(zones.zone_id, groups["zone_id"]), len(zones.zone_id) - 1)
    return np.where(zones.zone_id[at] == groups["zone_id"], at, -1)


class _Binding:
    """Which version of its zone holds for a group at a moment."""

    def __init__(self, zones: ZoneSet, groups: Rows, zone: Ints) -> None:
        self._zones = zones
        self._zone = zone
        self._place = zones.place_of(groups["activation_id"], zone)

    def version(self, table: tuple[Ints, Ints, Ints], of: Ints, group: Ints, at_us: Ints) -> Ints:
        """Place of the version in force and binding, shape (m,); -1: none."""
        found = np.full(len(group), -1, np.int64)
        here = self._place[group] >= 0
        zone = self._zone[group[here]]
        version = in_force(*table, of, zone, at_us[here])
        bit = (
            self._zones.binds_first[self._place[group[here]]]
            + version
            - self._zones.zone_first[zone]
        )
        holds = version >= 0
        holds[holds] = self._zones.binds[bit[holds]]
        found[here] = np.where(holds, version, -1)
        return found


def _fix_steps(
    batch: Batch,
    state: JudgeState,
    zones: ZoneSet,
    policy: Policy,
    binding: _Binding,
    table: tuple[Ints, Ints, Ints],
    of: Ints,
    zone: Ints,
) -> Rows:
    course = batch.course
    usable = np.flatnonzero((course.flags & _UNUSABLE) == 0)
    ids = batch.fixes.activation_id[usable]
    first = np.searchsorted(state.groups["activation_id"], ids)
    count = np.searchsorted(state.groups["activation_id"], ids, side="right") - first
    fix = np.repeat(usable, count)
    group = np.repeat(first - np.cumsum(count) + count, count) + np.arange(len(fix))
    version = binding.version(table, of, group, batch.moment_us[fix])
    holds = version >= 0
    fix, group, version = fix[holds], group[holds], version[holds]
    records = batch.fixes.records
    steps = _judged(
        _Places(
            group, version, records["lon"][fix], records["lat"][fix], batch.radius_m[fix],
            course.flon[fix], course.flat[fix], course.fsigma_m[fix],
            course.flags[fix].astype(np.int64),
        ),
        state, zones, policy,
    )  # fmt: skip
    steps["us"] = batch.moment_us[fix]
    steps["fix"] = fix
    steps["fingerprint"] = batch.fixes.fingerprint[fix]
    steps["believed"] = course.believed[fix]
    steps["witness"] &= course.believed[fix]
    steps["speed_mps"] = course.speed_mps[fix]
    steps["leap"] = course.leap[fix]
    steps["gap_us"] = course.gap_us[fix]
    steps["gap_cause"] = course.gap_cause[fix]
    inclusion = state.groups["kind"][group] == GroupKind.INCLUSION
    steps["cause"] = np.where(
        inclusion,
        CAUSES.index(BreachCause.OUTSIDE_WINDOW),
        CAUSES.index(BreachCause.FIX_INSIDE),
    )
    _crossings(steps, batch, zones, version, inclusion, policy)
    return steps


def _crossings(
    steps: Rows,
    batch: Batch,
    zones: ZoneSet,
    version: Ints,
    inclusion: NDArray[np.bool_],
    policy: Policy,
) -> None:
    """Marks the steps whose straight path touches the zone, and when it enters."""
    course, fix = batch.course, steps["fix"]
    # A path says something only where the fix at its end does not.
    quiet = (steps["p"] < policy.possible) & (steps["bare"] == 0) & ~inclusion
    drawn = np.flatnonzero(quiet & (course.path_us[fix] > NEVER))
    if len(drawn) == 0:
        return
    row = fix[drawn]
    lon, lat = batch.fixes.records["lon"][row], batch.fixes.records["lat"][row]
    ends = (course.path_lon[row], course.path_lat[row], lon, lat)
    share = path_enters(zones.shapes, version[drawn], *ends)
    touches = np.isfinite(share)
    drawn, row, share = drawn[touches], row[touches], share[touches]
    steps["crosses"][drawn] = 1
    start_us, end_us = course.path_us[row], batch.moment_us[row]
    steps["cross_us"][drawn] = start_us + np.rint(share * (end_us - start_us)).astype(np.int64)


def _boundary_steps(
    batch: Batch,
    state: JudgeState,
    zones: ZoneSet,
    policy: Policy,
    binding: _Binding,
    table: tuple[Ints, Ints, Ints],
    of: Ints,
    zone: Ints,
    track_of: Ints,
    since: Ints,
    until: Ints,
    alive: NDArray[np.bool_],
) -> Rows:
    rows = np.flatnonzero(alive & (zone >= 0))
    place, moment = boundaries(*table, zone[rows], since[rows], until[rows])
    # A rule that changed without a boundary in between (a zone drawn or taken back since) is
    # looked at once, as of the moment up to which time had passed.
    now = np.full(len(zone), -1, np.int64)
    living = np.flatnonzero(alive)
    now[living] = binding.version(table, of, living, since[living])
    version_id = np.append(zones.zone_version_id, 0)[now]
    changed = np.flatnonzero(alive & (version_id != state.groups["zone_version_id"]))
    group = np.concatenate([changed, rows[place]])
    at_us = np.concatenate([since[changed], moment])
    if len(group) == 0:
        return np.zeros(0, STEP_DTYPE)
    version = binding.version(table, of, group, at_us)

    track = track_of[group]
    fix = _last_before(batch, track, at_us)
    held = batch.before[track]
    here = fix >= 0
    row = np.maximum(fix, 0)
    course, records = batch.course, batch.fixes.records

    def known(of_fix: NDArray[np.generic], of_track: NDArray[np.generic]) -> Floats:
        if len(of_fix) == 0:
            return of_track.astype(np.float64)
        return np.where(here, of_fix[row], of_track).astype(np.float64)

    place_us = held["place_us"].copy()
    if len(fix) and len(batch.moment_us):
        place_us = np.where(here, batch.moment_us[row], place_us)
    valid = version >= 0
    steps = np.zeros(len(group), STEP_DTYPE)
    steps["group"] = group
    steps["gap_us"] = NEVER
    steps["p"] = 0.0
    judged = np.flatnonzero(valid & (place_us > NEVER))
    steps[judged] = _judged(
        _Places(
            group[judged], version[judged],
            known(records["lon"], held["lon"])[judged],
            known(records["lat"], held["lat"])[judged],
            known(batch.radius_m, held["radius_m"])[judged],
            known(course.flon, held["flon"])[judged],
            known(course.flat, held["flat"])[judged],
            known(course.fsigma_m, held["fsigma_m"])[judged],
            known(course.flags, np.zeros(len(group)))[judged].astype(np.int64),
        ),
        state, zones, policy,
    )  # fmt: skip
    steps["us"] = at_us
    steps["boundary"] = 1
    steps["fix"] = -1
    steps["in_force"] = valid
    steps["zone_version_id"] = np.append(zones.zone_version_id, 0)[version]
    steps["known"] = place_us > NEVER
    steps["believed"] = 1
    steps["age_us"] = np.where(place_us > NEVER, at_us - place_us, 0)
    steps["stale"] = steps["age_us"] > batch.limit_us[track]
    steps["witness"] &= steps["stale"] == 0
    started = np.array([each.valid_from_us for each in zones.versions] + [0])[version]
    steps["cause"] = np.where(
        started == at_us,
        CAUSES.index(BreachCause.ZONE_CHANGED),
        CAUSES.index(BreachCause.WINDOW_OPENED),
    )
    return steps


def _last_before(batch: Batch, track: Ints, at_us: Ints) -> Ints:
    """Row of the last believed fix of a track before a moment; -1: none in this batch."""
    rows = np.flatnonzero(batch.course.believed)
    found = np.full(len(track), -1, np.int64)
    if len(rows) == 0:
        return found
    of_row, us = batch.track_of[rows], batch.moment_us[rows]
    for i in range(len(track)):
        first, last = np.searchsorted(of_row, [track[i], track[i] + 1])
        at = first + np.searchsorted(us[first:last], at_us[i])  # strictly before
        if at > first:
            found[i] = rows[at - 1]
    return found


def _judged(places: _Places, state: JudgeState, zones: ZoneSet, policy: Policy) -> Rows:
    """Steps with everything that follows from the place and the zone alone."""
    group, version = places.group, places.version
    steps = np.zeros(len(group), STEP_DTYPE)
    sigma = places.radius_m / PLACE_SIGMAS
    inclusion = state.groups["kind"][group] == GroupKind.INCLUSION
    size = zones.shapes.size_m[version]
    reach = np.where(inclusion, np.inf, zones.buffer_m[version])
    edge, p = verdicts(zones.shapes, version, places.lon, places.lat, sigma, reach)
    fedge, pf = verdicts(zones.shapes, version, places.flon, places.flat, places.fsigma_m, reach)
    pf, fedge = np.nan_to_num(pf), np.where(np.isnan(fedge), np.inf, fedge)
    too_wide = (sigma > size) & (edge <= places.radius_m)
    blind = (places.fsigma_m > size) & (fedge <= PLACE_SIGMAS * places.fsigma_m)
    coarse = (places.flags & FixFlag.COARSE) != 0
    # A fix that is in the zone as it stands is never less than suspicious, however small the
    # zone: only a coarse one may be there by its sheer width.
    bare = (edge <= 0.0) & ~coarse & ~inclusion
    p = np.where(inclusion, np.where(too_wide, 0.0, 1.0 - p), p)
    pf = np.where(inclusion, 1.0 - pf, pf)
    edge = np.where(inclusion, -edge, edge)
    fedge = np.where(inclusion, -fedge, fedge)
    outer = zones.outer[version]
    ringed = np.flatnonzero(outer >= 0)
    steps["po"][ringed] = verdicts(
        zones.shapes, outer[ringed], places.lon[ringed], places.lat[ringed], sigma[ringed], 0.0
    )[1]
    steps["pfo"][ringed] = np.nan_to_num(
        verdicts(
            zones.shapes, outer[ringed], places.flon[ringed], places.flat[ringed],
            places.fsigma_m[ringed], 0.0,
        )[1]
    )  # fmt: skip
    steps["group"] = group
    steps["zone_version_id"] = zones.zone_version_id[version]
    steps["in_force"] = 1
    steps["known"] = 1
    steps["witness"] = ~(inclusion & (blind | too_wide))
    steps["p"], steps["pf"], steps["bare"], steps["blind"] = p, pf, bare, blind
    steps["edge_m"], steps["edge_filtered_m"] = edge, fedge
    steps["sigma_filtered_m"] = places.fsigma_m
    steps["radius_m"] = places.radius_m
    steps["grade"] = grades(
        p,
        (sigma > size) & (np.where(inclusion, -edge, edge) <= places.radius_m),
        places.flags,
        policy,
    )
    steps["grade_outer"] = grades(steps["po"], np.zeros(len(group), bool), places.flags, policy)
    steps["flags"] = places.flags
    steps["gap_us"] = NEVER
    steps["minutes"] = np.inf
    return steps


def grades(
    p: Floats, indeterminate: NDArray[np.bool_], flags: Ints, policy: Policy
) -> NDArray[np.int64]:
    """What the evidence of each fix says, shape (n,) of Grade.

    A doubted fix is never more than possible; one with an assumed or large radius, or from a
    receiver that seems frozen, never certain.
    """
    grade = np.full(len(p), _OUTSIDE)
    # Each threshold itself belongs to the higher grade.
    grade[p >= policy.possible] = _POSSIBLE
    grade[p >= policy.probable] = _PROBABLE
    grade[p >= policy.certain] = _CERTAIN
    grade = np.where((flags & _NOT_CERTAIN) != 0, np.minimum(grade, _PROBABLE), grade)
    grade = np.where((flags & _DOUBTED) != 0, np.minimum(grade, _POSSIBLE), grade)
    return np.where(indeterminate, _INDETERMINATE, grade)


def _awake(steps: Rows, state: JudgeState) -> NDArray[np.bool_]:
    """Which groups have anything to do or to remember, shape (groups,)."""
    groups, visits = state.groups, state.visits
    awake = (groups["seen"] != Seen.OUTSIDE) | ~np.isnan(groups["edge_m"])
    for name, rest in (("phase", 0), ("bits", 0), ("near_before", 0), ("run_us", NEVER)):
        awake |= (visits[name] != rest).any(axis=1)
    busy = steps["boundary"] == 1
    for name in ("p", "pf", "po", "pfo", "crosses", "blind"):
        busy |= steps[name] > 0
    busy |= steps["gap_us"] > NEVER
    awake[steps["group"][busy]] = True
    return awake
