"""Tables of history: columns by name, units by name, wrong rows told and passed over."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from data.clock import microseconds
from data.errors import BadInput
from data.feeds.table import read_choice, read_rows
from data.feeds.wire import Row, RowError

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")


def rows(text: str, choice: str = "", zone: ZoneInfo | None = None) -> list[Row | RowError]:
    """What a file with this text gives."""
    return list(read_rows(io.StringIO(text, newline=""), read_choice(choice), NOON, zone))


def test_columns_are_found_by_what_was_chosen_and_by_their_usual_names() -> None:
    """A chosen column comes first; what is not chosen is known by its heading."""
    (row,) = rows(
        '"id","vehicle","timestamp","latitude","longitude","bearing"\r\n'
        '1,"4716","2026-01-26 15:57:02",53.44451,-2.925173,53\r\n',
        "device=vehicle,heading_deg=bearing",
        LONDON,
    )
    assert isinstance(row, Row)
    assert (row.line, row.device) == (2, "4716")
    assert row.raw == b'1,"4716","2026-01-26 15:57:02",53.44451,-2.925173,53\r\n'
    record = row.record[0]
    assert record["fixed_at"] == microseconds(datetime(2026, 1, 26, 15, 57, 2, tzinfo=UTC))
    assert (record["lon"], record["lat"], record["heading_deg"]) == (-2.925173, 53.44451, 53)


def test_a_wall_time_is_read_in_its_zone() -> None:
    """In July London's clocks are one hour ahead; a time that names its zone keeps it."""
    found = rows("time,lon,lat\n2026-07-01 12:00:00,1,2\n2026-07-01T12:00:00Z,1,2\n", zone=LONDON)
    hours = [each.record["fixed_at"][0] // 3_600_000_000 % 24 for each in found]
    assert hours == [11, 12]


def test_without_a_zone_a_wall_time_is_refused() -> None:
    """Nobody guesses where a clock hung."""
    (error,) = rows("time,lon,lat\n2026-07-01 12:00:00,1,2\n")
    assert isinstance(error, RowError)
    assert (error.line, error.field) == (2, "time")
    assert "zone" in error.expected


@pytest.mark.parametrize(
    ("column", "value", "name", "found"),
    [
        ("speed_kmh", "36", "speed_mps", 10),
        ("speed_knots", "1", "speed_mps", 1852 / 3600),
        ("speed_mps", "-1", "speed_mps", None),
        ("accuracy_m", "10", "radius_95_m", 16.214),
        ("radius_95_m", "10", "radius_95_m", 10),
        ("radius_95_m", "0", "radius_95_m", None),
        ("battery_pct", "", "battery_pct", None),
    ],
)
def test_units_follow_from_the_column(
    column: str, value: str, name: str, found: float | None
) -> None:
    """What a unit needs is done once, here; negative and empty stand for unknown."""
    (row,) = rows(f"time;lon;lat;{column}\n1795262370;1;2;{value}\n")
    assert isinstance(row, Row)
    assert row.record[name][0] == pytest.approx(
        found if found is not None else float("nan"), nan_ok=True
    )


def test_wrong_rows_are_told_and_the_rest_goes_on() -> None:
    """Each error names its line and column as the file calls it; good rows stay."""
    found = rows(
        "when,x,y\n"
        "1795262370,1,2\n"
        "1795262371,1,91\n"
        "1795262372,1\n"
        "\n"
        '1795262373,"1\n2",2\n'
        "1795262374,NaN,2\n"
        "1795262375,1,2",
        "time=when,lon=x,lat=y",
    )
    errors = [(each.line, each.field) for each in found if isinstance(each, RowError)]
    assert errors == [(3, "y"), (4, "y"), (6, "x"), (8, "x")]
    assert [each.line for each in found if isinstance(each, Row)] == [2, 9]


def test_bytes_that_are_no_utf_8_are_kept_as_they_stood() -> None:
    """A row's text is evidence, whatever encoding it was written in."""
    source = io.TextIOWrapper(
        io.BytesIO(b"time,lon,lat,note\n1795262370,1,2,caf\xe9\n"),
        encoding="utf-8",
        errors="surrogateescape",
        newline="",
    )
    (row,) = read_rows(source, {}, NOON, None)
    assert row.raw == b"1795262370,1,2,caf\xe9\n"


@pytest.mark.parametrize(
    ("heading", "choice"),
    [("a,b,c", ""), ("time,lon,lat", "lat=latitude"), ("", ""), ("time,lon", "")],
)
def test_a_heading_that_cannot_be_understood_stops_at_once(heading: str, choice: str) -> None:
    """Before the first row the file as a whole is refused, naming the columns there are."""
    with pytest.raises(BadInput) as caught:
        rows(heading + "\n1,2,3\n", choice)
    assert caught.value.field == "--columns"


@pytest.mark.parametrize("choice", ["lon", "colour=red", "lon=", "=x"])
def test_a_choice_that_cannot_be_meant(choice: str) -> None:
    """A choice names a meaning we know and a column."""
    with pytest.raises(BadInput):
        read_choice(choice)
