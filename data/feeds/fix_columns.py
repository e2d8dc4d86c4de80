"""Fixes in a CSV file, read as columns: what `app.py judge-files` is given.

`activation,fixed_at,lon,lat,radius_95_m` and optional `mechanism,speed_mps,received_at`. A row
that cannot be meant is refused with its line number and field; the others are read on. Pure:
text in, columns out. Degrees EPSG:4326, UTC microseconds.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.errors import BadInput
from data.feeds.wire import MECHANISMS, RANGES
from data.model.fix import empty_fixes

REQUIRED = ("activation", "fixed_at", "lon", "lat", "radius_95_m")
OPTIONAL = ("mechanism", "speed_mps", "received_at")

_EARLIEST_US = 946_684_800_000_000  # 2000-01-01: before it a clock is unset, not wrong
_FUTURE_LIMIT_US = 86_400_000_000
_MILLISECONDS_FROM = 1e11  # as in data.feeds.wire
_ROWS_AT_ONCE = 500_000
_SKIPPED = re.compile(r"line (\d+): expected (\d+) fields, saw (\d+)")


@dataclass(frozen=True, slots=True)
class RowFault:
    """Why a row was refused. Names the field, never a place."""

    line: int  # the first line of the file is 1
    field: str
    expected: str

    def __str__(self) -> str:
        """One line for a person."""
        return f"line {self.line}: {self.field}: expected {self.expected}"


@dataclass(frozen=True, slots=True)
class FixTable:
    """Fixes of one part of a file, shape (n,) each, in the order of the file."""

    activation: NDArray[np.object_]  # as the file calls it
    records: NDArray[np.void]  # data.model.fix.FIX_DTYPE
    received_at_us: NDArray[np.int64]  # as given, else the fix's own moment
    faults: tuple[RowFault, ...]


def read_fix_columns(stream: IO[str], now_us: int) -> Iterator[FixTable]:
    """The file in parts, so that a large one needs memory only for what it says.

    Args:
        stream: the text, its first line the names of the columns, in any order.
        now_us: a fix more than a day later than this is refused.

    Raises:
        BadInput: the file as a whole is none of ours, such as a missing column.
    """
    header = stream.readline()
    names = [name.strip().strip('"') for name in header.lstrip("\ufeff").rstrip("\r\n").split(",")]
    for name in REQUIRED:
        if name not in names:
            raise BadInput(name, f"a column of this name (the file has: {', '.join(names)[:200]})")
    for name in set(names) & {*REQUIRED, *OPTIONAL}:
        if names.count(name) > 1:
            raise BadInput(name, "one column of this name")
    yield from _parts(_Led(stream, "," * (len(names) - 1) + "\n"), names, now_us)


class _Led:
    """A stream with a row of nothings before it, in place of the line of names.

    pandas takes the first row's number of values for right, however many the names are.
    """

    def __init__(self, stream: IO[str], lead: str) -> None:
        self._stream, self._lead = stream, lead

    def read(self, size: int = -1) -> str:
        lead, self._lead = self._lead, ""
        return lead or self._stream.read(size)

    def __iter__(self) -> Iterator[str]:
        return iter([self.read(), *self._stream])


def _parts(stream: _Led, names: list[str], now_us: int) -> Iterator[FixTable]:
    wanted = [name for name in names if name in REQUIRED or name in OPTIONAL]
    words = ("activation", "fixed_at", "received_at", "mechanism")
    try:
        parts = pd.read_csv(
            stream,
            # All columns: with some left out, a row with too many values would pass.
            names=[name if name in wanted else f"{at}" for at, name in enumerate(names)],
            header=None,
            index_col=False,
            dtype={name: "str" for name in words if name in wanted},
            keep_default_na=False,
            na_values=[""],
            # A blank line has a number too.
            skip_blank_lines=False,
            on_bad_lines="warn",
            chunksize=_ROWS_AT_ONCE,
            low_memory=False,
        )
    except pd.errors.EmptyDataError:
        return
    skipped: list[int] = []
    while True:
        part, faults = _next(parts)
        if part is None:
            if faults:  # nothing but rows that were skipped was left
                nothing = np.empty(0, np.int64)
                yield FixTable(nothing.astype(object), empty_fixes(0), nothing, tuple(faults))
            return
        skipped += [fault.line for fault in faults]
        yield _table(part, np.array(sorted(skipped), np.int64), faults, now_us)


def _next(parts: Iterator[pd.DataFrame]) -> tuple[pd.DataFrame | None, list[RowFault]]:
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", pd.errors.ParserWarning)
        try:
            part = next(parts, None)
        except pd.errors.ParserError as error:
            raise BadInput("fixes", "a CSV file", str(error).split("C error: ")[-1]) from error
    return part, [fault for each in said for fault in _skipped(str(each.message))]


def _skipped(message: str) -> list[RowFault]:
    return [
        RowFault(int(line), "row", f"{expected} values, found {saw}")
        for line, expected, saw in _SKIPPED.findall(message)
    ]


def _lines(part: pd.DataFrame, skipped: NDArray[np.int64]) -> NDArray[np.int64]:
    lines: NDArray[np.int64] = part.index.to_numpy().astype(np.int64) + 1
    before = np.searchsorted(skipped - np.arange(len(skipped)), lines, side="right")
    return lines + before


def _table(
    part: pd.DataFrame, skipped: NDArray[np.int64], faults: list[RowFault], now_us: int
) -> FixTable:
    records = empty_fixes(len(part))
    wrong = [("activation", part["activation"].isna().to_numpy(), "the name of an activation")]
    records["fixed_at"], found = _moments(part["fixed_at"], now_us)
    wrong += [("fixed_at", bad, words) for bad, words in found]
    received_at_us = records["fixed_at"].copy()
    if "received_at" in part:
        given = part["received_at"].notna().to_numpy()
        moments, found = _moments(part["received_at"], now_us)
        received_at_us[given] = moments[given]
        wrong += [("received_at", bad & given, words) for bad, words in found]
    for name in ("lon", "lat", "radius_95_m", "speed_mps"):
        if name in part:
            records[name], bad, words = _numbers(part[name], name)
            wrong.append((name, bad, words))
    if "mechanism" in part:
        records["mechanism"], bad, words = _mechanisms(part["mechanism"])
        wrong.append(("mechanism", bad, words))
    lines = _lines(part, skipped)
    # A row of nothing but nothings is an empty line.
    blank = part.isna().all(axis=1).to_numpy()
    refused = blank.copy()
    for name, bad, words in wrong:
        # One reason a row is enough to find it.
        faults += [RowFault(int(line), name, words) for line in lines[bad & ~refused]]
        refused |= bad
    kept = ~refused
    return FixTable(
        part["activation"].to_numpy(object)[kept],
        records[kept],
        received_at_us[kept],
        tuple(sorted(faults, key=lambda fault: fault.line)),
    )


def _moments(
    column: pd.Series, now_us: int
) -> tuple[NDArray[np.int64], list[tuple[NDArray[np.bool_], str]]]:
    """Microseconds, and what may be wrong with them; Unix numbers or ISO 8601."""
    numbers = pd.to_numeric(column, errors="coerce").to_numpy(np.float64)
    numeric = np.isfinite(numbers) & (np.abs(numbers) < 1e14)
    moments = np.zeros(len(column), np.int64)
    scale = np.where(np.abs(numbers) >= _MILLISECONDS_FROM, 1e3, 1e6)
    moments[numeric] = np.rint(numbers[numeric] * scale[numeric]).astype(np.int64)
    readable = numeric
    if not numeric.all():
        # A time without an offset is UTC, as everything here is.
        read = pd.to_datetime(column.where(~numeric), format="ISO8601", utc=True, errors="coerce")
        text = read.notna().to_numpy()
        moments[text] = read[text].dt.tz_localize(None).to_numpy("datetime64[us]").astype(np.int64)
        readable = numeric | text
    return moments, [
        (~readable, "an ISO 8601 time, Unix seconds or milliseconds"),
        (readable & (moments < _EARLIEST_US), "a time after 1999"),
        (readable & (moments > now_us + _FUTURE_LIMIT_US), "a time no more than one day ahead"),
    ]


def _numbers(column: pd.Series, name: str) -> tuple[NDArray[np.float64], NDArray[np.bool_], str]:
    low, high, words = RANGES[name]
    numbers = pd.to_numeric(column, errors="coerce").to_numpy(np.float64)
    bad = ~((numbers >= low) & (numbers <= high))
    if name in ("lon", "lat"):
        words += " (are lon and lat swapped?)" if name == "lat" else ""
    else:
        words += ", or nothing where unknown"
        bad &= column.notna().to_numpy()
    return np.where(bad, np.nan, numbers), bad, words


def _mechanisms(column: pd.Series) -> tuple[NDArray[np.uint8], NDArray[np.bool_], str]:
    spelt = column.fillna("").str.strip().str.lower()
    codes = spelt.map({name: int(code) for name, code in MECHANISMS.items()})
    known = ", ".join(name for name in MECHANISMS if name)
    return codes.fillna(0).to_numpy(np.uint8), codes.isna().to_numpy(), f"one of {known}"
