"""Broken glass: what waits for a supervisor's signature, and what was signed."""

from __future__ import annotations

from typing import Any, Final

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, ctx, dcc, html, no_update
from sqlalchemy import Row

from dashboard.format import clock_time, day_and_time
from dashboard.guard import needs, viewer
from dashboard.room import Room
from dashboard.sheet import sheet, when, word
from dashboard.words import sorry
from data.errors import VigilError
from data.rules.access import Action, decide
from data.rules.reasons import WHY_WORDS, Why


class Ids:
    """The panel's components."""

    WAITING: Final = "review-waiting"
    DONE: Final = "review-done"
    WHICH: Final = "review-which"
    REMARK: Final = "review-remark"
    JUSTIFIED: Final = "review-justified"
    NOT_JUSTIFIED: Final = "review-not-justified"
    MESSAGE: Final = "review-message"
    ACTED: Final = "review-acted"


def layout() -> html.Section:
    """The list, and for a supervisor the signature under it."""
    signs = decide(viewer().role, Action.REVIEW_GLASS).allowed
    form = html.Div(
        hidden=not signs,
        className="bar bar-below",
        children=[
            dmc.Select(id=Ids.WHICH, label="Sign for", placeholder="Choose", data=[], w=340),
            dmc.TextInput(
                id=Ids.REMARK,
                label="Remark",
                placeholder="Needed where it was not justified",
                w=380,
                inputProps={"maxLength": 500},
            ),
            html.Button("Justified", id=Ids.JUSTIFIED, className="act", n_clicks=0),
            html.Button("Not justified", id=Ids.NOT_JUSTIFIED, className="act", n_clicks=0),
        ],
    )
    return html.Section(
        className="plain-section",
        children=[
            html.H2("Broken glass"),
            html.P(
                "Every time somebody opened a case that is not theirs, another supervisor signs.",
                className="hint",
            ),
            html.Div(id=Ids.WAITING),
            form,
            html.Div(id=Ids.MESSAGE, className="message", role="status"),
            html.Details([html.Summary("Signed before"), html.Div(id=Ids.DONE)], className="rules"),
            dcc.Store(id=Ids.ACTED, data=0),
        ],
    )


def connect(app: Dash, room: Room) -> None:
    """Registers the lists and the signature."""
    time_zone = room.settings.time_zone

    def line(row: Row) -> tuple[Any, ...]:
        return (
            when(day_and_time(row.broken_at, time_zone)),
            f"until {clock_time(row.until, time_zone)}",
            row.login,
            html.Span(row.case_code, className="case-code"),
            WHY_WORDS[Why(row.code)],
            row.words,
        )

    @app.callback(
        Output(Ids.WAITING, "children"),
        Output(Ids.WHICH, "data"),
        Output(Ids.DONE, "children"),
        Input(Ids.ACTED, "data"),
    )
    @needs(Action.SEE_ACCESS)
    def show(acted: Any) -> tuple[Any, Any, Any]:
        waiting = room.reveals.to_review(viewer())
        heads = ("When", "", "User", "Case", "Why", "In their words")
        choices = [
            {
                "value": str(row.glass_id),
                "label": f"{row.login}, case {row.case_code}, "
                f"{clock_time(row.broken_at, time_zone)}",
            }
            for row in waiting
            if row.user_id != viewer().user_id
        ]
        done = [
            (*line(row), word("justified" if row.is_justified else "not justified"),
             row.reviewer, row.remark)
            for row in room.reveals.reviewed(viewer())
        ]  # fmt: skip
        return (
            sheet(heads, [line(row) for row in waiting], empty="Nothing waits for a signature."),
            choices,
            sheet((*heads, "Found", "Signed by", "Remark"), done, empty="Nothing was signed yet."),
        )

    @app.callback(
        Output(Ids.MESSAGE, "children"),
        Output(Ids.ACTED, "data"),
        Output(Ids.WHICH, "value"),
        Output(Ids.REMARK, "value"),
        Input(Ids.JUSTIFIED, "n_clicks"),
        Input(Ids.NOT_JUSTIFIED, "n_clicks"),
        State(Ids.WHICH, "value"),
        State(Ids.REMARK, "value"),
        State(Ids.ACTED, "data"),
        prevent_initial_call=True,
    )
    @needs(Action.REVIEW_GLASS)
    def sign(yes: Any, no: Any, which: Any, remark: Any, acted: Any) -> tuple[Any, Any, Any, Any]:
        if not (yes or no):
            return no_update, no_update, no_update, no_update
        if not isinstance(which, str) or not which.isdecimal() or len(which) > 18:
            return "Choose which one first.", no_update, no_update, no_update
        try:
            room.reveals.review(
                viewer(),
                int(which),
                is_justified=ctx.triggered_id == Ids.JUSTIFIED,
                remark=remark if isinstance(remark, str) else "",
            )
        except VigilError as error:
            return sorry(error, time_zone), no_update, no_update, no_update
        return None, (acted or 0) + 1, None, ""
