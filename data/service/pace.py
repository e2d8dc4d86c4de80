"""How busy the room is: alerts in each ten minutes of two hours, and since when it is calm.

Read once for all screens, then cut to each screen's area.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine

from data.store import alert_pace
from data.store.reading import reading

STEP = timedelta(minutes=10)
STEPS = 12

CALM_WITHIN = timedelta(days=7)
"""A calm that has lasted longer is told without its beginning."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Alerts of every area, as of one moment."""

    raised: tuple[tuple[str, int, int], ...]  # area, steps of ten minutes ago, how many
    last_urgent_closed: tuple[tuple[str, datetime], ...]  # one an area that had any

    def counts(self, area: str) -> list[int]:
        """Alerts in each step as this area sees them, the oldest first; "" sees all."""
        counts = [0] * STEPS
        for of, steps_ago, count in self.raised:
            if _sees(area, of):
                counts[STEPS - 1 - steps_ago] += count
        return counts

    def calm_since(self, area: str) -> datetime | None:
        """When the last P1 or P2 of this area was closed; None: not within a week.

        Whether it is calm at all is for the open alerts to say.
        """
        return max((at for of, at in self.last_urgent_closed if _sees(area, of)), default=None)


def pace(engine: Engine, now: datetime) -> Pace:
    """The pace of the room at this moment.

    Raises:
        Unavailable: the database does not answer.
    """
    with reading(engine) as connection:
        raised = alert_pace.find_raised(connection, now - STEPS * STEP, now, STEP.total_seconds())
        closed = alert_pace.find_last_urgent_closed(connection, now - CALM_WITHIN)
    return Pace(
        tuple((row.area, int(row.steps_ago), row.raised) for row in raised),
        tuple((row.area, row.closed_at) for row in closed),
    )


def _sees(area: str, of: str) -> bool:
    # A viewer without an area watches all; a record without one is everybody's.
    return not area or not of or area == of
