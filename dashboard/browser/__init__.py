"""The Dash components that run in the browser: map, queue, steps, status bar, notices, wall.

Written by hand, because a few small classes need no generator. Their script is built from
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
    {"relative_package_path": "dist/beat-worker.js", "namespace": __name__, "dynamic": True},
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
    """What they have in common: no children, and only the props they name."""

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


class DeskLink(_Live):
    """Makes the windows of a desk one: they share the selection, and keys open another one.

    Props:
        kind: "desk".
        replay: address of the replay; None where this seat has none.
    """

    _type = "DeskLink"
    props = ("id", "kind", "replay")


class PaneLink(_Live):
    """The same in a window that shows one pane of a desk; tells Python what is selected.

    Props:
        kind: "pane".
        selected, touched: as the queue's, under the queue's id: the drawer hears of both.
        replay: address of the replay; None where this seat has none.
    """

    _type = "PaneLink"
    props = ("id", "kind", "replay", "selected", "touched")


class MapTools(_Live):
    """Tools over the desk's map: layers, measuring, rings of 1, 3 and 5 minutes.

    Props:
        map: id of the map whose layers are switched.
        popsOut: on a desk: offers a window of its own for the map and for the case.
    """

    _type = "MapTools"
    props = ("id", "map", "popsOut")


class DemoPhone(_Live):
    """The telephones of a demo: what police, victim and others read of what was sent to them.

    Props:
        time_zone: IANA name for every time that is shown.
    """

    _type = "DemoPhone"
    props = ("id", "time_zone")


class DeskPanes(_Live):
    """The separators between the panes of a desk: dragged, moved by keys, folded, remembered.

    Props:
        chosen: {panes-WIDTHxHEIGHT: {left, right, strip, leftFolded, ...}} of this person.
        regions: ids of the elements: desk (around all), left, right, strip.
    """

    _type = "DeskPanes"
    props = ("id", "chosen", "regions")


class DeskStrip(_Live):
    """The last hour of the selected track: zone, speed and signal, with one cursor.

    Props:
        time_zone: IANA name for every time that is shown.
    """

    _type = "DeskStrip"
    props = ("id", "className", "time_zone")


class AlertSteps(_Live):
    """What is done about the selected alert: take, steps of the protocol, shelve, escalate.

    Props:
        time_zone: IANA name for every time that is shown.
        me: the user name whose alerts are "own".
        may: names of the actions this role has; nothing is offered for the others.
    """

    _type = "AlertSteps"
    props = ("id", "className", "may", "me", "time_zone")


class Replay(_Live):
    """A replay of stored tracks: map, facts, tabs, lanes and the clock they all follow.

    Everything it shows is in the page's address, which it reads and keeps.

    Props:
        theme: "night" or "day"; `data-theme` on the page's root wins when both are given.
        time_zone: IANA name for every time that is shown; UTC stands beside it.
        case_code: of the first track, set by the browser; a reveal is about its victim.
        looked: anything that changes when she is revealed; her side is then asked for again.
    """

    _type = "Replay"
    props = ("id", "case_code", "className", "looked", "theme", "time_zone")


class ConductMap(_Live):
    """The map of an answer: her places and the encounters, while she is revealed.

    Props:
        theme: "night" or "day"; `data-theme` on the page's root wins when both are given.
        drawn: {routines, encounters}, a FeatureCollection each; None while masked.
        picked: [longitude, latitude] of the last click, set by the browser.
    """

    _type = "ConductMap"
    props = ("id", "className", "drawn", "picked", "theme")


class StatusBar(_Live):
    """Clocks, the LIVE pill and the counters; also the NOT LIVE banner over the whole page.

    Props:
        time_zone: IANA name of the large clock; UTC stands beside it.
        build: of the program this page came from; a wall loads itself anew under another one.
        demo: shows the word DEMO.
        screens: [{letter, path, words}], where `G` and the letter lead.
        wall: wall sizes, and a glyph that beats every two seconds while the browser runs.
        whose: who this page was made for; it is loaded anew once the browser is somebody else's.
        seat: "desk", "supervisor", "wall" or "none": for what this screen sounds.
    """

    _type = "StatusBar"
    props = ("id", "build", "className", "demo", "screens", "seat", "time_zone", "wall", "whose")


class GlassNotices(_Live):
    """Lines over the page when somebody broke the glass; empty until there is such news.

    Props:
        time_zone: IANA name for every time that is shown.
        review: address of the screen where it is signed for; None where this seat does not.
    """

    _type = "GlassNotices"
    props = ("id", "className", "review", "time_zone")


class BreachHistory(_Live):
    """Past breaches: filter, map and list, and the one that is selected; the address says which.

    Props:
        time_zone: IANA name for every time that is shown.
        demo: prints DEMO across the map.
    """

    _type = "BreachHistory"
    props = ("id", "className", "demo", "time_zone")


class WallCards(_Live):
    """At most six open alerts, large; one calm line when there is none of P1 or P2.

    Props:
        time_zone: IANA name for every time that is shown.
    """

    _type = "WallCards"
    props = ("id", "className", "time_zone")


class WallFoot(_Live):
    """The wall's last line: feeds, how busy the room is, desks. Keeps the screen as it was set up.

    Props:
        time_zone: IANA name of the room's zone, by which its light is told.
    """

    _type = "WallFoot"
    props = ("id", "className", "time_zone")


class WallSetUp(_Live):
    """The viewing-distance wizard: screen and distance in, test lines out, kept in a cookie.

    Props:
        time_zone: IANA name in which the hours of light are given.
        wall: address of the wall, shown once the screen is set up.
    """

    _type = "WallSetUp"
    props = ("id", "className", "time_zone", "wall")


class ZoneCompare(_Live):
    """A draft that waits for a signature over what is in force, on a map and in square metres.

    Props:
        which: "d7" for a draft, "d7,d8" for several, "z12" for a zone that would end; None shows
            nothing.
        theme: as of `ZoneStudio`.
        time_zone: IANA name for every time that is shown.
        heard: counts up when a signature was asked for or given, by anybody. From the browser.
    """

    _type = "ZoneCompare"
    props = ("heard", "id", "theme", "time_zone", "which")


class ZoneList(_Live):
    """All zones of the cases one keeps, their drafts, and where a new one begins.

    Props:
        time_zone: IANA name for every time that is shown.
    """

    _type = "ZoneList"
    props = ("id", "time_zone")


class ZoneStudio(_Live):
    """The zone studio: draws a draft, tries it on the past, sends it for signature.

    It asks `/studio` for everything itself; nothing of a zone passes a callback.

    Props:
        which: "12" for a zone, "d7" for a draft.
        theme: "night" or "day"; `data-theme` on the page's root wins when both are given.
        time_zone: IANA name for every time that is shown.
    """

    _type = "ZoneStudio"
    props = ("id", "key", "theme", "time_zone", "which")


__all__ = [
    "AlertQueue",
    "AlertSteps",
    "DemoPhone",
    "DeskLink",
    "DeskPanes",
    "DeskStrip",
    "ConductMap",
    "BreachHistory",
    "GlassNotices",
    "LiveMap",
    "Replay",
    "MapTools",
    "PaneLink",
    "StatusBar",
    "WallCards",
    "WallFoot",
    "WallSetUp",
    "ZoneCompare",
    "ZoneList",
    "ZoneStudio",
    "is_built",
]
