"""A person registers a security key, and signs in with it: the real program, a real browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pyotp
import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine

from data.clock import SystemClock
from data.model.user import Role
from data.service.sign_in import SignIn
from data.store import tables
from tests.journeys.conftest import Program
from tests.stage import PASSWORD

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.db, pytest.mark.slow]

PATIENCE_MS = 60_000
GRAVE_ACT = """() => {
  window.answered = fetch("/second-factor/keys/offer", {
    method: "POST", headers: { "Content-Type": "application/json" }, body: "{}",
  }).then((answer) => answer.status);
}"""


def _plug_in_a_key(page: Page) -> None:
    """The browser's own virtual authenticator: it has a counter, and somebody who touches it."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "usb",
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )


def _give_password(page: Page) -> None:
    page.get_by_label("Login").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_a_key_is_registered_and_opens_the_door(
    program: Program, engine: Engine, open_page: Callable[..., Any]
) -> None:
    """Password and code once; then a key, which does in the code's place and as a fresh proof."""
    SignIn(engine, SystemClock()).add_user("ada", PASSWORD, Role.OPERATOR)
    # Small and still: the map is drawn without a graphics card here.
    page = open_page(viewport={"width": 1280, "height": 720}, reduced_motion="reduce")
    open_page.allow(r"401 \(UNAUTHORIZED\)")  # type: ignore[attr-defined]
    page.set_default_timeout(PATIENCE_MS)
    _plug_in_a_key(page)
    page.goto(program.room.replace("127.0.0.1", "localhost"))
    _give_password(page)
    secret = page.locator(".key").inner_text().replace(" ", "")
    page.get_by_label("Code").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Take into use").click()
    page.get_by_role("button", name="I have written them down").click()

    page.get_by_role("button", name="ada: menu").click()
    page.get_by_role("menuitem", name="Security keys").click()
    expect(page.get_by_text("You have none yet.")).to_be_visible()
    page.get_by_role("button", name="Add a key").click()
    expect(page.get_by_text("not used yet")).to_be_visible()
    page.get_by_role("button", name="Add a key").click()
    expect(page.get_by_text("This key is registered already.")).to_be_visible()
    page.get_by_role("link", name="Back to the room").click()
    page.get_by_role("button", name="ada: menu").click()
    page.get_by_role("menuitem", name="Sign out").click()

    _give_password(page)
    page.get_by_role("button", name="Use your security key").click()
    expect(page.get_by_role("button", name="ada: menu")).to_be_visible(timeout=PATIENCE_MS)

    with engine.begin() as connection:  # as if five minutes had passed
        connection.execute(tables.session.update().values(stepped_up_at=None))
    page.evaluate(GRAVE_ACT)
    dialog = page.get_by_role("dialog", name="Is it still you?")
    dialog.get_by_role("button", name="Use your security key").click()
    assert page.evaluate("window.answered") == 200

    page.goto(f"{program.room.replace('127.0.0.1', 'localhost')}/step-up")
    page.get_by_role("button", name="Use your security key").click()
    expect(page.get_by_role("button", name="ada: menu")).to_be_visible(timeout=PATIENCE_MS)

    page.get_by_role("button", name="ada: menu").click()
    page.get_by_role("menuitem", name="Security keys").click()
    expect(page.get_by_text("last used")).to_be_visible()
    page.get_by_role("button", name="Remove key 1").click()
    expect(page.get_by_text("You have none yet.")).to_be_visible()
