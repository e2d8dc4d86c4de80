"""History in CSV: one fix a row, columns by name. A row that is wrong is told and passed over.

The separator is whichever of comma, semicolon and tab the heading has most of. Bytes that are no
UTF-8 are carried through, so that a row's text is kept as it stood.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from math import isnan

from data.errors import BadInput
from data.feeds.wire import (
    MPS_OF_KMH,
    MPS_OF_KNOT,
    Row,
    RowError,
    one_record,
    read_field,
    read_known,
    read_mechanism,
    read_moment_us,
    read_place,
)
from data.model.fix import RADIUS_95_OF_68

# What a column may hold: the record's column, and what its unit has to be multiplied by.
_NUMBERS: dict[str, tuple[str, float]] = {
    "radius_95_m": ("radius_95_m", 1),
    "accuracy_m": ("radius_95_m", RADIUS_95_OF_68),
    "speed_mps": ("speed_mps", 1),
    "speed_kmh": ("speed_mps", MPS_OF_KMH),
    "speed_knots": ("speed_mps", MPS_OF_KNOT),
    "heading_deg": ("heading_deg", 1),
    "altitude_m": ("altitude_m", 1),
    "battery_pct": ("battery_pct", 1),
    "hdop": ("hdop", 1),
    "satellites": ("satellites", 1),
    "sequence": ("sequence", 1),
}
_NEEDED = ("time", "lon", "lat")
MEANINGS = (*_NEEDED, "device", "mechanism", *_NUMBERS)
"""What `--columns` may name."""

# Headings that are understood without being told.
_USUAL: dict[str, tuple[str, ...]] = {
    "time": ("time", "fixed_at", "timestamp"),
    "lon": ("lon", "longitude", "lng"),
    "lat": ("lat", "latitude"),
    "device": ("device", "serial"),
}


@dataclass(frozen=True, slots=True)
class Columns:
    """Where a meaning stands in a row, and what the file calls it."""

    places: Mapping[str, int]
    names: Mapping[str, str]


def read_choice(text: str) -> dict[str, str]:
    """Meaning to column name from `lon=longitude,time=timestamp`; empty text chooses nothing.

    Raises:
        BadInput: an unknown meaning, or not of this form.
    """
    chosen: dict[str, str] = {}
    for part in filter(None, text.split(",")):
        meaning, sign, column = part.partition("=")
        if meaning.strip() not in MEANINGS or not sign or not column.strip():
            raise BadInput("--columns", f"name=column with names among {', '.join(MEANINGS)}", part)
        chosen[meaning.strip()] = column.strip()
    return chosen


def find_columns(heading: Sequence[str], chosen: Mapping[str, str]) -> Columns:
    """Where everything stands, by what was chosen, else by the usual headings.

    Raises:
        BadInput: a column that is not there, or none for time, lon or lat.
    """
    names = [name.strip() for name in heading]
    found: dict[str, str] = {}
    for meaning in MEANINGS:
        if meaning in chosen:
            if chosen[meaning] not in names:
                raise BadInput("--columns", f"one of {', '.join(names)}", chosen[meaning])
            found[meaning] = chosen[meaning]
        else:
            usual = _USUAL.get(meaning, (meaning,))
            name = next((each for each in usual if each in names), None)
            if name is not None:
                found[meaning] = name
            elif meaning in _NEEDED:
                raise BadInput("--columns", f"{meaning}=COLUMN, one of {', '.join(names)}")
    return Columns({meaning: names.index(name) for meaning, name in found.items()}, found)


def read_rows(
    lines: Iterable[str],
    chosen: Mapping[str, str],
    received_at: datetime,
    time_zone: tzinfo | None,
) -> Iterator[Row | RowError]:
    """The rows of a table in the file's order, its heading being the first line.

    Args:
        lines: with their ends, decoded as UTF-8 with `surrogateescape`.
        chosen: meaning to column name.
        time_zone: of times that name none; None refuses those.

    Raises:
        BadInput: the heading cannot be understood; nothing has been read then.
    """
    taken: list[str] = []
    source = iter(lines)
    heading = next(source, "").removeprefix("\ufeff")
    separator = max(",;\t", key=heading.count)
    columns = find_columns(next(csv.reader([heading], delimiter=separator), []), chosen)
    return _rows(
        csv.reader(_noting(source, taken), delimiter=separator),
        taken,
        columns,
        received_at,
        time_zone,
    )


def _rows(
    reader: Iterator[list[str]],
    taken: list[str],
    columns: Columns,
    received_at: datetime,
    time_zone: tzinfo | None,
) -> Iterator[Row | RowError]:
    line = 2
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield RowError(line, "row", f"a row of a table ({error})", _raw(taken))
        else:
            if cells:
                yield _row(cells, line, columns, _raw(taken), received_at, time_zone)
        # A quoted cell may run over several lines.
        line += len(taken)
        taken.clear()


def _noting(source: Iterator[str], taken: list[str]) -> Iterator[str]:
    for line in source:
        taken.append(line)
        yield line


def _raw(taken: Sequence[str]) -> bytes:
    return "".join(taken).encode("utf-8", "surrogateescape")


def _row(
    cells: Sequence[str],
    line: int,
    columns: Columns,
    raw: bytes,
    received_at: datetime,
    time_zone: tzinfo | None,
) -> Row | RowError:
    def cell(meaning: str) -> str | None:
        place = columns.places.get(meaning)
        if place is None:
            return None
        if place >= len(cells):
            raise BadInput(columns.names[meaning], f"{place + 1} or more columns", len(cells))
        return cells[place].strip()

    try:
        names = columns.names
        lon, lat = read_place(cell("lon"), cell("lat"), names["lon"], names["lat"])
        values: dict[str, float | int] = {
            "lon": lon,
            "lat": lat,
            "fixed_at": read_moment_us(cell("time"), names["time"], received_at, naive=time_zone),
            "mechanism": read_mechanism(cell("mechanism"), names.get("mechanism", "")),
        }
        for meaning, (name, factor) in _NUMBERS.items():
            if meaning in names:
                known = read_known(cell(meaning), names[meaning], "a number")
                # 0 metres is how files say that no accuracy was known.
                if isnan(known) or (name == "radius_95_m" and known == 0):
                    continue
                values[name] = read_field(known * factor, names[meaning], name)
        return Row(line, cell("device") or None, one_record(values), raw)
    except BadInput as error:
        return RowError(line, error.field, error.expected, raw)
