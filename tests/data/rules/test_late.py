"""Late data: any order of arrival ends in the same breaches."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from data.model.breach import BreachKind, Channel
from data.model.judging import FixColumns, Happened
from data.rules.late import amend, late_fixes, latest
from tests.data.rules.histories import (
    HOUR,
    MINUTE,
    POLICY,
    T0,
    Law,
    Record,
    S,
    a_busy_day,
    a_zone,
    by_moment,
    fixes,
    hours,
    together,
)

ZONE = Law.of(a_zone())


def lateness(law: Law, judged: FixColumns, then: FixColumns, up_to_us: int | None = None) -> list:
    """Which of the later fixes are late once the others are judged."""
    state, _ = law.judge(judged, up_to_us=up_to_us)
    return late_fixes(state, then, law.pairs, law.plans, POLICY).tolist()


def test_what_is_late() -> None:
    """Older than the newest judged is late, and the same fix again; newer is not."""
    judged = fixes([(0, 0, 0), (60, 0, 0)])
    then = together(fixes([(59.999999, 1, 0), (60.000001, 1, 0)]), judged)
    assert lateness(ZONE, judged, then) == [True, False, True, True]
    assert lateness(ZONE, judged, fixes([(0, 0, 0)], activation_id=8)) == [False]


def test_a_fix_before_a_window_that_was_judged_is_late() -> None:
    """The window opened on what was known then; a fix from before may change that."""
    law = Law.of(a_zone(schedule=hours("23:00", "06:00")))
    judged = fixes([(3500, 0, 0)])
    then = fixes([(3599.999999, 0, 0), (3600, 0, 0)])
    assert lateness(law, judged, then, T0 + 3601 * S) == [True, False]


def test_time_passing_makes_nothing_late() -> None:
    """Up to now nothing happened: a fix that was on its way for a minute is not late."""
    assert lateness(ZONE, fixes([(0, 0, 0)]), fixes([(60, 0, 0)]), T0 + HOUR) == [False]


def breach(breach_id: int, start: float, end: float | None, **known: object) -> object:
    """A breach of the zone between two moments, in minutes after the start."""
    east = [600.0, 0.0, 600.0, 600.0, 600.0, 600.0]
    _, verdicts = ZONE.judge(fixes([(60 * i, x, 0) for i, x in enumerate(east)]))
    change = verdicts.breach_changes[-1]
    return replace(
        change,
        key=replace(change.key, opened_at_us=T0 + round(start * MINUTE)),
        breach_id=breach_id,
        entered_at_us=T0 + round(start * MINUTE),
        left_at_us=None if end is None else T0 + round(end * MINUTE),
        happened=Happened.AMENDED if end is None else Happened.LEFT,
        **known,
    )


def test_found_again_as_it_was_adds_nothing() -> None:
    """The same breach with the same figures is no news."""
    found = amend([breach(1, 10, 20)], [breach(0, 10, 20)])
    assert (found.additions, found.amendments, found.withdrawals) == ((), (), ())
    assert list(found.ids.values()) == [1]


def test_known_better_is_an_amendment() -> None:
    """An earlier entry found later: the breach that overlaps it, with its id."""
    found = amend([breach(1, 10, 20)], [breach(0, 8, 20)])
    assert [change.breach_id for change in found.amendments] == [1]
    assert found.amendments[0].entered_at_us == T0 + 8 * MINUTE
    assert not found.additions and not found.withdrawals


def test_two_that_were_one() -> None:
    """The longer overlap keeps the id; the other is an addition."""
    found = amend([breach(1, 10, 60)], [breach(0, 11, 20), breach(0, 30, 60)])
    assert [change.entered_at_us for change in found.amendments] == [T0 + 30 * MINUTE]
    assert [change.entered_at_us for change in found.additions] == [T0 + 11 * MINUTE]


def test_never_was() -> None:
    """Not found again: withdrawn by addition, with its id, and nothing else touched."""
    found = amend([breach(1, 10, None)], [])
    assert [(change.breach_id, change.happened) for change in found.withdrawals] == [
        (1, Happened.WITHDRAWN)
    ]
    assert found.withdrawals[0].left_at_us == found.withdrawals[0].entered_at_us


def test_another_rule_is_another_breach() -> None:
    """A buffer and a zone at the same time are not each other."""
    known = breach(1, 10, 20)
    other = replace(known, breach_id=0, key=replace(known.key, kind=BreachKind.BUFFER))
    found = amend([known], [other])
    assert len(found.additions) == len(found.withdrawals) == 1


def test_latest_keeps_the_last_word_and_the_id() -> None:
    """The last of several changes, with the id that any of them knew."""
    first, last = breach(4, 10, None), breach(0, 10, 20)
    (found,) = latest([first, last])
    assert (found.breach_id, found.left_at_us) == (4, T0 + 20 * MINUTE)


def test_a_visit_found_on_back_fill() -> None:
    """Out of coverage while he was there: found when the tag sends what it stored."""
    record = Record(ZONE)
    record.take(fixes([(0, 3000, 0), (3600, 3000, 0), (3660, 3000, 0)]))
    assert not record.on_record()
    record.take(fixes([(600, 0, 0), (660, 0, 0), (720, 0, 0)]))
    ((kind, *_),) = record.on_record()
    assert kind == "exclusion"
    (revisions,) = record.revisions.values()
    assert len(revisions) == 1
    assert revisions[0].channel is Channel.CONFIRMED


def test_earlier_verdicts_are_added_to_and_never_changed() -> None:
    """What was on record before the late fix is on record after it, in its place."""
    record = Record(ZONE)
    record.take(fixes([(0, 3000, 0), (60, 310, 0), (120, 3000, 0)]))
    before = [tuple(revisions) for revisions in record.revisions.values()]
    record.take(fixes([(30, 0, 0), (90, 0, 0)]))
    after = list(record.revisions.values())
    for was, now in zip(before, after, strict=False):
        assert tuple(now[: len(was)]) == was


@pytest.mark.parametrize("seed", range(6))
def test_any_order_ends_in_the_same_breaches(seed: int) -> None:
    """A day shuffled, doubled and delayed by up to 48 hours ends as the sorted day does."""
    law, given = a_busy_day(seed, n=40)
    expected = Record(law)
    expected.take(by_moment(law, given))
    rng = np.random.default_rng(seed)
    n = len(given)
    if seed % 2:
        held = rng.random(n) < 0.15
        delay_s = np.where(held, rng.integers(0, 48 * 3600, n), rng.integers(0, 5, n))
        order = np.argsort(given.received_at_us + delay_s * S, kind="stable")
    else:
        order = rng.permutation(n)
    order = np.concatenate([order, rng.choice(order, 20)])
    arrived = Record(law)
    for rows in np.array_split(order, 8):
        arrived.take(given.take(rows))
    assert arrived.reopened
    assert arrived.on_record() == expected.on_record()
