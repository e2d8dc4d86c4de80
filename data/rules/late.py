"""Late data: which fixes are late, and what a re-judging changes of what is on record.

A late fix is judged by starting from a snapshot before it and judging everything known since
again, with the late fixes in their place. `amend` compares; nothing on record is rewritten.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from data.model.judging import BreachChange, BreachKey, FixColumns, Happened, Plans, Policy
from data.rules.approach import PairSet
from data.rules.quality import moments
from data.rules.state import JudgeState

_FOREVER = 2**62


@dataclass(frozen=True, slots=True)
class Amendment:
    """What a re-judging adds to the record."""

    additions: tuple[BreachChange, ...]  # newly found: to be marked found on back-fill
    amendments: tuple[BreachChange, ...]  # known, but now otherwise; `breach_id` is set
    withdrawals: tuple[BreachChange, ...]  # on record, but not found again; `breach_id` is set
    ids: dict[BreachKey, int]  # found breaches that are on record: for `JudgeState.name`


def late_fixes(
    state: JudgeState, fixes: FixColumns, pairs: PairSet, plans: Plans, policy: Policy
) -> NDArray[np.bool_]:
    """Which fixes lie before what their activation or pair has been judged up to, shape (n,).

    A fix that was judged already counts as late, too: look it up before judging again.
    """
    moment_us, _ = moments(
        fixes.records, fixes.received_at_us, plans.started_of(fixes.activation_id), policy
    )
    fixed_at_us, fingerprint = fixes.records["fixed_at"], fixes.fingerprint
    late = np.zeros(len(fixes), np.bool_)
    at = np.searchsorted(state.tracks["activation_id"], fixes.activation_id)
    at = np.minimum(at, len(state.tracks) - 1)
    if len(state.tracks):
        track = state.tracks[at]
        known = track["activation_id"] == fixes.activation_id
        # In the order of judging: moment, then the device's clock, then the fingerprint.
        late = moment_us < track["last_us"]
        same = moment_us == track["last_us"]
        late |= same & (fixed_at_us < track["last_fixed_us"])
        same &= fixed_at_us == track["last_fixed_us"]
        late |= same & (fingerprint <= track["last_fingerprint"])
        # A fix at the very moment of a boundary comes after it.
        late |= moment_us < track["boundary_us"]
        late &= known
    return late | _late_for_a_pair(state, fixes, moment_us)


def _late_for_a_pair(
    state: JudgeState, fixes: FixColumns, moment_us: NDArray[np.int64]
) -> NDArray[np.bool_]:
    # One row a side of a pair, by activation, so that each fix finds its pairs together.
    groups, n = state.pair_groups, len(state.pairs)
    side = np.concatenate([groups["activation_id"], groups["victim_activation_id"]])
    order = np.argsort(side, kind="stable")
    side, pair = side[order], order % max(n, 1)
    first = np.searchsorted(side, fixes.activation_id)
    count = np.searchsorted(side, fixes.activation_id, side="right") - first
    fix = np.repeat(np.arange(len(fixes)), count)
    row = np.repeat(first - np.cumsum(count) + count, count) + np.arange(count.sum())
    found = state.pairs[pair[row]]
    before = moment_us[fix] < found["last_us"]
    # Two tracks at one moment: by activation first.
    same = moment_us[fix] == found["last_us"]
    before |= same & (fixes.activation_id[fix] < found["last_activation_id"])
    before |= moment_us[fix] < found["boundary_us"]
    late = np.zeros(len(fixes), np.bool_)
    late[fix[before]] = True
    return late


def latest(changes: Iterable[BreachChange]) -> tuple[BreachChange, ...]:
    """The last word on each breach among these changes, by moment of entry."""
    last: dict[BreachKey, BreachChange] = {}
    ids: dict[BreachKey, int] = {}
    for change in changes:
        last[change.key] = change
        ids[change.key] = change.breach_id or ids.get(change.key, 0)
    found = (replace(change, breach_id=ids[key]) for key, change in last.items())
    return tuple(sorted(found, key=_by_entry))


def amend(stored: Sequence[BreachChange], found: Sequence[BreachChange]) -> Amendment:
    """Compares breaches on record with those that a re-judging found.

    Two are the same breach where the ids are, else where the keys are, else where they overlap
    in time for the same rule: the longest overlap first.

    Args:
        stored: the last word on record of each breach of the re-judged activations that was
            open or opened after the snapshot, or is known to it; `breach_id` set.
        found: the last word on each breach found again: `latest` of the snapshot's
            `JudgeState.known_breaches`, the changes, and what is open in the end.
    """
    match = _matches(stored, found)
    on_record = {change.breach_id: change for change in stored}
    additions, amendments = [], []
    ids: dict[BreachKey, int] = {}
    for change in sorted(found, key=_by_entry):
        breach_id = match.get(change.key, change.breach_id)
        if not breach_id:
            additions.append(change)
            continue
        ids[change.key] = breach_id
        known = on_record.get(breach_id)
        if known is None or _figures(known) != _figures(change):
            amendments.append(replace(change, breach_id=breach_id))
    kept = set(ids.values())
    withdrawals = tuple(
        replace(
            change,
            happened=Happened.WITHDRAWN,
            left_at_us=change.entered_at_us if change.left_at_us is None else change.left_at_us,
        )
        for change in stored
        if change.breach_id not in kept
    )
    return Amendment(tuple(additions), tuple(amendments), withdrawals, ids)


def _by_entry(change: BreachChange) -> tuple[int, int, str, int]:
    key = change.key
    return change.entered_at_us, key.activation_id, key.kind, key.zone_id or key.pair_id or 0


def _matches(stored: Sequence[BreachChange], found: Sequence[BreachChange]) -> dict[BreachKey, int]:
    by_key = {change.key: change.breach_id for change in stored}
    ids = {change.breach_id for change in stored}
    match: dict[BreachKey, int] = {}
    for change in found:
        if change.breach_id in ids:
            match[change.key] = change.breach_id
        elif change.key in by_key:
            match[change.key] = by_key[change.key]
    taken = set(match.values())
    overlaps = []
    for place, known in enumerate(stored):
        for other in found:
            length = _overlap_us(known, other)
            if length >= 0 and other.key not in match and known.breach_id not in taken:
                overlaps.append((-length, place, _by_entry(other), other.key))
    for _, place, _, key in sorted(overlaps, key=lambda each: each[:3]):
        breach_id = stored[place].breach_id
        if key not in match and breach_id not in taken:
            match[key] = breach_id
            taken.add(breach_id)
    return match


def _overlap_us(here: BreachChange, there: BreachChange) -> int:
    rule = (here.key.kind, here.key.activation_id, here.key.zone_id, here.key.pair_id)
    if rule != (there.key.kind, there.key.activation_id, there.key.zone_id, there.key.pair_id):
        return -1
    start = max(here.entered_at_us, there.entered_at_us)
    return min(_end(here), _end(there)) - start


def _end(change: BreachChange) -> int:
    return _FOREVER if change.left_at_us is None else change.left_at_us


def _figures(change: BreachChange) -> tuple[object, ...]:
    # As a row on record holds them: chances and metres in single precision.
    return (
        change.zone_version_id, change.channel, change.grade, change.cause, change.entered_at_us,
        change.confirmed_at_us, change.left_at_us, np.float32(change.p_inside_max),
        None if change.radius_95_m is None else np.float32(change.radius_95_m),
        None if change.edge_m is None else np.float32(change.edge_m),
        change.fixes, change.crossings,
    )  # fmt: skip
