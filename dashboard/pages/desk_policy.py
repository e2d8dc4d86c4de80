"""How the desk works: how long things may wait, and the steps of each priority."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Final

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, dcc, html, no_update

from dashboard import shell
from dashboard.guard import needs, viewer
from dashboard.room import Room
from dashboard.words import sorry
from data.errors import VigilError
from data.model.alert import Priority
from data.model.desk_policy import DeskPolicy, Step
from data.rules.access import Action
from data.service.desk_policy import REASON_LIMIT, PolicyInForce

PATH = "/desk-policy"
TITLE = "Desk policy · Vigil"
ACTION = Action.KEEP_DESK_POLICY

_SECONDS = (
    ("hold_s", "Taken and nothing done: back to the room after"),
    ("overdue_s", "Taken and quiet: the supervisor is called after"),
    ("shelve_at_most_s", "An alert may be shelved for at most"),
    ("flood_s", "A flood is counted over"),
)
_RUNGS = (
    (Priority.P1, 0, "P1 not taken: supervisor's screens after"),
    (Priority.P1, 1, "P1 not taken: supervisor by a second channel after"),
    (Priority.P1, 2, "P1 not taken: who is on call after"),
    (Priority.P2, 0, "P2 not taken: supervisor's screens after"),
)


class Ids:
    """The page's own components."""

    FORM: Final = "desk-policy-form"
    NUMBER: Final = "desk-policy-number"
    FLOOD: Final = "desk-policy-flood"
    REASON: Final = "desk-policy-reason"
    SAVE: Final = "desk-policy-save"
    MESSAGE: Final = "desk-policy-message"

    @staticmethod
    def seconds(name: str) -> str:
        """The field of this figure."""
        return f"desk-policy-{name.replace('_', '-')}"

    @staticmethod
    def rung(priority: Priority, number: int) -> str:
        """The field of this rung."""
        return f"desk-policy-rung-{int(priority)}-{number}"

    @staticmethod
    def steps(priority: Priority) -> str:
        """The field of this priority's steps."""
        return f"desk-policy-steps-{int(priority)}"


def page(room: Room) -> Callable[..., html.Div]:
    """The page's layout as a function that is asked at each visit."""

    @needs(ACTION)
    def layout(**_address: Any) -> html.Div:
        found = room.desk_policies.in_force()
        return shell.plain_page(
            room,
            PATH,
            html.Section(
                [
                    html.H1("How the desk works"),
                    html.P(found.words or "Vigil's own figures; nobody has changed them."),
                    html.Div(_form(found), id=Ids.FORM, className="desk-policy"),
                    html.Div(id=Ids.MESSAGE, className="message", role="status"),
                    dcc.Store(id=Ids.NUMBER, data=found.number),
                ],
                **{"aria-label": "Desk policy"},
            ),
        )

    return layout


def _form(found: PolicyInForce) -> list[Any]:
    policy = found.policy
    known = {step.key: step for step in _known_steps(policy)}
    times = [
        html.H2("Times"),
        *[_seconds(Ids.seconds(name), words, getattr(policy, name)) for name, words in _SECONDS],
        dmc.NumberInput(
            id=Ids.FLOOD,
            label="It is a flood from so many new alerts on",
            value=policy.flood_alerts,
            min=2,
            allowDecimal=False,
        ),
    ]
    rungs = [
        html.H2("Nobody takes it"),
        *[
            _seconds(Ids.rung(priority, number), words, _rung(policy, priority, number))
            for priority, number, words in _RUNGS
        ],
    ]
    steps = [
        html.H2("Steps, in their order"),
        *[
            dmc.MultiSelect(
                id=Ids.steps(priority),
                label=f"P{int(priority)}",
                description="Take one out and choose it again to put it last.",
                data=[{"value": key, "label": step.words} for key, step in known.items()],
                value=[step.key for step in policy.steps.get(priority, ())],
            )
            for priority in Priority
        ],
        dmc.Textarea(
            id=Ids.REASON,
            label="Why this changes",
            autosize=True,
            minRows=2,
            inputProps={"maxLength": REASON_LIMIT},
        ),
        html.Button("Change the policy", id=Ids.SAVE, className="act act-main", n_clicks=0),
        html.P(
            "It holds at once, for everybody. What was before stays on record.", className="hint"
        ),
    ]
    return [html.Div(column) for column in (times, rungs, steps)]


def _seconds(field: str, words: str, value: float | None) -> dmc.NumberInput:
    return dmc.NumberInput(
        id=field, label=words, value="" if value is None else value, suffix=" s", min=1
    )


def _rung(policy: DeskPolicy, priority: Priority, number: int) -> float | None:
    rungs = policy.escalate_s.get(priority, ())
    return rungs[number] if number < len(rungs) else None


def _known_steps(policy: DeskPolicy) -> list[Step]:
    """Every step of the policy and of Vigil's own, each once."""
    found = {
        step.key: step
        for each in (DeskPolicy(), policy)
        for steps in each.steps.values()
        for step in steps
    }
    return list(found.values())


def connect(app: Dash, room: Room) -> None:
    """Saving, which records a new version."""

    @app.callback(
        Output(Ids.MESSAGE, "children"),
        Output(Ids.NUMBER, "data"),
        Output(Ids.REASON, "value"),
        Input(Ids.SAVE, "n_clicks"),
        State(Ids.NUMBER, "data"),
        State(Ids.REASON, "value"),
        State(Ids.FLOOD, "value"),
        *[State(Ids.seconds(name), "value") for name, _ in _SECONDS],
        *[State(Ids.rung(priority, number), "value") for priority, number, _ in _RUNGS],
        *[State(Ids.steps(priority), "value") for priority in Priority],
        prevent_initial_call=True,
    )
    @needs(ACTION)
    def save(clicks: int, number: Any, reason: Any, flood: Any, *fields: Any) -> tuple[Any, ...]:
        if not clicks or type(number) is not int:
            return no_update, no_update, no_update
        seconds = fields[: len(_SECONDS)]
        rungs = fields[len(_SECONDS) : len(_SECONDS) + len(_RUNGS)]
        steps = fields[len(_SECONDS) + len(_RUNGS) :]
        known = {step.key: step for step in _known_steps(room.desk_policies.in_force().policy)}
        figures = {
            **{name: value for (name, _), value in zip(_SECONDS, seconds, strict=True)},
            "flood_alerts": flood,
            "escalate_s": {
                str(int(priority)): [
                    value
                    for (of, _, _), value in zip(_RUNGS, rungs, strict=True)
                    if of is priority and value not in ("", None)
                ]
                for priority in Priority
            },
            "steps": {
                str(int(priority)): [asdict(known[key]) for key in chosen or () if key in known]
                for priority, chosen in zip(Priority, steps, strict=True)
                if isinstance(chosen, list | None)
            },
        }
        words = reason if isinstance(reason, str) else ""
        try:
            made = room.desk_policies.change(viewer(), figures, reason=words, number=number)
        except VigilError as error:
            return sorry(error, room.settings.time_zone), no_update, no_update
        return f"Changed. This is version {made}; every desk has it within seconds.", made, ""
