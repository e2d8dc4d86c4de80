"""The replay: what somebody's tag recorded in a period, shown as it was recorded."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from dash import ClientsideFunction, Dash, Input, Output, html
from flask import request

from dashboard import shell
from dashboard.appearance import theme_of
from dashboard.browser import Replay
from dashboard.guard import needs, viewer
from dashboard.panels import victim
from dashboard.room import Room
from data.rules.access import Action, decide

PATH = "/replay"
TITLE = "Replay · Vigil"
ACTION = Action.SEE_REPLAY


# As the browser writes moments (address.ts): only then are the two requests one.
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.(?!000)\d{3})?Z")
_MOST_EARLY = 4


class Ids:
    """The page's components."""

    REGION: Final = "replay-region"
    REPLAY: Final = "replay-view"


def page(room: Room) -> Callable[..., html.Div]:
    """The page's layout as a function that is asked at each visit."""

    @needs(ACTION)
    def layout(**_address: Any) -> html.Div:
        # What is shown is in the address, and the component reads it there itself.
        return html.Div(
            className="replay-page",
            children=[
                *shell.skip_links(("To the replay", Ids.REGION)),
                shell.header(room, here=PATH),
                html.Main(
                    id=Ids.REGION,
                    tabIndex=-1,
                    className="replay-main",
                    children=[
                        Replay(
                            id=Ids.REPLAY,
                            theme=theme_of(request.cookies),
                            time_zone=room.time_zone_name,
                        ),
                        _hers(),
                    ],
                ),
            ],
        )

    return layout


def _hers() -> html.Details | None:
    """Where a person says why they look at her; nothing for a role that never sees her places."""
    if not decide(viewer().role, Action.SEE_VICTIM_ROUTINE).allowed:
        return None
    return html.Details(
        [html.Summary("Her places"), victim.layout()],
        className="replay-hers",
    )


def asked_early(address: Mapping[str, str]) -> list[str]:
    """What the page will ask for first, so that it is on its way while scripts are still read.

    Args:
        address: the query of the page's own address. Where it names no period, the page finds
            out which itself; what is asked here is answered, or refused, like any request.
    """
    activations = [
        each for each in address.get("a", "").split(",") if each.isascii() and each.isdecimal()
    ]
    first, last = address.get("from", ""), address.get("to", "")
    if not (_MOMENT.fullmatch(first) and _MOMENT.fullmatch(last)):
        return []
    return [
        f"/replay/{each}/{what}"
        for each in activations[:_MOST_EARLY]
        for what in (f"track.bin?from={first}&to={last}", "about.json")
    ]


def connect(app: Dash, room: Room) -> None:
    """The component fetches for itself; whom a reveal is about, and that it began, pass here."""
    app.clientside_callback(
        ClientsideFunction("conduct", "subjectOf"),
        Output(victim.Ids.SUBJECT, "data", allow_duplicate=True),
        Input(Ids.REPLAY, "case_code"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("conduct", "looked"),
        Output(Ids.REPLAY, "looked"),
        Input(victim.Ids.UNTIL, "data"),
        prevent_initial_call=True,
    )
