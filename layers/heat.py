"""Where past breaches lie thickest: the same breaches as `layers.breaches`, as a cloud of grey."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from data.model.history import BreachFilter
from data.rules.reach import Reach
from layers import breaches
from layers.breach_filter import conditions
from layers.style import TOKENS, Layer, Theme

LEGEND = [{"symbol": "heat", "text": "The lighter, the more breaches (darker by day)"}]

_ACROSS = 64
"""Cells along a tile's side: half of what the cloud blurs anyway."""


def tile(
    connection: Connection,
    reach: Reach,
    wanted: BreachFilter,
    time_zone: ZoneInfo,
    place: tuple[int, int, int],
) -> bytes:
    """A vector tile of cells, layer `heat`, with n: how many breaches. No breach is named.

    Raises:
        Refused: the viewer's role sees no past breaches.
        NotFound: there is no such tile.
    """
    condition = conditions(reach, wanted, time_zone)
    cells = breaches.cells(condition, place, _ACROSS).c
    return breaches.drawn(connection, select(cells.geom, cells.n).subquery("marks"), "heat")


def style(theme: Theme) -> list[Layer]:
    """One MapLibre layer on the vector source `heat`, from nothing to the colour of zones."""
    red, green, blue = (int(TOKENS[theme].zone[at : at + 2], 16) for at in (1, 3, 5))

    def ink(alpha: float) -> str:
        return f"rgba({red},{green},{blue},{alpha})"

    density: list[Any] = ["interpolate", ["linear"], ["heatmap-density"]]
    for at, alpha in ((0, 0), (0.1, 0.12), (0.4, 0.4), (0.7, 0.65), (1, 0.92)):
        density += [at, ink(alpha)]
    return [
        {
            "id": "heat-cloud",
            "type": "heatmap",
            "source": "heat",
            "source-layer": "heat",
            "paint": {
                # By the logarithm: a hundred in one place must not blot out one in another.
                "heatmap-weight": ["+", 0.25, ["*", 0.4, ["log10", ["get", "n"]]]],
                "heatmap-radius": ["interpolate", ["linear"], ["zoom"], 8, 10, 13, 22, 17, 40],
                "heatmap-intensity": ["interpolate", ["linear"], ["zoom"], 8, 0.5, 13, 0.9],
                "heatmap-color": density,
            },
        }
    ]
