"""The one door of the rules: `judge(state, fixes, zones, pairs, ...)` -> (state, verdicts).

Pure: no clock, no store, same bytes for the same input. Any split of a history into batches,
in the order of `moment_us`, ends in the same state and gives the same verdicts.
"""

from __future__ import annotations

from data.model.judging import FixColumns, Plans, Policy, Verdicts
from data.rules.contact import PairSet
from data.rules.state import JudgeState
from data.rules.zones import ZoneSet


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
            for its partner; one that is not in it starts afresh. Not changed.
        fixes: new fixes, none of them late for `state` (`data.rules.late.late_fixes`).
        zones: the zones with every version that matters between the state and now.
        pairs: the pairs, likewise.
        plans: one entry for each activation of `state` and `fixes`.
        policy: the thresholds.
        up_to_us: the moment up to which the passing of time is judged (windows that open,
            grace that runs out, silence). None: up to each activation's newest fix.

    Raises:
        Clash: a fix is late; judging it here would depend on the order of arrival.
    """
    raise NotImplementedError
