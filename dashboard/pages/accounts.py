"""Who has which case, and which accounts there are: for administrators and supervisors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, ctx, dcc, html, no_update

from dashboard import shell
from dashboard.format import day
from dashboard.guard import needs, viewer
from dashboard.room import Room
from dashboard.sheet import sheet, when
from dashboard.words import sorry
from data.errors import VigilError
from data.rules.access import Action, decide

PATH = "/accounts"
TITLE = "Accounts · Vigil"
ACTION = Action.ASSIGN_CASE


class Ids:
    """The page's components."""

    GIVEN: Final = "accounts-given"
    CASE: Final = "accounts-case"
    LOGIN: Final = "accounts-login"
    GIVE: Final = "accounts-give"
    WHICH: Final = "accounts-which"
    END: Final = "accounts-end"
    MESSAGE: Final = "accounts-message"
    ACTED: Final = "accounts-acted"


def page(room: Room) -> Callable[..., html.Div]:
    """The page's layout as a function that is asked at each visit."""

    @needs(ACTION)
    def layout(**_address: Any) -> html.Div:
        return shell.plain_page(room, PATH, html.H1("Accounts"), _given(), _users(room))

    return layout


def _given() -> html.Section:
    return html.Section(
        className="plain-section",
        children=[
            html.H2("Who has which case"),
            html.P(
                "Case officers and investigators see the cases given to them and no others. "
                "Nobody gives a case to themselves.",
                className="hint",
            ),
            html.Div(
                className="bar",
                children=[
                    dmc.TextInput(id=Ids.CASE, label="Case", placeholder="case code",
                                  inputProps={"maxLength": 40, "autoComplete": "off"}),
                    dmc.TextInput(id=Ids.LOGIN, label="To", placeholder="login",
                                  inputProps={"maxLength": 64, "autoComplete": "off"}),
                    html.Button("Give", id=Ids.GIVE, className="act", n_clicks=0),
                    dmc.Select(id=Ids.WHICH, label="Take back", placeholder="Which", data=[],
                               searchable=True, w=300),
                    html.Button("Take back", id=Ids.END, className="act", n_clicks=0),
                ],
            ),
            html.Div(id=Ids.MESSAGE, className="message", role="status"),
            html.Div(id=Ids.GIVEN),
            dcc.Store(id=Ids.ACTED, data=0),
        ],
    )  # fmt: skip


def _users(room: Room) -> html.Section | None:
    if not decide(viewer().role, Action.SEE_ACCOUNTS).allowed:
        return None
    rows = [
        (
            row.login,
            row.role.replace("_", " "),
            row.area or "every area",
            when(day(row.added_at, room.settings.time_zone)),
            "closed" if row.disabled_at else "open",
        )
        for row in room.assignments.accounts(viewer())
    ]
    return html.Section(
        className="plain-section",
        children=[
            html.H2("Accounts"),
            html.P(
                "Added and closed at the terminal: app.py user. Walls: app.py wall.",
                className="hint",
            ),
            sheet(("Login", "Role", "Area", "Since", ""), rows, empty="There is no account yet."),
        ],
    )


def connect(app: Dash, room: Room) -> None:
    """Registers the list, giving and taking back."""
    time_zone = room.settings.time_zone

    @app.callback(
        Output(Ids.GIVEN, "children"), Output(Ids.WHICH, "data"), Input(Ids.ACTED, "data")
    )
    @needs(ACTION)
    def show(acted: Any) -> tuple[Any, Any]:
        found = room.assignments.open(viewer())
        rows = [
            (
                html.Span(row.code, className="case-code"),
                row.area or "every area",
                row.login,
                row.role.replace("_", " "),
                when(day(row.valid_from, time_zone)),
                row.given_by or "Vigil",
            )
            for row in found
        ]
        choices = [
            {"value": str(row.assignment_id), "label": f"{row.code} from {row.login}"}
            for row in found
        ]
        heads = ("Case", "Area", "Given to", "Role", "Since", "By")
        return sheet(heads, rows, empty="No case is given to anybody."), choices

    @app.callback(
        Output(Ids.MESSAGE, "children"),
        Output(Ids.ACTED, "data"),
        Output(Ids.CASE, "value"),
        Output(Ids.WHICH, "value"),
        Input(Ids.GIVE, "n_clicks"),
        Input(Ids.END, "n_clicks"),
        State(Ids.CASE, "value"),
        State(Ids.LOGIN, "value"),
        State(Ids.WHICH, "value"),
        State(Ids.ACTED, "data"),
        prevent_initial_call=True,
    )
    @needs(ACTION)
    def change(
        give: Any, end: Any, code: Any, login: Any, which: Any, acted: Any
    ) -> tuple[Any, Any, Any, Any]:
        if not (give or end):
            return no_update, no_update, no_update, no_update
        try:
            if ctx.triggered_id == Ids.GIVE:
                room.assignments.give(
                    viewer(),
                    code if isinstance(code, str) else "",
                    login if isinstance(login, str) else "",
                )
            elif isinstance(which, str) and which.isdecimal() and len(which) < 19:
                room.assignments.end(viewer(), int(which))
            else:
                return "Choose which one first.", no_update, no_update, no_update
        except VigilError as error:
            return sorry(error, time_zone), no_update, no_update, no_update
        return None, (acted or 0) + 1, "", None
