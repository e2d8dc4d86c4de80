"""Encounters: when he was near where she was due, against a plain reading of the clock."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from scipy.stats import ncx2

from data.geo import LonLat, metres_between
from data.model.fix import FixFlag
from data.model.judging import Policy
from data.model.schedule import Schedule, from_json
from data.rules import encounters
from data.rules.encounters import Due, EncounterRule, Track
from data.rules.schedules import open_stretches
from tests.data.rules.histories import CENTRE, T0, S, place
from tests.data.rules.test_approach import PAIR, two

RULE = EncounterRule(near_m=200.0)
LIMIT_S = 300
STEP_S = 10
MINUTE = 60


def a_track(
    rows: list[tuple[float, float, float]], radius_m: float = 10.0, start_us: int = T0
) -> Track:
    """Of (seconds, metres east, metres north) about the centre."""
    lonlat = np.array([place(east, north) for _, east, north in rows]).reshape(-1, 2)
    us = np.array([start_us + round(at * S) for at, _, _ in rows], np.int64)
    n = len(rows)
    return Track.of(us, lonlat[:, 0], lonlat[:, 1], np.full(n, radius_m), np.zeros(n, np.int64),
                    np.full(n, LIMIT_S * S))  # fmt: skip


def always(radius_m: float = 0.0, from_s: float = 0.0, to_s: float = 86_400.0) -> Due:
    """A place at the centre where she is due all the time."""
    return Due(CENTRE.lon, CENTRE.lat, radius_m,
               np.array([[T0 + from_s * S, T0 + to_s * S]], np.int64))  # fmt: skip


def seconds(found: encounters.Encounter) -> tuple[float, float]:
    """Beginning and end, seconds after T0."""
    return (found.from_us - T0) / S, (found.to_us - T0) / S


def test_near_means_more_likely_than_not_by_both_errors() -> None:
    """150 m away is near; 250 m is not; 205 m with a wide error of hers is not either."""
    for apart, is_near in ((150.0, True), (250.0, False), (199.0, True), (205.0, False)):
        his = a_track([(0, apart, 0), (60, apart, 0)], radius_m=5.0)
        assert bool(encounters.near_places(his, [always()], RULE)) is is_near
    # A cell's circle of 3 km around her door says next to nothing.
    assert not encounters.near_places(a_track([(0, 0, 0)], radius_m=3000.0), [always()], RULE)


def test_the_closest_approach_has_an_interval_from_both_errors() -> None:
    """The closest seen, 30 m or 40 m either way where the errors are 24 m and 32 m."""
    his = a_track([(0, 190, 0), (60, 100, 0), (120, 150, 0)], radius_m=24.0)
    (found,) = encounters.near_places(his, [always(radius_m=32.0)], RULE)
    assert found.closest_m == pytest.approx(100.0, abs=0.3)
    assert found.low_m == pytest.approx(60.0, abs=0.3)
    assert found.high_m == pytest.approx(140.0, abs=0.3)
    assert found.closest_us == T0 + 60 * S


def test_nothing_is_said_over_a_gap() -> None:
    """A fix before a silence holds for its moment; what nobody saw is counted as that."""
    his = a_track([(0, 50, 0), (60, 50, 0), (60 + LIMIT_S + 1, 50, 0), (480, 50, 0)])
    (found,) = encounters.near_places(his, [always()], RULE)
    assert seconds(found) == (0, 480)
    assert found.near_us == (60 + 480 - 361) * S
    assert found.unseen_us == (LIMIT_S + 1) * S
    # At the limit itself the first still holds.
    held = a_track([(0, 50, 0), (LIMIT_S, 50, 0)])
    assert encounters.near_places(held, [always()], RULE)[0].near_us == LIMIT_S * S


def test_a_return_within_ten_minutes_is_the_same_encounter() -> None:
    """As with visits; one second more is a second encounter."""
    for pause, count in ((600, 1), (601, 2)):
        away = [(60 + 60 * each, 900.0, 0.0) for each in range(pause // 60)]
        his = a_track([(0, 50, 0), *away, (60 + pause, 50, 0)])
        assert len(encounters.near_places(his, [always()], RULE)) == count


def test_she_has_to_be_due() -> None:
    """It begins when she does, ends when she does, and not at all where she is not."""
    his = a_track([(60.0 * each, 50, 0) for each in range(60)])
    (found,) = encounters.near_places(his, [always(from_s=610, to_s=1210)], RULE)
    assert seconds(found) == (610, 1210)
    assert not encounters.near_places(his, [always(from_s=4000, to_s=5000)], RULE)


@pytest.mark.parametrize("flag", [FixFlag.NO_FIX, FixFlag.IMPOSSIBLE_SPEED, FixFlag.STALE_CLOCK])
def test_a_fix_nobody_was_at_is_no_encounter(flag: FixFlag) -> None:
    """Places that the judge does not believe are not held against him."""
    track = a_track([(0, 0, 0)])
    doubted = Track.of(track.us, track.lon, track.lat, track.radius_m, np.array([int(flag)]),
                       track.limit_us)  # fmt: skip
    assert len(doubted) == 0
    assert encounters.near_places(doubted, [always()], RULE) == []


HOURS = from_json(
    {
        "time_zone": "Europe/London",
        "weekly": [
            {"days": ["sat", "sun"], "from": "00:30", "to": "02:10"},
            {"days": ["sun"], "from": "02:20", "to": "08:00"},
            {"days": ["sat"], "from": "22:00", "to": "00:10"},
        ],
    }
)


def is_due(hours: Schedule, at_s: int) -> bool:
    """Read off the wall clock, as a person would; the hour that comes twice is due both times."""
    wall = datetime.fromtimestamp(at_s, UTC).astimezone(ZoneInfo(hours.time_zone))
    now = wall.hour * 60 + wall.minute
    for window in hours.weekly[wall.weekday()]:
        end = window.end_min if window.end_min > window.start_min else 1440
        if window.start_min <= now < end:
            return True
    return any(
        window.end_min <= window.start_min and now < window.end_min
        for window in hours.weekly[(wall.weekday() - 1) % 7]
    )


@pytest.mark.parametrize("night", ["2026-03-28T20:00Z", "2026-10-24T20:00Z"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_encounter_is_found_as_by_reading_the_clock(night: str, seed: int) -> None:
    """Count, beginning and end over both nights when clocks change, against brute force."""
    start_s = int(datetime.fromisoformat(night).timestamp())
    rng = np.random.default_rng(seed)
    at_s = np.cumsum(rng.choice([60, 60, 60, 60, 60, 120, 310, 900], 700)).tolist()
    east = rng.uniform(-500, 500, 70).repeat(10) + rng.normal(0, 60, 700)
    radius = rng.uniform(5, 60, 700)
    rows = [(float(at), float(e), 40.0) for at, e in zip(at_s, east, strict=True)]
    his = a_track(rows, start_us=start_s * S)
    his = Track(his.us, his.lon, his.lat, radius, his.limit_us)
    to_s = start_s + 43_200
    due = open_stretches(HOURS, start_s * S, to_s * S)
    found = encounters.near_places(his, [Due(*CENTRE, 15.0, due)], RULE)

    apart = np.array(
        [metres_between(LonLat(*each), CENTRE) for each in zip(his.lon, his.lat, strict=True)]
    )
    sigma2 = (his.radius_m**2 + 15.0**2) / 2.4477**2
    is_near = ncx2.cdf(200.0**2 / sigma2, 2, apart**2 / sigma2) >= 0.5
    near_at = []
    for moment in range(start_s, to_s, STEP_S):
        last = int(np.searchsorted(his.us, moment * S, side="right")) - 1
        if last < 0 or not is_due(HOURS, moment):
            continue
        holds = last + 1 < len(his) and his.us[last + 1] - his.us[last] <= LIMIT_S * S
        if is_near[last] and (holds or his.us[last] == moment * S):
            # Before a silence a fix is a moment, not a step of the clock.
            near_at.append((moment, moment + (STEP_S if holds else 0)))
    expected: list[list[int]] = []
    for first, last in near_at:
        if expected and first - expected[-1][1] <= 600:
            expected[-1][1] = last
        else:
            expected.append([first, last])
    assert len(found) == len(expected) > 3
    for each, (first, last) in zip(found, expected, strict=True):
        assert (each.from_us, each.to_us) == (first * S, last * S)


def test_her_handset_is_compared_while_both_are_heard() -> None:
    """150 m apart is near; once hers falls silent nobody can tell, and nothing is said."""
    his = a_track([(60.0 * each, 150, 0) for each in range(61)])
    hers = a_track([(60.0 * each + 20, 0, 0) for each in range(11)])
    (found,) = encounters.near_person(his, hers, RULE)
    assert found.place == encounters.HANDSET
    assert seconds(found) == (20, 620)
    assert encounters.near_person(his, a_track([]), RULE) == []


def live_attribution(offender: list, victim: list) -> str:
    """What the judge says when the alarm is raised."""
    for change in PAIR.judge(two(offender, victim))[1].breach_changes:
        if change.key.kind == "pair_alarm":
            return str(change.proof.get("attribution", ""))
    return "none"


@pytest.mark.parametrize(
    ("offender_mps", "victim_mps"), [(1.4, 0.0), (0.0, 1.4), (1.4, 1.4), (1.6, 0.3)]
)
def test_who_closed_the_distance_in_the_words_of_the_live_rule(
    offender_mps: float, victim_mps: float
) -> None:
    """The same walk gives the same words as the judge gave that night."""
    offender = [(30.0 * i, 800.0 - 30 * offender_mps * i, 0.0) for i in range(20)]
    victim = [(30.0 * i + 7, 30 * victim_mps * i, 0.0) for i in range(20)]
    near = encounters.near_person(a_track(offender), a_track(victim), RULE)
    apart = [each for each in near if each.from_us < T0 + 600 * S]
    live = live_attribution(offender, victim)
    assert live != "none"
    assert apart[0].closed_by == live


def test_at_a_place_only_he_can_have_come_nearer() -> None:
    """Who walks up to it approached; who has stood there all along did not close anything."""
    came = a_track([(30.0 * each, 900 - 42.0 * each, 0) for each in range(20)])
    stood = a_track([(30.0 * each, 50, 0) for each in range(20)])
    assert encounters.near_places(came, [always()], RULE)[0].closed_by == "offender approached"
    assert encounters.near_places(stood, [always()], RULE)[0].closed_by == ""


def test_ninety_days_are_read_quickly() -> None:
    """130,000 fixes and five places: a person waits for it."""
    n = 130_000
    rng = np.random.default_rng(1)
    lon, lat = np.array([place(e, 0) for e in (0, 5000)]).T
    us = T0 + np.arange(n, dtype=np.int64) * MINUTE * S
    at = (np.arange(n) // 400) % 2
    his = Track(us, lon[at] + rng.normal(0, 1e-5, n), lat[at], np.full(n, 15.0),
                np.full(n, LIMIT_S * S))  # fmt: skip
    due = open_stretches(HOURS, int(us[0]), int(us[-1]))
    places = [Due(float(lon[0]), float(lat[0]), 20.0, due)] * 5
    found = encounters.near_places(his, places, RULE, Policy.default())
    assert len(found) > 50
