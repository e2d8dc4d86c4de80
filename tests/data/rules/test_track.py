"""Which fixes are believed, and the filtered track through them."""

from __future__ import annotations

import numpy as np
import pytest

from data.geo import LonLat
from data.model.fix import FixFlag, Mechanism
from data.model.judging import FixColumns
from tests.data.rules.histories import MINUTE, Law, fixes, in_parts

NOWHERE = Law.of()


def flags_of(given: FixColumns) -> list[FixFlag]:
    """The flags of each fix, judged together."""
    return [FixFlag(int(each)) for each in NOWHERE.judge(given)[1].flags]


@pytest.mark.parametrize(
    ("metres", "flag"), [(4200.0 + 19.9, FixFlag(0)), (4200.0 + 20.3, FixFlag.IMPOSSIBLE_SPEED)]
)
def test_seventy_metres_a_second_is_possible(metres: float, flag: FixFlag) -> None:
    """70 m/s for a minute and both radii of 10 m is possible; a little more is not."""
    assert flags_of(fixes([(0, 0, 0), (60, metres, 0)]))[1] == flag


def test_a_spike_is_flagged_and_its_neighbours_are_not() -> None:
    """A place that is impossible from both neighbours is the one that is wrong."""
    given = fixes([(0, 0, 0), (60, 9000, 0), (120, 10, 0), (180, 9000, 0), (240, 5, 0)])
    impossible = [FixFlag.IMPOSSIBLE_SPEED in each for each in flags_of(given)]
    assert impossible == [False, True, False, True, False]


def test_a_true_jump_costs_one_fix() -> None:
    """Switched off, carried far and switched on: the second fix there is believed."""
    given = fixes([(0, 0, 0), (60, 90_000, 0), (120, 90_010, 0), (180, 90_020, 0)])
    impossible = [FixFlag.IMPOSSIBLE_SPEED in each for each in flags_of(given)]
    assert impossible == [False, True, False, False]


def test_a_coarse_fix_is_not_impossible() -> None:
    """What its own error explains speaks against nothing: 4 km away with a radius of 5 km."""
    given = fixes([(0, 0, 0), (10, 4000, 0), (20, 0, 0)])
    given.records["radius_95_m"][1] = 5000.0
    assert flags_of(given)[1] == FixFlag.COARSE


def test_across_180_degrees_is_near() -> None:
    """From 179.9999 to -179.9999 is a step of metres."""
    given = fixes([(0, -8, 0), (60, 8, 0)], centre=LonLat(180.0, 10.0))
    assert given.records["lon"][0] > 179 and given.records["lon"][1] < -179
    state, verdicts = NOWHERE.judge(given)
    assert not verdicts.flags.any()
    assert abs(abs(state.tracks["flon"][0]) - 180.0) < 1e-3


def test_the_same_moment_and_place_again_is_a_duplicate() -> None:
    """Reported twice is known once; two places at one moment cannot both be."""
    given = fixes([(0, 0, 0), (60, 0, 0), (60, 0, 0), (60, 500, 0)])
    given.records["battery_pct"] = [50, 50, 49, 48]
    given = FixColumns.of(given.activation_id, given.records, given.received_at_us)
    flags = flags_of(given)
    assert sum(FixFlag.DUPLICATE in each for each in flags) == 1
    assert sum(FixFlag.IMPOSSIBLE_SPEED in each for each in flags) == 1


def test_frozen_after_eight_equal_places_in_ten_minutes() -> None:
    """Satellites never give one place eight times over ten minutes; at seven it is chance."""
    given = fixes([(100 * i, 0, 0) for i in range(9)])
    assert [FixFlag.FROZEN in each for each in flags_of(given)] == [False] * 7 + [True] * 2
    given.records["mechanism"] = Mechanism.WIFI
    assert not any(flags_of(given))


def test_one_identity_in_two_places_is_noticed() -> None:
    """Three disbelieved fixes from one other place: somebody else uses this identity."""
    rows = [(30 * i, 30_000.0 * (i % 2), 0.0) for i in range(10)]
    _, verdicts = NOWHERE.judge(fixes(rows))
    kinds = [change.kind for change in verdicts.conditions if change.kind == "twin_position"]
    assert len(kinds) == 1


def test_repeated_fixes_are_not_independent_witnesses() -> None:
    """Ten fixes in ten minutes halve the error at most: their errors hang together."""
    for radius in (10.0, 60.0):
        given = fixes([(60 * i, 0, 0) for i in range(10)], radius_m=radius)
        state, _ = NOWHERE.judge(given)
        share = state.tracks["fsigma_m"][0] / (radius / 2.4477)
        assert 0.5 < share < 1.0


def test_the_first_fix_is_the_whole_track() -> None:
    """After one fix the filter knows that fix and its error, no more and no less."""
    given = fixes([(0, 40, 30)], radius_m=24.477)
    state, _ = NOWHERE.judge(given)
    assert state.tracks["flon"][0] == given.records["lon"][0]
    assert 10.0 <= state.tracks["fsigma_m"][0] < 16.0


def test_a_coarse_fix_hardly_moves_the_track() -> None:
    """A phone network's guess three kilometres away does not pull somebody off his doorstep."""
    given = fixes([(0, 0, 0), (60, 5, 0), (120, 900, 0)])
    given.records["radius_95_m"][2], given.records["mechanism"][2] = 1500.0, Mechanism.CELL
    state, _ = NOWHERE.judge(given)
    away = abs(state.tracks["flon"][0] - given.records["lon"][0]) * 66_000
    assert away < 60.0


def test_a_wrong_clock_does_not_hold_up_the_others() -> None:
    """A fix dated 2040 counts when it came, and later ones are not late for it."""
    given = fixes([(0, 0, 0), (60, 0, 1), (120, 0, 2)])
    received = given.records["fixed_at"].copy()
    given.records["fixed_at"][1] += 14 * 365 * 24 * 60 * MINUTE
    given = FixColumns.of(given.activation_id, given.records, received)
    _, found = in_parts(NOWHERE, [given.take([0]), given.take([1]), given.take([2])])
    assert [int(each.moment_us[0]) for each in found] == received.tolist()
    assert found[1].flags[0] == FixFlag.FUTURE


def test_no_place_is_kept_and_judged_without_one() -> None:
    """A report without a fix has its flag, no radius, and does not disturb the track."""
    given = fixes([(0, 0, 0), (60, 0, 0), (120, 0, 0)])
    given.records["lon"][1] = np.nan
    _, verdicts = NOWHERE.judge(given)
    assert verdicts.flags.tolist() == [0, FixFlag.NO_FIX, 0]
    assert np.isnan(verdicts.radius_95_m[1])
    assert verdicts.believable.tolist() == [True, False, True]
