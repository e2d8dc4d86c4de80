"""The live map of the desk. It fetches and listens for itself; nothing of it passes a callback."""

from __future__ import annotations

from typing import Final

from dash import html
from flask import request

from dashboard.appearance import theme_of
from dashboard.browser import DemoPhone, DeskStrip, LiveMap, MapTools
from dashboard.guard import viewer
from dashboard.room import Room
from data.rules.access import Action, decide


class Ids:
    """The panel's components."""

    REGION: Final = "map-region"
    MAP: Final = "map-live"
    STRIP: Final = "map-strip"
    TOOLS: Final = "map-tools"
    PHONE: Final = "map-phone"


def layout(room: Room, *, is_wall: bool = False, is_pane: bool = False) -> html.Section:
    """The map, or the words why this role has none; `is_pane`: alone in its window."""
    decision = decide(viewer().role, Action.SEE_MAP)
    has_strip = False
    if not decision.allowed:
        children = html.P(decision.reason, className="empty")
    else:
        children = [
            LiveMap(
                id=Ids.MAP,
                theme=theme_of(request.cookies),
                wall=is_wall,
                time_zone=room.time_zone_name,
            )
        ]
        if has_strip := not is_wall and decide(viewer().role, Action.SEE_TRAIL).allowed:
            children.append(MapTools(id=Ids.TOOLS, map=Ids.MAP, popsOut=not is_pane))
            children.append(DeskStrip(id=Ids.STRIP, time_zone=room.time_zone_name))
        if room.settings.demo and has_strip and not is_pane:
            children.append(DemoPhone(id=Ids.PHONE, time_zone=room.time_zone_name))
    return html.Section(
        id=Ids.REGION,
        className="panel map has-strip" if has_strip else "panel map",
        tabIndex=-1,
        **{"aria-label": "Live map"},
        children=children,
    )
