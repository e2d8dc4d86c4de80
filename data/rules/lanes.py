"""The lanes of a replay by stated rules: from fixes, verdicts and the ledger to stretches of time.

Each rule's words stand beside it and travel with the lane. Moments in microseconds UTC.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from data.model.fix import DeviceEvent
from data.model.judging import Policy
from data.model.lane import Lane, Mark, Stretch
from data.model.track import StoredTrack
from data.rules.gaps import GAP_RULE
from data.rules.replay import Drawn
from data.rules.stays import STAY_RULE, Stay, seen_stretches

Floats = NDArray[np.float64]

_POLICY = Policy()
INSIDE_RULE = (
    "Chance of being inside an exclusion zone in force, as the judge stored it for each fix: "
    f"certain from {_POLICY.certain:g}, probable from {_POLICY.probable:g}, possible from "
    f"{_POLICY.possible:g}. A fix counts until the next one, never across a gap."
)
BUFFER_RULE = (
    "Fix in the warning ring of an exclusion zone in force, or as near to its edge, and not inside "
    "it. A fix counts until the next one, never across a gap."
)

_EVENTS = (
    # bit that says so, bit without which the first means nothing, kind, words, words of its end
    (DeviceEvent.STRAP_OPEN, DeviceEvent.STRAP_KNOWN, "strap", "strap opened", "strap closed"),
    (DeviceEvent.CASE_OPEN, DeviceEvent.CASE_KNOWN, "case", "case opened", "case closed"),
    (DeviceEvent.CHARGING, None, "charge", "charging", "charging ended"),
    (DeviceEvent.JAMMING, None, "jam", "jamming reported", "jamming ended"),
    (DeviceEvent.BUTTON, None, "button", "button pressed", ""),
)
EVENTS_RULE = "Facts the device reported beside its fixes, at the fix where each changed."


def inside(drawn: Drawn, p_inside: Floats) -> Lane:
    """Fixes by the chance of being inside, shape (k,); 0 where the judge stored none."""
    level = np.zeros(len(drawn), np.int64)
    for number, limit in enumerate((_POLICY.possible, _POLICY.probable, _POLICY.certain), 1):
        level[p_inside >= limit] = number
    return Lane("inside", "inside zone", INSIDE_RULE, _runs(drawn, level, ("", *_LEVELS)))


_LEVELS = ("possible", "probable", "certain")


def in_buffer(drawn: Drawn, p_inside: Floats, is_near: NDArray[np.bool_]) -> Lane:
    """Fixes in a warning ring, shape (k,) each; who is probably inside is not in the ring."""
    level = np.where(is_near & (p_inside < _POLICY.probable), 3, 0)
    return Lane("buffer", "in buffer", BUFFER_RULE, _runs(drawn, level, ("", "", "", "")))


def still(halts: Sequence[Stay]) -> Lane:
    """The halts."""
    found = tuple(Stretch(halt.from_us, halt.to_us) for halt in halts)
    return Lane("still", "stationary", STAY_RULE, found)


def unseen(drawn: Drawn, from_us: int, to_us: int, ledger: Sequence[Stretch] = ()) -> Lane:
    """What nobody observed: the gaps of the track, and what the coverage ledger says of them.

    Args:
        drawn: the track.
        from_us: begin of the period.
        to_us: its end, or now where that is earlier: what is still to come is no silence.
        ledger: stretches that the coverage ledger calls not observable, with why.
    """
    at = from_us
    found: list[Stretch] = []
    for start, end in [*seen_stretches(drawn, from_us, to_us), (to_us, to_us)]:
        if start > at:
            found.append(Stretch(at, start, _why(at, start, ledger)))
        at = max(at, end)
    rule = f"{GAP_RULE} Why, and what could have been reached meanwhile, by the coverage ledger."
    return Lane("unseen", "no signal", rule, tuple(found))


def device_events(track: StoredTrack) -> Lane:
    """The moments at which a fact that the device reports became so, or ended."""
    rows = track.rows
    at_us, events = rows["fixed_at_us"].astype(np.int64), rows["events"].astype(np.int64)
    marks: list[Mark] = []
    for bit, known, kind, begun, ended in _EVENTS:
        told = np.flatnonzero(events & int(known)) if known else np.arange(len(rows))
        is_so = (events[told] & int(bit)) != 0
        before = np.concatenate([[False], is_so])[: len(is_so)]
        marks += [Mark(int(at_us[told[i]]), kind, begun) for i in np.flatnonzero(is_so & ~before)]
        if ended:
            over = np.flatnonzero(~is_so & before)
            marks += [Mark(int(at_us[told[i]]), "closed", ended) for i in over]
    marks.sort(key=lambda mark: mark.at_us)
    return Lane("device", "device events", EVENTS_RULE, marks=tuple(marks))


def _runs(drawn: Drawn, level: NDArray[np.int64], words: Sequence[str]) -> tuple[Stretch, ...]:
    """Runs of one level. A fix counts until the next, or stands alone before a gap."""
    if len(drawn) == 0:
        return ()
    joins = (level[1:] == level[:-1]) & ~drawn.is_gap
    first = np.flatnonzero(np.concatenate([[True], ~joins]))
    last = np.concatenate([first[1:] - 1, [len(drawn) - 1]])
    found = []
    for start, end in zip(first.tolist(), last.tolist(), strict=True):
        if level[start] == 0:
            continue
        is_followed = end + 1 < len(drawn) and not drawn.is_gap[end]
        until = drawn.at_us[end + 1] if is_followed else drawn.at_us[end]
        number = int(level[start])
        found.append(Stretch(int(drawn.at_us[start]), int(until), words[number], number))
    return tuple(found)


def _why(from_us: int, to_us: int, ledger: Sequence[Stretch]) -> str:
    """The words of the ledger's longest stretch over this one."""
    best, words = 0, ""
    for each in ledger:
        shared = min(to_us, each.to_us) - max(from_us, each.from_us)
        if shared > best:
            best, words = shared, each.words
    return words
