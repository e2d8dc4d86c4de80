"""Has the judge's arithmetic compiled before the first fix comes.

The first call of the rules on a machine turns them into machine code and keeps that on disk,
which takes up to a minute; every later start loads it in a second. Nobody should wait for it
with a breach in the queue.
"""

from __future__ import annotations

import numpy as np
import shapely

from data.model.fix import empty_fixes
from data.model.judging import FixColumns, PairLink, Plans, Policy, ZoneVersion
from data.model.zone import ZoneKind
from data.rules.approach import PairSet
from data.rules.judge import judge
from data.rules.late import late_fixes
from data.rules.state import JudgeState
from data.rules.zones import ZoneSet

_MINUTE_US = 60_000_000
_BEGIN_US = 1_000_000 * _MINUTE_US


def warm_up() -> None:
    """Judges an invented minute or two of two people, once through every kind of rule."""
    zones = ZoneSet.of(
        [
            _a_zone(1, ZoneKind.EXCLUSION, 0, 1, buffer_m=99.0),
            _a_zone(2, ZoneKind.INCLUSION, 0, 1),
            # So narrow that a path goes through it between two fixes.
            _a_zone(3, ZoneKind.EXCLUSION, 1.0003, 1.0004),
        ]
    )
    pairs = PairSet.of([PairLink(1, 1, 1, 2, 500.0, 100.0, 0)])
    plans, policy = Plans.of({1: (60, 0), 2: (60, 0)}), Policy.default()
    fixes = empty_fixes(6)
    fixes["fixed_at"] = _BEGIN_US + np.arange(6) // 2 * _MINUTE_US
    fixes["lon"], fixes["lat"], fixes["radius_95_m"] = 0.5, np.linspace(0.999, 1.001, 6), 20.0
    columns = FixColumns.of(np.array([1, 2] * 3, np.int64), fixes, fixes["fixed_at"] + 1)
    state, _ = judge(JudgeState.empty(), columns, zones, pairs, plans, policy)
    # As a worker does it: from bytes, with nothing new, and time going on.
    state = JudgeState.unpack(
        {each: packed for each, (_, packed) in state.pack().items()},
        {key: packed for key, (_, packed) in state.pack_pairs().items()},
    )
    late_fixes(state, columns, pairs, plans, policy)
    nothing = columns.take(slice(0, 0))
    judge(state, nothing, zones, pairs, plans, policy, _BEGIN_US + 600 * _MINUTE_US)


def _a_zone(
    zone_id: int, kind: ZoneKind, south: float, north: float, buffer_m: float = 0.0
) -> ZoneVersion:
    shape = shapely.box(0, south, 1, north)
    return ZoneVersion(zone_id, zone_id, 1, kind, shape, buffer_m, None, 0, None, (1,))
