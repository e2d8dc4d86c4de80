"""The life of an alert: every act in every state, and no order of them hides a breach."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.model.alert import AlertAction, AlertKind, AlertLife, AlertState, Priority
from data.model.breach import BreachKind
from data.model.desk_policy import DeskPolicy
from data.rules.alert_life import (
    MOVES,
    CannotMove,
    as_of,
    is_in_queue,
    is_shelvable,
    is_taken,
    move,
    risen,
)

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
POLICY = DeskPolicy()
HOLD = timedelta(seconds=POLICY.hold_s)
ME, OTHER = 7, 3


def a_life(state: AlertState = AlertState.NEW, priority: Priority = Priority.P2) -> AlertLife:
    """An alert of the buffer as it stands in this state at noon."""
    taken = state in (AlertState.ACKNOWLEDGED, AlertState.ACTING)
    return AlertLife(
        state=state,
        priority=priority,
        waiting_since=NOON,
        owner_id=ME if taken or state is AlertState.SHELVED else None,
        acknowledged_at=NOON if taken else None,
        hold_until=NOON + HOLD if state is AlertState.ACKNOWLEDGED else None,
        shelved_until=NOON + timedelta(minutes=30) if state is AlertState.SHELVED else None,
        closed_at=NOON if state is AlertState.CLOSED else None,
    )


def moved(life: AlertLife, action: AlertAction, now: datetime, **given: object) -> AlertLife:
    """As `move`, where it must succeed."""
    found = move(life, action, now, POLICY, **given)  # type: ignore[arg-type]
    assert not isinstance(found, CannotMove), found
    return found


def test_the_table_names_every_state() -> None:
    """A state that the table leaves out would be one nothing leads out of unseen."""
    assert set(MOVES) == set(AlertState)
    assert set(MOVES[AlertState.CLOSED].values()) == {AlertState.CLOSED}


@pytest.mark.parametrize(("state", "action"), list(itertools.product(AlertState, AlertAction)))
def test_what_the_table_does_not_name_is_refused_with_a_reason(
    state: AlertState, action: AlertAction
) -> None:
    """Each act in each state leads where the table says, or nowhere."""
    found = move(
        a_life(state), action, NOON, POLICY, user_id=OTHER, shelve_for=timedelta(minutes=10)
    )
    to = MOVES[state].get(action)
    if to is None:
        assert isinstance(found, CannotMove)
        assert found.reason
    else:
        assert isinstance(found, AlertLife)
        assert found.state is to


def test_who_acknowledges_has_two_minutes_to_begin() -> None:
    """At 119.999 s it is still theirs; at 120 s it is new, waits from then, and has no owner."""
    taken = moved(a_life(), AlertAction.ACKNOWLEDGED, NOON, user_id=ME)
    assert (taken.owner_id, taken.hold_until) == (ME, NOON + HOLD)
    just_before = NOON + HOLD - timedelta(milliseconds=1)
    assert as_of(taken, just_before) is taken
    back = as_of(taken, NOON + HOLD + timedelta(seconds=9))
    assert (back.state, back.owner_id, back.waiting_since) == (AlertState.NEW, None, NOON + HOLD)
    # Another desk may take it, though nobody has written the lapse down yet.
    again = moved(taken, AlertAction.ACKNOWLEDGED, NOON + HOLD, user_id=OTHER)
    assert again.owner_id == OTHER


@pytest.mark.parametrize(
    "first", [AlertAction.STEP_DONE, AlertAction.STEP_SKIPPED, AlertAction.NOTIFIED]
)
def test_the_first_action_ends_the_hold(first: AlertAction) -> None:
    """Whoever has begun keeps the alert, however long it takes."""
    life = moved(a_life(AlertState.ACKNOWLEDGED), first, NOON)
    assert life.state is AlertState.ACTING
    assert as_of(life, NOON + timedelta(hours=5)) is life


def test_a_rise_in_priority_is_new_work_whoever_had_it() -> None:
    """Taken, begun or shelved: what has grown belongs to the room again. Closed stays closed."""
    for state in AlertState:
        life = risen(a_life(state), Priority.P1, NOON + timedelta(minutes=1))
        if state is AlertState.CLOSED:
            assert life.state is AlertState.CLOSED
            continue
        assert (life.state, life.priority) == (AlertState.NEW, Priority.P1)
        assert (life.owner_id, life.shelved_until) == (None, None)
    same = a_life(AlertState.ACTING)
    assert risen(same, Priority.P2, NOON) is same
    assert risen(same, Priority.P3, NOON) is same


@pytest.mark.parametrize(
    ("minutes", "is_allowed"), [(0, False), (-1, False), (0.5, True), (60, True), (60.01, False)]
)
def test_a_shelf_holds_an_hour_at_most(minutes: float, is_allowed: bool) -> None:
    """Sixty minutes exactly are allowed; nothing, less than nothing and more are not."""
    found = move(
        a_life(),
        AlertAction.SHELVED,
        NOON,
        POLICY,
        user_id=ME,
        shelve_for=timedelta(minutes=minutes),
    )
    assert isinstance(found, AlertLife) is is_allowed


def test_the_shelf_gives_back_by_itself() -> None:
    """At the moment it ends it is new again, and it counts how often that was."""
    life = moved(a_life(), AlertAction.SHELVED, NOON, user_id=ME, shelve_for=timedelta(minutes=5))
    assert not is_in_queue(life, NOON + timedelta(minutes=4, seconds=59))
    assert is_in_queue(life, NOON + timedelta(minutes=5))
    assert life.shelves == 1


def test_what_may_be_shelved() -> None:
    """Never a P1, never a zone or a victim that somebody may have entered, never a cut strap."""
    breach = AlertKind.BREACH
    assert is_shelvable(breach, BreachKind.BUFFER, Priority.P2)
    assert is_shelvable(AlertKind.BATTERY_LOW, None, Priority.P3)
    assert not is_shelvable(breach, BreachKind.BUFFER, Priority.P1)
    assert not is_shelvable(breach, BreachKind.EXCLUSION, Priority.P2)
    assert not is_shelvable(breach, BreachKind.PAIR_ALARM, Priority.P2)
    assert not is_shelvable(AlertKind.STRAP_OPEN, None, Priority.P2)


STEPS = st.one_of(
    st.tuples(st.sampled_from(AlertAction), st.sampled_from([ME, OTHER]), st.integers(-5, 90)),
    st.tuples(st.just("rise"), st.sampled_from(Priority), st.just(0)),
    st.tuples(st.just("clear"), st.just(0), st.just(0)),
)


@given(
    st.sampled_from(Priority),
    st.booleans(),
    st.lists(st.tuples(STEPS, st.integers(0, 4000)), max_size=40),
)
def test_no_order_of_messages_hides_an_alert(
    priority: Priority, shelvable: bool, history: list[tuple[tuple, int]]
) -> None:
    """Whatever comes in whatever order: an alert nobody has closed is in front of the room, or on
    the shelf because of somebody, for an hour at most, and never a P1.
    """
    life = replace(a_life(priority=priority), is_shelvable=shelvable)
    now, shelved_at = NOON, NOON
    for (what, who, minutes), later_s in history:
        now += timedelta(seconds=later_s)
        before = life
        if what == "rise":
            life = risen(life, who, now)
            assert life.state is AlertState.CLOSED or life.priority <= before.priority
        elif what == "clear":
            life = replace(life, cleared_at=now)
            assert life.state is before.state
        else:
            found = move(
                life, what, now, POLICY, user_id=who, shelve_for=timedelta(minutes=minutes)
            )
            if isinstance(found, CannotMove):
                assert found.reason
            else:
                life = found
                assert life.state is MOVES[as_of(before, now).state][what]
            if life.state is AlertState.SHELVED and what is AlertAction.SHELVED:
                shelved_at = now
        seen = as_of(life, now)
        if before.state is AlertState.CLOSED:
            assert life.state is AlertState.CLOSED
        if is_in_queue(life, now):
            assert is_taken(seen) is (seen.owner_id is not None)
        elif seen.state is AlertState.SHELVED:
            assert seen.priority > Priority.P1
            assert seen.is_shelvable
            assert seen.owner_id is not None
            assert seen.shelved_until is not None
            assert now < seen.shelved_until <= shelved_at + timedelta(hours=1)
        else:
            assert seen.state is AlertState.CLOSED
        # Time alone never makes an alert invisible.
        assert not is_in_queue(life, now) or is_in_queue(life, now + timedelta(days=9))
