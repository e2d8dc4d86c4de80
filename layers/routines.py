"""Her routine places on a map: drawn only while they are revealed to the one who looks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from data.geo import LonLat, places_around
from data.service.encounters import Drawn
from layers.style import FONT, TOKENS, Layer, Theme

LEGEND = [
    {"symbol": "routine", "text": "Routine place of the victim, while revealed"},
    {"symbol": "near", "text": "The distance that counts as near"},
]

_BEARINGS = np.linspace(0.0, 360.0, 73)


def geojson(places: Iterable[Drawn], near_m: float) -> dict[str, Any]:
    """A point, the place's own extent and the ring of `near_m` round each; `part` tells them apart.

    Degrees, EPSG:4326. Nothing here asks who looks: `places` is empty where they are masked.
    """
    features = []
    for each in places:
        says = {"label": f"{each.number} {each.name}", "number": each.number}
        at = LonLat(each.lon, each.lat)
        for part, metres in (("near", near_m), ("extent", each.radius_m)):
            lon, lat = places_around(at, _BEARINGS, metres)
            ring = np.column_stack([lon, lat]).round(7).tolist()
            features.append(_feature("Polygon", [ring], {**says, "part": part}))
        features.append(_feature("Point", list(at), {**says, "part": "place"}))
    return {"type": "FeatureCollection", "features": features}


def _feature(kind: str, coordinates: list[Any], properties: dict[str, Any]) -> dict[str, Any]:
    geometry = {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def style(theme: Theme) -> list[Layer]:
    """MapLibre layers on the GeoJSON source `routines`: hers, so they have the victim's hue."""
    token = TOKENS[theme]

    def layer(name: str, kind: str, part: str, **more: Any) -> Layer:
        return {
            "id": f"routines-{name}",
            "type": kind,
            "source": "routines",
            "filter": ["==", ["get", "part"], part],
            **more,
        }

    return [
        layer("extent", "fill", "extent", paint={"fill-color": token.victim, "fill-opacity": 0.3}),
        layer(
            "near",
            "line",
            "near",
            paint={"line-color": token.zone, "line-width": 1.5, "line-dasharray": [4, 3]},
        ),
        layer(
            "place",
            "circle",
            "place",
            paint={
                "circle-radius": 6,
                "circle-color": token.victim,
                "circle-stroke-color": token.label_halo,
                "circle-stroke-width": 2,
            },
        ),
        layer(
            "names",
            "symbol",
            "place",
            layout={
                "text-field": ["get", "label"],
                "text-font": FONT,
                "text-size": 13,
                # Beside another place of hers there is room below or at a side.
                "text-variable-anchor": ["bottom", "left", "right", "top"],
                "text-radial-offset": 0.8,
            },
            paint={
                "text-color": token.zone,
                "text-halo-color": token.label_halo,
                "text-halo-width": 2,
            },
        ),
    ]
