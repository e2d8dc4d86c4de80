"""The zones of the cases one keeps, and where a new one begins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from dash import Dash, html

from dashboard import shell
from dashboard.browser import ZoneList
from dashboard.guard import needs
from dashboard.room import Room
from data.rules.access import Action

PATH = "/zones"
TITLE = "Zones · Vigil"
ACTION = Action.DRAW_ZONE


class Ids:
    """The page's components."""

    LIST: Final = "zone-list"


def page(room: Room) -> Callable[..., html.Div]:
    """The page's layout as a function that is asked at each visit."""

    @needs(ACTION)
    def layout(**_address: Any) -> html.Div:
        return shell.plain_page(
            room,
            PATH,
            html.H1("Zones"),
            html.P(
                "A zone is drawn as a draft, tried on what he really did, and holds once a second "
                "person has signed it. No version is ever overwritten.",
                className="hint",
            ),
            ZoneList(id=Ids.LIST, time_zone=room.time_zone_name),
        )

    return layout


def connect(app: Dash, room: Room) -> None:
    """Nothing to register: the list asks the server itself."""
