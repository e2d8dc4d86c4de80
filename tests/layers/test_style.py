"""The look of the map: grey, complete, and drawn without asking anybody outside."""

from __future__ import annotations

import base64
import colorsys
import json
import re
from dataclasses import asdict

import numpy as np
import pytest

from layers.catalogue import catalogue
from layers.style import TOKENS, Theme, hatch

GREY = ("victim", "breached")  # the only two that may have a hue


@pytest.mark.parametrize("theme", list(Theme))
def test_hue_means_alert_or_victim_and_nothing_else(theme: Theme) -> None:
    """Everything of the base map and the zones is grey: at most 8 % chroma."""
    for name, colour in asdict(TOKENS[theme]).items():
        red, green, blue = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
        chroma = max(red, green, blue) - min(red, green, blue)
        assert (name in GREY) == (chroma > 0.08), (name, colorsys.rgb_to_hsv(red, green, blue))


@pytest.mark.parametrize("theme", list(Theme))
def test_every_source_layer_is_one_that_tiles_have(theme: Theme) -> None:
    """A style that names what no tile holds draws nothing, in silence."""
    layers = catalogue()["styles"][theme.value]
    sources = {None, "basemap", "breaches", "heat", "zones", "routines", "encounters"}
    assert {each.get("source") for each in layers} == sources
    tiled = {each["source-layer"] for each in layers if each.get("source") == "basemap"}
    assert tiled == {"streets", "areas", "buildings"}
    ids = [each["id"] for each in layers]
    assert len(ids) == len(set(ids)) and ids[0] == "basemap-ground"


def test_nothing_is_fetched_from_elsewhere() -> None:
    """No address, no sprite and no glyph server: fonts are the page's own."""
    text = json.dumps(catalogue())
    assert not re.search(r"https?:|mapbox:|glyphs|sprite", text)
    assert '"text-font": ["Inter"]' in text


def test_widths_grow_with_the_zoom() -> None:
    """Every size that depends on the zoom names rising zooms and rising sizes."""
    for layers in catalogue()["styles"].values():
        for layer in layers:
            width = layer.get("paint", {}).get("line-width")
            if isinstance(width, list):
                assert width[3::2] == sorted(width[3::2]) and width[4::2] == sorted(width[4::2])


@pytest.mark.parametrize("theme", list(Theme))
def test_the_hatch_joins_without_a_seam(theme: Theme) -> None:
    """The 45 degree lines go on from one tile of the pattern to the next."""
    image = hatch(theme)
    pixels = np.frombuffer(base64.b64decode(image["rgba"]), np.uint8)
    drawn = pixels.reshape(image["height"], image["width"], 4)[..., 3] > 0
    assert drawn.any() and not drawn.all()
    twice = np.tile(drawn, (2, 2))
    assert (twice[1:, :-1] == twice[:-1, 1:]).all()


def test_every_layer_has_a_legend() -> None:
    """Who looks at the map can read what it means, in words."""
    for each in catalogue()["legends"]:
        assert each["title"] and all(entry["text"] for entry in each["entries"])
