"""How a person sits down for the first time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyotp
from playwright.sync_api import expect

from tests.journeys.conftest import Program
from tests.stage import PASSWORD

if TYPE_CHECKING:
    from playwright.sync_api import Page

PATIENCE_MS = 60_000


def sign_in(page: Page, program: Program, login: str) -> None:
    """Password, a new second factor, and the codes written down; then a screen of the room."""
    page.set_default_timeout(PATIENCE_MS)
    page.goto(program.room)
    fill_in(page, login)
    expect(page.get_by_role("navigation", name="Screens")).to_be_visible(timeout=PATIENCE_MS)


def fill_in(page: Page, login: str) -> None:
    """What the open sign-in page asks of somebody who comes for the first time."""
    page.get_by_label("Login").fill(login)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    key = page.locator(".key").inner_text()
    page.get_by_label("Code").fill(pyotp.TOTP(key.replace(" ", "")).now())
    page.get_by_role("button", name="Take into use").click()
    page.get_by_role("button", name="I have written them down").click()
