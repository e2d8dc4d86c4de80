"""The figures of the room over a period, as a supervisor reads them: all of one moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from data.clock import Clock
from data.errors import BadInput, Refused
from data.model.alert import AlertRow
from data.model.user import Viewer
from data.rules import load
from data.rules.access import Action, decide
from data.service.alerts import Alerts, is_for
from data.service.reach import Reaches
from data.store import figures
from data.store.reading import reading

PERIODS = {
    "8h": timedelta(hours=8),
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
}
STALE_AFTER = timedelta(hours=24)
OLDEST = 10


@dataclass(frozen=True, slots=True)
class Figures:
    """What was counted. Seconds are those of the room's clock."""

    since: datetime
    until: datetime
    tens: tuple[tuple[datetime, int, int], ...]  # each ten minutes: alerts raised, desks
    load: load.Load
    priorities: dict[int, int]
    shares: dict[int, float]
    taken: tuple[Row[Any], ...]  # by hour (hour, n, p50_s, p90_s, untaken)
    taken_all: Row[Any]  # the same for all hours together
    cases: tuple[tuple[str, int], ...]
    devices: tuple[tuple[str, int], ...]
    troubles: Row[Any]  # flapping, chattering, shelved, escalated, late
    findings: dict[str, int]
    oldest: tuple[AlertRow, ...]  # open now, whenever they were raised
    stale: int  # of all open ones: older than a day
    shelved_now: int

    @property
    def raised(self) -> int:
        """Alerts raised in the period."""
        return sum(self.priorities.values())


@dataclass(frozen=True, slots=True)
class RoomFigures:
    """Reads; keeps nothing."""

    alerts: Alerts
    clock: Clock
    reaches: Reaches
    time_zone: ZoneInfo

    def of(self, viewer: Viewer, period: str) -> Figures:
        """The figures of a period that ends now: one of PERIODS.

        Raises:
            BadInput: there is no such period.
            Refused: not for this viewer.
        """
        decision = decide(viewer.role, Action.SEE_FIGURES)
        if not decision.allowed:
            raise Refused(decision.reason)
        if period not in PERIODS:
            raise BadInput("period", f"one of {', '.join(PERIODS)}", period)
        until = self.clock.now()
        asked = figures.Period(until - PERIODS[period], until, viewer.area, self.time_zone.key)
        with reading(self.alerts.engine) as connection:
            tens = tuple(tuple(row) for row in figures.by_ten_minutes(connection, asked))
            priorities = {row.priority: row.n for row in figures.by_priority(connection, asked)}
            *taken, taken_all = figures.until_taken(connection, asked)
            cases = tuple(tuple(row) for row in figures.top_cases(connection, asked))
            devices = tuple(tuple(row) for row in figures.top_devices(connection, asked))
            troubles = figures.troubles(connection, asked)
            findings = {row.finding: row.n for row in figures.findings(connection, asked)}
        reach = self.reaches.of(viewer)
        standing = sorted(
            (row for row in self.alerts.open_rows() if is_for(reach, row)),
            key=lambda row: (row.raised_at, row.alert_id),
        )
        return Figures(
            since=asked.since,
            until=until,
            tens=tens,
            load=load.load((raised, desks) for _, raised, desks in tens),
            priorities=priorities,
            shares=load.shares(priorities),
            taken=tuple(taken),
            taken_all=taken_all,
            cases=cases,
            devices=devices,
            troubles=troubles,
            findings=findings,
            oldest=tuple(standing[:OLDEST]),
            stale=sum(until - row.raised_at > STALE_AFTER for row in standing),
            shelved_now=sum(row.shelved_until is not None for row in standing),
        )
