"""Looking up a case by its code, for those who speak with victims. Nothing of it is in the URL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, html

from dashboard import shell
from dashboard.guard import needs
from dashboard.panels import victim
from dashboard.room import Room
from data.rules.access import Action

PATH = "/look-up"
TITLE = "Look up · Vigil"
NAV = "Look up"
ACTION = Action.LOOK_UP


class Ids:
    """The page's own components."""

    CODE: Final = "look-up-code"
    GO: Final = "look-up-go"


def page(room: Room) -> Callable[..., html.Div]:
    """The page's layout as a function that is asked at each visit."""

    @needs(ACTION)
    def layout(**_address: Any) -> html.Div:
        return shell.plain_page(
            room,
            PATH,
            html.H1("Look up a victim"),
            html.P(
                "By the code of her case. Each look says why, lasts a minute, and can be read by "
                "whoever reviews it.",
                className="hint",
            ),
            html.Div(
                className="look-up-bar",
                children=[
                    dmc.TextInput(
                        id=Ids.CODE,
                        label="Case code",
                        placeholder="0142",
                        inputProps={"maxLength": 40, "autoComplete": "off"},
                    ),
                    html.Button("Look up", id=Ids.GO, className="act", n_clicks=0),
                ],
            ),
            victim.layout(),
            width="plain-narrow",
        )

    return layout


def connect(app: Dash, room: Room) -> None:
    """The victim panel follows the code that was typed."""
    app.clientside_callback(
        ClientsideFunction("victim", "subjectOfCase"),
        Output(victim.Ids.SUBJECT, "data"),
        Input(Ids.GO, "n_clicks"),
        Input(Ids.CODE, "n_submit"),
        State(Ids.CODE, "value"),
        prevent_initial_call=True,
    )
    victim.connect(app, room)
