"""Who looked at whom: for supervisors and auditors. It shows case codes, and no victim."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dash import Dash, html

from dashboard import shell
from dashboard.guard import needs
from dashboard.panels import glass_review, looks
from dashboard.room import Room
from data.rules.access import Action

PATH = "/access"
TITLE = "Access · Vigil"
ACTION = Action.SEE_ACCESS


def page(room: Room) -> Callable[..., html.Div]:
    """The page's layout as a function that is asked at each visit."""

    @needs(ACTION)
    def layout(**_address: Any) -> html.Div:
        return shell.plain_page(
            room,
            PATH,
            html.H1("Access"),
            html.P("Who looked at victims, why, and who was refused.", className="hint"),
            glass_review.layout(),
            looks.layout(room),
        )

    return layout


def connect(app: Dash, room: Room) -> None:
    """Registers the callbacks of the page's panels."""
    glass_review.connect(app, room)
    looks.connect(app, room)
