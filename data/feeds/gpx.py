"""History in GPX: the points of its tracks. A point that is wrong is told and passed over.

Read as a stream with line numbers, which general GPX readers do not give, and with each point's
own bytes. Times are UTC as GPX has them, speed m/s, course degrees, elevation metres.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from math import isnan
from typing import BinaryIO
from xml.parsers import expat

from data.errors import BadInput
from data.feeds.wire import (
    RANGES,
    Row,
    RowError,
    one_record,
    read_field,
    read_known,
    read_moment_us,
    read_place,
)

_CHUNK_BYTES = 64 * 1024
_POINT = "trkpt"
# What may stand inside a point, at any depth, under any namespace, and the record's column.
_CHILDREN = {
    "ele": "altitude_m",
    "speed": "speed_mps",
    "course": "heading_deg",
    "hdop": "hdop",
    "sat": "satellites",
}


def read_points(source: BinaryIO, received_at: datetime) -> Iterator[Row | RowError]:
    """The points of all tracks of a file, in its order. The file does not name a device.

    XML that breaks off gives its last entry as an error; what stood before it has been given.
    """
    points = _Points(received_at)
    is_open = True
    while is_open:
        chunk = source.read(_CHUNK_BYTES)
        is_open = bool(chunk)
        try:
            points.feed(chunk)
        except (expat.ExpatError, BadInput) as error:
            is_open = False
            words = error.expected if isinstance(error, BadInput) else f"well-formed XML ({error})"
            points.found.append(RowError(points.line, "gpx", words))
        yield from points.found
        points.found.clear()


class _Points:
    def __init__(self, received_at: datetime) -> None:
        self.found: list[Row | RowError] = []
        self._received_at = received_at
        self._held = b""  # from the start of the open point, or of the newest tag
        self._held_at = 0
        self._seen_at = 0
        self._point: dict[str, str] | None = None
        self._begun_at = 0
        self._begun_line = 0
        self._text: list[str] = []
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text.append
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype

    @property
    def line(self) -> int:
        """Where the reader stands, from 1."""
        return self._parser.CurrentLineNumber

    def feed(self, chunk: bytes) -> None:
        """Reads on; an empty chunk is the end."""
        # Not from the end of the last chunk: a tag may have begun in it and not have been seen.
        keep_from = self._begun_at if self._point is not None else self._seen_at
        self._held = self._held[keep_from - self._held_at :] + chunk
        self._held_at = keep_from
        self._parser.Parse(chunk, not chunk)

    def _refuse_doctype(self, *_: object) -> None:
        # GPX has none; what it may declare (entities) is how a small file becomes a huge one.
        raise BadInput("gpx", "GPX without a document type")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._seen_at = self._parser.CurrentByteIndex
        if _local(name) == _POINT:
            self._point = dict(attributes)
            self._begun_at = self._parser.CurrentByteIndex
            self._begun_line = self._parser.CurrentLineNumber
        self._text.clear()

    def _end(self, name: str) -> None:
        self._seen_at = self._parser.CurrentByteIndex
        if self._point is None:
            return
        local = _local(name)
        if local != _POINT:
            self._point.setdefault(local, "".join(self._text).strip())
            return
        end = self._held.find(b">", self._parser.CurrentByteIndex - self._held_at) + 1
        raw = self._held[self._begun_at - self._held_at : end]
        self.found.append(_point(self._point, self._begun_line, raw, self._received_at))
        self._point = None


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _point(given: dict[str, str], line: int, raw: bytes, received_at: datetime) -> Row | RowError:
    try:
        lon, lat = read_place(given.get("lon"), given.get("lat"), "lon", "lat")
        values: dict[str, float | int] = {
            "lon": lon,
            "lat": lat,
            "fixed_at": read_moment_us(given.get("time"), "time", received_at, naive=UTC),
        }
        for child, name in _CHILDREN.items():
            if name == "altitude_m":
                number = read_field(given.get(child), child, name)
            else:
                number = read_known(given.get(child), child, RANGES[name][2])
            if not isnan(number):
                values[name] = read_field(number, child, name)
        return Row(line, None, one_record(values), raw)
    except BadInput as error:
        return RowError(line, error.field, error.expected, raw)
