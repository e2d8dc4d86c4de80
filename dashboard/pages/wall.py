"""The wall, read at five metres: is something wrong, how old is it, is anyone on it?

Read-only. No names, no addresses, no victims; case codes only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from dash import Dash, html

from dashboard.browser import StatusBar, WallCards
from dashboard.guard import needs
from dashboard.panels import map
from dashboard.room import Room
from data.rules.access import Action

PATH = "/wall"
TITLE = "Wall · Vigil"
ACTION = Action.SEE_WALL


class Ids:
    """The page's own components."""

    STATUS: Final = "wall-status"
    CARDS: Final = "wall-cards"


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
                        demo=room.settings.demo,
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
                html.Footer(className="wall-foot", children=_legend()),
            ],
        )

    return layout


def _legend() -> list[html.Span]:
    return [
        html.Span([html.Span(className="key key-exclusion"), "exclusion zone"]),
        html.Span([html.Span(className="key key-buffer"), "buffer"]),
        html.Span([html.Span(className="key key-inclusion"), "curfew"]),
        html.Span([html.Span(className="key key-offender"), "offender"]),
        html.Span([html.Span(className="key key-stale"), "no news"]),
    ]


def connect(app: Dash, room: Room) -> None:
    """Nothing: the wall only listens."""
