"""From what happened to a visit to the words for it: changes of breaches."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.model.breach import Channel, Grade
from data.model.fix import FixFlag
from data.model.judging import BreachChange, Happened
from data.rules.alerting import breach_priority
from data.rules.approach import facts_of
from data.rules.state import NEVER, JudgeState, Phase, breach_key
from data.rules.visits import CAUSES, HAPPENED

Rows = NDArray[np.void]


def changes_of(
    events: Rows, stood: Rows, steps: Rows, groups: Rows, facts: Rows | None = None
) -> list[BreachChange]:
    """The changes these events mean, in order of the rules and then of time.

    Args:
        events: EVENT_DTYPE.
        stood: VISIT_DTYPE, each visit right after its event.
        steps: the steps that brought them.
        groups: the rules.
        facts: of pairs, one a step.
    """
    changes = []
    for event, visit in zip(events, stood, strict=True):
        step, group = steps[event["step"]], groups[event["group"]]
        happened = HAPPENED[event["happened"]]
        proof = _proof(visit, step)
        if facts is not None:
            proof |= facts_of(facts[event["step"]], group)
        if event["replaced"]:
            proof["replaced"] = True
        changes.append(_change(group, visit, int(event["ring"]), happened, int(step["us"]), proof))
    return changes


def by_moment(change: BreachChange) -> tuple[int, int]:
    """The order changes are given in: by moment, then activation, then as they happened."""
    return change.at_us, change.key.activation_id


def known_changes(state: JudgeState) -> tuple[BreachChange, ...]:
    """Every breach going on, or left so lately that a return belongs to it, as it stands."""
    found = []
    for groups, visits in (
        (state.groups, state.visits),
        (state.pair_groups, state.pair_visits),
    ):
        for row, ring in np.argwhere(visits["phase"] != Phase.NONE).tolist():
            visit = visits[row, ring]
            has_left = visit["phase"] == Phase.LEFT
            happened = Happened.LEFT if has_left else Happened.AMENDED
            at_us = int(visit["left_us"] if has_left else visit["inside_us"])
            found.append(
                _change(groups[row], visit, ring, happened, at_us, _figures(visit))
            )  # fmt: skip
    return tuple(sorted(found, key=by_moment))


def _change(
    group: Any, visit: Any, ring: int, happened: Happened, at_us: int, proof: dict[str, Any]
) -> BreachChange:
    key = breach_key(group, visit, ring)
    assert key is not None
    is_confirmed = visit["confirmed_us"] > NEVER
    channel = Channel.CONFIRMED if is_confirmed else Channel.POSSIBLE
    zone_version_id = int(visit["zone_version_id"]) or None
    minutes = float(visit["minutes"])
    return BreachChange(
        key=key,
        breach_id=int(visit["breach_id"]),
        happened=happened,
        at_us=at_us,
        case_id=int(group["case_id"]),
        zone_version_id=zone_version_id,
        channel=channel,
        grade=Grade(int(visit["grade"])),
        cause=CAUSES[int(visit["cause"])],
        entered_at_us=int(visit["entered_us"]),
        confirmed_at_us=int(visit["confirmed_us"]) if is_confirmed else None,
        left_at_us=int(visit["left_us"]) if visit["phase"] == Phase.LEFT else None,
        p_inside_max=float(visit["p_max"]),
        radius_95_m=_or_none(visit["radius_m"]),
        edge_m=_or_none(visit["edge_m"]),
        fixes=int(visit["fixes"]),
        crossings=int(visit["crossings"]),
        priority=breach_priority(key.kind, channel, is_closing=bool(visit["closing"])),
        minutes_to_contact=round(minutes, 1) if np.isfinite(minutes) else None,
        proof=proof,
    )


def _or_none(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _figures(visit: Any) -> dict[str, Any]:
    proof: dict[str, Any] = {"last_inside_us": int(visit["inside_us"])}
    if visit["fixes"]:
        proof["best_us"] = int(visit["best_us"])
        proof["best_fingerprint"] = int(visit["best_fingerprint"])
        proof["flags"] = [flag.name for flag in FixFlag(int(visit["flags"]))]
    if visit["flaps"]:
        proof["flapping"] = True
    if visit["confirmed_us"] > NEVER and visit["sure_left_us"] > NEVER:
        # Later than this he is only suspected to have been there.
        proof["confirmed_until_us"] = int(visit["sure_left_us"])
    if visit["stale_s"]:
        proof["place_older_s"] = round(float(visit["stale_s"]), 1)
    return proof


def _proof(visit: Any, step: Any) -> dict[str, Any]:
    return _figures(visit) | {"p_filtered": round(float(step["pf"]), 4)}
