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
    fresh_groups,
    fresh_pair,
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
_SLOWEST_MPS = 0.5  # nobody's place is certain a minute later
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

    @classmethod
    def of(cls, links: Sequence[PairLink]) -> Self:
        """From pair links in any order."""
        return cls(
            tuple(
                sorted(
                    links,
                    key=lambda link: (
                        link.pair_id,
                        link.offender_activation_id,
                        link.victim_activation_id,
                        link.valid_from_us,
                    ),
                )
            )
        )


def with_pairs(state: JudgeState, pairs: PairSet) -> JudgeState:
    """The state with a row for every pair both of whose tracks it knows or one of them."""
    tracked = set(state.tracks["activation_id"].tolist())
    known = set(pair_keys(state.pair_groups))
    new = [
        link
        for link in {_key(link): link for link in pairs.links}.values()
        if _key(link) not in known
        and (link.offender_activation_id in tracked or link.victim_activation_id in tracked)
    ]
    if not new:
        return state
    groups = fresh_groups(len(new))
    groups["activation_id"] = [link.offender_activation_id for link in new]
    groups["victim_activation_id"] = [link.victim_activation_id for link in new]
    groups["pair_id"] = [link.pair_id for link in new]
    groups["case_id"] = [link.case_id for link in new]
    groups["kind"] = GroupKind.PAIR
    groups = np.concatenate([state.pair_groups, groups])
    rows = np.concatenate([state.pairs, *(fresh_pair() for _ in new)])
    visits = np.concatenate([state.pair_visits, fresh_visits(len(new))])
    order = np.lexsort((groups["victim_activation_id"], groups["activation_id"], groups["pair_id"]))
    return JudgeState(
        state.tracks, state.groups, state.visits, rows[order], groups[order], visits[order]
    )


def _key(link: PairLink) -> tuple[int, int, int]:
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
        course.believed, policy.row()[0], steps, facts,
    )  # fmt: skip
    at_boundary = entries["side"] < 0
    linked = entries["link"] >= 0
    alarm = entries["alarm_m"]
    warn = np.array([link.warn_m for link in pairs.links] + [1.0])[entries["link"]]
    inner = _p_within(facts["distance_m"], facts["sigma_m"], alarm)
    outer = _p_within(facts["distance_m"], facts["sigma_m"], warn)
    # Two looks at the same two tracks: what either of them bears out is borne out.
    steps["pf"] = np.maximum(inner, _p_within(facts["common_m"], facts["common_sigma_m"], alarm))
    steps["pfo"] = np.maximum(outer, _p_within(facts["common_m"], facts["common_sigma_m"], warn))
    steps["p"] = _p_within(facts["raw_m"], facts["raw_sigma_m"], alarm)
    steps["po"] = _p_within(facts["raw_m"], facts["raw_sigma_m"], warn)
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


def _p_within(distance_m: Floats, sigma_m: Floats, radius_m: Floats) -> Floats:
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
    ids = batch.fixes.activation_id
    sides = np.column_stack(
        [state.pair_groups["activation_id"], state.pair_groups["victim_activation_id"]]
    )
    every_s = plans.report_every_of(sides.ravel()).reshape(-1, 2)
    limits_us = 1e6 * np.maximum(policy.partner_age_plans * every_s, policy.partner_age_least_s)
    usable = (batch.course.flags & _UNUSABLE) == 0
    links: dict[tuple[int, int, int], list[int]] = {}
    for place, link in enumerate(pairs.links):
        links.setdefault(_key(link), []).append(place)
    parts = [np.zeros(0, ENTRY_DTYPE)]
    for row, key in enumerate(pair_keys(state.pair_groups)):
        _, offender, victim = key
        part = [
            _of_side(batch, row, side, activation_id, usable, int(limits_us[row, 1 - side]), ids)
            for side, activation_id in enumerate((offender, victim))
        ]
        places = links.get(key, [])
        due = _boundaries(batch, state, row, np.concatenate(part), pairs, places)
        due["limit_us"] = int(limits_us[row].max())
        parts += [*part, due]
        for entry in parts[-3:]:
            for place in places:
                link = pairs.links[place]
                holds = entry["us"] >= link.valid_from_us
                if link.valid_to_us is not None:
                    holds &= entry["us"] < link.valid_to_us
                entry["link"][holds] = place
                entry["alarm_m"][holds] = link.alarm_m
    entries = np.concatenate(parts)
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


def _of_side(
    batch: Batch,
    row: int,
    side: int,
    activation_id: int,
    usable: NDArray[np.bool_],
    partner_limit_us: int,
    ids: Ints,
) -> Rows:
    first, last = np.searchsorted(ids, [activation_id, activation_id + 1])
    fix = first + np.flatnonzero(usable[first:last])
    entry = np.zeros(len(fix), ENTRY_DTYPE)
    entry["pair"], entry["side"], entry["link"], entry["fix"] = row, side, -1, fix
    entry["activation_id"] = activation_id
    entry["us"] = batch.moment_us[fix]
    entry["fixed_us"] = batch.fixes.records["fixed_at"][fix]
    entry["fingerprint"] = batch.fixes.fingerprint[fix]
    entry["limit_us"] = partner_limit_us
    if len(fix):
        entry["gap_us"] = batch.limit_us[batch.track_of[fix]]
    return entry


def _boundaries(
    batch: Batch, state: JudgeState, row: int, fixes: Rows, pairs: PairSet, places: list[int]
) -> Rows:
    pair = state.pairs[row]
    since = int(pair["passed_us"])
    if since == NEVER:
        since = int(fixes["us"].min(initial=_FOREVER))
    if since == _FOREVER:
        return np.zeros(0, ENTRY_DTYPE)
    until = max(since, int(fixes["us"].max(initial=NEVER)), batch.up_to_us or NEVER)
    moments = {pairs.links[place].valid_from_us for place in places}
    moments |= {pairs.links[place].valid_to_us or _FOREVER for place in places}
    if not places:
        moments = {since + 1}  # the pair is no more: it ends as soon as time passes
    due = sorted(each for each in moments if since < each <= until)
    entry = np.zeros(len(due), ENTRY_DTYPE)
    entry["pair"], entry["side"], entry["link"], entry["fix"] = row, -1, -1, -1
    entry["us"] = due
    pair["passed_us"] = until
    if due:
        pair["boundary_us"] = due[-1]
    return entry


@compiled
def _meet(
    entries: Rows, pairs: Rows, lon: Floats, lat: Floats, radius: Floats, flon: Floats,
    flat: Floats, fsigma: Floats, speed: Floats, flags: NDArray[np.int32],
    believed: NDArray[np.bool_], policy: Any, steps: Rows, facts: Rows,
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
            grown = _grown(there, age_us)
            fact.raw_m = apart_m(lon[i], lat[i], there.lon, there.lat)
            fact.raw_sigma_m = math.sqrt(sigma**2 + there.sigma_m**2 + grown**2)
            coarse = policy.coarse_m / PLACE_SIGMAS
            fact.sharp = 1 if sigma <= coarse and there.sigma_m <= coarse else 0
        if not believed[i]:
            continue
        step.believed = 1
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
def _grown(party: Any, age_us: int) -> float:
    """How much the error of a place has grown with its age, metres."""
    speed = party.speed_mps
    if not speed > _SLOWEST_MPS:
        speed = _SLOWEST_MPS
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
        _grown(offender, entry.us - offender.us) ** 2 + _grown(victim, entry.us - victim.us) ** 2
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


@compiled
def _attribution(pair: Any, policy: Any) -> int:
    """Who closed the distance over the last minutes."""
    offender, victim = pair.party[0], pair.party[1]
    by_offender, by_victim = max(0.0, offender.toward_m), max(0.0, victim.toward_m)
    total = by_offender + by_victim
    walked = offender.walked_m + victim.walked_m
    if walked < policy.approach_least_m:
        return _UNCLEAR
    # Most of the way went past the other, not towards.
    if total < policy.approach_least_m or total < 0.3 * walked:
        return _PASSING
    if by_offender >= 0.7 * total:
        return _OFFENDER
    return _VICTIM if by_victim >= 0.7 * total else _BOTH


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
