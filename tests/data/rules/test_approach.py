"""Offender and victim: distance, closing, who closed it."""

from __future__ import annotations

import numpy as np
import pytest

from data.geo import LonLat
from data.model.breach import BreachCause, Channel
from data.model.judging import FixColumns, Happened, PairLink
from data.rules.approach import p_within
from tests.data.rules.histories import MINUTE, T0, Law, S, fixes, story, together

PAIR = Law.of(pairs=[PairLink(1, 3, 7, 21, 500.0, 200.0, 0)])


def two(
    offender: list[tuple[float, float, float]],
    victim: list[tuple[float, float, float]],
    radius_m: float = 10.0,
    centre: LonLat | None = None,
) -> FixColumns:
    """Fixes of offender 7 and victim 21."""
    where = {} if centre is None else {"centre": centre}
    return together(
        fixes(offender, activation_id=7, radius_m=radius_m, **where),
        fixes(victim, activation_id=21, radius_m=radius_m, **where),
    )


def still(east: float, n: int, from_s: float = 0.0) -> list[tuple[float, float, float]]:
    """Standing there, a report a minute."""
    return [(from_s + 60.0 * i, east, 0.0) for i in range(n)]


def test_the_chance_of_being_near_is_the_closed_form() -> None:
    """Noncentral chi-square against a million draws; far and near ends are 0 and 1."""
    rng = np.random.default_rng(1)
    distance, sigma, radius = 210.0, 30.0, 200.0
    draws = rng.normal(0, sigma, (1_000_000, 2)) + np.array([distance, 0.0])
    share = (np.hypot(*draws.T) <= radius).mean()
    found = p_within(np.array([distance, 1e6, 0.0, np.nan]), np.full(4, sigma), np.full(4, radius))
    assert found[0] == pytest.approx(share, abs=3 * np.sqrt(0.25 / 1e6))
    assert found[1:].tolist() == pytest.approx([0.0, 1.0, 0.0], abs=1e-9)


@pytest.mark.parametrize("swapped", [False, True])
def test_within_the_alarm_distance(swapped: bool) -> None:
    """100 m apart is an alarm whichever of the two is heard last, and names the offender."""
    given = two(still(100.0, 3), still(0.0, 3, from_s=-5.0 if swapped else 5.0))
    changes = PAIR.judge(given)[1].breach_changes
    assert story(PAIR.judge(given)[1])[0][:3] == ("opened", "pair_alarm", "confirmed")
    assert changes[0].key.activation_id == 7
    assert changes[0].cause is BreachCause.NEAR_VICTIM
    assert changes[0].proof["victim_activation_id"] == 21
    assert changes[0].proof["distance_m"] == pytest.approx(100.0, rel=0.01)
    low, high = changes[0].proof["distance_low_m"], changes[0].proof["distance_high_m"]
    assert low < 100.0 < high


def test_warned_before_alarmed() -> None:
    """Walking up to her: the warning first, then the alarm instead of it."""
    offender = [(60.0 * i, 900.0 - 80.0 * i, 0.0) for i in range(11)]
    told = [(what, kind) for what, kind, _, _ in story(PAIR.judge(two(offender, still(0, 11)))[1])]
    assert told[0] == ("opened", "pair_warn")
    assert ("opened", "pair_alarm") in told
    assert told.index(("left", "pair_warn")) == told.index(("opened", "pair_alarm")) + 1


def approaching(offender_mps: float, victim_mps: float) -> str:
    """Who closed the distance when the alarm is raised, at these walking speeds."""
    offender = [(30.0 * i, 800.0 - 30 * offender_mps * i, 0.0) for i in range(20)]
    victim = [(30.0 * i + 7, 30 * victim_mps * i, 0.0) for i in range(20)]
    for change in PAIR.judge(two(offender, victim))[1].breach_changes:
        if change.key.kind == "pair_alarm":
            return str(change.proof.get("attribution", ""))
    return "none"


def test_who_closed_the_distance() -> None:
    """He came, she came, both came: it is told which."""
    assert approaching(1.5, 0.0) == "offender approached"
    assert approaching(0.0, 1.5) == "victim approached"
    assert approaching(1.2, 1.2) == "both"


def test_minutes_to_contact_is_a_lower_bound() -> None:
    """Closing at 1.5 m/s they cannot meet sooner than told, nor much later."""
    offender = [(30.0 * i, 900.0 - 45.0 * i, 0.0) for i in range(20)]
    changes = PAIR.judge(two(offender, [(30.0 * i + 7, 0.0, 0.0) for i in range(20)]))[1]
    told = [change for change in changes.breach_changes if change.minutes_to_contact is not None]
    assert told
    for change in told:
        true_minutes = change.proof["distance_m"] / 1.5 / 60
        assert 0.3 * true_minutes <= change.minutes_to_contact <= 1.05 * true_minutes


def test_a_stale_partner_confirms_nothing_and_is_said() -> None:
    """Her last place is twenty minutes old: at most a suspicion, with the age."""
    given = two([(1200.0, 50.0, 0.0), (1260.0, 50.0, 0.0)], [(0.0, 0.0, 0.0)])
    changes = PAIR.judge(given)[1].breach_changes
    assert changes[0].channel is Channel.POSSIBLE
    assert changes[0].proof["place_older_s"] == 1200.0
    assert changes[0].proof["partner_age_s"] == 1200.0


def test_crossing_paths_between_fixes() -> None:
    """They pass each other between two reports: possible, crossed between fixes."""
    offender = [(0.0, -1500.0, 0.0), (60.0, -1400.0, 0.0), (120.0, 1400.0, 0.0), (180.0, 1500.0, 0)]
    given = two(offender, [(s + 1.0, 0.0, 0.0) for s, _, _ in offender])
    causes = {change.cause for change in PAIR.judge(given)[1].breach_changes}
    assert BreachCause.CROSSED_BETWEEN_FIXES in causes


def test_two_floors_and_180_degrees() -> None:
    """On both sides of 180 degrees two people are as near as anywhere."""
    given = two(still(-40.0, 3), still(40.0, 3, 5.0), centre=LonLat(180.0, -17.0))
    changes = PAIR.judge(given)[1].breach_changes
    assert changes[0].key.kind == "pair_alarm"
    assert changes[0].proof["distance_m"] == pytest.approx(80.0, rel=0.02)


def test_exactly_the_alarm_distance_is_an_even_chance() -> None:
    """At 200.0 m with a small error the chance is a half, and the bare places are within."""
    found = p_within(np.array([200.0]), np.array([1.0]), np.array([200.0]))
    assert found[0] == pytest.approx(0.5, abs=0.01)


def test_a_pair_that_ends_ends_its_breach() -> None:
    """The order is over at minute three: so is the breach, at that moment."""
    end_us = T0 + 3 * MINUTE
    law = Law.of(pairs=[PairLink(1, 3, 7, 21, 500.0, 200.0, 0, end_us)])
    changes = law.judge(two(still(100.0, 6), still(0.0, 6, 5.0)))[1].breach_changes
    assert [change.happened for change in changes] == ["opened", "left"]
    assert changes[-1].left_at_us == end_us


def test_a_pair_that_begins_while_they_are_together() -> None:
    """The order comes into force while they stand side by side."""
    start_us = T0 + 150 * S
    law = Law.of(pairs=[PairLink(1, 3, 7, 21, 500.0, 200.0, start_us)])
    state, before = law.judge(two(still(100.0, 3), still(0.0, 3, 5.0)))
    assert not before.breach_changes
    (change,) = law.judge(fixes([]), state, start_us)[1].breach_changes
    assert change.happened is Happened.OPENED
    assert change.entered_at_us == start_us
