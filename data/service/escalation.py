"""What time does to open alerts: holds run out, shelves end, nobody takes one, one takes too long.

A round may come late, come twice, or follow a restart: each move is made from the turn it was
due at, and each notice has a key, so nothing happens twice and nothing is left out.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row

from data.clock import Clock, microseconds
from data.errors import Clash
from data.model.alert import AlertAction, AlertLife, AlertState
from data.model.desk_policy import DeskPolicy
from data.rules.alert_life import is_taken, to_the_room
from data.rules.escalation import NOTICE_OF_RUNG, Stopwatch, is_overdue, rung_due
from data.store import alert_lives, alerts, audit, notices, outbox
from data.store.desk_policies import get_desk_policy
from data.store.reading import reading

_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class _Due:
    """One move that time makes."""

    alert_id: int
    turn: int
    before: AlertLife
    after: AlertLife
    action: AlertAction
    detail: dict[str, Any]


class Escalation:
    """Moves open alerts as time passes. Keeps nothing that a restart would miss."""

    def __init__(self, engine: Engine, clock: Clock, *, rate: float = 1.0) -> None:
        self._engine = engine
        self._clock = clock
        self._rate = rate
        self._stopwatch = Stopwatch(rate)

    def round(self, steady_s: float) -> int:
        """Makes every move that is due and gives how many there were.

        Args:
            steady_s: a clock that only ever runs forward, such as time.monotonic().
        """
        now = self._clock.now()
        with reading(self._engine) as connection:
            policy = get_desk_policy(connection).at_rate(self._rate)
            rows = alert_lives.find_in_time(connection)
        due = self._find_due(rows, policy, now, steady_s)
        moved = 0
        for first in range(0, len(due), _AT_ONCE):
            with self._engine.begin() as connection:
                ids = [
                    each.alert_id
                    for each in due[first : first + _AT_ONCE]
                    if _make(connection, each, now)
                ]
                outbox.append(connection, "alert", ids, now)
            moved += len(ids)
        return moved

    def _find_due(
        self, rows: Sequence[Row], policy: DeskPolicy, now: datetime, steady_s: float
    ) -> list[_Due]:
        due: list[_Due] = []
        seen: list[Hashable] = []

        def age_s(what: str, alert_id: int, since: datetime, least_s: float = 0.0) -> float:
            key = (what, alert_id, since)
            seen.append(key)
            return self._stopwatch.age_s(key, since, now, steady_s, least_s=least_s)

        for row in rows:
            life = alert_lives.life_of(row, row.breach_kind)
            one = row.alert_id, row.turn, life
            if life.state is AlertState.SHELVED and life.shelved_until:
                least_s = -policy.shelve_at_most_s
                if age_s("shelf", row.alert_id, life.shelved_until, least_s) >= 0:
                    due.append(_Due(*one, to_the_room(life, now), AlertAction.RETURNED, {}))
            elif life.state is AlertState.NEW:
                waited_s = age_s("wait", row.alert_id, life.waiting_since)
                rung = rung_due(life, waited_s, policy)
                if rung > life.rung:
                    after = replace(life, rung=rung, escalated_at=life.escalated_at or now)
                    detail = {"rung": rung, "waited_s": round(waited_s / self._rate)}
                    due.append(_Due(*one, after, AlertAction.ESCALATED, detail))
            elif is_taken(life) and life.acknowledged_at:
                held_s = age_s("hold", row.alert_id, life.acknowledged_at)
                quiet_s = age_s("quiet", row.alert_id, life.reminded_at or life.acknowledged_at)
                if life.state is AlertState.ACKNOWLEDGED and held_s >= policy.hold_s:
                    due.append(_Due(*one, to_the_room(life, now), AlertAction.LAPSED, {}))
                elif is_overdue(life, quiet_s, policy):
                    after = replace(
                        life,
                        reminded_at=now,
                        escalated_at=life.escalated_at or now,
                        rung=max(life.rung, 1),
                    )
                    detail = {"held_s": round(held_s / self._rate)}
                    due.append(_Due(*one, after, AlertAction.REMINDED, detail))
        self._stopwatch.keep(seen)
        return due


def _make(connection: Connection, due: _Due, now: datetime) -> bool:
    """Makes one move; False where a person was quicker."""
    alerts.lock(connection, due.alert_id)
    try:
        alert_lives.save(connection, due.alert_id, due.turn, due.before, due.after)
    except Clash:
        return False
    alerts.append_entry(
        connection, due.alert_id, at=now, user_id=None, action=due.action, detail=due.detail
    )
    audit.append(
        connection,
        at=now,
        user_id=None,
        action=f"alert_{due.action.value}",
        record_kind="alert",
        record_id=due.alert_id,
        detail=due.detail,
    )
    if due.action is AlertAction.ESCALATED:
        for rung in range(due.before.rung + 1, due.after.rung + 1):
            recipient = NOTICE_OF_RUNG[rung]
            if recipient is not None:
                waiting = microseconds(due.before.waiting_since)
                notices.append(
                    connection,
                    due.alert_id,
                    recipient,
                    key=f"rung:{due.alert_id}:{waiting}:{rung}",
                    at=now,
                    user_id=None,
                )
    return True
