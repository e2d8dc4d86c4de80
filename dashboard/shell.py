"""The frame around every screen: status, theme, who is signed in, and the word DEMO."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Any, Final, NamedTuple

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, page_container
from flask import request

from dashboard.appearance import mantine_scheme, theme_of
from dashboard.browser import GlassNotices, StatusBar
from dashboard.guard import SECURITY_KEYS, viewer
from dashboard.live_desks import whose
from dashboard.room import Room
from data.model.user import Role, Viewer
from data.rules.access import Action, decide, masked

PAGE = """<!DOCTYPE html>
<html lang="en" data-theme="{theme}" data-mantine-color-scheme="{scheme}"{demo}>
<head>
<meta charset="UTF-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Vigil</title>
{favicon}
{early}
{css}
</head>
<body>
{app_entry}
<footer>
{config}
{scripts}
{renderer}
</footer>
</body>
</html>
"""

# The forms' own grey ramp, brightest first, so that they are of the room's colours.
_GREYS = [
    "#e6eaed",
    "#b4bdc6",
    "#9da7b1",
    "#7f8b97",
    "#3a434d",
    "#2f373f",
    "#262c33",
    "#1c2126",
    "#14171a",
    "#0e1113",
]


class Ids:
    """The shell's components."""

    PROVIDER: Final = "shell-provider"
    STATUS: Final = "shell-status"
    THEME: Final = "shell-theme"
    SIGN_OUT: Final = "shell-sign-out"
    SIGNED_OUT: Final = "shell-signed-out"
    USER: Final = "shell-user"
    MASKS: Final = "shell-masks"
    SCREENS: Final = "shell-screens"
    GLASS: Final = "shell-glass"
    MAIN: Final = "shell-main"


class Screen(NamedTuple):
    """A screen somebody may go to: its address, its word, who may, and its letter after `G`."""

    path: str
    words: str
    action: Action
    letter: str


NAV: tuple[Screen, ...] = (
    Screen("/desk", "Desk", Action.SEE_DESK, "d"),
    Screen("/replay", "Replay", Action.SEE_REPLAY, "r"),
    Screen("/conduct", "Conduct", Action.SEE_ENCOUNTERS, "c"),
    Screen("/look-up", "Look up", Action.LOOK_UP, "l"),
    Screen("/hand-over", "Hand-over", Action.HAND_OVER, "h"),
    Screen("/zones", "Zones", Action.DRAW_ZONE, "z"),
    Screen("/history", "History", Action.SEE_HISTORY, "b"),
    Screen("/kpi", "Figures", Action.SEE_FIGURES, "f"),
    Screen("/signatures", "Signatures", Action.SEE_SIGNATURES, "s"),
    Screen("/access", "Access", Action.SEE_ACCESS, "a"),
    Screen("/accounts", "Accounts", Action.ASSIGN_CASE, "u"),
    Screen("/desk-policy", "Policy", Action.KEEP_DESK_POLICY, "p"),
)
"""Screens in the bar; a test holds them to the pages."""

WALL = Screen("/wall", "Wall", Action.SEE_WALL, "w")
"""Reached by its letter and not from the bar: it has none to come back by."""

BESIDE = 3
"""So many have a link of their own in the bar; a role with more has a menu of all."""


class VigilDash(Dash):
    """Dash whose page knows the screen's theme before its first paint."""

    is_demo: bool = False
    early: Mapping[str, Callable[[Mapping[str, str]], list[str]]] = {}
    """By path, what a screen fetches first, from the query of its address."""

    def interpolate_index(self, **parts: Any) -> str:
        """The page around the app; the theme comes from the screen's own cookie."""
        theme = theme_of(request.cookies)
        return PAGE.format(
            theme=theme,
            scheme=mantine_scheme(theme),
            demo=' data-demo="1"' if self.is_demo else "",
            favicon=parts["favicon"],
            early=self._early(),
            css=parts["css"],
            app_entry=parts["app_entry"],
            config=parts["config"],
            scripts=parts["scripts"],
            renderer=parts["renderer"],
        )

    def _early(self) -> str:
        ask = self.early.get(request.path)
        return "".join(
            f'<link rel="preload" as="fetch" crossorigin href="{escape(address)}">'
            for address in (ask(request.args) if ask else ())
        )


def layout() -> dmc.MantineProvider:
    """The outermost component: form colours, then whichever page the address names."""
    return dmc.MantineProvider(
        id=Ids.PROVIDER,
        forceColorScheme=mantine_scheme(theme_of(request.cookies)),
        theme={
            "fontFamily": "var(--font)",
            "fontFamilyMonospace": "var(--font-mono)",
            "defaultRadius": "sm",
            "primaryColor": "dark",
            "colors": {"dark": _GREYS},
            "cursorType": "pointer",
        },
        children=[page_container],
    )


def header(room: Room, here: str = "", *, is_pane: bool = False) -> html.Header:
    """The bar over a screen: the way to others, clocks and LIVE pill, theme, user.

    Args:
        room: the room.
        here: the address of this screen.
        is_pane: of a window beside a desk: the desk leads elsewhere, and the desk sounds.
    """
    who = viewer()
    return html.Header(
        className="head",
        children=[
            html.Span("Vigil", className="head-mark"),
            *([] if is_pane else _nav(who, here)),
            StatusBar(
                id=Ids.STATUS,
                className="head-status",
                time_zone=room.time_zone_name,
                build=room.build,
                whose=whose(who),
                demo=room.settings.demo,
                screens=[] if is_pane else screens(who),
                seat="none" if is_pane else _seat(who),
            ),
            _masks(who),
            html.Button(
                "Day / night",
                id=Ids.THEME,
                className="act act-quiet",
                title="Change between night and day colours (Alt+T)",
                n_clicks=0,
            ),
            dmc.Menu(
                position="bottom-end",
                children=[
                    dmc.MenuTarget(
                        html.Button(
                            [who.login, html.Span(" ▾", **{"aria-hidden": "true"})],
                            id=Ids.USER,
                            className="act act-quiet",
                            **{"aria-label": f"{who.login}: menu"},
                        )
                    ),
                    dmc.MenuDropdown(
                        [
                            dmc.MenuLabel(who.role.value.replace("_", " ")),
                            *_own_sign_in(room, who),
                            dmc.MenuItem("Sign out", id=Ids.SIGN_OUT, n_clicks=0),
                        ]
                    ),
                ],
            ),
            dcc.Store(id=Ids.SIGNED_OUT),
            *_glass_notices(room, who),
        ],
    )


def plain_page(room: Room, here: str, *parts: Any, width: str = "") -> html.Div:
    """A screen to be read from top to bottom: the bar, and under it these parts.

    Args:
        room: the room.
        here: the address of this screen.
        parts: components from the top, the first of them an H1.
        width: a further class for the column, such as "plain-narrow".
    """
    return html.Div(
        className="plain",
        children=[
            *skip_links(("To the page", Ids.MAIN)),
            header(room, here=here),
            html.Main(list(parts), id=Ids.MAIN, className=f"plain-main {width}".rstrip()),
        ],
    )


def _own_sign_in(room: Room, who: Viewer) -> list[dmc.MenuItem]:
    """The way to one's own security keys; a demo has none, and a wall no sign-in of its own."""
    if room.settings.demo or not decide(who.role, Action.CHANGE_OWN_SIGN_IN).allowed:
        return []
    # `refresh`: it is no page of the app, so the browser has to go there.
    return [dmc.MenuItem("Security keys", href=SECURITY_KEYS, refresh=True)]


def screens(who: Viewer) -> list[dict[str, str]]:
    """Every screen this viewer may go to, for the keys and for the palette."""
    return [
        {"letter": screen.letter, "path": screen.path, "words": screen.words}
        for screen in (*NAV, WALL)
        if decide(who.role, screen.action).allowed
    ]


def _nav(who: Viewer, here: str) -> list[html.Nav]:
    """The way to the other screens of this role; nothing where there is one screen only."""
    ways = [screen for screen in NAV if decide(who.role, screen.action).allowed]
    if len(ways) < 2:
        return []
    beside = _beside(ways, here)
    links = [
        html.A(
            way.words,
            href=way.path,
            title=f"G then {way.letter.upper()}",
            **({"aria-current": "page"} if way.path == here else {}),
        )
        for way in beside
    ]
    # Where all have room no menu is needed; the style sheet leaves out the links on a narrow bar.
    menu = [_screens(ways, here)] if len(ways) > BESIDE else []
    return [
        html.Nav(
            [*links, *menu],
            className="head-nav" if menu else "head-nav is-short",
            **{"aria-label": "Screens"},
        )
    ]


def _beside(ways: list[Screen], here: str) -> list[Screen]:
    """The few screens that have a link of their own; the one that is open is always among them."""
    first = ways[:BESIDE]
    rest = [way for way in ways[BESIDE:] if way.path == here]
    return [*first[: BESIDE - len(rest)], *rest]


def _screens(ways: list[Screen], here: str) -> dmc.Menu:
    """Every screen of this role in a menu: a bar has room for three, and there are ten."""
    return dmc.Menu(
        position="bottom-start",
        children=[
            dmc.MenuTarget(
                html.Button(
                    ["Screens", html.Span(" ▾", **{"aria-hidden": "true"})],
                    id=Ids.SCREENS,
                    className="act act-quiet",
                )
            ),
            dmc.MenuDropdown(
                [
                    dmc.MenuItem(
                        way.words,
                        href=way.path,
                        # `refresh`: screens are loaded anew, as their plain links do.
                        refresh=True,
                        rightSection=html.Kbd(f"G {way.letter.upper()}"),
                        **({"aria-current": "page"} if way.path == here else {}),
                    )
                    for way in ways
                ]
            ),
        ],
    )


def _masks(who: Viewer) -> dmc.Popover:
    """What this role does not see, and why: the table's own words."""
    rows = [part for what, why in masked(who.role) for part in (html.Dt(what), html.Dd(f"{why}."))]
    return dmc.Popover(
        position="bottom-end",
        withinPortal=True,
        children=[
            dmc.PopoverTarget(
                html.Button("Not shown", id=Ids.MASKS, className="act act-quiet", n_clicks=0)
            ),
            dmc.PopoverDropdown(
                html.Div(
                    [
                        html.H3(f"What {_plural(who.role)} do not see"),
                        html.Dl(rows) if rows else html.P("Nothing is kept from this role."),
                    ],
                    className="masks",
                )
            ),
        ],
    )


def _plural(role: Role) -> str:
    return f"{role.value.replace('_', ' ')}s"


def _glass_notices(room: Room, who: Viewer) -> list[GlassNotices]:
    if not decide(who.role, Action.HEAR_OF_GLASS).allowed:
        return []
    signs = decide(who.role, Action.REVIEW_GLASS).allowed
    return [
        GlassNotices(
            id=Ids.GLASS, time_zone=room.time_zone_name, review="/access" if signs else None
        )
    ]


def _seat(who: Viewer) -> str:
    """For what the screen sounds: for the room's alerts, for calls, or for nothing."""
    if who.role is Role.SUPERVISOR:
        return "supervisor"
    return "desk" if decide(who.role, Action.ACKNOWLEDGE_ALERT).allowed else "none"


def skip_links(*targets: tuple[str, str]) -> list[html.A]:
    """Links for the keyboard over the head: (words, id) each."""
    return [html.A(words, href=f"#{target}", className="skip-link") for words, target in targets]


def connect(app: Dash) -> None:
    """What the head does; all of it in the browser."""
    app.clientside_callback(
        ClientsideFunction("room", "changeTheme"),
        Output(Ids.PROVIDER, "forceColorScheme"),
        Input(Ids.THEME, "n_clicks"),
        State(Ids.PROVIDER, "forceColorScheme"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("room", "signOut"),
        Output(Ids.SIGNED_OUT, "data"),
        Input(Ids.SIGN_OUT, "n_clicks"),
        prevent_initial_call=True,
    )
