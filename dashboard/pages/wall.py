"""The wall, read at five metres: is something wrong, how old is it, is anyone on it?

Read-only. No names, no addresses, no victims; case codes only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from dash import Dash, html

from dashboard.browser import StatusBar, WallCards, WallFoot
from dashboard.guard import needs, viewer
from dashboard.panels import map
from dashboard.room import Room
from dashboard.shell import screens
from data.rules.access import Action

PATH = "/wall"
TITLE = "Wall · Vigil"
ACTION = Action.SEE_WALL


class Ids:
    """The page's own components."""

    STATUS: Final = "wall-status"
    CARDS: Final = "wall-cards"
    FOOT: Final = "wall-foot"


def page(room: Room) -> Callable[..., html.Div]:
    """The page's layout as a function that is asked at each visit."""

    @needs(ACTION)
    def layout(**_address: Any) -> html.Div:
        return html.Div(
            className="wall",
            children=[
                html.Header(
                    className="wall-head",
                    children=StatusBar(
                        id=Ids.STATUS,
                        time_zone=room.time_zone_name,
                        build=room.build,
                        demo=room.settings.demo,
                        screens=screens(viewer()),
                        wall=True,
                    ),
                ),
                html.Main(
                    className="wall-main",
                    children=[
                        map.layout(room, is_wall=True),
                        html.Aside(
                            WallCards(id=Ids.CARDS, time_zone=room.time_zone_name),
                            className="wall-side",
                            **{"aria-label": "Open alerts"},
                        ),
                    ],
                ),
                WallFoot(id=Ids.FOOT, time_zone=room.time_zone_name),
            ],
        )

    return layout


def connect(app: Dash, room: Room) -> None:
    """Nothing: the wall only listens."""
