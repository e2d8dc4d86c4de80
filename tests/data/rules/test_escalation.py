"""How far up an alert goes, and what a clock that jumps may do about it: nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from data.errors import BadInput
from data.model.alert import AlertLife, AlertState, Priority
from data.model.desk_policy import DeskPolicy, Recipient, Step
from data.rules.escalation import Stopwatch, is_overdue, rung_due

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
POLICY = DeskPolicy()


def a_life(state: AlertState = AlertState.NEW, priority: Priority = Priority.P1) -> AlertLife:
    """An alert that has waited since noon."""
    return AlertLife(state=state, priority=priority, waiting_since=NOON)


@pytest.mark.parametrize(
    ("priority", "waited_s", "rung"),
    [
        (Priority.P1, 59.9, 0),
        (Priority.P1, 60.0, 1),
        (Priority.P1, 119.9, 1),
        (Priority.P1, 120.0, 2),
        (Priority.P1, 180.0, 3),
        (Priority.P1, 99_999.0, 3),
        (Priority.P2, 299.9, 0),
        (Priority.P2, 300.0, 1),
        (Priority.P2, 99_999.0, 1),
        (Priority.P3, 99_999.0, 0),
    ],
)
def test_the_rungs(priority: Priority, waited_s: float, rung: int) -> None:
    """P1: the supervisor at 60 s, a second channel at 120, on call at 180. P2: at 5 min. P3: no."""
    assert rung_due(a_life(priority=priority), waited_s, POLICY) == rung


@pytest.mark.parametrize("state", [each for each in AlertState if each is not AlertState.NEW])
def test_what_somebody_has_does_not_climb(state: AlertState) -> None:
    """Taken, shelved or closed: nobody is called for it."""
    assert rung_due(a_life(state), 9_999.0, POLICY) == 0


def test_work_that_takes_too_long_is_recalled() -> None:
    """Ten minutes in somebody's hands: P1 and P2 are told of again, P3 is not."""
    for state in (AlertState.ACKNOWLEDGED, AlertState.ACTING):
        assert is_overdue(a_life(state), 600.0, POLICY)
        assert not is_overdue(a_life(state), 599.9, POLICY)
        assert not is_overdue(a_life(state, Priority.P3), 9_999.0, POLICY)
    assert not is_overdue(a_life(), 9_999.0, POLICY)


@pytest.mark.parametrize("leap", [timedelta(hours=-1), timedelta(hours=1), timedelta(days=-1)])
def test_a_leaping_clock_neither_hurries_nor_holds_an_age(leap: timedelta) -> None:
    """From the first look on only the steady clock counts."""
    watch = Stopwatch()
    assert watch.age_s("one", NOON, NOON + timedelta(seconds=5), 100.0) == 5.0
    assert watch.age_s("one", NOON, NOON + timedelta(seconds=15) + leap, 110.0) == 15.0


def test_a_restart_takes_the_wall_clocks_word_but_no_negative_one() -> None:
    """A fresh stopwatch believes the wall clock, and takes a moment ahead of it for now."""
    assert Stopwatch().age_s("one", NOON, NOON + timedelta(seconds=90), 0.0) == 90.0
    assert Stopwatch().age_s("one", NOON, NOON - timedelta(hours=1), 0.0) == 0.0
    # A shelf is counted down: it lies ahead, but not further than a shelf may.
    until = NOON + timedelta(minutes=30)
    assert Stopwatch().age_s("shelf", until, NOON, 0.0, least_s=-3600.0) == -1800.0
    early = NOON - timedelta(days=1)
    assert Stopwatch().age_s("shelf", until, early, 0.0, least_s=-3600.0) == -3600.0


def test_what_is_not_kept_begins_anew() -> None:
    """An alert that was taken and waits again is timed from its new beginning."""
    watch = Stopwatch(rate=20.0)
    watch.age_s("one", NOON, NOON, 0.0)
    watch.keep(["one"])
    assert watch.age_s("one", NOON, NOON, 3.0) == 60.0
    watch.keep([])
    assert watch.age_s("one", NOON, NOON, 3.0) == 0.0


def test_the_policy_is_kept_as_it_was_written() -> None:
    """To JSON and back is the same policy, steps in their order."""
    policy = replace(
        POLICY,
        hold_s=90.0,
        steps={**POLICY.steps, Priority.P3: (Step("ring", "Ring", Recipient.POLICE),)},
    )
    assert DeskPolicy.from_json(policy.to_json()) == policy
    assert DeskPolicy.from_json({}) == POLICY


@pytest.mark.parametrize(
    "figures",
    [
        {"hold_s": 0},
        {"shelve_at_most_s": 90_000},
        {"escalate_s": {"1": []}},
        {"escalate_s": {"1": [61]}},
        {"escalate_s": {"1": [60, 60]}},
        {"steps": {"1": [{"key": "a", "words": "A"}, {"key": "a", "words": "B"}]}},
        {"steps": {"1": [{"key": "a", "words": "A", "notifies": "the press"}]}},
        {"steps": 3},
        {"colour": "red"},
    ],
)
def test_a_policy_that_could_lose_an_alert_is_refused(figures: dict[str, object]) -> None:
    """A first rung later than a minute, a shelf longer than a day, a step twice: no."""
    with pytest.raises(BadInput):
        DeskPolicy.from_json(figures)
