"""What a judge made of a world whose truth is known, and the bare-point rule beside it.

The bare point: an alert whenever a fix lies in the polygon and the one before did not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.model.judging import BreachChange, FixColumns, Plans, Policy, ZoneVersion
from data.model.zone import ZoneKind
from data.rules.approach import PairSet
from data.rules.geofence import ZoneShapes, signed_edge_m
from data.rules.judge import judge
from data.rules.late import latest
from data.rules.state import JudgeState
from data.rules.zones import ZoneSet
from tests.quality.world import PLAN_S, Life, Visit

Bools = NDArray[np.bool_]

_BEFORE_US, _AFTER_US = 120_000_000, 180_000_000
"""An alert from so long before a visit until so long after it is about that visit."""

COARSE_M = Policy().coarse_m

RULES = ("bare", "possible", "confirmed")


@dataclass(frozen=True, slots=True)
class VisitScore:
    """One true visit and what each rule made of it. Delays in seconds from the true entry."""

    life: Life
    visit: Visit
    fixes_within: int
    fixes_deep: int  # within, and truly deeper than the r95 that the fix itself gives
    bare_is_sharp: bool  # found by the bare point of a fix that is not coarse
    bare_s: float  # NaN: not found; likewise the rest
    possible_s: float
    confirmed_s: float
    deep_s: float  # when the first fix was taken truly deeper than its r95; NaN: none was
    received_s: dict[str, float]  # the alerts' delays until the fix had arrived

    @property
    def depth_in_r95(self) -> float:
        """How deep, in r95 of the tag."""
        return self.visit.depth_m / self.life.noise.radius_m

    @property
    def seconds(self) -> float:
        """How long."""
        return (self.visit.end_us - self.visit.start_us) / 1e6

    def found(self, rule: str) -> bool:
        """Whether this rule found it."""
        return not np.isnan(getattr(self, f"{rule}_s"))


@dataclass(frozen=True, slots=True)
class Score:
    """Visits found, and alerts about nothing."""

    visits: list[VisitScore]
    false: dict[int, Counter[str]]  # by life, by rule
    false_causes: Counter[str]  # of those on the possible channel


def judged(
    lives: Sequence[Life], policy: Policy, buffer_m: float = 0.0
) -> dict[int, list[BreachChange]]:
    """The last word on each breach of an exclusion zone or its buffer, by life."""
    zones = ZoneSet.of(
        [
            ZoneVersion(
                life.number, life.number, 1, ZoneKind.EXCLUSION, life.zone, buffer_m, None, 0, None,
                (life.number,),
            )
            for life in lives
        ]
    )  # fmt: skip
    fixes = FixColumns.of(
        np.concatenate([np.full(len(life.records), life.number, np.int64) for life in lives]),
        np.concatenate([life.records for life in lives]),
        # Late data ends in the same breaches; what it costs in time is added afterwards.
        np.concatenate([life.records["fixed_at"] for life in lives]) + 2_000_000,
    )
    plans = Plans.of({life.number: (PLAN_S, 0) for life in lives})
    _, verdicts = judge(JudgeState.empty(), fixes, zones, PairSet.of(()), plans, policy)
    found: dict[int, list[BreachChange]] = {life.number: [] for life in lives}
    for change in latest(verdicts.breach_changes):
        found[change.key.activation_id].append(change)
    return found


def score(lives: Sequence[Life], breaches: dict[int, list[BreachChange]]) -> Score:
    """Every visit against every rule, and every alert against every visit."""
    visits: list[VisitScore] = []
    false: dict[int, Counter[str]] = {}
    causes: Counter[str] = Counter()
    for life in lives:
        at_us = life.records["fixed_at"]
        shapes = ZoneShapes.of([life.zone])
        edge_m = signed_edge_m(
            shapes, np.zeros(len(at_us), np.int64), life.records["lon"], life.records["lat"]
        )
        bare = edge_m <= 0.0
        mine = breaches[life.number]
        visits += [_visit(life, visit, at_us, bare, mine) for visit in life.visits]
        rising = at_us[bare & ~np.concatenate([[False], bare[:-1]])]
        opened = np.array([breach.key.opened_at_us for breach in mine], np.int64)
        sure = [each.confirmed_at_us for each in mine if each.confirmed_at_us is not None]
        idle = _about_nothing(opened, life.visits)
        causes += Counter(breach.cause.value for breach, no in zip(mine, idle, strict=True) if no)
        false[life.number] = Counter(
            bare=int(_about_nothing(rising, life.visits).sum()),
            possible=int(idle.sum()),
            confirmed=int(_about_nothing(np.array(sure, np.int64), life.visits).sum()),
        )
    return Score(visits, false, causes)


def _about_nothing(alerts_us: NDArray[np.int64], visits: Sequence[Visit]) -> Bools:
    about = np.zeros(len(alerts_us), np.bool_)
    for visit in visits:
        about |= (alerts_us >= visit.start_us - _BEFORE_US) & (
            alerts_us <= visit.end_us + _AFTER_US
        )
    return ~about


def _visit(
    life: Life, visit: Visit, at_us: NDArray[np.int64], bare: Bools, mine: Sequence[BreachChange]
) -> VisitScore:
    within = (at_us >= visit.start_us) & (at_us <= visit.end_us)
    deep = at_us[within & (-life.true_edge_m >= life.records["radius_95_m"])]
    seen = at_us[within & bare]
    alerts = {"bare": int(seen[0])} if len(seen) else {}
    for breach in mine:
        left_us = breach.left_at_us if breach.left_at_us is not None else 2**62
        if breach.key.opened_at_us > visit.end_us + _AFTER_US or left_us < visit.start_us:
            continue
        alerts.setdefault("possible", max(breach.key.opened_at_us, visit.start_us))
        sure = breach.confirmed_at_us
        if sure is not None and sure <= visit.end_us + _AFTER_US:
            alerts.setdefault("confirmed", max(sure, visit.start_us))
    delays = {rule: (alerts[rule] - visit.start_us) / 1e6 for rule in alerts}
    received = {
        rule: (int(life.received_at_us[np.searchsorted(at_us, alert)]) - visit.start_us) / 1e6
        for rule, alert in alerts.items()
        if np.searchsorted(at_us, alert) < len(at_us)
    }
    return VisitScore(
        life,
        visit,
        int(within.sum()),
        len(deep),
        bool((within & bare & (life.records["radius_95_m"] <= COARSE_M)).any()),
        *(delays.get(rule, float("nan")) for rule in RULES),
        (int(deep[0]) - visit.start_us) / 1e6 if len(deep) else float("nan"),
        received,
    )


def growing(lives: Sequence[Life], policy: Policy) -> tuple[int, int]:
    """Of the alerts with a buffer of 100 m, how many one of 200 m has none for; and of how many."""
    lost = total = 0
    narrow, wide = judged(lives, policy, 100.0), judged(lives, policy, 200.0)
    for life in lives:
        for alert in narrow[life.number]:
            total += 1
            lost += not any(_overlap(alert, other) for other in wide[life.number])
    return lost, total


def _overlap(here: BreachChange, there: BreachChange) -> bool:
    here_left = 2**62 if here.left_at_us is None else here.left_at_us
    there_left = 2**62 if there.left_at_us is None else there.left_at_us
    return here.entered_at_us <= there_left and there.entered_at_us <= here_left


@dataclass(frozen=True, slots=True)
class Aim:
    """One promise, kept or not."""

    words: str
    measured: str
    kept: bool


def aims(lives: Sequence[Life], scored: Score) -> list[Aim]:
    """The promises of issue 3 in figures."""
    visits = scored.visits
    by_bare = [each for each in visits if each.bare_is_sharp]
    by_chance = [each for each in visits if each.found("bare") and not each.bare_is_sharp]
    luck = [each for each in by_chance if each.found("possible")]
    lost = [each for each in by_bare if not each.found("possible")]
    honest = [each for each in visits if each.life.noise.admits]
    deep = [each for each in honest if each.fixes_deep]
    missed = [each for each in deep if not each.found("possible")]
    lied = [each for each in visits if not each.life.noise.admits and each.fixes_deep]
    unfound = [each for each in lied if not each.found("possible")]
    two = [each for each in [*deep, *lied] if each.visit.deep_us >= 2 * PLAN_S * 1_000_000]
    seen = [each for each in two if each.fixes_deep >= 2]
    sure = [each for each in seen if each.found("confirmed")]
    added = [each.confirmed_s - each.bare_s for each in sure if each.found("bare")]
    from_deep = [each.confirmed_s - each.deep_s for each in sure]
    found = [
        Aim(
            f"possible finds every visit that the bare point of a fix up to {COARSE_M:.0f} m finds",
            f"{len(by_bare) - len(lost)} of {len(by_bare)}; of those that only a coarser one "
            f"hit by chance {len(luck)} of {len(by_chance)}",
            not lost,
        ),
        Aim(
            "possible finds every visit with a fix deeper than its r95",
            f"{len(deep) - len(missed)} of {len(deep)}; where the device does not admit its "
            f"error (bursts, spikes) {len(lied) - len(unfound)} of {len(lied)}",
            not missed,
        ),
        Aim(
            "confirmed finds 99 % of visits two intervals deeper than r95",
            f"{len(sure)} of {len(seen)} = {len(sure) / max(1, len(seen)):.4f}",
            len(sure) >= 0.99 * len(seen),
        ),
        Aim(
            "confirmed comes no later than the bare point (median, seconds)",
            f"median {np.median(added):+.0f}, mean {np.mean(added):+.1f}, n {len(added)}",
            bool(np.median(added) <= 0),
        ),
        Aim(
            "confirmed comes with the first fix deeper than r95 or before it, 9 of 10 times",
            f"median {np.median(from_deep):+.0f}, mean {np.mean(from_deep):+.1f}, "
            f"later in {np.mean(np.array(from_deep) > 0):.1%}",
            bool(np.mean(np.array(from_deep) > 0) <= 0.1),
        ),
    ]
    for names, share in ((("canyon", "indoor wifi"), 50), (("bursts",), 10)):
        bare, confirmed, days = _false_of(lives, scored, names)
        ratio = f"{bare / confirmed:.0f} times fewer" if confirmed else "none at all"
        found.append(
            Aim(
                f"confirmed has a {share}th of the bare point's false alerts in "
                + " and ".join(names),
                f"bare {bare}, confirmed {confirmed} in {days:.0f} days: {ratio}",
                confirmed * share <= bare,
            )
        )
    return found


def _false_of(lives: Sequence[Life], scored: Score, names: Sequence[str]) -> tuple[int, int, float]:
    those = [life for life in lives if life.noise.name in names]
    return (
        sum(scored.false[life.number]["bare"] for life in those),
        sum(scored.false[life.number]["confirmed"] for life in those),
        sum(life.days for life in those),
    )
