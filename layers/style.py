"""What the map looks like: the colour tokens of both themes as MapLibre style layers.

Hue means an alert or a victim and nothing else, so everything here is grey: at most 8 % chroma.
Text fonts are CSS font names, drawn by the browser; there are no glyph files.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

FONT = ["Inter"]
"""The CSS font of all map labels; the page serves it itself."""


class Theme(StrEnum):
    """The two looks of a screen."""

    NIGHT = "night"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Tokens:
    """The colours one theme's map is made of."""

    field: str  # the ground
    water: str
    green: str
    building: str
    square: str
    street_minor: str
    street_medium: str
    street_major: str
    street_case: str
    label: str
    label_halo: str
    zone: str
    victim: str
    breached: str


TOKENS: dict[Theme, Tokens] = {
    Theme.NIGHT: Tokens(
        field="#1E2328",
        water="#14181C",
        green="#22282A",
        building="#262B31",
        square="#272D32",
        street_minor="#394149",
        street_medium="#454E57",
        street_major="#535D67",
        street_case="#181C20",
        label="#9DA7B1",
        label_halo="#1E2328",
        zone="#C3CBD3",
        victim="#9D84F5",
        breached="#FF5A52",
    ),
    Theme.DAY: Tokens(
        field="#E4E7E9",
        water="#CBD1D6",
        green="#DCE1DE",
        building="#D6DADD",
        square="#ECEEF0",
        street_minor="#F7F8F9",
        street_medium="#FFFFFF",
        street_major="#FFFFFF",
        street_case="#C3C9CE",
        label="#434D57",
        label_halo="#F1F3F4",
        zone="#39434C",
        victim="#5A3FC0",
        breached="#B3001B",
    ),
}

Layer = dict[str, Any]


def by_zoom(*stops: float) -> list[Any]:
    """A size that grows with the zoom: zoom, size, zoom, size and so on."""
    return ["interpolate", ["exponential", 1.5], ["zoom"], *stops]


def hatch(theme: Theme, *, size: int = 20, line: int = 2, alpha: int = 110) -> dict[str, Any]:
    """The 45 degree hatch of exclusion zones as an image the browser can add to the map.

    Returns:
        width and height in pixels, `pixel_ratio` 2, and `rgba` in base64, row by row.
    """
    rows, columns = np.indices((size, size))
    # The distance along the falling diagonal repeats with the tile, so tiles join without a seam.
    along = (rows + columns) % size
    pixels = np.zeros((size, size, 4), np.uint8)
    pixels[..., :3] = _rgb(TOKENS[theme].zone)
    pixels[..., 3] = np.where(along < line, alpha, 0)
    return {
        "width": size,
        "height": size,
        "pixel_ratio": 2,
        "rgba": base64.b64encode(pixels.tobytes()).decode(),
    }


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
