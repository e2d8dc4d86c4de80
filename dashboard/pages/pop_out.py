"""A pane of the desk in a window of its own, for a second monitor.

Its address names no record: which alert it shows comes from the desk, through the browser.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from dash import Dash, html

from dashboard import shell
from dashboard.browser import PaneLink
from dashboard.guard import needs
from dashboard.pages.desk import replay_path
from dashboard.panels import drawer, map, queue, victim
from dashboard.room import Room
from data.rules.access import Action


@dataclass(frozen=True, slots=True)
class PopOut:
    """One pane as a page. The callbacks of its panel are the desk's."""

    PATH: str
    TITLE: str
    ACTION: Action
    pane: Callable[[Room], html.Section]

    def page(self, room: Room) -> Callable[..., html.Div]:
        """The page's layout as a function that is asked at each visit."""

        @needs(self.ACTION)
        def layout(**_address: Any) -> html.Div:
            return html.Div(
                className="desk",
                children=[
                    shell.header(room, here=self.PATH, is_pane=True),
                    html.Main(
                        className="desk-pane",
                        # The queue's own id: the drawer hears what is selected from there.
                        children=[
                            self.pane(room),
                            PaneLink(id=queue.Ids.LIST, kind="pane", replay=replay_path()),
                        ],
                    ),
                ],
            )

        return layout

    def connect(self, app: Dash, room: Room) -> None:
        """Nothing: the desk has registered it."""


MAP = PopOut("/desk/map", "Map · Vigil", Action.SEE_MAP, partial(map.layout, is_pane=True))
CASE = PopOut(
    "/desk/case",
    "Case · Vigil",
    Action.SEE_CASE,
    lambda room: drawer.layout(room, victim.layout()),
)
