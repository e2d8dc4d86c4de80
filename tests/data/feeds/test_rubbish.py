"""Whatever arrives, a feed gives records or names what is wrong; nothing else ever happens."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from data.errors import BadInput
from data.feeds import batch, gpx, osmand, owntracks, table
from data.feeds.wire import Decoded, Row, read_json, read_pairs, without_key
from data.model.fix import FIX_DTYPE

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SAMPLES = Path(__file__).parent / "samples"

# A busy machine is no finding.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

numbers = st.one_of(
    st.integers(-(10**25), 10**25), st.floats(), st.sampled_from([0, 1, -1, 1795262370, 90, 180])
)
words = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["NaN", "1e400", "-inf", "0x10", "1_0", "١٢", " 7 ", "2026-11-21T11:59:30Z", "1795262370",
         "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-W01-1", "12:00", "true"]
    ),
)  # fmt: skip
values = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, words),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=6), inner, max_size=4)
    ),
    max_leaves=6,
)


def shaped(*names: str) -> st.SearchStrategy[dict[str, Any]]:
    """Objects that have some of these fields, each holding anything."""
    return st.fixed_dictionaries({}, optional=dict.fromkeys(names, values))


def check(decoded: Decoded) -> None:
    """Records that the judge can work with: finite or NaN, on the globe, in time."""
    records = decoded.records
    assert records.dtype == FIX_DTYPE
    for name in ("lon", "lat", "speed_mps", "radius_95_m", "battery_pct", "heading_deg", "hdop"):
        assert not np.isinf(records[name]).any(), name
    assert (np.isnan(records["lon"]) == np.isnan(records["lat"])).all()
    assert not (np.abs(records["lon"]) > 180).any()
    assert not (np.abs(records["lat"]) > 90).any()
    assert (records["fixed_at"] >= 946_684_800_000_000).all()
    assert (records["fixed_at"] <= 1_795_262_400_000_000 + 86_400_000_000).all()


def tolerated(decode: Any, *arguments: Any) -> None:
    """Runs a feed: what it gives is sound, what it refuses is named and short."""
    refusal = None
    try:
        check(decode(*arguments))
    except BadInput as error:
        refusal = error
    if refusal is not None:
        assert refusal.field
        assert refusal.expected
        assert len(str(refusal)) < 600


fixes = shaped(
    "fixed_at", "lon", "lat", "radius_95_m", "speed_mps", "heading_deg", "altitude_m",
    "battery_pct", "hdop", "satellites", "sequence", "mechanism", "events",
)  # fmt: skip


@given(st.fixed_dictionaries({"fixes": st.one_of(values, st.lists(fixes, max_size=3))}))
@example({"fixes": [{"fixed_at": 1795262370, "lon": 1, "lat": 2, "sequence": 2**53}]})
@example({"fixes": [{"fixed_at": 1795262370, "lon": 1, "lat": 2, "satellites": 32768}]})
def test_a_batch_of_anything(message: dict[str, Any]) -> None:
    """A batch with any value in any field is read or refused."""
    tolerated(batch.decode, json.dumps(message).encode(), NOON)


coords = shaped("latitude", "longitude", "accuracy", "speed", "heading", "altitude")
battery = shaped("level", "is_charging")
locations = st.fixed_dictionaries(
    {},
    optional={
        "timestamp": st.one_of(values, st.just("2026-11-21T11:59:30Z")),
        "coords": st.one_of(values, coords),
        "battery": st.one_of(values, battery),
        "extras": values,
        "is_moving": values,
        "alarm": values,
    },
)


@given(
    st.fixed_dictionaries(
        {"location": st.one_of(values, locations, st.lists(locations, max_size=2))},
        optional={"device_id": values},
    )
)
def test_a_traccar_body_of_anything(message: dict[str, Any]) -> None:
    """A JSON body of Traccar Client with any value in any field is read or refused."""
    body = json.dumps(message).encode()
    osmand.claimed_identity([], body)
    tolerated(osmand.decode_json, body, NOON)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["id", "deviceid", "timestamp", "lat", "lon", "location", "speed", "bearing",
                 "altitude", "accuracy", "hdop", "batt", "charge", "motion", "alarm", "valid",
                 "sat", "strap", "case", "mechanism", "sequence", "cell", "key", "x"]
            ),
            st.one_of(words, numbers.map(str)),
        ),
        max_size=14,
    )
)  # fmt: skip
def test_parameters_of_anything(pairs: list[tuple[str, str]]) -> None:
    """Parameters with any values are read or refused, also once they were in a URL."""
    tolerated(osmand.decode_parameters, pairs, NOON)
    tolerated(osmand.decode_parameters, read_pairs(urlencode(pairs).encode(), "query"), NOON)


@given(
    st.fixed_dictionaries(
        {"_type": st.one_of(st.just("location"), values)},
        optional=dict.fromkeys(
            ["tst", "lat", "lon", "acc", "vel", "cog", "alt", "batt", "bs", "motionactivities"],
            values,
        ),
    )
)
def test_an_owntracks_message_of_anything(message: dict[str, Any]) -> None:
    """An OwnTracks message with any value in any field is read, ignored or refused."""
    tolerated(owntracks.decode, json.dumps(message).encode(), NOON)


@given(st.binary(max_size=200))
@example(b"[" * 100_000)
@example(b'{"a":' * 2000 + b"1" + b"}" * 2000)
@example(b"1" * 5000)
@example(b'{"fixes":[{"sequence":' + b"9" * 5000 + b',"a":1,"b":2}]}')
@example(b'"\xed\xa0\x80"')
@example(b"\xff\xfe{\x00}\x00")
def test_bytes_of_any_kind(body: bytes) -> None:
    """Bytes that are no message at all are refused by every feed, never a crash."""
    for decode in (batch.decode, owntracks.decode, osmand.decode_json):
        tolerated(decode, body, NOON)
    osmand.claimed_identity([], body)
    tolerated(lambda: osmand.decode_parameters(read_pairs(body, "query"), NOON))


@settings(max_examples=60)
@given(st.data())
def test_a_mutilated_sample(data: st.DataObject) -> None:
    """A real payload with some bytes changed, cut or doubled is read or refused."""
    name = data.draw(
        st.sampled_from(["batch_everything", "osmand_traccar_client_9", "owntracks_android"])
    )
    body = bytearray((SAMPLES / f"{name}.json").read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(body) - 1))
        body[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    decode = {"b": batch.decode, "os": osmand.decode_json, "ow": owntracks.decode}
    tolerated(next(decode[each] for each in decode if name.startswith(each)), bytes(body), NOON)


@given(st.text(max_size=300))
def test_a_table_of_anything(text: str) -> None:
    """Any text under a heading gives rows and errors, each row of the file once."""
    lines = io.StringIO("time,lon,lat,device,speed_kmh,mechanism\n" + text, newline="")
    for row in table.read_rows(lines, {}, NOON, UTC):
        if isinstance(row, Row):
            check(Decoded(row.record))


@given(st.binary(max_size=300))
def test_a_gpx_file_of_anything(inside: bytes) -> None:
    """Any bytes inside a track give points and errors and come to an end."""
    source = io.BytesIO(b"<gpx><trk><trkseg>" + inside + b"</trkseg></trk></gpx>")
    for row in gpx.read_points(source, NOON):
        if isinstance(row, Row):
            check(Decoded(row.record))


def pairs_of_json() -> st.SearchStrategy[str]:
    """JSON text with white space wherever it may stand, and keys that may come twice."""
    space = st.sampled_from(["", " ", "\n", "\t "])
    key = st.sampled_from(['"a"', '"b"', '"a:"', '"\\":"', '"\\u003a"', '":a"'])
    leaf = st.sampled_from(["1", '"x"', '":"', '"\\":"', '"a":'.strip(":"), "null"])
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3).map(lambda parts: "[" + ",".join(parts) + "]"),
            st.lists(st.tuples(space, key, space, inner), max_size=3).map(
                lambda parts: "{" + ",".join("".join([*p[:3], ":", p[3]]) for p in parts) + "}"
            ),
        ),
        max_leaves=6,
    )


def has_key_twice(pairs: list[tuple[str, Any]]) -> Any:
    """An object hook that fails on a repeated key: the plain way to say it."""
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


@settings(max_examples=300)
@given(pairs_of_json())
def test_a_key_given_twice_is_always_found(text: str) -> None:
    """Two readers must not disagree about a message, so a repeated key is refused wherever."""
    try:
        json.loads(text, object_pairs_hook=has_key_twice)
    except AssertionError:
        with pytest.raises(BadInput):
            read_json(text.encode())
    else:
        assert read_json(text.encode()) == json.loads(text)


@given(st.lists(st.tuples(st.sampled_from(["id", "key", "lat", "Key"]), st.text(max_size=5))))
def test_no_key_is_left_in_what_is_kept(pairs: list[tuple[str, str]]) -> None:
    """Of a query or form everything stays as it was but the value of `key`."""
    kept = read_pairs(without_key(urlencode(pairs).encode()), "query")
    assert kept == [(name, value.strip()) for name, value in pairs if value and name != "key"]


def test_a_key_whose_name_is_encoded_is_taken_out_too() -> None:
    """`k%65y` reads as `key`, so it is a key."""
    assert without_key(b"a=1&k%65y=secret&b") == b"a=1&k%65y=&b="[:-1]
