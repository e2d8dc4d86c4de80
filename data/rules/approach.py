"""Offender and victim: how far apart, how soon together, and who closed the distance.

A pair is judged whenever either of the two is heard of. The possible channel compares that fix
with the partner's last place, whose error grows with its age. The confirmed channel compares
the filtered tracks at the last moment that both tracks cover: the later fix's track is
interpolated back to the partner's last fix. A partner older than its limit confirms nothing,
and a suspicion raised against one says how old it was.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import chndtr

from data.model.breach import BreachCause
from data.model.fix import FixFlag
from data.model.judging import PairLink, Plans, Policy
from data.rules.compiled import compiled
from data.rules.filter import PLACE_SIGMAS, apart_m, offset_m
from data.rules.presence import Batch, grades
from data.rules.state import (
    NEVER,
    GroupKind,
    JudgeState,
    PairKey,
    fresh_groups,
    fresh_pairs,
    fresh_visits,
    pair_keys,
)
from data.rules.visits import CAUSES, STEP_DTYPE

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Rows = NDArray[np.void]

_UNUSABLE = int(FixFlag.NO_FIX | FixFlag.NULL_ISLAND | FixFlag.DUPLICATE)
_COARSE = int(FixFlag.COARSE)
_FOREVER = 2**62
_SIGMAS_THAT_COUNT = 8.0

ATTRIBUTIONS = ("", "offender approached", "victim approached", "both", "passing")
_UNCLEAR, _OFFENDER, _VICTIM, _BOTH, _PASSING = range(5)

ENTRY_DTYPE = np.dtype(
    [
        ("pair", "<i8"),
        ("us", "<i8"),
        ("side", "<i8"),  # 0 offender, 1 victim; -1 a boundary
        ("fix", "<i8"),
        ("activation_id", "<i8"),
        ("fixed_us", "<i8"),
        ("fingerprint", "<i8"),
        ("link", "<i8"),  # in force then; -1: none
        ("alarm_m", "<f8"),
        ("limit_us", "<i8"),  # greatest age of the partner's place
        ("gap_us", "<i8"),  # longest time a path is drawn over
    ]
)

FACT_DTYPE = np.dtype(
    [
        ("distance_m", "<f8"),  # filtered, as it stands
        ("sigma_m", "<f8"),
        ("raw_m", "<f8"),  # fix against the partner's last place
        ("raw_sigma_m", "<f8"),
        ("common_m", "<f8"),  # at the last common moment; NaN: there is none
        ("common_sigma_m", "<f8"),
        ("closing_mps", "<f8"),
        ("partner_age_s", "<f8"),
        ("attribution", "<i8"),  # place in ATTRIBUTIONS
        ("sharp", "<i8"),  # neither place is coarse
    ]
)


@dataclass(frozen=True, slots=True)
class PairSet:
    """Pairs, by key and validity; made once and used for many batches."""

    links: tuple[PairLink, ...]
    offender: Ints  # (links,) activations
    victim: Ints
    from_us: Ints
    to_us: Ints
    warn_m: Floats
    alarm_m: Floats
    places: dict[PairKey, tuple[int, int]]  # first and last link of a pair, half-open

    @classmethod
    def of(cls, links: Sequence[PairLink]) -> Self:
        """From pair links in any order. Links of one pair must not overlap in time."""
        kept = sorted(links, key=lambda link: (*_key(link), link.valid_from_us))
        places: dict[PairKey, tuple[int, int]] = {}
        for place, link in enumerate(kept):
            first, _ = places.get(_key(link), (place, place))
            places[_key(link)] = first, place + 1
        return cls(
            links=tuple(kept),
            offender=np.array([link.offender_activation_id for link in kept], np.int64),
            victim=np.array([link.victim_activation_id for link in kept], np.int64),
            from_us=np.array([link.valid_from_us for link in kept], np.int64),
            to_us=np.array(
                [_FOREVER if link.valid_to_us is None else link.valid_to_us for link in kept],
                np.int64,
            ),
            warn_m=np.array([link.warn_m for link in kept], np.float64),
            alarm_m=np.array([link.alarm_m for link in kept], np.float64),
            places=places,
        )


def with_pairs(state: JudgeState, pairs: PairSet) -> JudgeState:
    """The state with a row for every pair of whose two tracks it knows one at least."""
    ids = state.tracks["activation_id"]
    mine = np.flatnonzero(np.isin(pairs.offender, ids) | np.isin(pairs.victim, ids))
    if len(mine) == 0:
        return state
    known = set(pair_keys(state.pair_groups))
    wanted = {_key(pairs.links[place]): pairs.links[place] for place in mine.tolist()}
    new = [link for key, link in wanted.items() if key not in known]
    if not new:
        return state
    groups = fresh_groups(len(new))
    groups["activation_id"] = [link.offender_activation_id for link in new]
    groups["victim_activation_id"] = [link.victim_activation_id for link in new]
    groups["pair_id"] = [link.pair_id for link in new]
    groups["case_id"] = [link.case_id for link in new]
    groups["kind"] = GroupKind.PAIR
    groups = np.concatenate([state.pair_groups, groups])
    rows = np.concatenate([state.pairs, fresh_pairs(len(new))])
    visits = np.concatenate([state.pair_visits, fresh_visits(len(new))])
    order = np.lexsort((groups["victim_activation_id"], groups["activation_id"], groups["pair_id"]))
    return JudgeState(
        state.tracks, state.groups, state.visits, rows[order], groups[order], visits[order]
    )


def _key(link: PairLink) -> PairKey:
    return link.pair_id, link.offender_activation_id, link.victim_activation_id


def pair_steps(
    batch: Batch, state: JudgeState, pairs: PairSet, plans: Plans, policy: Policy
) -> tuple[Rows, Rows]:
    """The steps of all pairs, by pair and time, and the facts of each (FACT_DTYPE).

    Args:
        batch: the fixes, taken into their tracks.
        state: with a row for every pair; `pairs` is changed in place.
        pairs: the pairs.
        plans: how often each device should report, hence how old a partner may be.
        policy: the thresholds.
    """
    entries = _entries(batch, state, pairs, plans, policy)
    n = len(entries)
    steps, facts = np.zeros(n, STEP_DTYPE), np.zeros(n, FACT_DTYPE)
    if n == 0:
        return steps, facts
    course, records = batch.course, batch.fixes.records
    _meet(
        entries, state.pairs, records["lon"].copy(), records["lat"].copy(), batch.radius_m,
        course.flon, course.flat, course.fsigma_m, course.speed_mps, course.flags,
        course.believed, course.leap, policy.row()[0], steps, facts,
    )  # fmt: skip
    at_boundary = entries["side"] < 0
    linked = entries["link"] >= 0
    alarm = entries["alarm_m"]
    warn = np.append(pairs.warn_m, 1.0)[entries["link"]]
    inner = p_within(facts["distance_m"], facts["sigma_m"], alarm)
    outer = p_within(facts["distance_m"], facts["sigma_m"], warn)
    # Two looks at the same two tracks: what either of them bears out is borne out.
    steps["pf"] = np.maximum(inner, p_within(facts["common_m"], facts["common_sigma_m"], alarm))
    steps["pfo"] = np.maximum(outer, p_within(facts["common_m"], facts["common_sigma_m"], warn))
    steps["p"] = p_within(facts["raw_m"], facts["raw_sigma_m"], alarm)
    steps["po"] = p_within(facts["raw_m"], facts["raw_sigma_m"], warn)
    steps["bare"] = (
        (facts["raw_m"] <= alarm) & (facts["sharp"] == 1) & (steps["stale"] == 0) & linked
    )
    steps["edge_m"] = facts["distance_m"] - alarm
    steps["edge_filtered_m"] = steps["edge_m"]
    steps["group"] = entries["pair"]
    steps["us"] = entries["us"]
    steps["boundary"] = at_boundary
    steps["fix"] = entries["fix"]
    steps["fingerprint"] = entries["fingerprint"]
    steps["in_force"] = linked
    flags = np.where(at_boundary, 0, course.flags[entries["fix"]]) if len(course.flags) else 0
    steps["flags"] = flags
    none = np.zeros(n, np.bool_)
    steps["grade"] = grades(steps["p"], none, steps["flags"], policy)
    steps["grade_outer"] = grades(steps["po"], none, steps["flags"], policy)
    steps["gap_us"] = NEVER
    steps["cause"] = np.where(
        at_boundary,
        CAUSES.index(BreachCause.ZONE_CHANGED),
        CAUSES.index(BreachCause.NEAR_VICTIM),
    )
    judged = linked | at_boundary
    return steps[judged], facts[judged]


def p_within(distance_m: Floats, sigma_m: Floats, radius_m: Floats) -> Floats:
    """The chance to be within a radius: noncentral chi-square, 2 degrees; 0 where unknown."""
    p = np.zeros(len(distance_m))
    known = np.isfinite(distance_m) & np.isfinite(sigma_m) & (sigma_m > 0)
    off = np.full(len(distance_m), np.inf)
    np.divide(np.abs(distance_m - radius_m), sigma_m, out=off, where=known)
    p[known & (distance_m <= radius_m)] = 1.0
    close = known & (off <= _SIGMAS_THAT_COUNT)
    p[close] = chndtr(
        (radius_m[close] / sigma_m[close]) ** 2, 2.0, (distance_m[close] / sigma_m[close]) ** 2
    )
    return np.clip(p, 0.0, 1.0)


def _entries(batch: Batch, state: JudgeState, pairs: PairSet, plans: Plans, policy: Policy) -> Rows:
    """Every fix of either side and every boundary of each pair, by pair and moment."""
    n = len(state.pairs)
    if n == 0:
        return np.zeros(0, ENTRY_DTYPE)
    groups = state.pair_groups
    sides = np.column_stack([groups["activation_id"], groups["victim_activation_id"]]).ravel()
    every_s = plans.report_every_of(sides)
    limit_s = np.maximum(policy.partner_age_plans * every_s, policy.partner_age_least_s)
    limit_us = (1e6 * limit_s).astype(np.int64).reshape(n, 2)
    places = np.array(
        [pairs.places.get(key, (0, 0)) for key in pair_keys(groups)], np.int64
    ).reshape(n, 2)
    fixes = _of_sides(batch, sides, limit_us)
    entries = np.concatenate([fixes, _boundaries(batch, state, fixes, pairs, places, limit_us)])
    # Which link holds: as a rule a pair has had one, seldom two or three.
    pair = entries["pair"]
    for turn in range(int((places[:, 1] - places[:, 0]).max(initial=0))):
        place = places[pair, 0] + turn
        there = place < places[pair, 1]
        place = np.where(there, place, 0)
        there &= (pairs.from_us[place] <= entries["us"]) & (entries["us"] < pairs.to_us[place])
        entries["link"][there] = place[there]
        entries["alarm_m"][there] = pairs.alarm_m[place[there]]
    order = np.lexsort(
        (
            entries["fingerprint"],
            entries["fixed_us"],
            entries["activation_id"],
            entries["side"] >= 0,
            entries["us"],
            entries["pair"],
        )
    )
    return entries[order]


def _of_sides(batch: Batch, sides: Ints, limit_us: Ints) -> Rows:
    """One entry a usable fix and pair; `sides` holds offender, victim, offender, victim."""
    ids = batch.fixes.activation_id
    first = np.searchsorted(ids, sides)
    count = np.searchsorted(ids, sides, side="right") - first
    fix = np.repeat(first - np.cumsum(count) + count, count) + np.arange(count.sum())
    side = np.repeat(np.arange(len(sides)), count)
    usable = (batch.course.flags[fix] & _UNUSABLE) == 0
    fix, side = fix[usable], side[usable]
    entry = np.zeros(len(fix), ENTRY_DTYPE)
    entry["pair"], entry["side"], entry["link"], entry["fix"] = side // 2, side % 2, -1, fix
    entry["activation_id"] = sides[side]
    entry["us"] = batch.moment_us[fix]
    entry["fixed_us"] = batch.fixes.records["fixed_at"][fix]
    entry["fingerprint"] = batch.fixes.fingerprint[fix]
    entry["limit_us"] = limit_us[side // 2, 1 - side % 2]
    entry["gap_us"] = batch.limit_us[batch.track_of[fix]]
    return entry


def _boundaries(
    batch: Batch, state: JudgeState, fixes: Rows, pairs: PairSet, places: Ints, limit_us: Ints
) -> Rows:
    """Where links begin and end, and a link that is no more; time passes for the pairs."""
    n = len(state.pairs)
    since, until = state.pairs["passed_us"].copy(), state.pairs["passed_us"].copy()
    first = np.full(n, _FOREVER)
    np.minimum.at(first, fixes["pair"], fixes["us"])
    fresh = (since == NEVER) & (first < _FOREVER)
    since[fresh] = first[fresh]
    np.maximum.at(until, fixes["pair"], fixes["us"])
    alive = since > NEVER
    if batch.up_to_us is not None:
        until[alive] = np.maximum(until[alive], batch.up_to_us)
    state.pairs["passed_us"] = until
    count = places[:, 1] - places[:, 0]
    pair = np.repeat(np.arange(n), count)
    place = np.repeat(places[:, 0] - np.cumsum(count) + count, count) + np.arange(count.sum())
    # What is no pair any more ends as soon as time passes.
    gone = np.flatnonzero(count == 0)
    pair = np.concatenate([pair, pair, gone])
    moment = np.concatenate([pairs.from_us[place], pairs.to_us[place], since[gone] + 1])
    due = alive[pair] & (since[pair] < moment) & (moment <= until[pair])
    both = np.unique(np.column_stack([pair[due], moment[due]]), axis=0)
    entry = np.zeros(len(both), ENTRY_DTYPE)
    entry["pair"], entry["us"] = both[:, 0], both[:, 1]
    entry["side"] = entry["link"] = entry["fix"] = -1
    entry["limit_us"] = limit_us.max(axis=1)[entry["pair"]]
    np.maximum.at(state.pairs["boundary_us"], entry["pair"], entry["us"])
    return entry


@compiled
def _meet(
    entries: Rows, pairs: Rows, lon: Floats, lat: Floats, radius: Floats, flon: Floats,
    flat: Floats, fsigma: Floats, speed: Floats, flags: NDArray[np.int32],
    believed: NDArray[np.bool_], leap: NDArray[np.bool_], policy: Any, steps: Rows, facts: Rows,
) -> None:  # fmt: skip
    for e in range(len(entries)):
        entry = entries[e]
        pair = pairs[entry.pair]
        step, fact = steps[e], facts[e]
        fact.common_m, fact.common_sigma_m = np.nan, np.nan
        fact.distance_m, fact.sigma_m = np.nan, np.nan
        fact.raw_m, fact.raw_sigma_m = np.nan, np.nan
        step.minutes = np.inf
        i = entry.fix
        if entry.side < 0:
            _at_boundary(pair, entry, policy, step, fact)
            continue
        here, there = pair.party[entry.side], pair.party[1 - entry.side]
        pair.last_us, pair.last_activation_id = entry.us, entry.activation_id
        pair.last_fixed_us, pair.last_fingerprint = entry.fixed_us, entry.fingerprint
        step.radius_m = radius[i]
        sigma = radius[i] / PLACE_SIGMAS
        if there.us > NEVER:
            age_us = entry.us - there.us
            step.known = 1
            step.age_us = age_us
            step.stale = 1 if age_us > entry.limit_us else 0
            fact.partner_age_s = age_us / 1e6
            grown = _grown(there, policy, age_us)
            fact.raw_m = apart_m(lon[i], lat[i], there.lon, there.lat)
            fact.raw_sigma_m = math.sqrt(sigma**2 + there.sigma_m**2 + grown**2)
            coarse = policy.coarse_m / PLACE_SIGMAS
            fact.sharp = 1 if sigma <= coarse and there.sigma_m <= coarse else 0
        if not believed[i]:
            continue
        step.believed = 1
        step.leap = leap[i]
        if there.us > NEVER:
            step.witness = 1 - step.stale
            fact.distance_m = apart_m(flon[i], flat[i], there.flon, there.flat)
            fact.sigma_m = math.sqrt(fsigma[i] ** 2 + there.fsigma_m**2 + grown**2)
            if step.witness:
                _common(pair, here, there, entry, flon[i], flat[i], fsigma[i], step, fact)
        _walked(pair, here, there, entry, flon[i], flat[i], fsigma[i], policy)
        here.us = entry.us
        here.lon, here.lat, here.sigma_m = lon[i], lat[i], sigma
        here.flon, here.flat, here.fsigma_m = flon[i], flat[i], fsigma[i]
        here.speed_mps = speed[i]
        fact.closing_mps = pair.closing_mps
        fact.attribution = _attribution(pair, policy)
        if step.witness:
            _soon(pair, policy, step, fact)


@compiled
def _grown(party: Any, policy: Any, age_us: int) -> float:
    """How much the error of a place has grown with its age, metres."""
    speed = party.speed_mps
    # Nobody's place is certain a minute later.
    if not speed > policy.partner_least_mps:
        speed = policy.partner_least_mps
    return float(speed * (age_us / 1e6) / PLACE_SIGMAS)


@compiled
def _at_boundary(pair: Any, entry: Any, policy: Any, step: Any, fact: Any) -> None:
    """The pair comes into force with both places known already."""
    offender, victim = pair.party[0], pair.party[1]
    if offender.us == NEVER or victim.us == NEVER:
        return
    age_us = entry.us - min(offender.us, victim.us)
    step.known = 1
    step.believed = 1
    step.age_us = age_us
    step.stale = 1 if age_us > entry.limit_us else 0
    step.witness = 1 - step.stale
    step.radius_m = np.nan
    fact.partner_age_s = age_us / 1e6
    grown2 = (
        _grown(offender, policy, entry.us - offender.us) ** 2
        + _grown(victim, policy, entry.us - victim.us) ** 2
    )
    fact.raw_m = apart_m(offender.lon, offender.lat, victim.lon, victim.lat)
    fact.raw_sigma_m = math.sqrt(offender.sigma_m**2 + victim.sigma_m**2 + grown2)
    fact.distance_m = apart_m(offender.flon, offender.flat, victim.flon, victim.flat)
    fact.sigma_m = math.sqrt(offender.fsigma_m**2 + victim.fsigma_m**2 + grown2)
    fact.closing_mps = pair.closing_mps
    fact.attribution = _attribution(pair, policy)


@compiled
def _common(
    pair: Any, here: Any, there: Any, entry: Any, lon: float, lat: float, sigma: float, step: Any,
    fact: Any,
) -> None:  # fmt: skip
    """Both tracks at the partner's last fix, if this party's track covers that moment."""
    at_us = there.us
    if here.us == NEVER or at_us < here.us or at_us <= pair.common_us:
        return
    if entry.us - here.us > entry.gap_us:
        return
    share = (at_us - here.us) / max(entry.us - here.us, 1)
    east, north = offset_m(here.flon, here.flat, lon, lat)
    east0, north0 = offset_m(there.flon, there.flat, here.flon, here.flat)
    east, north = east0 + share * east, north0 + share * north
    spread = max(here.fsigma_m, sigma)
    fact.common_m = math.hypot(east, north)
    fact.common_sigma_m = math.sqrt(spread**2 + there.fsigma_m**2)
    # Seen from the victim, so that successive places form one path, whoever was heard of.
    sign = 1.0 if entry.side == 0 else -1.0
    east, north = sign * east, sign * north
    if pair.common_us > NEVER and at_us - pair.common_us <= entry.gap_us:
        seconds = (at_us - pair.common_us) / 1e6
        pair.closing_mps = (pair.apart_m - fact.common_m) / seconds
        share = _nearest_share(pair.east_m, pair.north_m, east, north)
        least = math.hypot(
            pair.east_m + share * (east - pair.east_m),
            pair.north_m + share * (north - pair.north_m),
        )
        if least <= entry.alarm_m < min(pair.apart_m, fact.common_m):
            step.crosses = 1
            step.cross_us = pair.common_us + np.int64(share * (at_us - pair.common_us))
    else:
        pair.closing_mps = 0.0
    pair.common_us, pair.apart_m = at_us, fact.common_m
    pair.apart_us = at_us
    pair.east_m, pair.north_m = east, north


@compiled
def _nearest_share(x0: float, y0: float, x1: float, y1: float) -> float:
    """How far along a path it comes nearest to the origin, 0 to 1."""
    dx, dy = x1 - x0, y1 - y0
    length2 = dx * dx + dy * dy
    if length2 == 0.0:
        return 0.0
    return min(1.0, max(0.0, -(x0 * dx + y0 * dy) / length2))


@compiled
def _walked(
    pair: Any, here: Any, there: Any, entry: Any, lon: float, lat: float, sigma: float, policy: Any
) -> None:
    """Ground made towards the other, with a memory that fades."""
    if here.us == NEVER:
        return
    minutes = (entry.us - here.us) / 60e6
    fade = math.exp(-minutes / policy.approach_minutes)
    here.toward_m *= fade
    here.walked_m *= fade
    east, north = offset_m(here.flon, here.flat, lon, lat)
    length = math.hypot(east, north)
    # Less than the track's own error is no step.
    if there.us == NEVER or length <= sigma or entry.us - here.us > entry.gap_us:
        return
    to_east, to_north = offset_m(here.flon, here.flat, there.flon, there.flat)
    apart = math.hypot(to_east, to_north)
    if apart > 0.0:
        here.toward_m += (east * to_east + north * to_north) / apart
        here.walked_m += length


def who_closed(by_offender_m: float, by_victim_m: float, walked_m: float, policy: Any) -> int:
    """Who closed the distance, as a place in ATTRIBUTIONS.

    Args:
        by_offender_m: metres that he made towards her, negative away from her.
        by_victim_m: metres that she made towards him.
        walked_m: metres that both walked, in whatever direction.
        policy: a Policy, or its row where this is compiled.
    """
    by_offender, by_victim = max(0.0, by_offender_m), max(0.0, by_victim_m)
    total = by_offender + by_victim
    if walked_m < policy.approach_least_m:
        return _UNCLEAR
    # Most of the way went past the other, not towards.
    if total < policy.approach_least_m or total < policy.passing_share * walked_m:
        return _PASSING
    if by_offender >= policy.approach_share * total:
        return _OFFENDER
    return _VICTIM if by_victim >= policy.approach_share * total else _BOTH


_who_closed = compiled(who_closed)


@compiled
def _attribution(pair: Any, policy: Any) -> int:
    offender, victim = pair.party[0], pair.party[1]
    walked = offender.walked_m + victim.walked_m
    return _who_closed(offender.toward_m, victim.toward_m, walked, policy)


@compiled
def _soon(pair: Any, policy: Any, step: Any, fact: Any) -> None:
    """Whether they come together, and the least number of minutes until they meet."""
    if not pair.closing_mps > 0.0:
        return
    spread = fact.common_sigma_m if fact.common_sigma_m == fact.common_sigma_m else fact.sigma_m
    # A closing slower than its own error over a minute is none.
    if pair.closing_mps * 60.0 <= spread:
        return
    step.closing = 1
    speed = max(pair.closing_mps, policy.least_speed_mps)
    step.minutes = max(0.0, fact.distance_m - PLACE_SIGMAS * fact.sigma_m) / speed / 60.0


def facts_of(fact: Any, group: Any) -> dict[str, Any]:
    """What the proof of a breach of a pair says beyond that of a zone."""
    found: dict[str, Any] = {"victim_activation_id": int(group["victim_activation_id"])}
    if np.isfinite(fact["distance_m"]):
        spread = PLACE_SIGMAS * float(fact["sigma_m"])
        distance = float(fact["distance_m"])
        found["distance_m"] = round(distance, 1)
        found["distance_low_m"] = round(max(0.0, distance - spread), 1)
        found["distance_high_m"] = round(distance + spread, 1)
    found["partner_age_s"] = round(float(fact["partner_age_s"]), 1)
    found["closing_mps"] = round(float(fact["closing_mps"]), 2)
    if fact["attribution"]:
        found["attribution"] = ATTRIBUTIONS[int(fact["attribution"])]
    return found
