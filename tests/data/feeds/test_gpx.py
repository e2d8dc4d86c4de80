"""GPX history: points with their lines and bytes, broken ones told."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest

from data.clock import microseconds
from data.feeds.gpx import read_points
from data.feeds.wire import Row, RowError

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
HEAD = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n'
    b'<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1" xmlns:t="urn:t">\n'
    b'<wpt lat="1" lon="2"/>\n<trk><name>walk</name><trkseg>\n'
)
POINT = b'<trkpt lat="57.7" lon="11.97"><ele>42.5</ele><time>2026-11-20T10:00:00Z</time></trkpt>'
TAIL = b"\n</trkseg></trk></gpx>\n"


def points(xml: bytes) -> list[Row | RowError]:
    """What a file with these bytes gives."""
    return list(read_points(io.BytesIO(xml), NOON))


def test_a_point_is_read_with_its_line_and_its_bytes() -> None:
    """Only track points are fixes; extensions are looked into under any namespace."""
    rich = (
        b'<trkpt lon="-2.9" lat="53.4"><time>2026-11-20T10:00:05.5Z</time><sat>9</sat>'
        b"<hdop>0.8</hdop><extensions><t:E><t:speed>1.5</t:speed><t:course>90</t:course></t:E>"
        b"</extensions>\n</trkpt >"
    )
    plain, found = points(HEAD + POINT + b"\n\n" + rich + TAIL)
    assert isinstance(plain, Row)
    assert isinstance(found, Row)
    assert (plain.line, found.line) == (5, 7)
    assert (plain.raw, found.raw) == (POINT, rich)
    assert plain.device is None
    record = found.record[0]
    assert record["fixed_at"] == microseconds(datetime(2026, 11, 20, 10, 0, 5, 500_000, tzinfo=UTC))
    assert (record["lon"], record["lat"], record["satellites"]) == (-2.9, 53.4, 9)
    assert (record["speed_mps"], record["heading_deg"]) == (1.5, 90)
    assert plain.record["altitude_m"][0] == 42.5


def test_points_keep_their_bytes_across_reads() -> None:
    """However long the file, each point's bytes are its own."""
    found = points(HEAD + b"\n".join([POINT] * 5000) + TAIL)
    assert len(found) == 5000
    assert {each.raw for each in found} == {POINT}
    assert [each.line for each in found[-2:]] == [5003, 5004]


@pytest.mark.parametrize(
    ("point", "field"),
    [
        (b'<trkpt lat="57.7" lon="11.97"/>', "time"),
        (POINT.replace(b"57.7", b"97.7"), "lat"),
        (POINT.replace(b' lon="11.97"', b""), "lon"),
        (POINT.replace(b"2026-11-20", b"1970-01-01"), "time"),
        (POINT.replace(b"42.5", b"high"), "ele"),
    ],
)
def test_a_wrong_point_is_told_and_the_rest_goes_on(point: bytes, field: str) -> None:
    """One point without a time does not cost the track."""
    wrong, right = points(HEAD + point + POINT + TAIL)
    assert isinstance(wrong, RowError)
    assert (wrong.line, wrong.field) == (5, field)
    assert isinstance(right, Row)


def test_a_file_that_breaks_off_gives_what_stood_before() -> None:
    """What was read is kept; the place where it broke is told."""
    first, last = points(HEAD + POINT + b"<trkpt lat=")
    assert isinstance(first, Row)
    assert isinstance(last, RowError)
    assert last.field == "gpx"


def test_entities_are_refused() -> None:
    """A document type is how a small file becomes a huge one."""
    bomb = b'<!DOCTYPE gpx [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><gpx>&b;</gpx>'
    (error,) = points(bomb)
    assert isinstance(error, RowError)
    assert error.field == "gpx"
