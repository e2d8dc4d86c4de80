"""What a replay draws, calls a halt, a trip, a gap: by rule, at the exact limits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from pyproj import Geod

from data.model.fix import DeviceEvent, FixFlag
from data.model.lane import Stretch
from data.model.track import ROW_DTYPE, StoredTrack
from data.rules import lanes
from data.rules.gaps import gap_limit_s
from data.rules.places import letters, places
from data.rules.replay import Drawn, drawn, gap_flags, rows_drawn
from data.rules.stays import UnorderedTrackError, stays, stays_of, summary, trips

T0_US = int(datetime(2026, 6, 20, 0, 0, tzinfo=UTC).timestamp()) * 1_000_000
METRE = 1 / 111_412  # degrees of latitude at 57.7
SECOND = 1_000_000


def a_track(*fixes: tuple[float, float], every_s: int = 60, **columns: list) -> StoredTrack:
    """Fixes of (second, metres north), with what else is said of each."""
    rows = np.zeros(len(fixes), ROW_DTYPE)
    rows["fixed_at_us"] = [T0_US + int(second * SECOND) for second, _ in fixes]
    rows["lat"] = [57.7 + metres * METRE for _, metres in fixes]
    rows["lon"] = 11.96
    rows["radius_95_m"] = 12
    for name in ("speed_mps", "heading_deg", "battery_pct", "hdop"):
        rows[name] = np.nan
    rows["mechanism"] = 1
    for name, values in columns.items():
        rows[name] = values
    return StoredTrack(rows, every_s)


def seconds(found: list[Stretch] | tuple[Stretch, ...]) -> list[tuple[float, float]]:
    """Stretches as seconds after the start."""
    return [((each.from_us - T0_US) / SECOND, (each.to_us - T0_US) / SECOND) for each in found]


@pytest.mark.parametrize(("plan_s", "limit_s"), [(2, 120), (40, 120), (41, 123), (60, 180)])
def test_a_gap_has_an_absolute_floor(plan_s: int, limit_s: float) -> None:
    """Three times the plan, and never less than two minutes."""
    assert gap_limit_s(plan_s) == limit_s


def test_exactly_the_limit_is_a_track_and_longer_is_a_gap() -> None:
    """180.0 s after one another at one a minute are joined; 180.1 s are not."""
    found = drawn(a_track((0, 0), (180, 10), (360.1, 20)))
    assert found.is_gap.tolist() == [False, True]
    assert found.is_joined.tolist() == [True, False]
    assert found.step_m == pytest.approx([10, 10], abs=0.05)


@pytest.mark.parametrize("lat", [-33.9, 0.0, 57.7, 80.0])
@pytest.mark.parametrize("longest_m", [50, 1_990, 300_000])
def test_a_step_is_as_long_as_the_geodesic(lat: float, longest_m: float) -> None:
    """To a millimetre, in any direction, also over 180 degrees."""
    rng = np.random.default_rng(7)
    here = np.concatenate([rng.uniform(-180, 180, 500), np.full(500, 179.9999)])
    turn, metres = rng.uniform(0, 360, 1000), rng.uniform(0, longest_m, 1000)
    lon, north, _ = Geod(ellps="WGS84").fwd(here, np.full(1000, lat), turn, metres)
    track = a_track(*((60 * each, 0) for each in range(2000)))
    track.rows["lon"], track.rows["lat"] = (
        np.column_stack(pair).ravel() for pair in ((here, lon), (np.full(1000, lat), north))
    )
    assert drawn(track).step_m[::2] == pytest.approx(metres, abs=1e-3)


def test_nobody_is_drawn_where_nobody_was() -> None:
    """A doubted fix is no place, a coarse one is a place that nothing is joined to."""
    flags = [0, FixFlag.IMPOSSIBLE_SPEED, 0, FixFlag.COARSE, 0, FixFlag.NO_FIX]
    found = drawn(a_track(*((60 * i, i) for i in range(6)), flags=flags))
    assert found.row.tolist() == [0, 2, 3, 4]
    assert found.is_joined.tolist() == [True, False, False]


def test_history_that_comes_late_is_a_place_while_the_device_was_on() -> None:
    """Stale to the judge, but where he was then; not before the fitting, give or take a day."""
    track = a_track((0, 0), (60, 1), (120, 2), flags=[FixFlag.STALE_CLOCK] * 3)
    fitted = StoredTrack(track.rows, 60, T0_US + 86_400 * SECOND + 60 * SECOND)
    assert drawn(track).row.tolist() == [0, 1, 2]
    assert drawn(fitted).row.tolist() == [1, 2]


def test_a_halt_lasts_while_every_fix_is_near_its_first() -> None:
    """50.0 m away is still there; the fix that is further ends it, and begins nothing."""
    fixes = [(60 * i, metres) for i, metres in enumerate([0, 10, 49.9, 20, 0, 5, 51, 200, 400])]
    (halt,) = stays_of(drawn(a_track(*fixes)))
    assert (halt.from_us - T0_US, halt.to_us - T0_US) == (0, 300 * SECOND)
    assert (halt.first, halt.end) == (0, 6)


def test_four_minutes_and_59_seconds_are_no_halt() -> None:
    """Five minutes exactly are."""
    assert stays_of(drawn(a_track((0, 0), (150, 1), (299, 2)))) == []
    assert len(stays_of(drawn(a_track((0, 0), (150, 1), (300, 2))))) == 1


def test_no_halt_is_claimed_across_a_gap() -> None:
    """At one place before and after half an hour of silence: two minutes, then two: none."""
    assert stays_of(drawn(a_track((0, 0), (60, 0), (120, 0), (1920, 0), (1980, 0)))) == []


def test_a_track_that_goes_back_is_refused() -> None:
    """Sorting it here would hide a tag with a wrong clock."""
    with pytest.raises(UnorderedTrackError):
        stays(np.array([2, 1]), np.zeros((2, 2)), np.zeros(2, np.int64))


def test_halts_agree_with_a_plain_reading_of_the_rule() -> None:
    """A random track, halted at fix by fix, gives what the quick way gives."""
    rng = np.random.default_rng(5)
    steps = np.where(rng.random(400) < 0.15, rng.normal(0, 60, 400), rng.normal(0, 6, 400))
    times = np.cumsum(rng.choice([30, 60, 400], 400, p=[0.5, 0.48, 0.02]))
    seen = drawn(a_track(*zip(times.tolist(), np.cumsum(steps).tolist(), strict=True)))
    north = (seen.lat - 57.7) / METRE
    plain, at = [], 0
    while at < len(seen):
        end = at + 1
        while (
            end < len(seen)
            and abs(north[end] - north[at]) <= 50
            and seen.stretch[end] == seen.stretch[at]
        ):
            end += 1
        if seen.at_us[end - 1] - seen.at_us[at] >= 300 * SECOND:
            plain.append((at, end))
            at = end
        else:
            at += 1
    lonlat = np.column_stack([seen.lon, seen.lat])
    halts = stays(seen.at_us, lonlat, seen.stretch)
    assert [(halt.first, halt.end) for halt in halts] == plain
    assert len(plain) > 5


def test_one_fix_beside_the_place_makes_no_second_halt() -> None:
    """Less than ten minutes away, back within 50 m: one halt; ten minutes or a gap between: two."""
    still = [(60 * i, 0.0) for i in range(7)]
    back = [(420 + 60 * i, 5.0) for i in range(1, 7)]
    assert len(stays_of(drawn(a_track(*still, (420, 90), *back)))) == 1
    away = [(360 + 60 * i, 300.0 * min(i, 10 - i)) for i in range(1, 10)]
    later = [(960 + 60 * i, 0.0) for i in range(7)]
    assert len(stays_of(drawn(a_track(*still, *away, *later)))) == 2
    assert len(stays_of(drawn(a_track(*still, *[(t + 600, m) for t, m in still])))) == 2


def a_night() -> Drawn:
    """Ten minutes still, ten minutes on the way, twenty of silence, six minutes still."""
    still = [(60 * i, 0.0) for i in range(11)]
    moving = [(600 + 60 * i, 300.0 * i) for i in range(1, 11)]
    later = [(2400 + 60 * i, 5000.0) for i in range(7)]
    return drawn(a_track(*still, *moving, *later))


def test_an_interval_adds_up() -> None:
    """Moving, still and not observed are the whole; distance runs over what was joined."""
    night = a_night()
    halts = stays_of(night)
    found = summary(night, halts, T0_US, T0_US + 2760 * SECOND)
    assert (found.still_s, found.moving_s, found.unseen_s) == (960, 600, 1200)
    assert found.distance_m == pytest.approx(3000, rel=1e-3)
    assert found.mean_mps == pytest.approx(5, rel=1e-3)
    assert found.max_mps == pytest.approx(5, rel=1e-3)
    (trip,) = trips(night, halts)
    assert trip.distance_m == pytest.approx(3000, rel=1e-3)
    assert trip.unseen_s == 1200


def test_an_interval_without_a_fix_is_not_observed() -> None:
    """No fix says nothing: neither still nor moving, and no speed."""
    found = summary(drawn(a_track()), [], T0_US, T0_US + SECOND)
    assert (found.still_s, found.moving_s, found.unseen_s) == (0, 0, 1)
    assert found.max_mps is None and found.mean_mps is None


def test_inside_lasts_until_the_next_fix_and_never_into_a_gap() -> None:
    """Possible, probable and certain are told apart; the last fix before silence stands alone."""
    seen = drawn(a_track((0, 0), (60, 0), (120, 0), (180, 0), (2000, 0), (2060, 0)))
    chance = np.array([0.19, 0.2, 0.95, 0.95, 0.6, 0.0])
    lane = lanes.inside(seen, chance)
    assert [each.level for each in lane.stretches] == [1, 3, 2]
    assert seconds(lane.stretches) == [(60, 120), (120, 180), (2000, 2060)]


def test_silence_is_told_with_its_reason_and_not_the_future() -> None:
    """From the last fix to the next; after the newest fix only once one was due."""
    seen = drawn(a_track((0, 0), (60, 0), (1860, 0)))
    ledger = [Stretch(T0_US + 300 * SECOND, T0_US + 1860 * SECOND, "nothing came; on foot")]
    lane = lanes.unseen(seen, T0_US, T0_US + 2400 * SECOND, ledger)
    assert seconds(lane.stretches) == [(60, 1860), (2040, 2400)]
    assert [each.words for each in lane.stretches] == ["nothing came; on foot", ""]
    assert seconds(lanes.unseen(seen, T0_US, T0_US + 1900 * SECOND).stretches) == [(60, 1860)]


def test_a_device_event_is_where_it_changes() -> None:
    """A strap that stays open is one event; what cannot tell says nothing."""
    strap = int(DeviceEvent.STRAP_KNOWN)
    open_ = strap | int(DeviceEvent.STRAP_OPEN)
    events = [strap, open_, open_, 0, strap, int(DeviceEvent.STRAP_OPEN)]
    lane = lanes.device_events(a_track(*((60 * i, 0) for i in range(6)), events=events))
    assert [((mark.at_us - T0_US) / SECOND, mark.words) for mark in lane.marks] == [
        (60, "strap opened"),
        (240, "strap closed"),
    ]


def test_a_place_is_new_only_against_a_longer_record() -> None:
    """Seven days before now: what began since is new, if anything is older. Hours are local."""
    day = 86_400
    at_home = [(60 * i, 0.0) for i in range(11)]
    again = [(10 * day + 60 * i, 30.0) for i in range(11)]
    elsewhere = [(10 * day + 7200 + 60 * i, 4000.0) for i in range(31)]
    halts = stays_of(drawn(a_track(*at_home, *again, *elsewhere)))
    now = datetime(2026, 7, 1, tzinfo=UTC)
    found = places(halts, ZoneInfo("Europe/London"), now)
    assert [(each.name, each.visits, each.is_new) for each in found] == [
        ("place A", 1, True),
        ("place B", 2, False),
    ]
    # 00:00 UTC is 01:00 in June.
    assert found[1].by_hour_min[1] == pytest.approx(20)
    assert found[0].by_hour_min[3] == pytest.approx(30)
    assert not any(each.is_new for each in places(halts[1:], ZoneInfo("UTC"), now))
    assert [letters(number) for number in (0, 25, 26)] == ["A", "Z", "AA"]


def test_the_dataset_s_hash_is_of_every_fix_in_order() -> None:
    """One bit of one fix changes it; the same rows give the same."""
    track, same = a_track((0, 0), (60, 1)), a_track((0, 0), (60, 1))
    other = a_track((0, 0), (60, 1), flags=[0, 1])
    assert track.dataset == same.dataset != other.dataset
    assert ROW_DTYPE.itemsize == 92
    assert timedelta(microseconds=int(track.rows["fixed_at_us"][1] - T0_US)) == timedelta(minutes=1)


def test_a_very_long_track_keeps_its_shape_its_gaps_and_its_doubts() -> None:
    """Of 4,000 fixes a few hundred: both ends of each gap, every doubt, no place far from one."""
    rng = np.random.default_rng(9)
    times = np.cumsum(np.where(rng.random(4000) < 0.005, 1000, 60))
    north = np.cumsum(rng.normal(0, 20, 4000))
    flags = [FixFlag.IMPOSSIBLE_SPEED if each < 0.01 else 0 for each in rng.random(4000)]
    track = a_track(*zip(times.tolist(), north.tolist(), strict=True), flags=flags)
    seen = drawn(track)
    kept = rows_drawn(track, seen, most=400)
    assert rows_drawn(track, seen, most=4000).tolist() == list(range(4000))
    assert len(kept) < 700 and (np.diff(kept) > 0).all()
    ends = np.flatnonzero(seen.is_gap)
    assert len(ends) > 5
    for needed in (seen.row[ends], seen.row[ends + 1], np.flatnonzero(flags)):
        assert np.isin(needed, kept).all()
    assert np.flatnonzero(gap_flags(track, seen)).tolist() == seen.row[ends].tolist()
    runs = np.searchsorted(kept, np.arange(4000), side="right") - 1
    assert np.abs(north - north[kept[runs]]).max() < 40 * 10  # ten steps of 2 sigma make a run
