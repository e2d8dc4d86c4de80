"""The filter in an address: what it means, and that nonsense is refused by name."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from dashboard.history_filter import read_filter
from data.errors import BadInput
from data.model.breach import BreachKind, Finding, Grade
from data.model.history import BreachFilter

LONDON = ZoneInfo("Europe/London")


def test_an_empty_address_asks_for_everything() -> None:
    """Missing and empty are one."""
    assert read_filter({}, LONDON) == read_filter({"case": " ", "days": ""}, LONDON)
    assert read_filter({}, LONDON) == BreachFilter()


def test_each_field_is_read() -> None:
    """A word twice counts once."""
    asked = {
        "case": " 0142 ",
        "zone": "17",
        "kind": "exclusion,pair_alarm,exclusion",
        "grade": "certain",
        "finding": "drift,open",
        "hours": "22-6",
        "days": "6,7",
    }
    assert read_filter(asked, LONDON) == BreachFilter(
        case_code="0142",
        zone_id=17,
        kinds=(BreachKind.EXCLUSION, BreachKind.PAIR_ALARM),
        grades=(Grade.CERTAIN,),
        findings=(Finding.DRIFT, None),
        hours=(22, 6),
        weekdays=(6, 7),
    )


def test_days_are_those_of_the_room_and_the_last_is_included() -> None:
    """The day of a clock change is 25 hours long; a moment of its own is not included."""
    found = read_filter({"from": "2026-10-25", "to": "2026-10-25"}, LONDON)
    assert found.since == datetime(2026, 10, 24, 23, 0, tzinfo=UTC)
    assert found.until == datetime(2026, 10, 25, 23, 59, 59, 999_999, tzinfo=UTC)
    found = read_filter({"to": "2026-07-01T12:00"}, LONDON)
    assert found.until == datetime(2026, 7, 1, 11, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("field", "written"),
    [
        ("case", "0" * 41),
        ("zone", "x"),
        ("zone", "-1"),
        ("zone", "9" * 19),
        ("zone", "١"),
        ("kind", "exclusion,other"),
        ("grade", "CERTAIN "),
        ("finding", "guilty"),
        ("from", "yesterday"),
        ("from", "2026-11-21T22:00+01:00"),
        ("to", "0001-01-01"),
        ("hours", "22"),
        ("hours", "24-6"),
        ("hours", "6-6"),
        ("hours", "6-25"),
        ("days", "8"),
    ],
)
def test_what_cannot_be_is_refused_by_name(field: str, written: str) -> None:
    """The error names the field, so that a link can be mended."""
    with pytest.raises(BadInput) as refused:
        read_filter({field: written}, LONDON)
    assert refused.value.field == field
