"""The watch: judges the passing of time, about which no device sends a message.

Silence, hours that begin with somebody inside, grace that runs out, and alerts nobody takes. It
calls the same rules as the judge. Should the machine's clock jump, it waits until the new time
has held for a minute: a clock that leaps an hour ahead must not report every tag as silent.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from data.clock import Clock, microseconds
from data.errors import Unavailable
from data.model.alert import AlertKind, Priority
from data.rules.sending import NO_TICK_S
from data.service.escalation import Escalation
from data.service.judging import Judging, RuleFailed
from data.service.zone_live import begin_due, end_emergencies
from data.store import heartbeats, notices, outbox
from data.store.alert_conditions import Condition, clear_alert, raise_alert
from data.store.bell import Bell
from data.store.judging import thin_snapshots
from data.store.reading import reading
from data.store.zones import find_active_ids, get_edition

_log = logging.getLogger(__name__)
_UTC = ZoneInfo("UTC")
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

    def __init__(
        self, engine: Engine, clock: Clock, *, rate: float = 1.0, time_zone: ZoneInfo = _UTC
    ) -> None:
        self._engine = engine
        self._time_zone = time_zone
        self._clock = clock
        self._judging = Judging(engine, clock)
        self._rate = rate
        self._guard = ClockGuard(rate)
        self._escalation = Escalation(engine, clock, rate=rate)
        self._thinned_s = float("-inf")
        self._law: tuple[Any, ...] = ()

    def has_new_law(self) -> bool:
        """Whether zones changed since the last round: who is inside already is told at once."""
        with self._engine.connect() as connection:
            return self._law != get_edition(connection)

    def round(self, steady_s: float) -> int:
        """Judges time up to now and gives how many alerts changed.

        Args:
            steady_s: a clock that only ever runs forward, such as time.monotonic().
        """
        now = self._clock.now()
        # First, and whatever the wall clock does: what waits for a person is told by a stopwatch.
        changed = self._escalation.round(steady_s)
        leapt_s = self._guard.jump_s(microseconds(now), steady_s)
        changed += self._tell_jump(leapt_s) if leapt_s else 0
        changed += self._tell_unreadable()
        changed += self._tell_unsent()
        with self._engine.begin() as connection:
            changed += len(begin_due(connection, now, self._time_zone))
            changed += len(end_emergencies(connection, now))
            self._law = get_edition(connection)
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

    def _tell_unsent(self) -> int:
        """A notice that has not gone out in time is work of its own, until it has or was rung."""
        now = self._clock.now()
        before = now - timedelta(seconds=NO_TICK_S * self._rate)
        with reading(self._engine) as connection:
            found = notices.find_untold(connection, before)
        changed = 0
        for each in found:
            condition = Condition(
                key=f"notice:{each.notice_id}",
                kind=AlertKind.OTHER,
                priority=Priority.P2,
                began_at=each.asked_at,
                case_id=each.case_id,
                facts={"notice_to": each.recipient, "of_alert": each.alert_id},
            )
            if not each.is_told and each.own_alert_id is None:
                changed += self._tell(condition)
            elif each.is_told and each.own_alert_id is not None:
                with self._engine.begin() as connection:
                    alert_id = clear_alert(connection, condition, now, now)
                    outbox.append(connection, "alert", [alert_id] if alert_id else [], now)
                changed += 1
        return changed

    def _tell(self, condition: Condition) -> int:
        now = self._clock.now()
        with self._engine.begin() as connection:
            alert_id = raise_alert(connection, condition, now)
            outbox.append(connection, "alert", [alert_id] if alert_id else [], now)
        return 1 if alert_id else 0


def tell_no_checkpoint(engine: Engine, clock: Clock) -> None:
    """Raises an alert, one a day, that the audit trail is not being signed."""
    now = clock.now()
    condition = Condition(
        key=f"no_checkpoint:{now.date()}",
        kind=AlertKind.OTHER,
        priority=Priority.P2,
        began_at=now,
        facts={"no_checkpoint": True},
    )
    try:
        with engine.begin() as connection:
            alert_id = raise_alert(connection, condition, now)
            outbox.append(connection, "alert", [alert_id] if alert_id else [], now)
    except DBAPIError as error:
        _log.warning("nobody was told that no checkpoint was written (%s)", type(error).__name__)


def watch(
    engine: Engine,
    clock: Clock,
    goes_on: Callable[[], bool],
    *,
    rate: float = 1.0,
    time_zone: ZoneInfo = _UTC,
) -> None:
    """Watches until `goes_on` says no; when the database is away, until it is back."""
    watcher = Watch(engine, clock, rate=rate, time_zone=time_zone)
    bell = Bell(engine)
    while goes_on():
        started_s = time.monotonic()
        try:
            watcher.round(started_s)
        except (DBAPIError, RuleFailed, Unavailable) as error:
            # The class only: the message of a database error may hold a place or a name.
            _log.warning("a round of the watch failed (%s), trying again", type(error).__name__)
        _pause(watcher, bell, goes_on, started_s + EVERY_S)
    bell.close()


def _pause(watcher: Watch, bell: Bell, goes_on: Callable[[], bool], until_s: float) -> None:
    """Waits for the next round; not when a zone has changed."""
    while goes_on() and time.monotonic() < until_s:
        is_rung = bell.wait(0.2)
        try:
            if is_rung and watcher.has_new_law():
                return
        except DBAPIError:
            return  # the round says so
        if is_rung or not bell.is_listening():
            time.sleep(0.2)  # the bell of a busy room rings all the time
