"""The zone studio: one zone or draft, on the whole screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from dash import Dash, html
from flask import request

from dashboard import shell
from dashboard.appearance import theme_of
from dashboard.browser import ZoneStudio
from dashboard.guard import needs
from dashboard.pages import zone_list
from dashboard.room import Room
from data.rules.access import Action

PATH = "/zones/<which>"
TITLE = "Zone studio · Vigil"
ACTION = Action.DRAW_ZONE


class Ids:
    """The page's components."""

    STUDIO: Final = "studio-zone"
    MAIN: Final = "studio-main"


def page(room: Room) -> Callable[..., html.Div]:
    """The page's layout as a function that is asked at each visit.

    `which` is "12" for a zone and "d7" for a draft; whether it is this viewer's business is
    decided where the studio asks for it.
    """

    @needs(ACTION)
    def layout(which: str = "", **_address: Any) -> html.Div:
        return html.Div(
            className="studio-page",
            children=[
                *shell.skip_links(("To the zone", Ids.MAIN)),
                shell.header(room, here=zone_list.PATH),
                html.Main(
                    id=Ids.MAIN,
                    tabIndex=-1,
                    children=ZoneStudio(
                        # Another record is another studio: its map and draft are not carried over.
                        id=Ids.STUDIO,
                        key=which,
                        which=which,
                        theme=theme_of(request.cookies),
                        time_zone=room.time_zone_name,
                    ),
                ),
            ],
        )

    return layout


def connect(app: Dash, room: Room) -> None:
    """Nothing to register: the studio asks the server itself."""
