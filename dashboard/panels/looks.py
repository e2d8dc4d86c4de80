"""Who looked at which victim: filters, the rules for what is unusual, and the tries refused."""

from __future__ import annotations

from typing import Any, Final

import dash_mantine_components as dmc
from dash import Dash, Input, Output, html

from dashboard.format import day_and_time
from dashboard.guard import needs, viewer
from dashboard.room import Room
from dashboard.sheet import sheet, when, word
from data.rules.access import Action, decide
from data.rules.unusual import RULES, Mark

EXPORT = "/access/export.csv"

_MARKS: dict[Mark, str] = {
    Mark.UNASSIGNED: "not their case",
    Mark.OWN_SURNAME: "own surname",
    Mark.OFF_SHIFT: "off shift",
    Mark.VOLUME: "many",
}


class Ids:
    """The panel's components."""

    CASE: Final = "looks-case"
    LOGIN: Final = "looks-login"
    WHICH: Final = "looks-which"
    TABLE: Final = "looks-table"
    REFUSED: Final = "looks-refused"


def layout(room: Room) -> html.Div:
    """The two tables, empty until the first look at the database."""
    bar: list[Any] = [
        dmc.TextInput(
            id=Ids.CASE,
            label="Who looked at this case",
            placeholder="case code",
            debounce=400,
            inputProps={"maxLength": 40, "autoComplete": "off"},
        ),
        dmc.TextInput(
            id=Ids.LOGIN,
            label="What did this user look at",
            placeholder="login",
            debounce=400,
            inputProps={"maxLength": 64, "autoComplete": "off"},
        ),
        dmc.SegmentedControl(
            id=Ids.WHICH,
            value="all",
            data=[
                {"value": "all", "label": "All looks"},
                {"value": "unusual", "label": "Unusual only"},
            ],
            transitionDuration=0,
        ),
    ]
    if decide(viewer().role, Action.EXPORT_ACCESS).allowed:
        bar.append(html.A("Export for an inspector", href=EXPORT, className="act"))
    return html.Div(
        [
            html.Section(
                className="plain-section",
                children=[
                    html.H2("Looks at victims"),
                    html.P("The last 90 days, newest first.", className="hint"),
                    html.Div(bar, className="bar"),
                    html.Div(id=Ids.TABLE),
                    html.Details(
                        className="rules",
                        children=[
                            html.Summary("What counts as unusual"),
                            html.Dl(
                                [
                                    part
                                    for mark, rule in RULES.items()
                                    for part in (html.Dt(word(_MARKS[mark])), html.Dd(rule))
                                ]
                            ),
                        ],
                    ),
                ],
            ),
            html.Section(
                className="plain-section",
                children=[
                    html.H2("Refused"),
                    html.P("Who asked for what they may not have. The last 200.", className="hint"),
                    html.Div(id=Ids.REFUSED),
                ],
            ),
        ]
    )


def connect(app: Dash, room: Room) -> None:
    """Registers what the filters do."""
    time_zone = room.settings.time_zone

    @app.callback(
        Output(Ids.TABLE, "children"),
        Output(Ids.REFUSED, "children"),
        Input(Ids.CASE, "value"),
        Input(Ids.LOGIN, "value"),
        Input(Ids.WHICH, "value"),
    )
    @needs(Action.SEE_ACCESS)
    def show(case_code: Any, login: Any, which: Any) -> tuple[Any, Any]:
        found = room.lookups.seen(
            viewer(),
            case_code=case_code if isinstance(case_code, str) else "",
            login=login if isinstance(login, str) else "",
        )
        if which == "unusual":
            found = [each for each in found if each.marks]
        looks = sheet(
            ("When", "User", "Role", "Case", "Why", "In their words", "Unusual"),
            [
                (
                    when(day_and_time(each.at, time_zone)),
                    each.login,
                    each.role.replace("_", " "),
                    html.Span(each.case_code, className="case-code"),
                    each.why,
                    each.words,
                    [word(_MARKS[mark]) for mark in sorted(each.marks)],
                )
                for each in found
            ],
            empty="Nobody has looked. When somebody reveals a victim, it stands here at once.",
        )
        refused = sheet(
            ("When", "User", "Role", "Asked to", "Of"),
            [
                (
                    when(day_and_time(row.at, time_zone)),
                    row.login or "a wall",
                    (row.role or "wall").replace("_", " "),
                    str(row.detail.get("asked", "")).replace("_", " "),
                    f"{row.record_kind} {row.record_id or ''}",
                )
                for row in room.lookups.refusals(viewer())
            ],
            empty="Nobody was refused anything.",
        )
        return looks, refused
