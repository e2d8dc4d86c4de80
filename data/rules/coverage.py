"""The coverage ledger: what was seen of each offender and zone, and what could not be.

Silence is never an alibi: for a stretch in which nothing was observable it says whether the
zone could have been reached and left again in that time, on foot and by car.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from data.model.judging import COVERAGE_DTYPE, Policy, Seen
from data.rules.geofence import signed_edge_m
from data.rules.presence import Batch
from data.rules.state import NEVER
from data.rules.zones import ZoneSet

Rows = NDArray[np.void]


def ledger(
    stretches: Rows, steps: Rows, groups: Rows, batch: Batch, zones: ZoneSet, policy: Policy
) -> Rows:
    """The stretches that ended, COVERAGE_DTYPE, by activation, zone and time.

    Args:
        stretches: STRETCH_DTYPE.
        steps: the steps that ended them.
        groups: the rules.
        batch: the fixes.
        zones: the zones.
        policy: the thresholds.
    """
    rows = np.zeros(len(stretches), COVERAGE_DTYPE)
    group = groups[stretches["group"]]
    rows["activation_id"], rows["zone_id"] = group["activation_id"], group["zone_id"]
    for name in ("from_us", "to_us", "seen", "cause"):
        rows[name] = stretches[name]
    unseen = rows["seen"] == Seen.NOT_OBSERVABLE
    # Where the places at both ends are not known, nothing is ruled out.
    rows["reachable_on_foot"] = rows["reachable_by_car"] = unseen
    step = steps[stretches["step"]] if len(steps) else np.zeros(0, steps.dtype)
    between = np.flatnonzero(unseen & (stretches["step"] >= 0))
    between = between[step["gap_us"][between] > NEVER]
    if len(between):
        least_m = _least_way_m(step[between], batch, zones)
        seconds = (rows["to_us"][between] - rows["from_us"][between]) / 1e6
        rows["reachable_on_foot"][between] = least_m <= policy.foot_mps * seconds
        rows["reachable_by_car"][between] = least_m <= policy.car_mps * seconds
    return rows[np.lexsort((rows["from_us"], rows["zone_id"], rows["activation_id"]))]


def _least_way_m(step: Rows, batch: Batch, zones: ZoneSet) -> NDArray[np.float64]:
    """The shortest way from the place before, over the zone, to the place after."""
    order = np.argsort(zones.zone_version_id, kind="stable")
    at = np.searchsorted(zones.zone_version_id, step["zone_version_id"], sorter=order)
    version, fix = order[at], step["fix"]
    course, records = batch.course, batch.fixes.records
    there = signed_edge_m(zones.shapes, version, course.gap_lon[fix], course.gap_lat[fix])
    back = signed_edge_m(zones.shapes, version, records["lon"][fix], records["lat"][fix])
    # Both places may be off by as much as the later one's error.
    way = np.maximum(0.0, there) + np.maximum(0.0, back) - 2 * batch.radius_m[fix]
    return np.maximum(0.0, way)
