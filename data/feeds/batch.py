"""Vigil's own batch: `{"fixes": [{"fixed_at", "lon", "lat", ...}]}`, 1 to 1,000 fixes in JSON.

Each fix may have `radius_95_m`, `speed_mps`, `heading_deg`, `altitude_m`, `battery_pct`, `hdop`,
`satellites`, `sequence`, `mechanism` and `events`, named and measured as in the record.
`fixed_at` is ISO 8601 with its zone, Unix seconds or Unix milliseconds. `lon` and `lat` both
null is a device that reports without a fix. Read by column: a fix costs no object of its own.
"""

from __future__ import annotations

from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from data.errors import BadInput
from data.feeds.wire import (
    BATCH_LIMIT,
    EVENT_BITS,
    RANGES,
    Decoded,
    read_json,
    read_mechanism,
    read_moment_us,
    read_object,
    read_place,
)
from data.model.fix import DeviceEvent, empty_fixes

_NUMBERS = ("radius_95_m", "speed_mps", "heading_deg", "altitude_m", "hdop", "battery_pct")
_COUNTS = ("satellites", "sequence")
_PLAIN = {int, float, type(None)}


def decode(body: bytes, received_at: datetime) -> Decoded:
    """The fixes of a batch, in its order.

    Raises:
        BadInput: names the first field found wrong, as `fixes[3].lat`; nothing of the batch is
            taken then.
    """
    fixes = read_object(read_json(body), "body").get("fixes")
    if not isinstance(fixes, list):
        raise BadInput("fixes", "a list of fixes")
    if not 1 <= len(fixes) <= BATCH_LIMIT:
        raise BadInput("fixes", f"1 to {BATCH_LIMIT} fixes", len(fixes))
    if any(type(fix) is not dict for fix in fixes):
        wrong = next(n for n, fix in enumerate(fixes) if type(fix) is not dict)
        raise BadInput(f"fixes[{wrong}]", "a JSON object")
    records = empty_fixes(len(fixes))
    records["fixed_at"] = [
        read_moment_us(fix.get("fixed_at"), f"fixes[{n}].fixed_at", received_at)
        for n, fix in enumerate(fixes)
    ]
    _fill_places(fixes, records)
    for name in _NUMBERS:
        records[name] = _column(fixes, name)
    for name in _COUNTS:
        records[name] = np.nan_to_num(_column(fixes, name), nan=-1).astype(np.int64)
    _fill_words(fixes, records)
    return Decoded(records)


def _column(fixes: list[dict[str, object]], name: str) -> NDArray[np.float64]:
    values = [fix.get(name) for fix in fixes]
    low, high, words = RANGES[name]
    if set(map(type, values)) <= _PLAIN:
        column = np.array(values, np.float64)
        wrong = ~((column >= low) & (column <= high)) & ~np.isnan(column)
    else:
        column = np.empty(0)
        wrong = np.array([type(value) not in _PLAIN for value in values])
    if wrong.any():
        raise BadInput(f"fixes[{int(wrong.argmax())}].{name}", words)
    return column


def _fill_places(fixes: list[dict[str, object]], records: NDArray[np.void]) -> None:
    for n, fix in enumerate(fixes):
        # Both must be given as null: a fix that merely lacks them is a mistake.
        if fix.get("lon", 0) is None and fix.get("lat", 0) is None:
            continue
        lon, lat = fix.get("lon"), fix.get("lat")
        # The quick look passes nearly all; whatever fails it gets the full reading and its words.
        if not (type(lon) is float is type(lat) and -180 <= lon <= 180 and -90 <= lat <= 90):
            lon, lat = read_place(
                lon if type(lon) is not str else [], lat if type(lat) is not str else [],
                f"fixes[{n}].lon", f"fixes[{n}].lat",
            )  # fmt: skip
        records["lon"][n] = lon
        records["lat"][n] = lat


def _fill_words(fixes: list[dict[str, object]], records: NDArray[np.void]) -> None:
    for n, fix in enumerate(fixes):
        if "mechanism" in fix:
            records["mechanism"][n] = read_mechanism(fix["mechanism"], f"fixes[{n}].mechanism")
        if fix.get("events"):
            records["events"][n] = _events(fix["events"], f"fixes[{n}].events")


def _events(value: object, field: str) -> DeviceEvent:
    if not isinstance(value, list):
        raise BadInput(field, "a list of words")
    events = DeviceEvent(0)
    for word in value:
        bits = EVENT_BITS.get(word) if isinstance(word, str) else None
        if bits is None:
            raise BadInput(field, "words among " + ", ".join(EVENT_BITS), word)
        events |= bits
    return events
