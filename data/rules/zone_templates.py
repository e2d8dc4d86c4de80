"""Where a zone usually starts: the five places that orders are about, with sensible figures."""

from __future__ import annotations

from dataclasses import dataclass

from data.model.schedule import Schedule, Window
from data.model.zone import ZoneKind

_SCHOOL_DAYS = 5


@dataclass(frozen=True, slots=True)
class Template:
    """A start for a zone; every figure can be changed in the draft."""

    name: str
    words: str
    kind: ZoneKind
    radius_m: float
    buffer_m: float
    windows: tuple[Window, ...] = ()  # on school days; none: always
    grace_s: int = 0

    def hours(self, time_zone: str) -> Schedule | None:
        """The hours in the room's own time; None: always."""
        if not self.windows:
            return None
        weekly = (self.windows,) * _SCHOOL_DAYS + ((),) * (7 - _SCHOOL_DAYS)
        return Schedule(time_zone, weekly, grace_s=self.grace_s)


TEMPLATES: dict[str, Template] = {
    each.name: each
    for each in (
        # Five minutes on foot to the edge of the buffer, and as much again to the door.
        Template("home", "Her home", ZoneKind.EXCLUSION, radius_m=500, buffer_m=500),
        # Wider, because nobody may guess which house it is.
        Template("refuge", "A refuge", ZoneKind.EXCLUSION, radius_m=800, buffer_m=700),
        Template("work", "Her work", ZoneKind.EXCLUSION, 300, 300, (Window(6 * 60, 20 * 60),)),
        # He may have to come to court himself: a permission lets him in for that morning.
        Template("court", "A court", ZoneKind.EXCLUSION, 200, 150, (Window(8 * 60, 18 * 60),)),
        Template(
            "school_run", "The way to school", ZoneKind.EXCLUSION, 150, 200,
            (Window(7 * 60 + 30, 9 * 60 + 15), Window(14 * 60 + 30, 16 * 60 + 30)),
        ),
    )
}  # fmt: skip
