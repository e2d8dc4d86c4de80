"""A CSV file of fixes as columns: every row kept or refused with its line and field."""

from __future__ import annotations

from datetime import UTC, datetime
from io import StringIO

import numpy as np
import pytest

from data.clock import microseconds
from data.errors import BadInput
from data.feeds import fix_columns
from data.feeds.fix_columns import FixTable, read_fix_columns
from data.model.fix import Mechanism

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HEAD = "activation,fixed_at,lon,lat,radius_95_m,mechanism,speed_mps,received_at\n"
AT = "2026-11-20T22:00:00Z"


def _read(text: str) -> list[FixTable]:
    return list(read_fix_columns(StringIO(text), microseconds(NOW)))


def _faults(text: str) -> list[str]:
    return [f"{fault.line} {fault.field}" for table in _read(text) for fault in table.faults]


def test_a_row_becomes_a_record() -> None:
    """Every column ends where it belongs, in the units of a fix."""
    (table,) = _read(f"{HEAD}tag 7,{AT},-2.98,53.41,12.5,wifi,1.4,2026-11-20T22:05:00Z\n")
    (record,) = table.records
    assert table.activation.tolist() == ["tag 7"]
    assert record["fixed_at"] == microseconds(datetime(2026, 11, 20, 22, tzinfo=UTC))
    assert (record["lon"], record["lat"]) == (-2.98, 53.41)
    assert record["radius_95_m"] == 12.5
    assert record["speed_mps"] == pytest.approx(1.4)
    assert record["mechanism"] == Mechanism.WIFI
    assert table.received_at_us[0] - record["fixed_at"] == 300_000_000
    assert np.isnan(record["altitude_m"])


def test_the_least_a_file_needs() -> None:
    """Five columns in any order; more are passed over; received as it was fixed."""
    (table,) = _read(f"lat,note,lon,radius_95_m,fixed_at,activation\n53.4,hm,-2.9,,{AT},1\n")
    assert not table.faults
    assert np.isnan(table.records["radius_95_m"][0])
    assert table.records["mechanism"][0] == Mechanism.UNKNOWN
    assert (table.received_at_us == table.records["fixed_at"]).all()


@pytest.mark.parametrize(
    "moment",
    [
        "2026-11-20T22:00:00Z",
        "2026-11-20T22:00:00+00:00",
        "2026-11-20 22:00:00",
        "2026-11-20T23:00:00.000+01:00",
        "1795212000",
        "1795212000.0",
        "1795212000000",
    ],
)
def test_a_moment_may_be_written_in_several_ways(moment: str) -> None:
    """ISO 8601 with an offset, without one (UTC), Unix seconds, Unix milliseconds."""
    (table,) = _read(f"{HEAD}1,{moment},-2.98,53.41,12,,,\n2,{AT},-2.98,53.41,12,,,\n")
    assert not table.faults
    assert table.records["fixed_at"][0] == table.records["fixed_at"][1]


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (f",{AT},-2.98,53.41,12,,,", "activation"),
        ("1,,-2.98,53.41,12,,,", "fixed_at"),
        ("1,yesterday,-2.98,53.41,12,,,", "fixed_at"),
        ("1,1999-12-31T23:59:59Z,-2.98,53.41,12,,,", "fixed_at"),
        ("1,2026-11-22T12:00:01Z,-2.98,53.41,12,,,", "fixed_at"),
        ("1,nan,-2.98,53.41,12,,,", "fixed_at"),
        ("1,1e300,-2.98,53.41,12,,,", "fixed_at"),
        (f"1,{AT},,53.41,12,,,", "lon"),
        (f"1,{AT},NaN,53.41,12,,,", "lon"),
        (f"1,{AT},inf,53.41,12,,,", "lon"),
        (f"1,{AT},180.1,53.41,12,,,", "lon"),
        (f"1,{AT},-2.98,nan,12,,,", "lat"),
        (f"1,{AT},53.41,-102.98,12,,,", "lat"),
        (f"1,{AT},-2.98,fifty,12,,,", "lat"),
        (f"1,{AT},-2.98,53.41,0,,,", "radius_95_m"),
        (f"1,{AT},-2.98,53.41,-5,,,", "radius_95_m"),
        (f"1,{AT},-2.98,53.41,inf,,,", "radius_95_m"),
        (f"1,{AT},-2.98,53.41,12,radar,,", "mechanism"),
        (f"1,{AT},-2.98,53.41,12,,-1,", "speed_mps"),
        (f"1,{AT},-2.98,53.41,12,,,soon", "received_at"),
        (f"1,{AT},-2.98,53.41,12,,,2027-01-01T00:00:00Z", "received_at"),
        (f"1,{AT},-2.98", "lat"),
        (f"1,{AT},-2,98,53,41,12,,,", "row"),
    ],
)
def test_a_wrong_row_is_refused_by_line_and_field_and_the_next_is_read(
    row: str, field: str
) -> None:
    """One bad row spoils no other, wherever it stands; and its place is not echoed."""
    good = f"1,{AT},-2.98,53.41,12,,,\n"
    for before in (0, 1):
        tables = _read(HEAD + good * before + row + "\n" + good)
        (fault,) = [fault for table in tables for fault in table.faults]
        assert (fault.line, fault.field) == (2 + before, field)
        assert sum(len(table.records) for table in tables) == 1 + before
        assert "53.41" not in str(fault)


def test_the_ends_of_what_can_be_meant() -> None:
    """Exactly one day ahead, the first moment of 2000, 180 degrees and the pole are taken."""
    rows = (
        "1,2026-11-22T12:00:00Z,180,90,0.01,,0,\n1,2000-01-01T00:00:00Z,-180,-90,10000000,,10000,\n"
    )
    assert _faults(HEAD + rows) == []


def test_line_numbers_hold_after_blank_and_skipped_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also across the parts in which a large file is read."""
    good, long, wrong = f"1,{AT},-2.98,53.41,12,,,\n", "1,2,3,4,5,6,7,8,9\n", "1,x,0,0,1,,,\n"
    text = HEAD + good + "\n" + long + good + wrong + long + "\r\n" + good + wrong + long
    expected = ["4 row", "6 fixed_at", "7 row", "10 fixed_at", "11 row"]
    assert sorted(_faults(text), key=lambda each: int(each.split()[0])) == expected
    monkeypatch.setattr(fix_columns, "_ROWS_AT_ONCE", 2)
    assert sorted(_faults(text), key=lambda each: int(each.split()[0])) == expected


@pytest.mark.parametrize("missing", ["activation", "fixed_at", "lon", "lat", "radius_95_m"])
def test_a_file_without_a_column_is_refused_as_a_whole(missing: str) -> None:
    """By the name of the column."""
    with pytest.raises(BadInput) as refused:
        _read(HEAD.replace(missing, "x") + "1,2,3,4,5,6,7,8\n")
    assert refused.value.field == missing


def test_a_column_named_twice_is_refused() -> None:
    """Which of them would be meant?"""
    with pytest.raises(BadInput) as refused:
        _read(HEAD.replace("mechanism", "lat"))
    assert refused.value.field == "lat"


def test_names_alone_are_a_file_without_fixes() -> None:
    """Nothing to judge is no fault."""
    assert sum(len(table.records) for table in _read(HEAD)) == 0


def test_an_empty_file_is_refused() -> None:
    """Not even the names of the columns."""
    with pytest.raises(BadInput):
        _read("")
