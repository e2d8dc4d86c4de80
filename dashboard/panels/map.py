"""The live map of the desk. It fetches and listens for itself; nothing of it passes a callback."""

from __future__ import annotations

from typing import Final

from dash import html
from flask import request

from dashboard.appearance import theme_of
from dashboard.browser import LiveMap
from dashboard.guard import viewer
from dashboard.room import Room
from data.rules.access import Action, decide


class Ids:
    """The panel's components."""

    REGION: Final = "map-region"
    MAP: Final = "map-live"


def layout(room: Room, *, is_wall: bool = False) -> html.Section:
    """The map, or the words why this role has none."""
    decision = decide(viewer().role, Action.SEE_MAP)
    if not decision.allowed:
        children = html.P(decision.reason, className="empty")
    else:
        children = LiveMap(
            id=Ids.MAP,
            theme=theme_of(request.cookies),
            wall=is_wall,
            time_zone=room.time_zone_name,
        )
    return html.Section(
        id=Ids.REGION,
        className="panel map",
        tabIndex=-1,
        **{"aria-label": "Live map"},
        children=children,
    )
