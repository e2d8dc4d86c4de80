"""Words for what a judge may find."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Grade(IntEnum):
    """What the evidence of one fix says of being inside. Thresholds are policy."""

    OUTSIDE = 0
    INDETERMINATE = 1
    POSSIBLE = 2
    PROBABLE = 3
    CERTAIN = 4


class Channel(IntEnum):
    """What the room is told: a first suspicion, or what the filtered track bears out."""

    POSSIBLE = 1
    CONFIRMED = 2


class BreachKind(StrEnum):
    """Which rule was broken."""

    EXCLUSION = "exclusion"  # inside an exclusion zone
    BUFFER = "buffer"  # inside the warning ring of an exclusion zone
    INCLUSION = "inclusion"  # outside an inclusion zone while its hours run
    PAIR_ALARM = "pair_alarm"  # within the alarm distance of the victim
    PAIR_WARN = "pair_warn"  # within the warning distance of the victim


class BreachCause(StrEnum):
    """How a breach came about."""

    FIX_INSIDE = "fix_inside"
    CROSSED_BETWEEN_FIXES = "crossed_between_fixes"
    WINDOW_OPENED = "window_opened"
    ZONE_CHANGED = "zone_changed"
    OUTSIDE_WINDOW = "outside_window"
    NEAR_VICTIM = "near_victim"


class Finding(StrEnum):
    """What a person decided after review."""

    BREACH = "breach"
    REASONABLE_EXCUSE = "reasonable_excuse"
    AUTHORISED_ABSENCE = "authorised_absence"
    DEVICE_FAULT = "device_fault"
    DRIFT = "drift"


def chance_words(p: float) -> str:
    """A chance of being inside, as every screen writes it: "0.93".

    Cut, not rounded, and never 1.00: nobody can know that.
    """
    return "> 0.99" if p > 0.99 else f"{int(p * 100 + 1e-9) / 100:.2f}"
