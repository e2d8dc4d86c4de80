"""The studio's buffer slider over ninety days at one fix a minute."""

from __future__ import annotations

import time

import numpy as np
import shapely

from data.model.fix import empty_fixes
from data.service.rehearsal import distances_of
from data.store.fixes import Positions

FIXES = 130_000
HOME_LON, HOME_LAT = -0.12, 51.5
BUFFERS_M = range(0, 1001, 50)


def report() -> bool:
    """Prints what measuring costs once and each buffer after it; gives whether the aim is met."""
    rng = np.random.default_rng(3)
    fixes = empty_fixes(FIXES)
    fixes["fixed_at"] = np.arange(FIXES) * 60_000_000
    # A walk about the door that turns round within three kilometres of it.
    wander_deg = np.cumsum(rng.normal(0, 60, (2, FIXES)), axis=1) / 111_000
    wander_deg = 0.027 * np.sin(wander_deg / 0.027)
    fixes["lon"], fixes["lat"] = HOME_LON + 1.6 * wander_deg[0], HOME_LAT + wander_deg[1]
    fixes["radius_95_m"] = 20
    ones = np.ones(FIXES, np.int64)
    track = Positions(ones, ones, fixes["fixed_at"], ones.astype(np.int32), fixes)
    area = shapely.Point(HOME_LON, HOME_LAT).buffer(0.004, quad_segs=125)
    began_s = time.perf_counter()
    found = distances_of(area, track)
    measured_s = time.perf_counter() - began_s
    began_s = time.perf_counter()
    visits = [len(found.visits(buffer_m)) for buffer_m in BUFFERS_M]
    answered_s = time.perf_counter() - began_s
    met = measured_s + answered_s < 1.0
    print(
        f"\nBuffer slider: n {FIXES} fixes, a zone of {len(area.exterior.coords) - 1} corners\n"
        f"  distances once {measured_s:.2f} s, then {len(BUFFERS_M)} buffers {answered_s:.3f} s"
        f" ({visits[0]} to {max(visits)} visits)\n"
        f"  aim, an answer in under a second: {'kept' if met else 'MISSED'}"
    )
    return met
