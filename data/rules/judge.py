"""The one door of the rules: `judge(state, fixes, zones, pairs, ...)` -> (state, verdicts).

Pure: no clock, no store, same bytes for the same input. Any split of a history into batches,
in the order of `moment_us`, ends in the same state and gives the same verdicts.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from data.errors import Clash
from data.model.fix import FixFlag
from data.model.judging import COVERAGE_DTYPE, FixColumns, Plans, Policy, Verdicts
from data.rules import quality
from data.rules.approach import PairSet, pair_steps, with_pairs
from data.rules.breaches import by_moment, changes_of
from data.rules.contact import conditions
from data.rules.coverage import ledger
from data.rules.late import late_fixes
from data.rules.presence import Batch, with_groups, zone_steps
from data.rules.state import JudgeState, fresh_track
from data.rules.track import follow
from data.rules.visits import walk
from data.rules.zones import ZoneSet

Ints = NDArray[np.int64]
Rows = NDArray[np.void]

_COUNTS_FROM = 1e-4  # less than this is nowhere near


def judge(
    state: JudgeState,
    fixes: FixColumns,
    zones: ZoneSet,
    pairs: PairSet,
    plans: Plans,
    policy: Policy,
    up_to_us: int | None = None,
) -> tuple[JudgeState, Verdicts]:
    """What these fixes, and the passing of time, mean.

    Args:
        state: where judging stands for every activation in `fixes` and, for those in a pair,
            for the pair; what is not in it starts afresh. Not changed.
        fixes: new fixes, none of them late for `state` (`data.rules.late.late_fixes`).
        zones: the zones with every version that matters between the state and now.
        pairs: the pairs, likewise.
        plans: reporting plans; an activation without one is expected every minute.
        policy: the thresholds.
        up_to_us: the moment up to which the passing of time is judged (windows that open,
            grace that runs out, silence). None: up to each activation's newest fix.

    Raises:
        Clash: a fix is late; judging it here would depend on the order of arrival.
    """
    if late_fixes(state, fixes, pairs, plans, policy).any():
        raise Clash(
            "a fix is older than the state it is to be judged from: judge again from before"
        )
    thresholds = policy.row()
    state = with_pairs(with_groups(_with_tracks(state, fixes), zones), pairs)
    batch, order = _batch(state, fixes, plans, policy, thresholds, up_to_us)

    steps = zone_steps(batch, state, zones, policy)
    events, stood, stretches = walk(steps, state.groups, state.visits, thresholds)
    changes = changes_of(events, stood, steps, state.groups)
    meetings, facts = pair_steps(batch, state, pairs, plans, policy)
    events, stood, _ = walk(meetings, state.pair_groups, state.pair_visits, thresholds)
    changes += changes_of(events, stood, meetings, state.pair_groups, facts)
    found = _verdicts(batch, order, steps, meetings)
    return state, replace(
        found,
        breach_changes=tuple(sorted(changes, key=by_moment)),
        conditions=tuple(conditions(batch, state, zones, plans, policy)),
        coverage=ledger(stretches, steps, state.groups, batch, zones, policy),
    )


def _verdicts(batch: Batch, order: Ints, steps: Rows, meetings: Rows) -> Verdicts:
    """What was found of each fix, in the order the fixes were given."""
    given = np.empty(len(order), np.int64)
    given[order] = np.arange(len(order))
    tag_state = np.zeros(len(order), np.uint8)
    for each in (steps, meetings):
        at_fix = each["fix"] >= 0
        np.maximum.at(tag_state, each["fix"][at_fix], each["state"][at_fix].astype(np.uint8))
    counts = np.zeros(len(steps), np.bool_)
    for name in ("p", "pf", "po", "crosses", "state"):
        counts |= steps[name] > _COUNTS_FROM
    rows = steps[counts & (steps["boundary"] == 0)]
    return Verdicts(
        flags=batch.course.flags[given],
        tag_state=tag_state[given],
        radius_95_m=batch.radius_m[given],
        moment_us=batch.moment_us[given],
        believable=batch.course.believed[given],
        fix_index=order[rows["fix"]],
        zone_version_id=rows["zone_version_id"].copy(),
        p_inside=rows["p"].copy(),
        p_filtered=rows["pf"].copy(),
        edge_m=rows["edge_m"].copy(),
        grade=rows["grade"].astype(np.uint8),
        breach_changes=(),
        conditions=(),
        coverage=np.zeros(0, COVERAGE_DTYPE),
    )


def _with_tracks(state: JudgeState, fixes: FixColumns) -> JudgeState:
    """A copy of the state with a row for every activation that has a fix."""
    new = np.setdiff1d(fixes.activation_id, state.tracks["activation_id"])
    own = state.copy()
    if len(new) == 0:
        return own
    tracks = np.concatenate([own.tracks, *(fresh_track(int(each)) for each in new)])
    return JudgeState(
        tracks[np.argsort(tracks["activation_id"], kind="stable")],
        own.groups, own.visits, own.pairs, own.pair_groups, own.pair_visits,
    )  # fmt: skip


def _batch(
    state: JudgeState,
    fixes: FixColumns,
    plans: Plans,
    policy: Policy,
    thresholds: NDArray[np.void],
    up_to_us: int | None,
) -> tuple[Batch, Ints]:
    """The fixes in order of judging, taken into their tracks; and that order."""
    moment_us, clock = quality.moments(
        fixes.records, fixes.received_at_us, plans.started_of(fixes.activation_id), policy
    )
    order = np.lexsort(
        (fixes.fingerprint, fixes.records["fixed_at"], moment_us, fixes.activation_id)
    )
    fixes, moment_us = fixes.take(order), moment_us[order]
    radius, by_radius = quality.radii_95_m(fixes.records, policy)
    place = quality.place_flags(fixes.records)
    nowhere = place != 0
    flags = clock[order] | place | np.where(nowhere, 0, by_radius).astype(np.int32)
    radius[(place & FixFlag.NO_FIX) != 0] = np.nan
    track_of = np.searchsorted(state.tracks["activation_id"], fixes.activation_id)
    every_s = plans.report_every_of(state.tracks["activation_id"])
    limit_us = (np.maximum(policy.gap_plans * every_s, policy.gap_least_s) * 1e6).astype(np.int64)
    before = state.tracks.copy()
    course = follow(
        state.tracks, track_of, fixes.records, moment_us, fixes.fingerprint, radius, flags,
        limit_us[track_of], thresholds,
    )  # fmt: skip
    return Batch(fixes, moment_us, radius, track_of, course, before, limit_us, up_to_us), order
