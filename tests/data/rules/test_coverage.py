"""The coverage ledger: seen, not seen, and whether the zone could have been reached meanwhile."""

from __future__ import annotations

import numpy as np
import pytest

from data.model.fix import Mechanism
from data.model.judging import FixColumns, Seen, Unseen
from tests.data.rules.histories import MINUTE, T0, Law, a_zone, fixes, hours

ZONE = Law.of(a_zone(radius_m=300))


def stretches(
    given: FixColumns, law: Law = ZONE
) -> list[tuple[Seen, Unseen, float, float, bool, bool]]:
    """The ledger: (seen, cause, from and to in minutes, reachable on foot, by car)."""
    return [
        (
            Seen(int(row["seen"])), Unseen(int(row["cause"])),
            (row["from_us"] - T0) / MINUTE, (row["to_us"] - T0) / MINUTE,
            bool(row["reachable_on_foot"]), bool(row["reachable_by_car"]),
        )
        for row in law.judge(given)[1].coverage
    ]  # fmt: skip


def test_a_silence_is_no_alibi() -> None:
    """Forty minutes unseen at 2 km: there and back by car, not on foot in ten."""
    for minutes, on_foot, by_car in ((40, True, True), (10, False, True), (6, False, True)):
        given = fixes([(0, 2310, 0), (60, 2310, 0), (60 + 60 * minutes, 2310, 0)])
        assert stretches(given) == [
            (Seen.OUTSIDE, Unseen.NONE, 0.0, 1.0, False, False),
            (Seen.NOT_OBSERVABLE, Unseen.SILENT, 1.0, 1.0 + minutes, on_foot, by_car),
        ]


@pytest.mark.parametrize(("far_m", "by_car"), [(12_300.0, True), (12_330.0, False)])
def test_what_a_car_can_reach(far_m: float, by_car: bool) -> None:
    """Ten minutes at 40 m/s are 24 km: there and back from 12 km, not from more."""
    found = stretches(fixes([(0, far_m, 0), (600, far_m, 0)]))
    assert found[-1][-2:] == (False, by_car)


def test_inside_and_outside_follow_each_other() -> None:
    """Stretches leave no moment out: outside, inside, outside."""
    given = fixes([(60.0 * i, east, 0) for i, east in enumerate([2000, 0, 0, 0, 2000, 2000])])
    found = stretches(given)
    assert [each[0] for each in found] == [Seen.OUTSIDE, Seen.INSIDE]
    assert [each[2:4] for each in found] == [(0.0, 1.0), (1.0, 4.0)]


def test_no_fix_and_doubtful_fixes_are_their_own_causes() -> None:
    """A device that reported, but knew no place, was not silent."""
    given = fixes([(60.0 * i, 2000.0, 0) for i in range(12)])
    given.records["lon"][1:11] = np.nan
    assert stretches(given)[0][:4] == (Seen.NOT_OBSERVABLE, Unseen.NO_FIX, 0.0, 11.0)
    given = fixes([(60.0 * i, 2000.0, 0) for i in range(12)])
    given.records["lon"][1:11] = np.linspace(5, 50, 10)
    assert stretches(given)[0][:2] == (Seen.NOT_OBSERVABLE, Unseen.DOUBTFUL)


def test_coarse_fixes_do_not_say_outside() -> None:
    """A phone network's fix around the zone cannot tell where he was."""
    given = fixes([(60.0 * i, 500.0, 0) for i in range(4)], radius_m=3000.0)
    given.records["mechanism"] = Mechanism.CELL
    given = FixColumns.of(given.activation_id, given.records, given.received_at_us)
    law = Law.of(a_zone(radius_m=100))
    state, _ = law.judge(given)
    assert state.groups["seen"].tolist() == [Seen.NOT_OBSERVABLE]
    assert state.groups["cause"].tolist() == [Unseen.COARSE]


def test_the_ledger_keeps_to_the_hours_of_the_zone() -> None:
    """A zone that is not in force has no ledger."""
    law = Law.of(a_zone(radius_m=300, schedule=hours("22:02", "22:05")))
    given = fixes([(60.0 * i, 2000.0, 0) for i in range(10)])
    assert [each[2:4] for each in stretches(given, law)] == [(2.0, 5.0)]


def test_a_window_that_opens_during_a_silence_begins_unseen() -> None:
    """Nobody knows where he was when the window opened; the ledger says so from there on."""
    law = Law.of(a_zone(radius_m=300, schedule=hours("22:30", "23:30")))
    given = fixes([(0, 2000.0, 0), (2700, 2000.0, 0), (2760, 2000, 0), (5500, 2000, 0)])
    found = stretches(given, law)
    assert found[0][:4] == (Seen.NOT_OBSERVABLE, Unseen.SILENT, 30.0, 45.0)
    assert sum(each[3] - each[2] for each in found) == pytest.approx(60.0)


def test_before_the_first_place_nothing_is_known() -> None:
    """Reports without a place come before the first fix: not yet observable."""
    given = fixes([(0, 2000.0, 0), (60, 2000.0, 0)])
    given.records["lon"][0] = np.nan
    found = stretches(given)
    assert found[0][:4] == (Seen.NOT_OBSERVABLE, Unseen.NOT_YET, 0.0, 1.0)
