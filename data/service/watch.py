"""The watch: judges the passing of time, about which no device sends a message.

Silence, hours that begin with somebody inside, grace that runs out. It calls the same rules as
the judge. Should the machine's clock jump, it waits until the new time has held for a minute:
a clock that leaps an hour ahead must not report every tag as silent.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from data.clock import Clock, microseconds
from data.model.alert import AlertKind, Priority
from data.service.judging import Judging, RuleFailed
from data.store import heartbeats, outbox
from data.store.alert_conditions import Condition, raise_alert
from data.store.judging import thin_snapshots
from data.store.zones import find_active_ids

_log = logging.getLogger(__name__)
EVERY_S = 5.0
JUMP_S = 30.0
HOLD_S = 60.0
_AT_ONCE = 500
THIN_EVERY_S = 600.0


@dataclass(slots=True)
class ClockGuard:
    """Tells a clock that runs from one that leaps, by a second clock that cannot be set.

    Args:
        rate: how many seconds the clock runs in one real second; 1 but in a demo.
        last_us: the clock at the last look; None before the first.
        last_s: the other clock then.
        held_until_s: not trusted before this, by the other clock.
    """

    rate: float = 1.0
    last_us: int | None = None
    last_s: float = 0.0
    held_until_s: float = float("-inf")

    def jump_s(self, now_us: int, steady_s: float) -> float:
        """By how much the clock has leapt since the last look, in its own seconds; 0.0 if not."""
        leapt = 0.0
        if self.last_us is not None:
            ran_s = (now_us - self.last_us) / 1e6
            off_s = ran_s - (steady_s - self.last_s) * self.rate
            if abs(off_s) > JUMP_S * self.rate:
                leapt = off_s
                self.held_until_s = steady_s + HOLD_S
        self.last_us, self.last_s = now_us, steady_s
        return leapt

    def is_trusted(self, steady_s: float) -> bool:
        """Whether the passing of time may be judged by the clock."""
        return steady_s >= self.held_until_s


class Watch:
    """Judges the passing of time for every activation that is on somebody."""

    def __init__(self, engine: Engine, clock: Clock, *, rate: float = 1.0) -> None:
        self._engine = engine
        self._clock = clock
        self._judging = Judging(engine, clock)
        self._guard = ClockGuard(rate)
        self._thinned_s = float("-inf")

    def round(self, steady_s: float) -> int:
        """Judges time up to now and gives how many alerts changed.

        Args:
            steady_s: a clock that only ever runs forward, such as time.monotonic().
        """
        now = self._clock.now()
        leapt_s = self._guard.jump_s(microseconds(now), steady_s)
        changed = self._tell_jump(leapt_s) if leapt_s else 0
        changed += self._tell_unreadable()
        if self._guard.is_trusted(steady_s):
            with self._engine.connect() as connection:
                ids = find_active_ids(connection)
            for first in range(0, len(ids), _AT_ONCE):
                changed += len(self._judging.pass_time(ids[first : first + _AT_ONCE]).alerts)
        with self._engine.begin() as connection:
            if steady_s - self._thinned_s > THIN_EVERY_S:
                thin_snapshots(connection, now)
                self._thinned_s = steady_s
            heartbeats.beat(connection, "watch", now)
        return changed

    def _tell_jump(self, leapt_s: float) -> int:
        _log.warning("the clock leapt by %.0f s; holding for %.0f s", leapt_s, HOLD_S)
        now = self._clock.now()
        return self._tell(
            Condition(
                key=f"clock_jump:{microseconds(now)}",
                kind=AlertKind.OTHER,
                priority=Priority.P3,
                began_at=now,
                facts={"clock_jump_s": round(leapt_s)},
            )
        )

    def _tell_unreadable(self) -> int:
        return sum(
            self._tell(
                Condition(
                    key=f"zone_hours:{zone_id}",
                    kind=AlertKind.OTHER,
                    priority=Priority.P2,
                    began_at=self._clock.now(),
                    zone_id=zone_id,
                    facts={"zone_hours_unreadable": True},
                )
            )
            for zone_id in self._judging.rulebook().unreadable
        )

    def _tell(self, condition: Condition) -> int:
        now = self._clock.now()
        with self._engine.begin() as connection:
            alert_id = raise_alert(connection, condition, now)
            outbox.append(connection, "alert", [alert_id] if alert_id else [], now)
        return 1 if alert_id else 0


def watch(engine: Engine, clock: Clock, goes_on: Callable[[], bool], *, rate: float = 1.0) -> None:
    """Watches until `goes_on` says no; when the database is away, until it is back."""
    watcher = Watch(engine, clock, rate=rate)
    while goes_on():
        started_s = time.monotonic()
        try:
            watcher.round(started_s)
        except (DBAPIError, RuleFailed) as error:
            # The class only: the message of a database error may hold a place or a name.
            _log.warning("a round of the watch failed (%s), trying again", type(error).__name__)
        while goes_on() and time.monotonic() - started_s < EVERY_S:
            time.sleep(0.1)
