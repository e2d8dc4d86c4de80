"""Which past breaches somebody wants to see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from data.model.breach import BreachKind, Finding, Grade


@dataclass(frozen=True, slots=True)
class BreachFilter:
    """What all shown breaches have in common; empty and None: anything.

    Breaches taken back by later knowledge are never among them.
    """

    case_code: str = ""
    zone_id: int | None = None
    kinds: tuple[BreachKind, ...] = ()
    grades: tuple[Grade, ...] = ()
    findings: tuple[Finding | None, ...] = ()  # None among them: nobody has decided yet
    since: datetime | None = None  # entered at or after
    until: datetime | None = None  # entered before
    # Hours of the room's day, the first included, the last not; (22, 6) goes over midnight.
    hours: tuple[int, int] | None = None
    weekdays: tuple[int, ...] = ()  # of the room, Monday is 1
