"""Encounters on a map: where he was when closest; drawn only while her places are revealed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from data.service.met import Met
from layers.style import FONT, TOKENS, Layer, Theme

LEGEND = [{"symbol": "encounter", "text": "Where he was when closest; the number is the table's"}]


def geojson(met: Iterable[Met]) -> dict[str, Any]:
    """A point an encounter, numbered as in the table; masked encounters have no place."""
    features = [
        {
            "type": "Feature",
            "id": number,
            "geometry": {"type": "Point", "coordinates": [round(each.lon, 7), round(each.lat, 7)]},
            "properties": {"number": number, "minutes": each.near_min or 0},
        }
        for number, each in enumerate(met, start=1)
        if each.lon is not None and each.lat is not None
    ]
    return {"type": "FeatureCollection", "features": features}


def style(theme: Theme) -> list[Layer]:
    """MapLibre layers on the GeoJSON source `encounters`: grey; longer ones are larger."""
    token = TOKENS[theme]
    size = ["interpolate", ["linear"], ["sqrt", ["get", "minutes"]], 0, 5, 8, 14]
    return [
        {
            "id": "encounters-places",
            "type": "circle",
            "source": "encounters",
            "paint": {
                "circle-radius": size,
                "circle-color": token.zone,
                "circle-opacity": 0.75,
                "circle-stroke-color": token.label_halo,
                "circle-stroke-width": 1.5,
            },
        },
        {
            "id": "encounters-numbers",
            "type": "symbol",
            "source": "encounters",
            "layout": {
                "text-field": ["to-string", ["get", "number"]],
                "text-font": FONT,
                "text-size": 12,
                "text-allow-overlap": False,
            },
            "paint": {"text-color": token.field},
        },
    ]
