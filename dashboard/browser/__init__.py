"""The Dash components that run in the browser: map, alert queue, status bar and wall cards.

Written by hand, because four small classes need no generator. Their script is built from
`src/` into `dist/` by `build.mjs`; importing this package is what makes Dash load it, so only
screens that show live data should.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from dash.development.base_component import Component, ComponentRegistry

__version__ = "1.0.0"

_FONTS = (
    "dist/fonts/inter-latin-wght-normal.woff2",
    "dist/fonts/inter-latin-ext-wght-normal.woff2",
    "dist/fonts/jetbrains-mono-latin-wght-normal.woff2",
)

_js_dist = [
    {"relative_package_path": "dist/vigil.js", "namespace": __name__},
    # Served on request but put in no page: the map starts its worker itself, the style sheet
    # asks for the fonts.
    {"relative_package_path": "dist/map-worker.js", "namespace": __name__, "dynamic": True},
    *({"relative_package_path": font, "namespace": __name__, "dynamic": True} for font in _FONTS),
]

_css_dist = [{"relative_package_path": "dist/vigil.css", "namespace": __name__}]

# Dash files a component under the first word of its module, which is "dashboard" here and has no
# scripts of its own; the scripts are found under this package's full name.
ComponentRegistry.registry.add(__name__)


def is_built() -> bool:
    """Whether `build.mjs` has run, so that the script can be served."""
    return (Path(__file__).parent / "dist" / "vigil.js").is_file()


class _Live(Component):
    """What the four have in common: no children, and only the props they name."""

    _namespace = "vigil_browser"
    props: ClassVar[tuple[str, ...]] = ()

    def __init__(self, **props: Any) -> None:
        self._prop_names = list(self.props)
        self._valid_wildcard_attributes: list[str] = []
        self.available_properties = self._prop_names
        self.available_wildcard_properties = self._valid_wildcard_attributes
        super().__init__(**{name: value for name, value in props.items() if value is not None})


class LiveMap(_Live):
    """The live map: fetches base map, zones and trails itself and draws each frame of tags.

    Props:
        theme: "night" or "day"; `data-theme` on the page's root wins when both are given.
        wall: frames open P1 and P2 alerts by itself, large marks, nothing to click.
        demo: prints DEMO across the frame.
        time_zone: IANA name for every time that is shown.
        selected: {alert_id, activation_id, zone_id, seq} or None; two-way. Give a new `seq`
            with each change made from Python, or an equal selection is taken for the old one.
        follow: keeps the selected tag in the middle; a pan by hand switches it off. Two-way.
        visible: {layer: bool} for basemap, zones, buffers, tags, labels, trail.
        table: shows the tags as a table beside the map. Two-way (key T).
    """

    _type = "LiveMap"
    props = (
        "id",
        "className",
        "demo",
        "follow",
        "selected",
        "table",
        "theme",
        "time_zone",
        "visible",
        "wall",
    )


class AlertQueue(_Live):
    """Open alerts in the order in which they want a person; never re-ordered under the focus.

    Props:
        time_zone: IANA name for every time that is shown.
        selected: alert_id or None; two-way, and the map on the same page follows it.
        filter: {priorities: [1, 2, 3], mine: bool}; two-way ("Clear filter", keys 1 2 3).
        me: the user name that counts as "mine".
        touched: "alert_id:version" of the selected alert, set by the browser whenever it changes.
    """

    _type = "AlertQueue"
    props = ("id", "className", "filter", "me", "selected", "time_zone")


class StatusBar(_Live):
    """Clocks, the LIVE pill and the counters; also the NOT LIVE banner over the whole page.

    Props:
        time_zone: IANA name of the large clock; UTC stands beside it.
        demo: shows the word DEMO.
        wall: wall sizes, and a glyph that beats every two seconds while the browser runs.
    """

    _type = "StatusBar"
    props = ("id", "className", "demo", "time_zone", "wall")


class WallCards(_Live):
    """At most six open alerts, large; one calm line when there is none of P1 or P2.

    Props:
        time_zone: IANA name for every time that is shown.
    """

    _type = "WallCards"
    props = ("id", "className", "time_zone")


__all__ = ["AlertQueue", "LiveMap", "StatusBar", "WallCards", "is_built"]
