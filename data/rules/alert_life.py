"""The life of an alert as work: which act leads from which state to which, and what time does.

Pure. `MOVES` is the whole table; what it does not name is refused. State is derived from the
record and the moment (`as_of`), so a hold that has run out has run out even if no process was
there to write it down.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from data.model.alert import AlertAction, AlertKind, AlertLife, AlertState, Priority
from data.model.breach import BreachKind
from data.model.desk_policy import DeskPolicy

_Do = AlertAction
_Is = AlertState

_FIRST_ACTS = dict.fromkeys((_Do.STEP_DONE, _Do.STEP_SKIPPED, _Do.NOTIFIED), _Is.ACTING)

# What somebody has: they may begin, give it back, lose it, put it aside or file it.
_TAKEN = {
    **_FIRST_ACTS,
    _Do.NOTED: _Is.ACTING,
    _Do.TAKEN_OVER: _Is.ACKNOWLEDGED,
    _Do.RELEASED: _Is.NEW,
    _Do.SHELVED: _Is.SHELVED,
    _Do.CONFIRMED: _Is.NEW,
    _Do.CLOSED: _Is.CLOSED,
}

# A closed alert is evidence: only a note may be added, and a new breach raises a new alert.
MOVES: Mapping[AlertState, Mapping[AlertAction, AlertState]] = {
    _Is.NEW: {
        _Do.ACKNOWLEDGED: _Is.ACKNOWLEDGED,
        _Do.SHELVED: _Is.SHELVED,
        _Do.NOTED: _Is.NEW,
        _Do.ESCALATED: _Is.NEW,
        _Do.CONFIRMED: _Is.NEW,
    },
    _Is.ACKNOWLEDGED: {
        **_TAKEN,
        _Do.LAPSED: _Is.NEW,
        _Do.ESCALATED: _Is.ACTING,
        _Do.REMINDED: _Is.ACKNOWLEDGED,
    },
    _Is.ACTING: {**_TAKEN, _Do.ESCALATED: _Is.ACTING, _Do.REMINDED: _Is.ACTING},
    _Is.SHELVED: {
        _Do.RETURNED: _Is.NEW,
        _Do.NOTED: _Is.SHELVED,
        _Do.CONFIRMED: _Is.NEW,
    },
    _Is.CLOSED: {_Do.NOTED: _Is.CLOSED},
}

_WHY_NOT = {
    _Is.NEW: "Nobody has this alert. Acknowledge it first.",
    _Is.ACKNOWLEDGED: "Somebody has this alert already.",
    _Is.ACTING: "Somebody has this alert already.",
    _Is.SHELVED: "This alert is shelved. Bring it back first.",
    _Is.CLOSED: "This alert has been closed.",
}


@dataclass(frozen=True, slots=True)
class CannotMove:
    """An act that does not fit the state, with the reason for the person who tried."""

    reason: str


def is_shelvable(kind: AlertKind, breach_kind: str | None, priority: Priority) -> bool:
    """Whether this may be put aside at all: no P1, no zone or victim entered, no cut strap."""
    if priority is Priority.P1 or kind is AlertKind.STRAP_OPEN:
        return False
    return breach_kind not in (BreachKind.EXCLUSION, BreachKind.PAIR_ALARM)


def is_taken(life: AlertLife) -> bool:
    """Whether somebody has it."""
    return life.state in (AlertState.ACKNOWLEDGED, AlertState.ACTING)


def is_in_queue(life: AlertLife, now: datetime) -> bool:
    """Whether it stands in front of the room: everything but closed and, for its time, shelved."""
    return as_of(life, now).state not in (AlertState.CLOSED, AlertState.SHELVED)


def as_of(life: AlertLife, now: datetime) -> AlertLife:
    """The life with what time has done to it: a hold that ran out, a shelf that did."""
    # At the very moment it has run out: "until" does not include its end.
    if life.state is AlertState.ACKNOWLEDGED and life.hold_until and life.hold_until <= now:
        return to_the_room(life, life.hold_until)
    if life.state is AlertState.SHELVED and life.shelved_until and life.shelved_until <= now:
        return to_the_room(life, life.shelved_until)
    return life


def to_the_room(life: AlertLife, at: datetime) -> AlertLife:
    """New again, as if nobody had ever had it: given back, run out, or back from the shelf."""
    return replace(
        life,
        state=AlertState.NEW,
        waiting_since=at,
        owner_id=None,
        acknowledged_at=None,
        hold_until=None,
        shelved_until=None,
        escalated_at=None,
        rung=0,
        reminded_at=None,
    )


def risen(life: AlertLife, priority: Priority, at: datetime) -> AlertLife:
    """More urgent than what anybody took on or put aside, so new work for the whole room."""
    if life.state is AlertState.CLOSED or priority >= life.priority:
        return life
    return replace(to_the_room(life, at), priority=priority)


def move(
    life: AlertLife,
    action: AlertAction,
    now: datetime,
    policy: DeskPolicy,
    *,
    user_id: int | None = None,
    shelve_for: timedelta | None = None,
) -> AlertLife | CannotMove:
    """The life after a person's act, or why not.

    Args:
        action: what was done; one that moves nothing (a note of a bystander) is not for here.
        user_id: who did it.
        shelve_for: how long, with `SHELVED` only.
    """
    life = as_of(life, now)
    to = MOVES[life.state].get(action)
    if to is None:
        return CannotMove(_WHY_NOT[life.state])
    match action:
        case AlertAction.ACKNOWLEDGED | AlertAction.TAKEN_OVER:
            return replace(
                life,
                state=to,
                owner_id=user_id,
                acknowledged_at=now,
                hold_until=now + timedelta(seconds=policy.hold_s),
                escalated_at=None,
                rung=0,
                reminded_at=None,
            )
        case AlertAction.RELEASED | AlertAction.RETURNED | AlertAction.LAPSED:
            return to_the_room(life, now)
        case AlertAction.SHELVED:
            return _shelved(life, now, policy, user_id, shelve_for)
        case AlertAction.ESCALATED:
            return replace(
                life, state=to, hold_until=None, escalated_at=now, rung=max(life.rung, 1)
            )
        case AlertAction.CLOSED:
            return replace(life, state=to, hold_until=None, closed_at=now)
        case _:
            return replace(
                life, state=to, hold_until=None if to is AlertState.ACTING else life.hold_until
            )


def _shelved(
    life: AlertLife,
    now: datetime,
    policy: DeskPolicy,
    user_id: int | None,
    shelve_for: timedelta | None,
) -> AlertLife | CannotMove:
    most = timedelta(seconds=policy.shelve_at_most_s)
    if life.priority is Priority.P1 or not life.is_shelvable:
        return CannotMove("An alert of this kind cannot be shelved.")
    if shelve_for is None or not timedelta() < shelve_for <= most:
        return CannotMove(
            f"An alert can be shelved for at most {most.total_seconds() / 60:.0f} min."
        )
    return replace(
        life,
        state=AlertState.SHELVED,
        owner_id=user_id,
        hold_until=None,
        shelved_until=now + shelve_for,
        shelves=life.shelves + 1,
        escalated_at=None,
        rung=0,
    )
