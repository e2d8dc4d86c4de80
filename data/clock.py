"""Where "now" comes from. Rules never ask: the moment is handed to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from data.errors import BadInput


class Clock(Protocol):
    """Anything that knows the moment, as an aware UTC datetime."""

    def now(self) -> datetime:
        """The present moment, UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present moment, UTC."""
        return datetime.now(UTC)


@dataclass(slots=True)
class FixedClock:
    """A clock that stands still until it is moved; for tests and re-runs."""

    moment: datetime

    def now(self) -> datetime:
        """The moment it was last set to."""
        return self.moment

    def forward(self, by: timedelta) -> datetime:
        """Moves the clock and gives the new moment."""
        self.moment += by
        return self.moment


@dataclass(frozen=True, slots=True)
class DemoClock:
    """Demo time: runs `speed` times as fast as real time since `started_at`.

    Every process of a demo is given the same two numbers, so they agree on the moment.
    """

    started_at: datetime
    speed: float

    def now(self) -> datetime:
        """The demo's present moment, UTC."""
        return self.started_at + (datetime.now(UTC) - self.started_at) * self.speed


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment_of(us: int) -> datetime:
    """Microseconds since 1970 as an aware UTC datetime."""
    return _EPOCH + timedelta(microseconds=int(us))


def read_moment(given: object, field: str) -> datetime:
    """An ISO 8601 moment with its offset, as aware UTC.

    Raises:
        BadInput: it is none, or says no offset.
    """
    try:
        found = datetime.fromisoformat(given if isinstance(given, str) else "")
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise BadInput(field, "a moment with its offset, such as 2026-11-21T12:00:00Z", given)
    return found.astimezone(UTC)


def microseconds(at: datetime) -> int:
    """An aware datetime as whole microseconds since 1970, exact."""
    return (at - _EPOCH) // timedelta(microseconds=1)
