"""When nobody knows where a tag was between two fixes, for whatever draws or counts a track.

The judge's own limit is longer and stands in its policy: it decides what is asserted, this what
is drawn.
"""

from __future__ import annotations

GAP_PLANS = 3.0
GAP_LEAST_S = 120.0

GAP_RULE = (
    f"No fix for longer than {GAP_PLANS:g} times the reporting plan, and longer than "
    f"{GAP_LEAST_S:g} s. Nothing is drawn across it."
)


def gap_limit_s(report_every_s: float) -> float:
    """The longest time between two fixes that is no gap; strictly longer is one."""
    return max(GAP_PLANS * report_every_s, GAP_LEAST_S)
