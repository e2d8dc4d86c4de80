"""How large a wall's screen is and how far people sit from it: asked once, kept by the screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from dash import Dash, html

from dashboard.browser import WallSetUp
from dashboard.guard import needs
from dashboard.pages import wall
from dashboard.room import Room
from data.rules.access import Action

PATH = "/wall/set-up"
TITLE = "Wall set-up · Vigil"
ACTION = Action.SET_UP_WALL


class Ids:
    """The page's own components."""

    FORM: Final = "wall-set-up-form"


def page(room: Room) -> Callable[..., html.Main]:
    """The page's layout as a function that is asked at each visit."""

    @needs(ACTION)
    def layout(**_address: Any) -> html.Main:
        return html.Main(
            WallSetUp(id=Ids.FORM, time_zone=room.time_zone_name, wall=wall.PATH),
            className="wall-set-up",
        )

    return layout


def connect(app: Dash, room: Room) -> None:
    """Nothing: the screen keeps what is chosen in a cookie of its own."""
