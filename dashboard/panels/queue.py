"""The alert queue with its filter. Rows come over the live socket, not through callbacks."""

from __future__ import annotations

from typing import Final

from dash import html

from dashboard.browser import AlertQueue
from dashboard.guard import viewer
from dashboard.room import Room


class Ids:
    """The panel's components."""

    REGION: Final = "queue-region"
    LIST: Final = "queue-list"


def layout(room: Room) -> html.Section:
    """The panel, empty until the socket speaks."""
    return html.Section(
        id=Ids.REGION,
        className="panel queue",
        tabIndex=-1,
        **{"aria-label": "Alert queue"},
        children=AlertQueue(
            id=Ids.LIST,
            time_zone=room.time_zone_name,
            filter={"priorities": [], "mine": False},
            me=viewer().login,
        ),
    )
