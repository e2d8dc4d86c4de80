"""A victim's week: her places by weekday and hour while revealed, numbers and nothing else before.

Whoever keeps her case writes it down here, brings it in from a file, records her consent, and says
yes or no to what was found in her handset's track.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, dcc, html, no_update

from dashboard import routine_chart
from dashboard.format import day_and_time
from dashboard.guard import needs, viewer
from dashboard.room import Room
from dashboard.routine_fields import chosen, day_of, number_of, place_of, text_of
from dashboard.words import sorry
from data.errors import VigilError
from data.model.routine import Confidence
from data.rules.access import Action, decide
from data.service.routines import Week


class Ids:
    """The panel's components."""

    LEAD: Final = "routine-lead"
    GRID: Final = "routine-grid"
    NUMBER: Final = "routine-number"
    NAME: Final = "routine-name"
    PLACE: Final = "routine-place"
    RADIUS: Final = "routine-radius"
    HOURS: Final = "routine-hours"
    CONFIDENCE: Final = "routine-confidence"
    SINCE: Final = "routine-since"
    REVIEW: Final = "routine-review"
    REASON: Final = "routine-reason"
    KEEP: Final = "routine-keep"
    END: Final = "routine-end"
    FILE: Final = "routine-file"
    WORDS: Final = "routine-words"
    GIVE: Final = "routine-give"
    TAKE: Final = "routine-take"
    PROPOSE: Final = "routine-propose"
    CONFIRM: Final = "routine-confirm"
    DECLINE: Final = "routine-decline"
    MESSAGE: Final = "routine-message"
    ACTED: Final = "routine-acted"
    CHOICES: Final = "routine-choices"  # store: what may be chosen under NUMBER


def layout() -> html.Div:
    """The week without anything of it, and the forms of whoever keeps it."""
    forms = _forms() if decide(viewer().role, Action.KEEP_ROUTINE).allowed else []
    return html.Div(
        [
            html.P(id=Ids.LEAD, className="hint"),
            html.Div(id=Ids.GRID),
            html.Div(id=Ids.MESSAGE, className="message", role="status"),
            *forms,
            dcc.Store(id=Ids.ACTED, data=0),
            dcc.Store(id=Ids.CHOICES),
        ]
    )


def _forms() -> list[Any]:
    confidences = [{"value": each.value, "label": each.value} for each in Confidence]
    return [
        html.Div(
            className="routine-forms",
            children=[
                html.Section(
                    [
                        html.H3("Write a place down"),
                        dmc.TextInput(id=Ids.NAME, label="What it is called",
                                      inputProps={"maxLength": 120}),
                        dmc.TextInput(
                            id=Ids.PLACE,
                            label="Where: latitude, longitude",
                            description="Or click it on the map",
                            placeholder="55.60500, 13.00380",
                        ),
                        dmc.Textarea(
                            id=Ids.HOURS,
                            label="When she is usually there",
                            description="A line each",
                            placeholder="mon-fri 09:00-17:00\ntue 18:00-20:00",
                            minRows=3,
                            autosize=True,
                        ),
                        html.Div(
                            className="routine-pair",
                            children=[
                                dmc.NumberInput(id=Ids.RADIUS, label="Radius", value=50, min=5,
                                                max=1000, suffix=" m"),
                                dmc.Select(id=Ids.CONFIDENCE, label="How sure",
                                           data=confidences, value="medium"),
                                dmc.DatePickerInput(id=Ids.SINCE, label="Holds since",
                                                    valueFormat="YYYY-MM-DD"),
                                dmc.DatePickerInput(id=Ids.REVIEW, label="Ask again on",
                                                    valueFormat="YYYY-MM-DD"),
                            ],
                        ),
                        dmc.Select(
                            id=Ids.NUMBER,
                            label="As",
                            data=[{"value": "new", "label": "a further place"}],
                            value="new",
                            allowDeselect=False,
                        ),
                        dmc.TextInput(id=Ids.REASON, label="Why, for a change or an end"),
                        html.Div(
                            [
                                html.Button("Write down", id=Ids.KEEP, className="act", n_clicks=0),
                                html.Button("She goes there no more", id=Ids.END, className="act",
                                            n_clicks=0),
                            ],
                            className="bar-below routine-acts",
                        ),
                    ]
                ),
                html.Section(
                    [
                        html.H3("From a file"),
                        html.P(
                            "CSV (name, lon, lat, days, from, to) or GeoJSON points with hours. "
                            "Taken whole, or not at all.",
                            className="hint",
                        ),
                        dcc.Upload(
                            html.Button("Choose a file", className="act"),
                            id=Ids.FILE,
                            max_size=200_000,
                        ),
                        html.H3("From her own handset"),
                        html.P(
                            "With her consent, the last four weeks of her track are searched for "
                            "places and hours. Each waits for a person; she can take her consent "
                            "back at any moment.",
                            className="hint",
                        ),
                        dmc.TextInput(id=Ids.WORDS, label="How and to whom she agreed"),
                        html.Div(
                            [
                                html.Button("She agrees", id=Ids.GIVE, className="act", n_clicks=0),
                                html.Button("She takes it back", id=Ids.TAKE, className="act",
                                            n_clicks=0),
                                html.Button("Search her track", id=Ids.PROPOSE, className="act",
                                            n_clicks=0),
                            ],
                            className="bar-below routine-acts",
                        ),
                        html.P(
                            "A proposal is chosen under “As” and may be given a name.",
                            className="hint",
                        ),
                        html.Div(
                            [
                                html.Button("It is hers", id=Ids.CONFIRM, className="act",
                                            n_clicks=0),
                                html.Button("It is not", id=Ids.DECLINE, className="act",
                                            n_clicks=0),
                            ],
                            className="routine-acts",
                        ),
                    ]
                ),
            ],
        )
    ]  # fmt: skip


def shown(week: Week, time_zone: ZoneInfo, today: date) -> tuple[Any, Any, list[dict[str, str]]]:
    """The line over the week, the week itself, and the places that may be chosen."""
    said = [f"Case {week.case_code}: {_count(len(week.labels), 'routine place')}"]
    if week.proposals:
        said.append(f"{_count(week.proposals, 'proposal')} to be confirmed")
    said.append(_consent(week, time_zone))
    choices = [{"value": "new", "label": "a further place"}]
    if week.until is None:
        numbers = ", ".join(each.rpartition(" ")[2] for each in week.labels)
        said.append(
            f"Masked: places {numbers}." if numbers else "Nothing of her week is written down."
        )
        choices += [{"value": each.rpartition(" ")[2], "label": each} for each in week.labels]
        return " · ".join(said), None, choices
    choices += [
        {
            "value": str(each.number),
            "label": f"{each.number} {each.place.name}"[:60],
        }
        for each in week.places
    ]
    return " · ".join(said), routine_chart.week(week.places, time_zone, today), choices


def _consent(week: Week, time_zone: ZoneInfo) -> str:
    held = week.consent
    if held is None:
        return "her handset may not be read"
    if held.withdrawn_at is not None:
        return (
            f"her handset may not be read: taken back {day_and_time(held.withdrawn_at, time_zone)}"
        )
    return f"her handset may be read since {day_and_time(held.given_at, time_zone)}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def connect(app: Dash, room: Room, case: str) -> None:
    """Registers what is written down; `case` is the component that says whose.

    Every act ends in a line of words and in ACTED counting up, for the page to look again.
    """
    zone = room.settings.time_zone

    def act(button: str, do: Callable[[Any, str, dict[str, Any]], str]) -> None:
        fields = (
            Ids.NUMBER, Ids.NAME, Ids.PLACE, Ids.RADIUS, Ids.HOURS, Ids.CONFIDENCE, Ids.SINCE,
            Ids.REVIEW, Ids.REASON, Ids.WORDS,
        )  # fmt: skip

        @app.callback(
            Output(Ids.MESSAGE, "children", allow_duplicate=True),
            Output(Ids.ACTED, "data", allow_duplicate=True),
            Input(button, "n_clicks"),
            State(case, "value"),
            State(Ids.ACTED, "data"),
            *(State(each, "value") for each in fields),
            prevent_initial_call=True,
        )
        @needs(Action.KEEP_ROUTINE)
        def done(clicks: Any, code: Any, acted: Any, *given: Any) -> tuple[Any, Any]:
            if not clicks:
                return no_update, no_update
            try:
                said = do(viewer(), text_of(code), dict(zip(fields, given, strict=True)))
            except VigilError as error:
                return sorry(error, zone), no_update
            return said, _next(acted)

    def keep(who: Any, code: str, given: dict[str, Any]) -> str:
        place = place_of(
            given[Ids.NAME], given[Ids.PLACE], given[Ids.RADIUS], given[Ids.HOURS],
            given[Ids.CONFIDENCE], given[Ids.REVIEW], zone, room.routines.review_on(),
        )  # fmt: skip
        since = day_of(given[Ids.SINCE]) or room.clock.now().astimezone(zone).date()
        label = room.routines.keep(
            who, code, place,
            since=datetime.combine(since, time(), zone),
            number=number_of(given[Ids.NUMBER]),
            reason=text_of(given[Ids.REASON]),
        )  # fmt: skip
        return f"Written down as {label}."

    def end(who: Any, code: str, given: dict[str, Any]) -> str:
        number = chosen(given[Ids.NUMBER])
        room.routines.end(who, code, number, reason=text_of(given[Ids.REASON]))
        return f"From now on she is not due at routine place {number}."

    def give(who: Any, code: str, given: dict[str, Any]) -> str:
        room.routines.consent(who, code, words=text_of(given[Ids.WORDS]), is_given=True)
        return "Her consent is written down."

    def take(who: Any, code: str, given: dict[str, Any]) -> str:
        room.routines.consent(who, code, words="", is_given=False)
        return "Her consent is withdrawn: her track is read no more."

    def propose(who: Any, code: str, given: dict[str, Any]) -> str:
        found = room.routines.propose(who, code)
        return f"{_count(found, 'place')} found. Reveal her to see and decide."

    def confirm(who: Any, code: str, given: dict[str, Any]) -> str:
        number = chosen(given[Ids.NUMBER])
        room.routines.decide(who, code, number, is_hers=True, name=text_of(given[Ids.NAME]))
        return f"Routine place {number} is hers."

    def decline(who: Any, code: str, given: dict[str, Any]) -> str:
        number = chosen(given[Ids.NUMBER])
        room.routines.decide(who, code, number, is_hers=False)
        return f"Proposal {number} is put aside."

    for button, do in (
        (Ids.KEEP, keep), (Ids.END, end), (Ids.GIVE, give), (Ids.TAKE, take),
        (Ids.PROPOSE, propose), (Ids.CONFIRM, confirm), (Ids.DECLINE, decline),
    ):  # fmt: skip
        act(button, do)

    @app.callback(
        Output(Ids.MESSAGE, "children", allow_duplicate=True),
        Output(Ids.ACTED, "data", allow_duplicate=True),
        Input(Ids.FILE, "contents"),
        State(case, "value"),
        State(Ids.ACTED, "data"),
        prevent_initial_call=True,
    )
    @needs(Action.KEEP_ROUTINE)
    def bring_in(contents: Any, code: Any, acted: Any) -> tuple[Any, Any]:
        if not contents:
            return no_update, no_update
        try:
            raw = base64.b64decode(text_of(contents).partition(",")[2], validate=True)
            since = room.clock.now().astimezone(zone).replace(hour=0, minute=0, second=0)
            number = room.routines.bring_in(viewer(), text_of(code), raw, since=since)
        except binascii.Error:
            return "The file did not arrive whole. Choose it again.", no_update
        except VigilError as error:
            return sorry(error, zone), no_update
        return f"{_count(number, 'place')} brought in.", _next(acted)


def _next(acted: Any) -> int:
    return (acted if type(acted) is int else 0) + 1
