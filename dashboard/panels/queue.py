"""The alert queue with its filter. Rows come over the live socket, not through callbacks."""

from __future__ import annotations

from typing import Final

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, html

from dashboard.browser import AlertQueue
from dashboard.guard import viewer
from dashboard.room import Room


class Ids:
    """The panel's components."""

    REGION: Final = "queue-region"
    WHO: Final = "queue-who"
    LIST: Final = "queue-list"


def layout(room: Room) -> html.Section:
    """The panel, empty until the socket speaks."""
    return html.Section(
        id=Ids.REGION,
        className="panel queue",
        tabIndex=-1,
        **{"aria-label": "Alert queue"},
        children=[
            html.Div(
                className="queue-bar",
                children=[
                    html.H2("Alerts"),
                    dmc.SegmentedControl(
                        id=Ids.WHO,
                        value="all",
                        data=[
                            {"value": "all", "label": "All"},
                            {"value": "mine", "label": "Mine"},
                            {"value": "shelved", "label": "Shelved"},
                        ],
                        size="xs",
                        transitionDuration=0,
                    ),
                ],
            ),
            AlertQueue(
                id=Ids.LIST,
                time_zone=room.time_zone_name,
                filter={"priorities": [], "mine": False},
                me=viewer().login,
            ),
        ],
    )


def connect(app: Dash) -> None:
    """Keeps the switch and the list's own filter alike; all of it in the browser."""
    app.clientside_callback(
        # One callback for both directions: two would be a circle.
        ClientsideFunction("room", "filterQueue"),
        Output(Ids.LIST, "filter"),
        Output(Ids.WHO, "value"),
        Input(Ids.WHO, "value"),
        Input(Ids.LIST, "filter"),
        prevent_initial_call=True,
    )
