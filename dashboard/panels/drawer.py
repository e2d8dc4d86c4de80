"""The case drawer: what is known of the selected alert, and what the operator does about it.

What is read and what is written are apart: the facts are drawn anew whenever the alert changes,
the forms are not, so nobody's half-written note is lost to a refresh.
"""

from __future__ import annotations

from typing import Any, Final, TypeGuard

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update

from dashboard.browser import AlertSteps
from dashboard.guard import needs, viewer
from dashboard.panels import drawer_facts, queue
from dashboard.room import Room
from dashboard.words import sorry
from data.errors import NotFound, VigilError
from data.model.breach import Finding
from data.rules.access import Action, decide
from data.service.alert_work import NOTE_LIMIT

FINDINGS: dict[Finding, str] = {
    Finding.BREACH: "Breach: the rule was broken",
    Finding.REASONABLE_EXCUSE: "Reasonable excuse",
    Finding.AUTHORISED_ABSENCE: "Authorised absence",
    Finding.DEVICE_FAULT: "Device fault",
    Finding.DRIFT: "Position drift: nobody was there",
}


ACTS = (
    Action.ACKNOWLEDGE_ALERT,
    Action.TAKE_OVER_ALERT,
    Action.RELEASE_ALERT,
    Action.ESCALATE_ALERT,
    Action.SHELVE_ALERT,
    Action.DO_STEP,
)
"""What the steps offer a button for, where the role may."""


class Ids:
    """The panel's components."""

    REGION: Final = "drawer-region"
    HEAD: Final = "drawer-head"
    FACTS: Final = "drawer-facts"
    HISTORY: Final = "drawer-history"
    MESSAGE: Final = "drawer-message"
    ACTED: Final = "drawer-acted"  # store: counts acts, so that the facts are read again
    DRAFT: Final = "drawer-draft"  # store: which alert the words in the forms are about
    STEPS: Final = "drawer-steps"
    NOTE: Final = "drawer-note"
    ADD_NOTE: Final = "drawer-add-note"
    FINDING: Final = "drawer-finding"
    REASON: Final = "drawer-reason"
    CLOSE: Final = "drawer-close"


def layout(room: Room, victim: html.Section | None = None) -> html.Section:
    """The drawer with nothing selected; `victim` is the panel about her, for who has one."""
    return html.Section(
        id=Ids.REGION,
        className="panel drawer",
        tabIndex=-1,
        **{"aria-label": "Case"},
        **{"data-state": ""},
        children=[
            html.Div(drawer_facts.nothing_selected(), id=Ids.HEAD),
            html.Div(id=Ids.MESSAGE, className="message", role="status"),
            AlertSteps(
                id=Ids.STEPS,
                time_zone=room.time_zone_name,
                me=viewer().login,
                may=[each.value for each in ACTS if decide(viewer().role, each).allowed],
            ),
            html.Div(id=Ids.FACTS),
            html.Div(victim),
            html.Div(_write(), className="forms forms-lower"),
            html.Div(id=Ids.HISTORY),
            dcc.Store(id=Ids.ACTED, data=0),
            dcc.Store(id=Ids.DRAFT),
        ],
    )


def _write() -> list[Any]:
    """What is written about the alert, as far as this role may."""
    role = viewer().role
    steps: list[Any] = []
    if decide(role, Action.NOTE_ALERT).allowed:
        steps.append(
            html.Div(
                className="step step-form",
                children=[
                    dmc.Textarea(
                        id=Ids.NOTE,
                        label=["Note ", html.Kbd("N")],
                        placeholder="What was said or done. No names of victims.",
                        autosize=True,
                        minRows=2,
                        maxRows=8,
                        inputProps={"maxLength": NOTE_LIMIT},
                    ),
                    html.Button("Add note", id=Ids.ADD_NOTE, className="act", n_clicks=0),
                ],
            )
        )
    else:
        steps.append(_stand_in(Ids.NOTE))
    if decide(role, Action.CLOSE_ALERT).allowed:
        steps.append(
            html.Details(
                className="step step-form",
                children=[
                    html.Summary("Close with a finding"),
                    # All in sight, and no list that opens later than a quick hand goes on.
                    dmc.RadioGroup(
                        id=Ids.FINDING,
                        label="Finding",
                        className="finding",
                        size="sm",
                        children=[
                            dmc.Radio(label=words, value=key.value)
                            for key, words in FINDINGS.items()
                        ],
                    ),
                    dmc.Textarea(
                        id=Ids.REASON,
                        label="Reason",
                        placeholder="Why, in a sentence another person can check.",
                        autosize=True,
                        minRows=2,
                        maxRows=8,
                        inputProps={"maxLength": NOTE_LIMIT},
                    ),
                    html.Button("Close alert", id=Ids.CLOSE, className="act", n_clicks=0),
                ],
            )
        )
    else:
        steps += [_stand_in(Ids.FINDING), _stand_in(Ids.REASON)]
    return steps


def _stand_in(field: str) -> Any:
    """Takes a field's place for a role that has none.

    One callback changes all drafts together, and fails where a single field is missing: then a
    note begun about one alert would stay in the box for the next.
    """
    return html.Div(dcc.Input(id=field, type="hidden"), hidden=True)


def _is_number(alert_id: object) -> TypeGuard[int]:
    """What a browser claims to have selected may be anything; an alert's number is 64 bits."""
    return type(alert_id) is int and 0 < alert_id < 2**63


def connect(app: Dash, room: Room) -> None:
    """Registers what the drawer reads and does."""

    @app.callback(
        Output(Ids.HEAD, "children"),
        Output(Ids.FACTS, "children"),
        Output(Ids.HISTORY, "children"),
        Output(Ids.REGION, "data-state"),
        Input(queue.Ids.LIST, "selected"),
        Input(queue.Ids.LIST, "touched"),
        Input(Ids.ACTED, "data"),
    )
    @needs(Action.SEE_CASE)
    def show(alert_id: int | None, touched: Any, acted: int) -> tuple[Any, Any, Any, str]:
        if not _is_number(alert_id):
            return drawer_facts.nothing_selected(), None, None, ""
        try:
            case = room.alerts.case_of(viewer(), alert_id)
        except NotFound as error:
            return drawer_facts.empty(str(error)), None, None, ""
        time_zone = room.settings.time_zone
        return (
            drawer_facts.head(case, time_zone),
            drawer_facts.facts(case, room.clock.now(), time_zone),
            drawer_facts.history(case, time_zone),
            drawer_facts.form_state(case, viewer()),
        )

    @app.callback(
        Output(Ids.MESSAGE, "children", allow_duplicate=True),
        Output(Ids.ACTED, "data", allow_duplicate=True),
        Output(Ids.NOTE, "value", allow_duplicate=True),
        Input(Ids.ADD_NOTE, "n_clicks"),
        State(queue.Ids.LIST, "selected"),
        State(Ids.NOTE, "value"),
        State(Ids.ACTED, "data"),
        prevent_initial_call=True,
    )
    @needs(Action.NOTE_ALERT)
    def note(clicks: int, alert_id: int | None, words: Any, acted: int) -> tuple[Any, Any, Any]:
        if not clicks or not _is_number(alert_id):
            return no_update, no_update, no_update
        try:
            room.work.note(viewer(), alert_id, words if isinstance(words, str) else "")
        except VigilError as error:
            return sorry(error, room.settings.time_zone), acted + 1, no_update
        return None, acted + 1, ""

    @app.callback(
        Output(Ids.MESSAGE, "children", allow_duplicate=True),
        Output(Ids.ACTED, "data", allow_duplicate=True),
        Output(Ids.REASON, "value", allow_duplicate=True),
        Output(Ids.FINDING, "value", allow_duplicate=True),
        Input(Ids.CLOSE, "n_clicks"),
        State(queue.Ids.LIST, "selected"),
        State(Ids.FINDING, "value"),
        State(Ids.REASON, "value"),
        State(Ids.ACTED, "data"),
        prevent_initial_call=True,
    )
    @needs(Action.CLOSE_ALERT)
    def close(
        clicks: int, alert_id: int | None, finding: Any, reason: Any, acted: int
    ) -> tuple[Any, Any, Any, Any]:
        if not clicks or not _is_number(alert_id):
            return no_update, no_update, no_update, no_update
        if finding not in set(Finding):
            return "Choose a finding first.", no_update, no_update, no_update
        words = reason if isinstance(reason, str) else ""
        try:
            room.work.close(viewer(), alert_id, finding=Finding(finding), reason=words)
        except VigilError as error:
            return sorry(error, room.settings.time_zone), acted + 1, no_update, no_update
        return None, acted + 1, "", None

    # Words begun about one alert wait for its return, and never land in another's history.
    app.clientside_callback(
        ClientsideFunction("room", "changeDraft"),
        Output(Ids.DRAFT, "data"),
        Output(Ids.NOTE, "value"),
        Output(Ids.REASON, "value"),
        Output(Ids.FINDING, "value"),
        Output(Ids.MESSAGE, "children"),
        Input(queue.Ids.LIST, "selected"),
        State(Ids.DRAFT, "data"),
        State(Ids.NOTE, "value"),
        State(Ids.REASON, "value"),
        State(Ids.FINDING, "value"),
        prevent_initial_call=True,
    )
