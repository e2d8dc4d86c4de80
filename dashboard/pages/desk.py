"""The desk, where a shift is worked: queue, map, case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dash import Dash, html

from dashboard import shell
from dashboard.guard import needs
from dashboard.panels import drawer, map, queue
from dashboard.room import Room
from data.rules.access import Action

PATH = "/desk"
TITLE = "Desk · Vigil"
ACTION = Action.SEE_DESK


def page(room: Room) -> Callable[..., html.Div]:
    """The page's layout as a function that is asked at each visit."""

    @needs(ACTION)
    def layout(**_address: Any) -> html.Div:
        return html.Div(
            className="desk",
            children=[
                *shell.skip_links(
                    ("To the queue", queue.Ids.REGION),
                    ("To the map", map.Ids.REGION),
                    ("To the case", drawer.Ids.REGION),
                ),
                shell.header(room),
                html.Main(
                    className="desk-main",
                    children=[queue.layout(room), map.layout(room), drawer.layout(room)],
                ),
            ],
        )

    return layout


def connect(app: Dash, room: Room) -> None:
    """Registers the callbacks of the page's panels."""
    queue.connect(app)
    drawer.connect(app, room)
