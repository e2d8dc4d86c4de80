"""What can be drawn: every layer with its style and legend, for the browser to draw from."""

from __future__ import annotations

from typing import Any

from layers import basemap, breaches, encounters, heat, routines, tags, trails, zones
from layers.style import TOKENS, Theme, hatch

ORDER = (
    ("basemap", "Base map", basemap.LEGEND),
    ("zones", "Zones", zones.LEGEND),
    ("trail", "Trail", trails.LEGEND),
    ("routines", "Routine places", routines.LEGEND),
    ("encounters", "Encounters", encounters.LEGEND),
    ("tags", "People", tags.LEGEND),
    ("breaches", "Past breaches", breaches.LEGEND),
    ("heat", "Where breaches lie thickest", heat.LEGEND),
)
"""Layers from the ground up: key, title, legend."""


def catalogue() -> dict[str, Any]:
    """Styles, images and legends of all layers.

    Returns:
        `styles`: by theme, MapLibre layers from the ground up on the sources `basemap`, `breaches`
        and `heat` (vector) and `zones`, `routines` and `encounters` (GeoJSON); a map draws those
        whose source it has. `images`: by theme, images those layers name, as `layers.style.hatch`
        gives them. `legends`: layers in drawing order, each with entries of symbol and text.
        `tokens`: by theme, the few colours that tags and alerts on the map need.
    """
    return {
        "styles": {
            theme.value: [
                *basemap.style(theme),
                *zones.style(theme),
                *breaches.style(theme),
                *heat.style(theme),
                *routines.style(theme),
                *encounters.style(theme),
            ]
            for theme in Theme
        },
        "images": {theme.value: {f"hatch-{theme.value}": hatch(theme)} for theme in Theme},
        "legends": [
            {"layer": key, "title": title, "entries": entries} for key, title, entries in ORDER
        ],
        "tokens": {
            theme.value: {
                "field": token.field,
                "zone": token.zone,
                "victim": token.victim,
                "breached": token.breached,
            }
            for theme, token in TOKENS.items()
        },
    }
