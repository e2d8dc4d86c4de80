"""Past breaches on a map and in a list: where, when, how sure, what was found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from dash import Dash, html

from dashboard import shell
from dashboard.browser import BreachHistory
from dashboard.guard import needs
from dashboard.room import Room
from data.rules.access import Action

PATH = "/history"
TITLE = "History · Vigil"
ACTION = Action.SEE_HISTORY


class Ids:
    """The page's components."""

    MAIN: Final = "history-main"


def page(room: Room) -> Callable[..., html.Div]:
    """The page's layout as a function that is asked at each visit."""

    @needs(ACTION)
    def layout(**_address: Any) -> html.Div:
        return html.Div(
            className="past",
            children=[
                *shell.skip_links(("To the filter", "history-case")),
                shell.header(room, here=PATH),
                html.Main(
                    BreachHistory(
                        id=Ids.MAIN, time_zone=room.time_zone_name, demo=room.settings.demo
                    ),
                    className="past-main",
                ),
            ],
        )

    return layout


def connect(app: Dash, room: Room) -> None:
    """Nothing: the component asks the server itself (dashboard.routes.history)."""
