"""What takes two people: asking for it, and the second signature."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, ctx, dcc, html, no_update
from flask import request
from sqlalchemy import Row

from dashboard import shell
from dashboard.appearance import theme_of
from dashboard.browser import ZoneCompare
from dashboard.format import day_and_time
from dashboard.guard import needs, viewer
from dashboard.room import Room
from dashboard.sheet import sheet, when, word
from dashboard.words import sorry
from data.errors import VigilError
from data.model.victim import DetailKind
from data.rules.access import Action, decide
from data.rules.approval import WHAT_WORDS, What

PATH = "/signatures"
TITLE = "Signatures · Vigil"
ACTION = Action.SEE_SIGNATURES


class Ids:
    """The page's components."""

    WAITING: Final = "signatures-waiting"
    DONE: Final = "signatures-done"
    WHICH: Final = "signatures-which"
    COMPARE: Final = "signatures-compare"
    REMARK: Final = "signatures-remark"
    YES: Final = "signatures-yes"
    NO: Final = "signatures-no"
    MESSAGE: Final = "signatures-message"
    ACTED: Final = "signatures-acted"
    ZONE: Final = "signatures-zone"
    ZONE_REASON: Final = "signatures-zone-reason"
    RETIRE: Final = "signatures-retire"
    CASE: Final = "signatures-case"
    KIND: Final = "signatures-kind"
    WORDS: Final = "signatures-words"
    CASE_REASON: Final = "signatures-case-reason"
    CHANGE: Final = "signatures-change"
    PURGE: Final = "signatures-purge"


def page(room: Room) -> Callable[..., html.Div]:
    """The page's layout as a function that is asked at each visit."""

    @needs(ACTION)
    def layout(**_address: Any) -> html.Div:
        return shell.plain_page(
            room,
            PATH,
            html.H1("Signatures"),
            html.P(
                "A zone comes into force and out of it by two people, and so does how a victim is "
                "reached. One asks, another signs within a day.",
                className="hint",
            ),
            _waiting(room),
            _ask(room),
            dcc.Store(id=Ids.ACTED, data=0),
        )

    return layout


def _waiting(room: Room) -> html.Section:
    signs = decide(viewer().role, Action.SIGN_SECOND).allowed
    return html.Section(
        className="plain-section",
        children=[
            html.H2("Waiting for a second person"),
            html.Div(id=Ids.WAITING),
            html.Div(
                hidden=not signs,
                className="bar bar-below",
                children=[
                    dmc.Select(id=Ids.WHICH, label="Which", placeholder="Choose", data=[], w=520),
                    dmc.TextInput(
                        id=Ids.REMARK, label="Remark", w=340, inputProps={"maxLength": 500}
                    ),
                    html.Button("Sign", id=Ids.YES, className="act", n_clicks=0),
                    html.Button("Refuse", id=Ids.NO, className="act", n_clicks=0),
                ],
            ),
            ZoneCompare(
                id=Ids.COMPARE, theme=theme_of(request.cookies), time_zone=room.time_zone_name
            ),
            html.Div(id=Ids.MESSAGE, className="message", role="status"),
            html.Details([html.Summary("Decided before"), html.Div(id=Ids.DONE)],
                         className="rules"),
        ],
    )  # fmt: skip


def _ask(room: Room) -> html.Section:
    zones = [
        {"value": str(zone_id), "label": words}
        for zone_id, words in room.approvals.zones_of(viewer())
    ]
    kinds = [{"value": kind.value, "label": kind.value.capitalize()} for kind in DetailKind]
    text = {"maxLength": 500, "autoComplete": "off"}
    return html.Section(
        className="plain-section",
        children=[
            html.H2("Ask for one"),
            html.Div(
                className="bar",
                children=[
                    dmc.Select(
                        id=Ids.ZONE, label="Take a zone out of force", placeholder="Which zone",
                        data=zones, searchable=True, w=300,
                    ),
                    dmc.TextInput(id=Ids.ZONE_REASON, label="Reason", w=420, inputProps=text),
                    html.Button("Ask", id=Ids.RETIRE, className="act", n_clicks=0),
                ],
            ),
            html.Div(
                className="bar",
                children=[
                    dmc.TextInput(
                        id=Ids.CASE, label="Change how a victim is reached",
                        placeholder="case code", w=220, inputProps={**text, "maxLength": 40},
                    ),
                    dmc.Select(
                        id=Ids.KIND, label="What", data=kinds, value=DetailKind.TELEPHONE.value,
                        allowDeselect=False, w=140,
                    ),
                    dmc.TextInput(id=Ids.WORDS, label="New", w=300, inputProps=text),
                    dmc.TextInput(id=Ids.CASE_REASON, label="Reason", w=300, inputProps=text),
                    html.Button("Ask", id=Ids.CHANGE, className="act", n_clicks=0),
                    html.Button(
                        "Ask to forget all", id=Ids.PURGE, className="act act-quiet", n_clicks=0,
                        title="Address, telephone and routine of this case's victim, for good",
                    ),
                ],
            ),
        ],
    )  # fmt: skip


def connect(app: Dash, room: Room) -> None:
    """Registers the lists, the asking and the signing."""
    time_zone = room.settings.time_zone

    def line(row: Row) -> tuple[Any, ...]:
        # What is asked for, not the new number or street itself: the list is no reveal.
        return (
            when(day_and_time(row.asked_at, time_zone)),
            html.Span(row.case_code, className="case-code"),
            WHAT_WORDS[What(row.what)],
            row.reason,
            row.asker,
        )

    @app.callback(
        Output(Ids.WAITING, "children"),
        Output(Ids.WHICH, "data"),
        Output(Ids.DONE, "children"),
        Input(Ids.ACTED, "data"),
        Input(Ids.COMPARE, "heard"),
    )
    @needs(ACTION)
    def show(acted: Any, heard: Any) -> tuple[Any, Any, Any]:
        waiting = room.approvals.waiting(viewer())
        heads = ("Asked", "Case", "What", "Reason", "By")
        choices = [
            {
                "value": str(row.approval_id),
                "label": f"{row.case_code}: {WHAT_WORDS[What(row.what)]}, asked by {row.asker}",
            }
            for row in waiting
            if row.asked_by != viewer().user_id
        ]
        rows = [(*line(row), when(day_and_time(row.expires_at, time_zone))) for row in waiting]
        done = [
            (*line(row), word("signed" if row.is_approved else "refused"), row.decider, row.remark)
            for row in room.approvals.decided(viewer())
        ]
        return (
            sheet((*heads, "Expires"), rows, empty="Nothing waits for a second person."),
            choices,
            sheet((*heads, "Became", "By", "Remark"), done, empty="Nothing was decided yet."),
        )

    @app.callback(Output(Ids.COMPARE, "which"), Input(Ids.WHICH, "value"))
    @needs(ACTION)
    def compare(which: Any) -> str | None:
        # Numbers only: what may be seen of the draft is asked where it is fetched.
        for row in room.approvals.waiting(viewer()):
            if row.approval_id != _number(which):
                continue
            if What(row.what) is What.ACTIVATE_ZONE:
                return ",".join(f"d{each}" for each in row.payload["zone_draft_ids"])
            if What(row.what) is What.RETIRE_ZONE:
                return f"z{row.record_id}"
        return None

    @app.callback(
        Output(Ids.MESSAGE, "children", allow_duplicate=True),
        Output(Ids.ACTED, "data", allow_duplicate=True),
        Output(Ids.WHICH, "value"),
        Output(Ids.REMARK, "value"),
        Input(Ids.YES, "n_clicks"),
        Input(Ids.NO, "n_clicks"),
        State(Ids.WHICH, "value"),
        State(Ids.REMARK, "value"),
        State(Ids.ACTED, "data"),
        prevent_initial_call=True,
    )
    @needs(Action.SIGN_SECOND)
    def sign(yes: Any, no: Any, which: Any, remark: Any, acted: Any) -> tuple[Any, Any, Any, Any]:
        if not (yes or no):
            return no_update, no_update, no_update, no_update
        number = _number(which)
        if number is None:
            return "Choose which one first.", no_update, no_update, no_update
        try:
            room.approvals.sign(
                viewer(),
                number,
                is_approved=ctx.triggered_id == Ids.YES,
                remark=remark if isinstance(remark, str) else "",
            )
        except VigilError as error:
            return sorry(error, time_zone), no_update, no_update, no_update
        return None, (acted or 0) + 1, None, ""

    @app.callback(
        Output(Ids.MESSAGE, "children", allow_duplicate=True),
        Output(Ids.ACTED, "data", allow_duplicate=True),
        Input(Ids.RETIRE, "n_clicks"),
        Input(Ids.CHANGE, "n_clicks"),
        Input(Ids.PURGE, "n_clicks"),
        State(Ids.ZONE, "value"),
        State(Ids.ZONE_REASON, "value"),
        State(Ids.CASE, "value"),
        State(Ids.KIND, "value"),
        State(Ids.WORDS, "value"),
        State(Ids.CASE_REASON, "value"),
        State(Ids.ACTED, "data"),
        prevent_initial_call=True,
    )
    @needs(Action.ASK_SECOND)
    def ask(retire: Any, change: Any, purge: Any, *given: Any) -> tuple[Any, Any]:
        if not (retire or change or purge):
            return no_update, no_update
        zone, zone_reason, code, kind, words, reason = (
            each if isinstance(each, str) else "" for each in given[:6]
        )
        try:
            if ctx.triggered_id == Ids.RETIRE:
                number = _number(zone)
                if number is None:
                    return "Choose a zone first.", no_update
                room.approvals.retire_zone(viewer(), number, reason=zone_reason)
            elif ctx.triggered_id == Ids.PURGE:
                room.approvals.purge_details(viewer(), code, reason=reason)
            else:
                room.approvals.change_contact(viewer(), code, kind=kind, words=words, reason=reason)
        except VigilError as error:
            return sorry(error, time_zone), no_update
        return "It waits for another person's signature.", (given[6] or 0) + 1


def _number(given: Any) -> int | None:
    return int(given) if isinstance(given, str) and given.isdecimal() and len(given) < 19 else None
