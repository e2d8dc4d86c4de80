"""Escalation by time: how far up an alert goes that nobody takes, and when one is overdue.

Pure. How long an alert has waited is measured by `Stopwatch`, which believes the wall clock only
where it must: a clock set back by an hour must not give an alert an hour more.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from data.model.alert import AlertLife, AlertState, Priority
from data.model.desk_policy import DeskPolicy, Recipient

NOTICE_OF_RUNG: Mapping[int, Recipient | None] = {
    1: None,  # the supervisor's own screens
    2: Recipient.SUPERVISOR,
    3: Recipient.ON_CALL,
}
"""Whom each rung tells besides the screens."""


def rung_due(life: AlertLife, waited_s: float, policy: DeskPolicy) -> int:
    """The rung an alert should stand on that has waited so long; 0: the room's own."""
    if life.state is not AlertState.NEW:
        return 0
    # At 60 s exactly it has waited 60 s.
    return sum(waited_s >= rung_s for rung_s in policy.escalate_s.get(life.priority, ()))


def is_overdue(life: AlertLife, held_s: float, policy: DeskPolicy) -> bool:
    """Whether somebody has had it for longer than work of this priority may be quiet."""
    is_held = life.state in (AlertState.ACKNOWLEDGED, AlertState.ACTING)
    return is_held and life.priority < Priority.P3 and held_s >= policy.overdue_s


@dataclass(slots=True)
class Stopwatch:
    """How long each thing has lasted, by a clock that cannot be set.

    A thing seen for the first time has the age the wall clock gives it; from then on its age
    grows by the steady clock alone, whatever happens to the wall clock.

    Args:
        rate: how many seconds the wall clock runs in one real second; 1 but in a demo.
    """

    rate: float = 1.0
    _first: dict[Hashable, tuple[float, float]] = field(default_factory=dict)

    def age_s(
        self,
        key: Hashable,
        since: datetime,
        now: datetime,
        steady_s: float,
        *,
        least_s: float = 0.0,
    ) -> float:
        """The age of this thing, in the wall clock's seconds.

        Args:
            least_s: what it was at least when it was first seen. A moment that lies ahead is a
                clock that was set back since, so an age begins at nought; only for what is
                counted down, such as a shelf, a negative age is meant.
        """
        seen_s, age_s = self._first.setdefault(
            key, (steady_s, max(least_s, (now - since).total_seconds()))
        )
        return age_s + (steady_s - seen_s) * self.rate

    def keep(self, keys: Iterable[Hashable]) -> None:
        """Forgets all but these."""
        kept = set(keys)
        self._first = {key: first for key, first in self._first.items() if key in kept}
