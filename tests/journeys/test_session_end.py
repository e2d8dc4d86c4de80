"""A session ends under an open desk: said before and after, and nothing on the desk is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine

from data.clock import SystemClock
from data.model.user import Role
from data.service.sign_in import SignIn
from data.store import tables
from tests.journeys.conftest import Program
from tests.journeys.signing_in import fill_in
from tests.stage import PASSWORD, QUICK_HASHER, a_live_fix, a_stage, an_alert

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.db, pytest.mark.slow]

PATIENCE_MS = 60_000


def _sign_in_beside(desk: Page, login: str) -> None:
    """By the way the page offers: in a window of its own, which closes itself."""
    with desk.context.expect_page() as opened:
        desk.get_by_role("link", name="Sign in again").click()
    beside = opened.value
    beside.set_default_timeout(PATIENCE_MS)
    with beside.expect_event("close", timeout=PATIENCE_MS):
        fill_in(beside, login)


def test_a_desk_outlives_its_session(
    web: Program, engine: Engine, open_page: Callable[..., Any]
) -> None:
    """Warned of the end, told of it, the same person goes on; another gets a page of their own."""
    now = datetime.now(UTC)
    with engine.begin() as connection:
        stage = a_stage(connection, at=now)
        a_live_fix(connection, stage.activation_id, now)
        alert_id = an_alert(connection, stage, now - timedelta(seconds=5))
    door = SignIn(engine, SystemClock(), QUICK_HASHER)
    for login in ("op7", "op9"):
        door.add_user(login, PASSWORD, Role.OPERATOR)
    cookie, _ = door.sign_in("op7", PASSWORD, "127.0.0.1")
    desk = open_page()
    open_page.allow("40[13]|no valid credentials")  # type: ignore[attr-defined]
    desk.set_default_timeout(PATIENCE_MS)
    desk.context.add_cookies([{"name": "vigil", "value": cookie, "url": web.room}])
    desk.goto(f"{web.room}/desk")
    desk.locator(f"[data-alert='{alert_id}']").click()
    note = desk.get_by_label("Note")
    note.fill("He says the tag was in the wash")

    with engine.begin() as connection:
        ends_at = datetime.now(UTC) + timedelta(minutes=4)
        connection.execute(tables.session.update().values(ends_at=ends_at))
    warning = desk.get_by_text("Your session ends in")
    expect(warning).to_be_visible(timeout=PATIENCE_MS)
    _sign_in_beside(desk, "op7")
    expect(warning).to_have_count(0, timeout=PATIENCE_MS)

    with engine.begin() as connection:
        connection.execute(tables.session.update().values(ended_at=datetime.now(UTC)))
    expect(desk.get_by_role("alert").filter(has_text="You are signed out")).to_be_visible(
        timeout=PATIENCE_MS
    )
    expect(note).to_have_value("He says the tag was in the wash")
    _sign_in_beside(desk, "op9")
    expect(desk.get_by_role("button", name="op9: menu")).to_be_visible(timeout=PATIENCE_MS)
    expect(desk.get_by_text("He says the tag")).to_have_count(0)
