"""Past breaches as tiles of marks.

A tile holds one mark for each cell of a fixed grid that has any breach in it, so a million of
them are never more than a thousand marks a tile. A cell with a single breach names it.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Connection,
    Subquery,
    and_,
    func,
    literal_column,
    select,
    text,
)
from sqlalchemy import case as when

from data.errors import NotFound
from data.model.breach import Channel
from data.model.history import BreachFilter
from data.rules.reach import Reach
from data.store.tables import breach_now
from layers.breach_filter import WEB_BITS, conditions
from layers.style import FONT, TOKENS, Layer, Theme

MIN_ZOOM = 0
MAX_ZOOM = 16
"""Beyond it the browser enlarges; a cell of zoom 16 is 1.2 m wide."""

LEGEND = [
    {"symbol": "breach", "text": "Breach that the track bears out, where he was surest inside"},
    {"symbol": "breach-possible", "text": "Possible breach: a single fix, or a path between two"},
    {"symbol": "breach-many", "text": "Several close together, with their number"},
    {"symbol": "visit", "text": "Track of a visit; over a gap no line is drawn"},
]

_EXTENT = 4096


def tile(
    connection: Connection,
    reach: Reach,
    wanted: BreachFilter,
    time_zone: ZoneInfo,
    place: tuple[int, int, int],
) -> bytes:
    """A vector tile of marks, layer `breaches`: n, confirmed (of them), breach_id where n is 1.

    Args:
        place: zoom, column and row of the tile.

    Raises:
        Refused: the viewer's role sees no past breaches.
        NotFound: there is no such tile.
    """
    marks = cells(conditions(reach, wanted, time_zone), place, 32 if place[0] < 15 else 256)
    return drawn(connection, marks, "breaches")


def cells(condition: ColumnElement[bool], place: tuple[int, int, int], across: int) -> Subquery:
    """One row a cell with any breach in it: geom (in units of the tile), n, confirmed, breach_id.

    Args:
        condition: which rows of `breach_now`.
        place: zoom, column and row of the tile.
        across: cells along one side, a power of two.

    Raises:
        NotFound: there is no such tile.
    """
    z, x, y = place
    if not (MIN_ZOOM <= z <= MAX_ZOOM and 0 <= x < 2**z and 0 <= y < 2**z):
        raise NotFound(f"Past breaches have no tile {z}/{x}/{y}")
    row = breach_now.c
    bits = WEB_BITS - z
    in_x, in_y = (row.web_x - (x << bits)), (row.web_y - (y << bits))
    # Nothing here may ask for what the index on places does not hold: it is answered without rows.
    inside = and_(
        # Half-open, so that a breach on a tile's edge is in one tile and not in two.
        row.web_x >= x << bits,
        row.web_x < (x + 1) << bits,
        row.web_y >= y << bits,
        row.web_y < (y + 1) << bits,
    )
    # A cell is known by its number; shifting is all that a million rows are put to.
    shift = bits - across.bit_length() + 1
    number = in_y.op(">>")(shift).op("*")(across).op("+")(in_x.op(">>")(shift))
    to_units = _EXTENT / 2**bits
    n = func.count()
    centre = func.ST_MakePoint(
        func.round(func.sum(in_x) * to_units / n), func.round(func.sum(in_y) * to_units / n)
    )
    return (
        select(
            centre.label("geom"),
            n.label("n"),
            func.count().filter(row.channel == int(Channel.CONFIRMED)).label("confirmed"),
            when((n == 1, func.min(row.breach_id))).label("breach_id"),
        )
        .where(inside, condition)
        .group_by(number)
        .subquery("marks")
    )


def drawn(connection: Connection, marks: Subquery, name: str) -> bytes:
    """These marks as a vector tile of one layer."""
    # Compiling takes longer than what it would save.
    connection.execute(text("set local jit = off"))
    query = select(func.ST_AsMVT(literal_column("marks"), name, _EXTENT, "geom"))
    return bytes(connection.scalar(query.select_from(marks)) or b"")


def style(theme: Theme) -> list[Layer]:
    """MapLibre layers on the vector source `breaches`: full is borne out, hollow is possible."""
    token = TOKENS[theme]
    n = ["get", "n"]
    is_one = ["==", n, 1]
    share = ["/", ["get", "confirmed"], n]
    size = ["interpolate", ["linear"], ["log10", n], 0, 5, 1, 9, 2, 13, 4, 20]
    return [
        {
            "id": "breaches-marks",
            "type": "circle",
            "source": "breaches",
            "source-layer": "breaches",
            "layout": {"circle-sort-key": n},
            "paint": {
                "circle-radius": size,
                "circle-color": [
                    "case",
                    ["all", is_one, ["==", share, 0]],
                    token.field,
                    token.zone,
                ],
                "circle-opacity": ["case", is_one, 0.95, 0.85],
                "circle-stroke-color": ["case", is_one, token.zone, token.field],
                "circle-stroke-width": ["case", is_one, 2, 1],
            },
        },
        {
            "id": "breaches-numbers",
            "type": "symbol",
            "source": "breaches",
            "source-layer": "breaches",
            "filter": [">", n, 9],
            "layout": {
                "text-field": [
                    "case",
                    [">=", n, 10000],
                    ["concat", ["to-string", ["round", ["/", n, 1000]]], "k"],
                    ["to-string", n],
                ],
                "text-font": FONT,
                "text-size": 12,
                "text-allow-overlap": True,
                "symbol-sort-key": ["-", 0, n],
            },
            "paint": {"text-color": token.field},
        },
    ]
