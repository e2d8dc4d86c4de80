"""The frame around every screen: status, theme, who is signed in, and the word DEMO."""

from __future__ import annotations

from typing import Any, Final

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, page_container
from flask import request

from dashboard.appearance import mantine_scheme, theme_of
from dashboard.browser import StatusBar
from dashboard.guard import viewer
from dashboard.room import Room

PAGE = """<!DOCTYPE html>
<html lang="en" data-theme="{theme}" data-mantine-color-scheme="{scheme}"{demo}>
<head>
<meta charset="UTF-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Vigil</title>
{favicon}
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


class VigilDash(Dash):
    """Dash whose page knows the screen's theme before its first paint."""

    is_demo: bool = False

    def interpolate_index(self, **parts: Any) -> str:
        """The page around the app; the theme comes from the screen's own cookie."""
        theme = theme_of(request.cookies)
        return PAGE.format(
            theme=theme,
            scheme=mantine_scheme(theme),
            demo=' data-demo="1"' if self.is_demo else "",
            favicon=parts["favicon"],
            css=parts["css"],
            app_entry=parts["app_entry"],
            config=parts["config"],
            scripts=parts["scripts"],
            renderer=parts["renderer"],
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


def header(room: Room) -> html.Header:
    """The bar over a desk: the room's name, clocks and LIVE pill, theme, user."""
    who = viewer()
    return html.Header(
        className="head",
        children=[
            html.Span("Vigil", className="head-mark"),
            StatusBar(
                id=Ids.STATUS,
                className="head-status",
                time_zone=room.time_zone_name,
                demo=room.settings.demo,
            ),
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
                            dmc.MenuItem("Sign out", id=Ids.SIGN_OUT, n_clicks=0),
                        ]
                    ),
                ],
            ),
            dcc.Store(id=Ids.SIGNED_OUT),
        ],
    )


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
