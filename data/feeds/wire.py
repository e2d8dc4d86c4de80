"""What feeds share: reading numbers, moments, parameters and JSON off a wire.

Pure. Every refusal names the field as the sender calls it and never echoes a place or a key.
A feed gives records (data.model.fix.FIX_DTYPE): degrees EPSG:4326, metres, m/s, UTC microseconds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from urllib.parse import parse_qsl, unquote_plus

import numpy as np
import orjson
from numpy.typing import NDArray

from data.clock import microseconds
from data.errors import BadInput
from data.model.fix import DeviceEvent, Mechanism, empty_fixes

BATCH_LIMIT = 1000
"""Fixes in one message, at most."""

EVENT_BITS: dict[str, DeviceEvent] = {
    "strap_open": DeviceEvent.STRAP_OPEN | DeviceEvent.STRAP_KNOWN,
    "strap_closed": DeviceEvent.STRAP_KNOWN,
    "case_open": DeviceEvent.CASE_OPEN | DeviceEvent.CASE_KNOWN,
    "case_closed": DeviceEvent.CASE_KNOWN,
    "charging": DeviceEvent.CHARGING,
    "jamming": DeviceEvent.JAMMING,
    "button": DeviceEvent.BUTTON,
    "moving": DeviceEvent.MOVING | DeviceEvent.MOVING_KNOWN,
    "still": DeviceEvent.MOVING_KNOWN,
}
"""The words a device may use for facts beside its position."""

MECHANISMS: dict[str, Mechanism] = {
    "": Mechanism.UNKNOWN,
    "unknown": Mechanism.UNKNOWN,
    "gnss": Mechanism.GNSS,
    "gps": Mechanism.GNSS,
    "wifi": Mechanism.WIFI,
    "cell": Mechanism.CELL,
    "rf": Mechanism.RF,
}

# (low, high, words) of each number of a record; ends included.
RANGES: dict[str, tuple[float, float, str]] = {
    "lon": (-180, 180, "a longitude from -180 to 180"),
    "lat": (-90, 90, "a latitude from -90 to 90"),
    "radius_95_m": (0.01, 1e7, "metres above 0"),
    "speed_mps": (0, 1e4, "a speed of 0 or more"),
    "heading_deg": (0, 360, "degrees from 0 to 360"),
    "altitude_m": (-1e4, 1e5, "metres above sea level"),
    "hdop": (0, 1e4, "a dilution of 0 or more"),
    "battery_pct": (0, 100, "percent from 0 to 100"),
    "satellites": (0, 1000, "a count from 0 to 1000"),
    "sequence": (0, 2**53, "a whole number of 0 or more"),
}

MPS_OF_KNOT = 1852 / 3600
MPS_OF_KMH = 1 / 3.6

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST_US = 946_684_800_000_000  # 2000-01-01: before it a clock is unset, not wrong
_FUTURE_LIMIT_US = 86_400_000_000
# Seconds stay below this until the year 5138; milliseconds passed it in 1973.
_MILLISECONDS_FROM = 1e11
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?", re.ASCII)
_SPACED_OFFSET = re.compile(r"(T[\d:.]+) (\d\d:?\d\d)$", re.ASCII)
_MOMENT_WORDS = "Unix seconds, Unix milliseconds or an ISO 8601 time"


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a feed made of one message.

    Args:
        records: FIX_DTYPE, shape (n,), in the sender's order; n is 0 for a message without fixes.
        identity: the device the payload says it is from; None where it does not say.
        ignored: why a well-formed message carries no fix; None where it carries one.
    """

    records: NDArray[np.void]
    identity: str | None = None
    ignored: str | None = None


def read_number(value: object, field: str, low: float, high: float, words: str) -> float:
    """A finite number within [low, high] from JSON or text.

    Raises:
        BadInput: a word, a truth value, NaN, infinity, a decimal comma, or out of range.
    """
    number = float("nan")
    if isinstance(value, str):
        text = value.strip()
        if len(text) <= 40 and _NUMBER.fullmatch(text):
            number = float(text)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        number = float(value)
    # NaN fails both comparisons, so it is refused here as well.
    if not low <= number <= high:
        raise BadInput(field, words)
    return number


def read_field(value: object, field: str, name: str) -> float:
    """The number of a record called `name`, in the record's unit; None or "" gives NaN."""
    if value is None or value == "":
        return float("nan")
    return read_number(value, field, *RANGES[name])


def read_known(value: object, field: str, words: str) -> float:
    """A number that is negative or missing where the sender does not know it; then NaN."""
    if value is None or value == "":
        return float("nan")
    number = read_number(value, field, -1e12, 1e12, words)
    return number if number >= 0 else float("nan")


def read_place(lon: object, lat: object, lon_field: str, lat_field: str) -> tuple[float, float]:
    """Longitude and latitude, both required.

    Raises:
        BadInput: one is missing, no number or out of range. Where the latitude could only be a
            longitude, the message asks whether the two are swapped.
    """
    for value, field, name in ((lat, lat_field, "lat"), (lon, lon_field, "lon")):
        if value is None or value == "":
            raise BadInput(field, RANGES[name][2], "nothing")
    try:
        latitude = read_number(lat, lat_field, *RANGES["lat"])
    except BadInput as error:
        read_number(lat, lat_field, -180, 180, error.expected)
        raise BadInput(lat_field, f"{error.expected} (are lat and lon swapped?)") from error
    return read_number(lon, lon_field, *RANGES["lon"]), latitude


def read_moment_us(
    value: object, field: str, received_at: datetime, *, naive: tzinfo | None = None
) -> int:
    """A moment in UTC microseconds from Unix seconds, Unix milliseconds or ISO 8601.

    A device's clock may be wrong, and what it saw still counts: only what no clock can mean is
    refused, before 2000 or more than one day ahead of `received_at`.

    Args:
        value: a number or text. Numbers from 1e11 on are milliseconds.
        field: what the sender calls it.
        received_at: when it reached us, aware.
        naive: the zone of a time that names none; None refuses such a time.

    Raises:
        BadInput: missing, unreadable or absurd.
    """
    if value is None or value == "":
        raise BadInput(field, _MOMENT_WORDS, "nothing")
    if isinstance(value, str) and not _NUMBER.fullmatch(value.strip()):
        moment_us = _iso_us(value.strip(), field, naive)
    else:
        number = read_number(value, field, -1e17, 1e17, _MOMENT_WORDS)
        moment_us = round(number * (1_000 if abs(number) >= _MILLISECONDS_FROM else 1_000_000))
    if moment_us < _EARLIEST_US:
        raise BadInput(field, "a time after 1999", _day(moment_us))
    if moment_us > microseconds(received_at) + _FUTURE_LIMIT_US:
        raise BadInput(field, "a time no more than one day ahead of ours", _day(moment_us))
    return moment_us


def _iso_us(text: str, field: str, naive: tzinfo | None) -> int:
    # A "+" that was put into a URL as it is arrives as a space.
    mended = _SPACED_OFFSET.sub(r"\1+\2", text) if " " in text else text
    try:
        moment = datetime.fromisoformat(mended)
    except ValueError as error:
        raise BadInput(field, _MOMENT_WORDS, text) from error
    if moment.tzinfo is None:
        if naive is None:
            raise BadInput(field, "a time with its zone, such as 2026-01-26T15:57:02Z", text)
        moment = moment.replace(tzinfo=naive)
    try:
        return microseconds(moment)
    except OverflowError as error:
        raise BadInput(field, _MOMENT_WORDS, text) from error


def _day(moment_us: int) -> str:
    try:
        return (_EPOCH + timedelta(microseconds=moment_us)).date().isoformat()
    except OverflowError:
        return "a time beyond all calendars"


def read_truth(value: object, field: str) -> bool | None:
    """True or False from JSON or text (true, false, 1, 0); None where nothing is said."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return value
    found = {"true": True, "1": True, "false": False, "0": False}.get(str(value).strip().lower())
    if found is None:
        raise BadInput(field, "true or false", value)
    return found


def read_mechanism(value: object, field: str) -> Mechanism:
    """How the position was found; nothing said is UNKNOWN."""
    if value is None:
        return Mechanism.UNKNOWN
    found = MECHANISMS.get(value.strip().lower()) if isinstance(value, str) else None
    if found is None:
        raise BadInput(field, "gnss, wifi, cell, rf or unknown", value)
    return found


def read_json(body: bytes) -> object:
    """The value a JSON body holds.

    Stricter than JSON has to be: a repeated key is refused, because two readers would
    disagree about which one counts.

    Raises:
        BadInput: not UTF-8, not JSON, NaN, infinite, nested too deep, or a key given twice.
    """
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadInput("body", "JSON in UTF-8", error.msg) from error
    if not _has_each_key_once(body, value):
        _repeats.decode(body.decode())
    return value


def _has_each_key_once(body: bytes, value: object) -> bool:
    # A key ends in a quote and a colon, so as many of these as there are keys left means that
    # none was overwritten. False only says that it takes a closer look.
    if any(body.count(each) for each in (b" :", b"\t:", b"\n:", b"\r:")):
        return False
    keys = 0
    inside = [value]
    while inside:
        found = inside.pop()
        if type(found) is dict:
            keys += len(found)
            found = found.values()
        elif type(found) is not list:
            continue
        inside += [each for each in found if type(each) is dict or type(each) is list]
    return keys == body.count(b'":')


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise BadInput(twice[:60], "each field once", "it twice")
    return found


# Numbers stay text: only the keys matter here, and int() refuses very long ones.
_repeats = json.JSONDecoder(object_pairs_hook=_once, parse_int=str, parse_float=str)


def read_object(value: object, field: str) -> Mapping[str, object]:
    """A JSON object."""
    if not isinstance(value, dict):
        raise BadInput(field, "a JSON object", type(value).__name__)
    return value


def read_pairs(encoded: bytes, field: str) -> list[tuple[str, str]]:
    """Names and values of a query string or form body, in order, empty ones left out.

    Raises:
        BadInput: not UTF-8, or more than 100 parameters.
    """
    try:
        pairs = parse_qsl(encoded.decode(), encoding="utf-8", errors="strict", max_num_fields=100)
    except UnicodeDecodeError as error:
        raise BadInput(field, "percent-encoded UTF-8") from error
    except ValueError as error:
        raise BadInput(field, "at most 100 parameters") from error
    return [(name, value.strip()) for name, value in pairs]


def without_key(encoded: bytes) -> bytes:
    """A query string or form body with the value of every parameter `key` taken out.

    What is kept of a request becomes evidence, and a secret must not.
    """
    return b"&".join(
        name + b"=" if unquote_plus(name.decode("latin-1")) == "key" else part
        for part in encoded.split(b"&")
        for name in (part.partition(b"=")[0],)
    )


def one_record(values: Mapping[str, float | int]) -> NDArray[np.void]:
    """One FIX_DTYPE record with these columns set and everything else unknown."""
    record = empty_fixes(1)
    for name, value in values.items():
        record[name] = value
    return record


def joined(records: Sequence[NDArray[np.void]]) -> NDArray[np.void]:
    """Records one after the other; none gives an empty array."""
    return np.concatenate(records) if records else empty_fixes(0)


@dataclass(frozen=True, slots=True)
class Row:
    """One fix of a history file, with the text it was read from.

    Args:
        line: where it begins in the file, from 1.
        device: whose fix it is; None where the file does not say.
        record: FIX_DTYPE, shape (1,).
        raw: its bytes as they stand in the file.
    """

    line: int
    device: str | None
    record: NDArray[np.void]
    raw: bytes


@dataclass(frozen=True, slots=True)
class RowError:
    """A place in a history file that cannot be taken, and why; the rest of the file goes on."""

    line: int
    field: str
    expected: str
    raw: bytes = b""
