"""Lanes of a track: what held when, drawn from single fixes. Pure.

A fix speaks until the next one, but not longer than the gap rule lets it: after that nothing is
known, and the lane says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

WALK_MPS = 1.4

UNSEEN = "unseen"


class Span(NamedTuple):
    """A half-open stretch of time, unix seconds, in which one thing held."""

    from_s: float
    to_s: float
    what: str


def spans(
    at_s: Sequence[float], what: Sequence[str], *, from_s: float, to_s: float, limit_s: float
) -> list[Span]:
    """What held when, from `from_s` up to `to_s`; together the spans leave no moment out.

    Args:
        at_s: moments of the fixes, unix seconds, rising; the last one before `from_s` counts too.
        what: what each of them saw, equally long.
        from_s: beginning of the lane.
        to_s: its end.
        limit_s: how long a fix speaks at most; as long as that exactly is no gap.
    """
    found: list[Span] = []

    def add(begin: float, end: float, name: str) -> None:
        begin, end = max(begin, from_s), min(end, to_s)
        if begin >= end:
            return
        if found and found[-1].what == name:
            found[-1] = found[-1]._replace(to_s=end)
        else:
            found.append(Span(begin, end, name))

    add(from_s, at_s[0] if at_s else to_s, UNSEEN)
    for index, (begin, name) in enumerate(zip(at_s, what, strict=True)):
        end = at_s[index + 1] if index + 1 < len(at_s) else to_s
        if end - begin <= limit_s:
            add(begin, end, name)
        elif index + 1 < len(at_s):
            # Nobody saw what lies between two fixes so far apart: not even its first minutes.
            add(begin, end, UNSEEN)
        else:
            # The last one still speaks for its time: silence is not known before the limit.
            add(begin, begin + limit_s, name)
            add(begin + limit_s, end, UNSEEN)
    return found


def pace_mps(speed_mps: float | None) -> float:
    """The speed that minutes are counted with: as now, and never slower than somebody walks."""
    return max(speed_mps or 0.0, WALK_MPS)
