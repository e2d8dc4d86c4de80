"""Authorised absence as exceptions of the hours, and the hours of both nights of the clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from data.clock import microseconds
from data.model.schedule import Schedule, Window
from data.model.zone_draft import Permission
from data.rules.clock_changes import change_nights
from data.rules.permissions import permitted
from data.rules.schedules import is_open

LONDON = ZoneInfo("Europe/London")
NIGHTS = Schedule("Europe/London", ((Window(22 * 60, 6 * 60),),) * 7)
DAYS = Schedule("Europe/London", ((Window(9 * 60, 12 * 60), Window(13 * 60, 17 * 60)),) * 7)


def local(text: str) -> datetime:
    """A wall time in London."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


@pytest.mark.parametrize("hours", [None, NIGHTS, DAYS])
@pytest.mark.parametrize(
    ("from_local", "to_local"),
    [
        ("2026-11-20T14:00", "2026-11-20T16:30"),
        ("2026-11-20T23:30", "2026-11-21T02:00"),  # over midnight
        ("2026-11-20T21:00", "2026-11-23T07:00"),  # a weekend
        ("2026-11-20T00:00", "2026-11-21T00:00"),  # a whole day
        ("2026-03-29T00:15", "2026-03-29T03:30"),  # clocks go forward
        ("2026-10-25T00:15", "2026-10-25T04:00"),  # clocks go back
    ],
)
def test_a_permission_takes_out_just_its_time(
    hours: Schedule | None, from_local: str, to_local: str
) -> None:
    """Minute by minute: closed in it, half-open; as before outside it."""
    permission = Permission(local(from_local), local(to_local), "hearing")
    start = permission.from_at - timedelta(days=3)
    at = np.arange(
        microseconds(start), microseconds(permission.to_at + timedelta(days=3)), 60_000_000
    )
    was, now = is_open(hours, at), is_open(permitted(hours, [permission], "Europe/London"), at)
    within = (at >= microseconds(permission.from_at)) & (at < microseconds(permission.to_at))
    assert not now[within].any()
    assert (now[~within] == was[~within]).all()


def test_several_permissions_and_a_part_of_a_minute() -> None:
    """Each takes its own; seconds are cut so that the zone holds rather longer."""
    first = Permission(local("2026-11-20T10:00:30"), local("2026-11-20T10:30:30"), "a")
    second = Permission(local("2026-11-20T11:00"), local("2026-11-20T11:15"), "b")
    found = permitted(DAYS, [first, second], "Europe/London")
    at = [microseconds(local(f"2026-11-20T{each}")) for each in
          ("10:00:45", "10:01", "10:30:15", "10:59", "11:00", "11:15")]  # fmt: skip
    assert is_open(found, np.array(at)).tolist() == [True, False, True, True, False, True]


def test_both_nights_as_they_will_be() -> None:
    """A night of 22 to 6 is seven hours in spring and nine in autumn."""
    autumn, spring = change_nights(NIGHTS, datetime(2026, 7, 1, tzinfo=UTC))
    assert (autumn.on.isoformat(), autumn.shift_min) == ("2026-10-25", -60)
    assert (spring.on.isoformat(), spring.shift_min) == ("2027-03-28", 60)
    for night, hours in ((autumn, 9), (spring, 7)):
        of_night = [each for each in night.week if each.from_at <= night.at < each.to_at]
        assert [(each.to_at - each.from_at) / timedelta(hours=1) for each in of_night] == [hours]
        assert len(night.week) == 8  # the first is what is left of Sunday's before
    assert change_nights(Schedule("Asia/Tokyo", ((),) * 7), autumn.at) == ()


def test_a_window_in_the_hour_that_is_skipped_or_comes_twice() -> None:
    """01:00 to 02:00 is nothing in spring and two hours in autumn."""
    hours = Schedule("Europe/London", ((Window(60, 120),),) * 7)
    autumn, spring = change_nights(hours, datetime(2026, 7, 1, tzinfo=UTC))
    assert len(spring.week) == 6
    assert max(each.to_at - each.from_at for each in autumn.week) == timedelta(hours=2)
