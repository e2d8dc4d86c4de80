"""The victims of one case: masked, until somebody says why they look; then for a minute.

Which case is meant comes from the browser, as an alert's number or a case's code, and is checked
at each step like anything a browser says.
"""

from __future__ import annotations

from typing import Any, Final

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update

from dashboard.format import clock_time
from dashboard.guard import needs, viewer
from dashboard.room import Room
from dashboard.words import sorry
from data.errors import NotFound, VigilError
from data.model.victim import Revealed, Standing, Victim
from data.rules.access import Action, decide
from data.rules.reasons import WHY_WORDS, WORDS_AT_LEAST, WORDS_AT_MOST


class Ids:
    """The panel's components."""

    REGION: Final = "victim-region"
    SUBJECT: Final = "victim-subject"  # store: {"alert_id": 5} or {"case_code": "0142"}
    LEAD: Final = "victim-lead"
    WHY: Final = "victim-why"
    WORDS: Final = "victim-words"
    REVEAL: Final = "victim-reveal"
    BREAK: Final = "victim-break"
    MESSAGE: Final = "victim-message"
    SHOWN: Final = "victim-shown"
    UNTIL: Final = "victim-until"  # store: how long what is shown may stay
    LEFT: Final = "victim-left"  # the seconds, counted down in the browser
    ACTED: Final = "victim-acted"


def layout() -> html.Section | None:
    """The panel with nothing asked for; nothing for a role that has no business with victims."""
    if not decide(viewer().role, Action.LOOK_UP).allowed:
        return None
    return html.Section(
        id=Ids.REGION,
        className="victim",
        **{"aria-label": "Victim", "data-state": ""},
        children=[
            html.H3("Victim"),
            html.P(id=Ids.LEAD, className="victim-lead"),
            html.Div(id=Ids.LEFT, className="victim-left", role="timer"),
            html.Div(id=Ids.SHOWN, className="victim-shown"),
            html.Div(_form(), className="victim-form"),
            html.Div(id=Ids.MESSAGE, className="message", role="status"),
            dcc.Store(id=Ids.SUBJECT),
            dcc.Store(id=Ids.UNTIL),
            dcc.Store(id=Ids.ACTED, data=0),
        ],
    )


def _form() -> list[Any]:
    return [
        dmc.Select(
            id=Ids.WHY,
            label="Why do you look?",
            placeholder="Choose a reason",
            data=[{"value": key.value, "label": words} for key, words in WHY_WORDS.items()],
            allowDeselect=False,
            comboboxProps={"withinPortal": True},
        ),
        dmc.Textarea(
            id=Ids.WORDS,
            label="In your own words",
            description=f"Kept with your name. To break the glass: {WORDS_AT_LEAST} characters.",
            autosize=True,
            minRows=2,
            maxRows=6,
            inputProps={"maxLength": WORDS_AT_MOST},
        ),
        html.Button(
            "Reveal for 60 seconds", id=Ids.REVEAL, className="act victim-reveal", n_clicks=0
        ),
        html.Button(
            "Break the glass for 15 minutes",
            id=Ids.BREAK,
            className="act victim-break",
            n_clicks=0,
        ),
    ]


def follow_alerts(app: Dash, queue_list: str) -> None:
    """Lets the panel follow what an alert queue has selected."""
    app.clientside_callback(
        ClientsideFunction("victim", "subjectOfAlert"),
        Output(Ids.SUBJECT, "data", allow_duplicate=True),
        Input(queue_list, "selected"),
        prevent_initial_call=True,
    )


def connect(app: Dash, room: Room) -> None:
    """Registers what the panel reads and does."""
    time_zone = room.settings.time_zone

    @app.callback(
        Output(Ids.LEAD, "children"),
        Output(Ids.REGION, "data-state"),
        Input(Ids.SUBJECT, "data"),
        Input(Ids.ACTED, "data"),
    )
    @needs(Action.LOOK_UP)
    def stand(subject: Any, acted: Any) -> tuple[Any, str]:
        asked = _subject(subject)
        if asked is None:
            return None, ""
        try:
            standing = room.reveals.standing(viewer(), **asked)
        except NotFound as error:
            return str(error), "none"
        return _lead(standing, room), _state(standing)

    @app.callback(
        Output(Ids.SHOWN, "children", allow_duplicate=True),
        Output(Ids.UNTIL, "data", allow_duplicate=True),
        Output(Ids.MESSAGE, "children", allow_duplicate=True),
        Output(Ids.WHY, "value", allow_duplicate=True),
        Output(Ids.WORDS, "value", allow_duplicate=True),
        Input(Ids.REVEAL, "n_clicks"),
        State(Ids.SUBJECT, "data"),
        State(Ids.WHY, "value"),
        State(Ids.WORDS, "value"),
        prevent_initial_call=True,
    )
    @needs(Action.REVEAL_VICTIM)
    def reveal(clicks: Any, subject: Any, why: Any, words: Any) -> tuple[Any, ...]:
        asked = _subject(subject)
        if not clicks or asked is None:
            return (no_update,) * 5
        try:
            found = room.reveals.reveal(viewer(), code=why, words=words, **asked)
        except VigilError as error:
            return no_update, no_update, sorry(error, time_zone), no_update, no_update
        left_s = max(0.0, (found.until - room.reveals.clock.now()).total_seconds())
        # A second look asks again: the form is empty afterwards.
        return _shown(found), {"left_s": left_s, "look": clicks}, None, None, ""

    @app.callback(
        Output(Ids.MESSAGE, "children", allow_duplicate=True),
        Output(Ids.ACTED, "data", allow_duplicate=True),
        Output(Ids.WORDS, "value", allow_duplicate=True),
        Input(Ids.BREAK, "n_clicks"),
        State(Ids.SUBJECT, "data"),
        State(Ids.WHY, "value"),
        State(Ids.WORDS, "value"),
        prevent_initial_call=True,
    )
    @needs(Action.BREAK_GLASS)
    def break_glass(clicks: Any, subject: Any, why: Any, words: Any) -> tuple[Any, Any, Any]:
        asked = _subject(subject)
        if not clicks or asked is None:
            return no_update, no_update, no_update
        try:
            until = room.reveals.break_glass(viewer(), code=why, words=words, **asked)
        except VigilError as error:
            return sorry(error, time_zone), no_update, no_update
        said = f"The glass is broken until {clock_time(until, time_zone)}. The supervisors know."
        return said, clicks, ""

    # Whatever is shown leaves the screen when its time is up, or when another case is meant.
    app.clientside_callback(
        ClientsideFunction("victim", "maskAfter"),
        Output(Ids.LEFT, "children"),
        Input(Ids.UNTIL, "data"),
        Input(Ids.SUBJECT, "data"),
        State(Ids.LEFT, "id"),
        State(Ids.SHOWN, "id"),
        prevent_initial_call=True,
    )


def _subject(subject: Any) -> dict[str, Any] | None:
    """What the browser says is meant, if it is anything: a number of 64 bits, or a short code."""
    found = subject if isinstance(subject, dict) else {}
    alert_id, code = found.get("alert_id"), found.get("case_code")
    if type(alert_id) is int and 0 < alert_id < 2**63:
        return {"alert_id": alert_id}
    if isinstance(code, str) and 0 < len(code.strip()) <= 40 and code.isprintable():
        return {"case_code": code.strip()}
    return None


def _state(standing: Standing) -> str:
    if standing.may_reveal:
        return "reveal"
    return "break" if standing.may_break else "none"


def _lead(standing: Standing, room: Room) -> list[Any]:
    code = html.Span(standing.case_code, className="case-code")
    if standing.glass_until is not None:
        until = clock_time(standing.glass_until, room.settings.time_zone)
        return ["Case ", code, f": masked. You have broken the glass until {until}."]
    if standing.may_reveal:
        return ["Case ", code, " is given to you. Masked until you say why you look."]
    return ["Case ", code, ": ", standing.reason]


def _shown(found: Revealed) -> list[Any]:
    if not found.victims:
        return [html.P("No victim is on record for this case.", className="hint")]
    return [*(_card(each) for each in found.victims), *_zones(found)]


def _card(victim: Victim) -> html.Dl:
    rows: list[Any] = [("Name", victim.name)]
    for name, lines in (
        ("Address", victim.addresses),
        ("Telephone", victim.telephones),
        ("Routine", victim.routines),
    ):
        # Text nodes: whatever was written stays text.
        rows.append((name, [html.Div(line) for line in lines] or "nothing on record"))
    return html.Dl([part for name, value in rows for part in (html.Dt(name), html.Dd(value))])


def _zones(found: Revealed) -> list[Any]:
    if not found.zones:
        return []
    rows = [part for label, name in found.zones for part in (html.Dt(label), html.Dd(name))]
    return [html.Dl(rows)]
