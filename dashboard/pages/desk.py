"""The desk, where a shift is worked: queue, map, case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from dash import Dash, html, page_registry

from dashboard import shell
from dashboard.browser import DeskLink, DeskPanes
from dashboard.guard import needs, viewer
from dashboard.panels import drawer, map, queue, victim
from dashboard.room import Room
from data.rules.access import Action, decide

PATH = "/desk"
TITLE = "Desk · Vigil"
ACTION = Action.SEE_DESK
REPLAY_PATH = "/replay"


class Ids:
    """The page's own components."""

    PANES: Final = "desk-panes"
    MAIN: Final = "desk-main"
    LINK: Final = "desk-link"


def page(room: Room) -> Callable[..., html.Div]:
    """The page's layout as a function that is asked at each visit."""

    @needs(ACTION)
    def layout(**_address: Any) -> html.Div:
        return html.Div(
            className="desk",
            children=[
                *shell.skip_links(
                    ("To the queue", queue.Ids.REGION),
                    ("To the map", map.Ids.REGION),
                    ("To the case", drawer.Ids.REGION),
                ),
                shell.header(room, here=PATH),
                html.Main(
                    id=Ids.MAIN,
                    className="desk-main",
                    children=[
                        queue.layout(room),
                        map.layout(room),
                        drawer.layout(room, victim.layout()),
                        DeskLink(id=Ids.LINK, kind="desk", replay=replay_path()),
                        DeskPanes(
                            id=Ids.PANES,
                            chosen=_panes(room),
                            regions={
                                "desk": Ids.MAIN,
                                "left": queue.Ids.REGION,
                                "right": drawer.Ids.REGION,
                                "strip": map.Ids.STRIP,
                            },
                        ),
                    ],
                ),
            ],
        )

    return layout


def replay_path() -> str | None:
    """Where a track is replayed; None where this seat may not, or the program has no replay."""
    is_there = any(page["path"] == REPLAY_PATH for page in page_registry.values())
    may = decide(viewer().role, Action.SEE_TRAIL).allowed
    return REPLAY_PATH if is_there and may else None


def _panes(room: Room) -> dict[str, Any]:
    """The panes this person has chosen, by screen size: right at the first paint."""
    chosen = room.choices.of(viewer())
    return {name: value for name, value in chosen.items() if name.startswith("panes-")}


def connect(app: Dash, room: Room) -> None:
    """Registers the callbacks of the page's panels."""
    queue.connect(app)
    drawer.connect(app, room)
    victim.follow_alerts(app, queue.Ids.LIST)
