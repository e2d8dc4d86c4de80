"""Was he there when she was? Encounters of a case, set beside chance, and her week they rest on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Final

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update
from flask import request

from dashboard import shell
from dashboard.appearance import mantine_scheme, theme_of
from dashboard.browser import ConductMap
from dashboard.guard import needs, viewer
from dashboard.panels import conduct_answer, conduct_grids, routine_week, victim
from dashboard.room import Room
from dashboard.words import sorry
from data.errors import BadInput, VigilError
from data.rules.access import Action, decide
from data.service.encounter_scene import NEAR_M, Question
from layers import encounters, routines

PATH = "/conduct"
TITLE = "Conduct · Vigil"
ACTION = Action.SEE_ENCOUNTERS

_WEEKS = timedelta(weeks=4)  # whole ones, and today


class Ids:
    """The page's own components."""

    CASE: Final = "conduct-case"
    PERIOD: Final = "conduct-period"
    NEAR: Final = "conduct-near"
    LOOK: Final = "conduct-look"  # store: set when a reveal begins
    UNTIL: Final = "conduct-until"  # store: how long what is shown may stay
    MASKED: Final = "conduct-masked"  # store: counts up when its time is over
    DRAWN: Final = "conduct-drawn"  # store: what the map shows
    MESSAGE: Final = "conduct-message"
    SUMMARY: Final = "conduct-summary"
    TABLE: Final = "conduct-table"
    MAP: Final = "conduct-map"
    TABS: Final = "conduct-tabs"


def page(room: Room) -> Callable[..., html.Div]:
    """The page's layout as a function that is asked at each visit."""

    @needs(ACTION)
    def layout(case: str = "", **_address: Any) -> html.Div:
        codes = room.routines.cases(viewer())
        today = room.clock.now().astimezone(room.settings.time_zone).date()
        return shell.plain_page(
            room,
            PATH,
            html.H1("Was he there when she was?"),
            html.P(
                "His track beside the places where she was due, and beside what his own days "
                "would give by chance. Every look is written down.",
                className="hint",
            ),
            _bar(codes, case if case in codes else (codes[0] if codes else None), today),
            _other_case(case, codes),
            html.Div(id=Ids.MESSAGE, className="message", role="status"),
            *_columns(),
            *(dcc.Store(id=each) for each in (Ids.LOOK, Ids.UNTIL, Ids.MASKED, Ids.DRAWN)),
            width="conduct",
        )

    return layout


def _other_case(asked: str, codes: list[str]) -> html.P | None:
    """A link to a case that is not for this viewer must not be answered with another in silence."""
    if not asked or asked in codes:
        return None
    return html.P(
        f"Case {asked} is not given to you; another one is open. Ask a supervisor.",
        className="conduct-note",
        role="status",
    )


def _bar(codes: list[str], code: str | None, today: date) -> html.Div:
    return html.Div(
        className="bar",
        children=[
            dmc.Select(
                id=Ids.CASE,
                label="Case",
                data=codes,
                value=code,
                searchable=True,
                allowDeselect=False,
                nothingFoundMessage="No such case is given to you",
                w=140,
            ),
            dmc.DatePickerInput(
                id=Ids.PERIOD,
                label="Period, whole days",
                type="range",
                value=[(today - _WEEKS).isoformat(), today.isoformat()],
                valueFormat="YYYY-MM-DD",
                maxDate=today.isoformat(),
                w=260,
            ),
            dmc.NumberInput(
                id=Ids.NEAR,
                label="Near is within",
                value=NEAR_M,
                min=50,
                max=1000,
                step=50,
                suffix=" m",
                debounce=500,
                w=130,
            ),
        ],
    )


def _tabs() -> dmc.Tabs:
    return dmc.Tabs(
        id=Ids.TABS,
        value="encounters",
        className="conduct-tabs",
        children=[
            dmc.TabsList(
                [
                    dmc.TabsTab("Encounters", value="encounters"),
                    dmc.TabsTab("Her week", value="week"),
                ]
            ),
            dmc.TabsPanel(
                [
                    html.Div(
                        html.P("Laying his days beside hers", className="hint", role="status"),
                        id=Ids.SUMMARY,
                        className="conduct-summary",
                    ),
                    html.H3("Encounters"),
                    html.Div(id=Ids.TABLE),
                    html.H3("By weekday and hour"),
                    html.P(
                        "Minutes near while she was due; a dot marks hours in which she was due.",
                        className="hint",
                    ),
                    conduct_grids.layout(mantine_scheme(theme_of(request.cookies))),
                ],
                value="encounters",
            ),
            dmc.TabsPanel(routine_week.layout(), value="week"),
        ],
    )


def _columns() -> list[Any]:
    """Tabs, and the map with her panel beside them where the role may ever see her places."""
    if not decide(viewer().role, Action.SEE_VICTIM_ROUTINE).allowed:
        why = (
            "Her places, their names and the map are not for this role: places stand by number, "
            "times are widened to quarters of an hour. Ask the case officer."
        )
        return [html.P(why, className="conduct-note"), _tabs()]
    aside = html.Aside(
        className="conduct-aside",
        children=[ConductMap(id=Ids.MAP, theme=theme_of(request.cookies)), victim.layout()],
    )
    return [html.Div([_tabs(), aside], className="conduct-columns")]


def connect(app: Dash, room: Room) -> None:
    """Registers the answer, the week, and what happens when a minute is over."""
    zone = room.settings.time_zone

    @app.callback(
        Output(Ids.SUMMARY, "children"),
        Output(Ids.TABLE, "children"),
        Output(conduct_grids.Ids.NUMBERS, "data"),
        Output(Ids.DRAWN, "data"),
        Output(Ids.UNTIL, "data"),
        Output(Ids.MESSAGE, "children"),
        Output(Ids.NEAR, "disabled"),
        Input(Ids.CASE, "value"),
        Input(Ids.PERIOD, "value"),
        Input(Ids.NEAR, "value"),
        Input(Ids.LOOK, "data"),
        Input(Ids.MASKED, "data"),
        Input(routine_week.Ids.ACTED, "data"),
    )
    @needs(ACTION)
    def answer(code: Any, period: Any, near: Any, look: Any, *_: Any) -> tuple[Any, ...]:
        try:
            found = _ask(room, code, period, near)
        except VigilError as error:
            return None, None, None, None, None, sorry(error, zone), no_update
        numbers = {"minutes": found.minutes_by_hour, "due": found.due_by_hour}
        parts = (conduct_answer.summary(found), conduct_answer.table(found), numbers)
        if found.until is None:
            return *parts, None, None, None, True
        drawn = {
            "case_code": found.case_code,
            "routines": routines.geojson(found.drawn, found.question.near_m),
            "encounters": encounters.geojson(found.met),
        }
        left_s = (found.until - room.reveals.clock.now()).total_seconds()
        # A look of its own for each answer, or the browser would take an equal one for the old.
        until = {"left_s": max(0.0, left_s), "look": [look, str(ctx.triggered_id)]}
        return *parts, drawn, until, None, False

    @app.callback(
        Output(routine_week.Ids.LEAD, "children"),
        Output(routine_week.Ids.GRID, "children"),
        Output(routine_week.Ids.CHOICES, "data"),
        Input(Ids.CASE, "value"),
        Input(Ids.LOOK, "data"),
        Input(Ids.MASKED, "data"),
        Input(routine_week.Ids.ACTED, "data"),
    )
    @needs(ACTION)
    def week(code: Any, *_: Any) -> tuple[Any, Any, Any]:
        return _week(room, code)

    @app.callback(
        Output(conduct_grids.Ids.FIGURE, "figure"),
        Output(conduct_grids.Ids.TABLE, "children"),
        Input(conduct_grids.Ids.NUMBERS, "data"),
        Input(shell.Ids.PROVIDER, "forceColorScheme"),
    )
    @needs(ACTION)
    def draw(numbers: Any, scheme: Any) -> tuple[Any, Any]:
        return conduct_grids.figure(numbers, scheme), conduct_grids.table(numbers)

    routine_week.connect(app, room, Ids.CASE)
    # In the browser: each runs only where its components are on the page of this role.
    app.clientside_callback(
        ClientsideFunction("conduct", "subjectOf"),
        Output(victim.Ids.SUBJECT, "data", allow_duplicate=True),
        Input(Ids.CASE, "value"),
        prevent_initial_call="initial_duplicate",
    )
    for function, output, *inputs in (
        ("looked", Output(Ids.LOOK, "data"), Input(victim.Ids.UNTIL, "data")),
        ("shown", Output(Ids.MAP, "drawn"), Input(Ids.DRAWN, "data")),
        ("maskAfter", Output(Ids.MASKED, "data"), Input(Ids.UNTIL, "data"),
         State(Ids.MASKED, "data")),
        ("place", Output(routine_week.Ids.PLACE, "value"), Input(Ids.MAP, "picked")),
        ("shown", Output(routine_week.Ids.NUMBER, "data"),
         Input(routine_week.Ids.CHOICES, "data")),
    ):  # fmt: skip
        app.clientside_callback(
            ClientsideFunction("conduct", function), output, *inputs, prevent_initial_call=True
        )


def _ask(room: Room, code: Any, period: Any, near: Any) -> Any:
    days = period if isinstance(period, list) and len(period) == 2 else []
    try:
        first, last = (date.fromisoformat(str(each)[:10]) for each in days)
        near_m = float(near)
    except (TypeError, ValueError) as error:
        raise BadInput("period", "two days") from error
    return room.encounters.answer(
        viewer(), Question(code if isinstance(code, str) else "", first, last, near_m)
    )


def _week(room: Room, code: Any) -> tuple[Any, Any, Any]:
    zone = room.settings.time_zone
    try:
        found = room.routines.week(viewer(), code if isinstance(code, str) else "")
    except VigilError as error:
        return sorry(error, zone), None, []
    return routine_week.shown(found, zone, room.clock.now().astimezone(zone).date())
