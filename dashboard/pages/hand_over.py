"""The shift's end: everything that stands open by age, and the two signatures under it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, dcc, html, no_update

from dashboard import shell
from dashboard.format import age, case_or_device, clock_time, day_and_time
from dashboard.guard import needs, viewer
from dashboard.room import Room
from dashboard.words import sorry
from data.errors import VigilError
from data.model.alert import AlertRow, AlertState
from data.rules.access import Action
from data.service.hand_over import WORDS_LIMIT, HandedOver, Sheet

PATH = "/hand-over"
TITLE = "Hand-over · Vigil"
NAV = "Hand-over"
ACTION = Action.HAND_OVER

STALE_S = 86_400.0
"""From then on an open alert is stale: said so, because nobody else will."""

OVERLAP_S = 900.0
"""So long are who goes and who comes both in the room, from the first signature on."""

_NUMBERS = (
    ("open", "open"),
    ("p1", "P1"),
    ("p2", "P2"),
    ("p3", "P3"),
    ("untaken", "not taken"),
    ("shelved", "shelved"),
    ("cleared", "cleared, not closed"),
    ("flapping", "flapping"),
    ("silent", "silent"),
)


class Ids:
    """The page's own components."""

    SHEET: Final = "hand-over-sheet"
    STANDING: Final = "hand-over-standing"
    WORDS: Final = "hand-over-words"
    GIVE: Final = "hand-over-give"
    TAKE: Final = "hand-over-take"
    MESSAGE: Final = "hand-over-message"
    NUMBER: Final = "hand-over-number"
    EVERY: Final = "hand-over-every"


def page(room: Room) -> Callable[..., html.Div]:
    """The page's layout as a function that is asked at each visit."""

    @needs(ACTION)
    def layout(**_address: Any) -> html.Div:
        sheet, newest = room.hand_overs.sheet(viewer()), room.hand_overs.newest()
        return shell.plain_page(
            room,
            PATH,
            html.Section(
                [
                    html.H1("Everything that stands open"),
                    html.Div(_standing(sheet, room), id=Ids.STANDING),
                ],
                **{"aria-label": "Standing list"},
            ),
            html.Section(
                [
                    html.H2("Shift hand-over"),
                    html.Div(_newest(newest, room), id=Ids.SHEET),
                    _signatures(newest),
                ],
                **{"aria-label": "Hand-over"},
            ),
            dcc.Store(id=Ids.NUMBER, data=newest.hand_over_id if newest else None),
            dcc.Interval(id=Ids.EVERY, interval=10_000),
            width="hand-over",
        )

    return layout


def _signatures(newest: HandedOver | None) -> html.Div:
    return html.Div(
        className="hand-over-sign",
        children=[
            dmc.Textarea(
                id=Ids.WORDS,
                label="Tell the next shift",
                placeholder="What the list does not say. No names of victims.",
                autosize=True,
                minRows=3,
                maxRows=10,
                inputProps={"maxLength": WORDS_LIMIT},
            ),
            html.Div(
                className="step",
                children=[
                    html.Button("I hand over", id=Ids.GIVE, className="act act-main", n_clicks=0),
                    html.Button(
                        "I take over",
                        id=Ids.TAKE,
                        className="act act-main",
                        n_clicks=0,
                        disabled=not _can_take(newest),
                    ),
                ],
            ),
            html.P(
                "Who goes signs first, and the list is kept as it stands. Who comes reads it and "
                "signs from their own seat.",
                className="hint",
            ),
            html.Div(id=Ids.MESSAGE, className="message", role="status"),
        ],
    )


def _can_take(newest: HandedOver | None) -> bool:
    return newest is not None and newest.taker is None and newest.giver != viewer().login


def _newest(newest: HandedOver | None, room: Room) -> list[Any]:
    if newest is None:
        return [html.P("There has been no hand-over yet.", className="hint")]
    time_zone = room.settings.time_zone
    given = f"{newest.giver} handed over {day_and_time(newest.made_at, time_zone)}."
    if newest.taken_at is None:
        taken = "Nobody has taken over yet."
    else:
        taken = f"{newest.taker} took over at {clock_time(newest.taken_at, time_zone)}."
    return [
        html.P(html.Strong(f"{given} {taken}")),
        html.P(_overlap(newest, room), className="hand-over-overlap"),
        _counts(newest.numbers),
        html.P(newest.words, className="hand-over-words") if newest.words else None,
    ]


def _overlap(newest: HandedOver, room: Room) -> str:
    """How much of the quarter of an hour is left in which both shifts are there."""
    rate = room.settings.demo_speed if room.settings.demo else 1.0
    passed_s = (room.clock.now() - newest.made_at).total_seconds() / rate
    left_s = int(OVERLAP_S - passed_s)
    if left_s <= 0:
        return ""
    return f"Overlap: {left_s // 60:02}:{left_s % 60:02} left of {OVERLAP_S / 60:.0f} min."


def _counts(numbers: Any) -> html.Dl:
    shown = [(words, numbers.get(key, 0)) for key, words in _NUMBERS]
    return html.Dl(
        [html.Div([html.Dt(words), html.Dd(str(count))]) for words, count in shown],
        className="hand-over-counts",
    )


def _standing(sheet: Sheet, room: Room) -> list[Any]:
    at = clock_time(sheet.made_at, room.settings.time_zone)
    if not sheet.rows:
        return [html.P(f"No open alerts. Looked at {at}.", className="hint")]
    head = ("Age", "P", "Case", "What", "Whose", "State", "Raised")
    return [
        _counts(sheet.numbers),
        html.Table(
            className="standing",
            children=[
                html.Caption(f"{_how_many(len(sheet.rows))}. Looked at {at}."),
                html.Thead(html.Tr([html.Th(word, scope="col") for word in head])),
                html.Tbody([_row(row, sheet.made_at, room) for row in sheet.rows]),
            ],
        ),
    ]


def _how_many(alerts: int) -> str:
    return "1 alert" if alerts == 1 else f"{alerts} alerts, the oldest first"


def _row(row: AlertRow, now: datetime, room: Room) -> html.Tr:
    is_stale = (now - row.raised_at).total_seconds() >= STALE_S
    marks = [
        word
        for word, is_so in (
            ("stale", is_stale),
            ("cleared", row.cleared_at is not None),
            ("flapping", row.is_flapping),
            ("escalated", row.rung > 0),
        )
        if is_so
    ]
    cells: list[Any] = [
        age(row.raised_at, now),
        html.Span(
            f"P{int(row.priority)}", className=f"drawer-badge drawer-badge-{int(row.priority)}"
        ),
        html.Span(case_or_device(row), className="case-code"),
        [row.title, *(html.Span(mark, className="vigil-mark") for mark in marks)],
        row.owner or "–",
        _state(row, room),
        day_and_time(row.raised_at, room.settings.time_zone),
    ]
    return html.Tr([html.Td(cell) for cell in cells])


def _state(row: AlertRow, room: Room) -> str:
    if row.state is AlertState.SHELVED and row.shelved_until is not None:
        return f"shelved until {clock_time(row.shelved_until, room.settings.time_zone)}"
    return "not taken" if row.state is AlertState.NEW else row.state.value


def connect(app: Dash, room: Room) -> None:
    """The two signatures, and a list that stays true while it is open."""

    @app.callback(
        Output(Ids.STANDING, "children"),
        Output(Ids.SHEET, "children"),
        Output(Ids.TAKE, "disabled"),
        Output(Ids.NUMBER, "data"),
        Input(Ids.EVERY, "n_intervals"),
        Input(Ids.MESSAGE, "children"),
        prevent_initial_call=True,
    )
    @needs(ACTION)
    def look(_count: int, _said: Any) -> tuple[Any, ...]:
        newest = room.hand_overs.newest()
        return (
            _standing(room.hand_overs.sheet(viewer()), room),
            _newest(newest, room),
            not _can_take(newest),
            newest.hand_over_id if newest else None,
        )

    @app.callback(
        Output(Ids.MESSAGE, "children", allow_duplicate=True),
        Output(Ids.WORDS, "value"),
        Input(Ids.GIVE, "n_clicks"),
        State(Ids.WORDS, "value"),
        prevent_initial_call=True,
    )
    @needs(ACTION)
    def give(clicks: int, words: Any) -> tuple[Any, Any]:
        if not clicks:
            return no_update, no_update
        try:
            room.hand_overs.give(viewer(), words if isinstance(words, str) else "")
        except VigilError as error:
            return sorry(error, room.settings.time_zone), no_update
        return "Handed over. Now the next shift signs from their own seat.", ""

    @app.callback(
        Output(Ids.MESSAGE, "children", allow_duplicate=True),
        Input(Ids.TAKE, "n_clicks"),
        State(Ids.NUMBER, "data"),
        prevent_initial_call=True,
    )
    @needs(ACTION)
    def take(clicks: int, number: Any) -> Any:
        if not clicks or type(number) is not int:
            return no_update
        try:
            room.hand_overs.take(viewer(), number)
        except VigilError as error:
            return sorry(error, room.settings.time_zone)
        return "Taken over. The room is yours."
