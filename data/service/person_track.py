"""One person's stored positions over a period, whichever devices they had."""

from __future__ import annotations

from datetime import datetime

import numpy as np
from sqlalchemy import Connection

from data.model.judging import Policy
from data.rules.encounters import Track
from data.store import fixes, routines


def track_of(connection: Connection, person_id: int, first: datetime, last: datetime) -> Track:
    """Their track with first <= fixed_at < last, of all devices they wore, in time order.

    A fix holds as long as the judge draws a path between two of that device's plan.
    """
    policy = Policy.default()
    worn = routines.find_wearings(connection, person_id, first, last)
    found = fixes.get_track(connection, [each.activation_id for each in worn], first, last)
    limits_us = {
        each.activation_id: int(
            1e6 * max(policy.gap_plans * each.report_every_s, policy.gap_least_s)
        )
        for each in worn
    }
    ids, where = np.unique(found.activation_id, return_inverse=True)
    limit_us = np.array([limits_us[each] for each in ids.tolist()], np.int64)[where]
    records = found.records
    return Track.of(
        records["fixed_at"].astype(np.int64),
        records["lon"].astype(float),
        records["lat"].astype(float),
        records["radius_95_m"].astype(float),
        found.flags.astype(np.int64),
        limit_us.reshape(len(found)),
    )
