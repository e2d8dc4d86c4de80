"""Night or day: kept by each screen in a cookie, so that the first paint is right already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Theme = Literal["night", "day"]

THEME_COOKIE = "vigil-theme"
"""Not a secret: it says "night" or "day" and nothing else is believed of it."""


def theme_of(cookies: Mapping[str, str]) -> Theme:
    """The screen's theme; night until somebody chose day."""
    return "day" if cookies.get(THEME_COOKIE) == "day" else "night"


def mantine_scheme(theme: str) -> str:
    """The same in the words of the form components."""
    return "light" if theme == "day" else "dark"
