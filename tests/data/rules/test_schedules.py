"""When a schedule is open: wall time in a named zone, true on both nights the clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.clock import microseconds, moment_of
from data.errors import BadInput
from data.model.schedule import DAYS, Schedule, Window, from_json, to_json
from data.rules.schedules import is_open, open_stretches

DAY_US = 86_400_000_000


def _weekly(
    days: str, start: str, end: str, zone: str = "Europe/London", **more: object
) -> Schedule:
    entry = {"days": days.split(), "from": start, "to": end}
    return from_json({"time_zone": zone, "weekly": [entry], **more})


def _utc(text: str) -> int:
    return microseconds(datetime.fromisoformat(text).replace(tzinfo=UTC))


def _open(schedule: Schedule | None, start: str, end: str) -> list[str]:
    """Stretches as "MM-DD HH:MM/MM-DD HH:MM" in UTC."""
    found = open_stretches(schedule, _utc(start), _utc(end))
    return [
        f"{moment_of(opens):%m-%d %H:%M}/{moment_of(closes):%m-%d %H:%M}" for opens, closes in found
    ]


@pytest.mark.parametrize(
    ("at", "is_in_force"),
    [
        ("2026-11-16 21:59:59.999999", False),  # Monday evening, one microsecond early
        ("2026-11-16 22:00", True),
        ("2026-11-17 05:59:59.999999", True),  # past midnight, Tuesday
        ("2026-11-17 06:00", False),  # the end is not part of it
        ("2026-11-17 22:00", False),  # Tuesday evening: Monday only
        ("2026-07-06 21:00", True),  # summer: 22:00 in London is 21:00 UTC
        ("2026-07-06 20:59", False),
    ],
)
def test_a_window_past_midnight_belongs_to_the_day_it_begins_on(
    at: str, *, is_in_force: bool
) -> None:
    """Monday 22:00 to 06:00 ends on Tuesday morning."""
    night = _weekly("mon", "22:00", "06:00")
    assert is_open(night, np.array([_utc(at)]))[0] == is_in_force


@pytest.mark.parametrize(
    ("window", "day", "expected"),
    [
        # 29 March 2026, London: 01:00 GMT becomes 02:00 BST, 01:30 never comes.
        (("00:30", "01:30"), "2026-03-29", ["03-29 00:30/03-29 01:00"]),
        (("01:30", "03:00"), "2026-03-29", ["03-29 01:00/03-29 02:00"]),
        (("01:10", "01:50"), "2026-03-29", []),
        (("00:00", "00:00"), "2026-03-29", ["03-29 00:00/03-29 23:00"]),  # 23 hours
        # 25 October 2026, London: 02:00 BST becomes 01:00 GMT, 01:30 comes twice.
        (("00:30", "01:30"), "2026-10-25", ["10-24 23:30/10-25 01:30"]),
        (("01:30", "03:00"), "2026-10-25", ["10-25 00:30/10-25 03:00"]),
        (("01:10", "01:50"), "2026-10-25", ["10-25 00:10/10-25 01:50"]),
        (("00:00", "24:00"), "2026-10-25", ["10-24 23:00/10-26 00:00"]),  # 25 hours
    ],
)
def test_both_nights_the_clocks_change(
    window: tuple[str, str], day: str, expected: list[str]
) -> None:
    """A skipped wall time falls on the change; a doubled one opens first and closes last."""
    schedule = _weekly("sun", *window)
    start = datetime.fromisoformat(day) - timedelta(hours=12)
    assert _open(schedule, start.isoformat(), (start + timedelta(days=2)).isoformat()) == expected


def test_a_night_window_is_an_hour_shorter_and_longer_on_those_nights() -> None:
    """22:00 to 06:00 lasts 7 hours in March and 9 in October."""
    night = _weekly("sat", "22:00", "06:00")
    assert _open(night, "2026-03-28", "2026-03-30") == ["03-28 22:00/03-29 05:00"]
    assert _open(night, "2026-10-24", "2026-10-26") == ["10-24 21:00/10-25 06:00"]


def test_the_year_has_no_hole_at_month_end_or_leap_day() -> None:
    """Windows of every day run on over 31 January, 29 February and the new year."""
    night = _weekly(" ".join(DAYS), "23:00", "01:00", "UTC")
    assert _open(night, "2028-02-28 12:00", "2028-03-01 12:00") == [
        "02-28 23:00/02-29 01:00",
        "02-29 23:00/03-01 01:00",
    ]
    assert _open(night, "2026-12-31 12:00", "2027-01-01 12:00") == ["12-31 23:00/01-01 01:00"]
    only_that_day = _weekly("tue", "00:00", "24:00", "UTC")  # 29 February 2028 is a Tuesday
    assert _open(only_that_day, "2028-02-28", "2028-03-02") == ["02-29 00:00/03-01 00:00"]


def test_windows_that_meet_are_one_stretch() -> None:
    """Nobody is told that a zone closed and opened at the same moment."""
    whole_week = _weekly(" ".join(DAYS), "00:00", "24:00")
    assert _open(whole_week, "2026-10-20", "2026-10-30") == ["10-20 00:00/10-30 00:00"]
    overlapping = from_json(
        {
            "time_zone": "UTC",
            "weekly": [
                {"days": ["mon"], "from": "20:00", "to": "02:00"},
                {"days": ["tue"], "from": "01:00", "to": "03:00"},
                {"days": ["tue"], "from": "03:00", "to": "04:00"},
            ],
        }
    )
    assert _open(overlapping, "2026-11-16", "2026-11-18") == ["11-16 20:00/11-17 04:00"]


def test_an_exception_speaks_of_windows_that_begin_on_its_date() -> None:
    """Christmas Day off: the window of the evening before still runs to its end."""
    schedule = _weekly(
        " ".join(DAYS),
        "22:00",
        "06:00",
        "UTC",
        exceptions=[
            {"date": "2026-12-25", "windows": []},
            {"date": "2026-12-27", "windows": [{"from": "12:00", "to": "13:00"}]},
        ],
    )
    assert _open(schedule, "2026-12-24", "2026-12-29") == [
        "12-24 00:00/12-24 06:00",
        "12-24 22:00/12-25 06:00",
        "12-26 22:00/12-27 06:00",
        "12-27 12:00/12-27 13:00",
        "12-28 22:00/12-29 00:00",
    ]


def test_no_schedule_is_always_open_and_an_empty_one_never() -> None:
    """None means always; no windows mean never."""
    never = Schedule("UTC", ((),) * 7)
    assert _open(None, "2026-01-01", "2026-01-02") == ["01-01 00:00/01-02 00:00"]
    assert _open(never, "2026-01-01", "2026-02-01") == []
    assert is_open(None, np.array([0])).all()
    assert not is_open(never, np.array([0])).any()
    assert len(open_stretches(None, 5, 5)) == 0
    assert is_open(never, np.array([], np.int64)).shape == (0,)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu"])
def test_zones_far_from_utc_lose_no_day(zone: str) -> None:
    """Fourteen hours ahead, eleven behind, or at a quarter past."""
    schedule = _weekly("wed", "00:00", "24:00", zone)
    opens = datetime(2026, 11, 18, tzinfo=ZoneInfo(zone))
    for minutes, expected in ((-1, False), (0, True), (1439, True), (1440, False)):
        at = microseconds(opens + timedelta(minutes=minutes))
        assert is_open(schedule, np.array([at]))[0] == expected
        assert len(open_stretches(schedule, at, at + 1)) == expected


_WINDOWS = st.builds(Window, st.integers(0, 1439), st.integers(0, 1440))
_SCHEDULES = st.builds(
    Schedule,
    st.sampled_from(["Europe/London", "America/New_York", "Australia/Lord_Howe", "UTC"]),
    st.tuples(*[st.lists(_WINDOWS, max_size=2, unique=True).map(sorted).map(tuple)] * 7),
    st.dictionaries(
        st.dates(date(2026, 3, 1), date(2026, 3, 31)),
        st.lists(_WINDOWS, max_size=2).map(sorted).map(tuple),
        max_size=3,
    ).map(lambda exceptions: tuple(sorted(exceptions.items()))),
    st.integers(0, 3600),
)


@given(schedule=_SCHEDULES, start=st.integers(0, 400), length=st.integers(1, 40 * 24))
@settings(max_examples=60, deadline=None)
def test_stretches_are_in_order_within_their_range_and_agree_with_is_open(
    schedule: Schedule, start: int, length: int
) -> None:
    """Cut anywhere, the stretches say the same as the moments."""
    from_us = _utc("2026-03-01") + start * DAY_US
    to_us = from_us + length * 3_600_000_000
    found = open_stretches(schedule, from_us, to_us)
    flat = found.ravel()
    assert (np.diff(flat) > 0).all()
    assert not len(flat) or (flat[0] >= from_us and flat[-1] <= to_us)
    moments = np.linspace(from_us, to_us - 1, 50).astype(np.int64)
    inside = [bool(((found[:, 0] <= at) & (at < found[:, 1])).any()) for at in moments]
    assert is_open(schedule, moments).tolist() == inside
    middle = (from_us + to_us) // 2
    halves = [*open_stretches(schedule, from_us, middle), *open_stretches(schedule, middle, to_us)]
    assert sum(int(end - begin) for begin, end in halves) == int((found[:, 1] - found[:, 0]).sum())


@given(schedule=_SCHEDULES)
@settings(max_examples=60, deadline=None)
def test_json_there_and_back_is_the_same_schedule(schedule: Schedule) -> None:
    """What is stored is what was meant."""
    assert from_json(to_json(schedule)) == schedule


GOOD = {"time_zone": "Europe/London", "weekly": [{"days": ["mon"], "from": "09:00", "to": "17:00"}]}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"time_zone": "Europe/Londn"}, "schedule.time_zone"),
        ({"time_zone": None}, "schedule.time_zone"),
        ({"time_zone": "../etc/passwd"}, "schedule.time_zone"),
        ({"weekly": None}, "schedule.weekly"),
        ({"weekly": {}}, "schedule.weekly"),
        ({"weekly": ["mon"]}, "schedule.weekly[0]"),
        ({"weekly": [{"days": [], "from": "09:00", "to": "17:00"}]}, "schedule.weekly[0].days"),
        (
            {"weekly": [{"days": ["mo"], "from": "09:00", "to": "17:00"}]},
            "schedule.weekly[0].days[0]",
        ),
        ({"weekly": [{"days": ["mon"], "from": "9:00", "to": "17:00"}]}, "schedule.weekly[0].from"),
        (
            {"weekly": [{"days": ["mon"], "from": "24:00", "to": "17:00"}]},
            "schedule.weekly[0].from",
        ),
        ({"weekly": [{"days": ["mon"], "from": "09:00", "to": "24:01"}]}, "schedule.weekly[0].to"),
        ({"weekly": [{"days": ["mon"], "from": "09:00"}]}, "schedule.weekly[0].to"),
        ({"exeptions": []}, "schedule.exeptions"),
        ({"exceptions": [{"date": "2026-02-30", "windows": []}]}, "schedule.exceptions[0].date"),
        ({"exceptions": [{"date": "2026-02-03"}]}, "schedule.exceptions[0].windows"),
        (
            {"exceptions": [{"date": "2026-02-03", "windows": []}] * 2},
            "schedule.exceptions[1].date",
        ),
        ({"grace_s": -1}, "schedule.grace_s"),
        ({"grace_s": "5"}, "schedule.grace_s"),
        ({"grace_s": True}, "schedule.grace_s"),
    ],
)
def test_a_wrong_schedule_is_refused_by_the_name_of_its_field(
    change: dict[str, object], field: str
) -> None:
    """Nothing is guessed or passed over: a zone out of force in silence is the worst outcome."""
    with pytest.raises(BadInput) as refused:
        from_json({**GOOD, **change})
    assert refused.value.field == field


@pytest.mark.parametrize("value", [None, [], "always", 5])
def test_what_is_no_object_is_no_schedule(value: object) -> None:
    """Said of the whole."""
    with pytest.raises(BadInput, match="schedule"):
        from_json(value)
