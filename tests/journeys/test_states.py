"""Every page for eyes that see less, and every picture honest while something has stopped."""

from __future__ import annotations

import contextlib
import re
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import TimeoutError as BrowserTimeout
from playwright.sync_api import expect
from sqlalchemy import Engine

from dashboard import guard
from dashboard.factory import PAGES, create_room
from data.clock import SystemClock
from data.model.user import Role
from data.rules.access import decide
from data.service.sign_in import SignIn
from data.service.walls import Walls
from data.settings import read_settings
from data.store import tables
from tests.journeys import axe
from tests.journeys.conftest import Program
from tests.stage import QUICK_HASHER, a_live_fix, a_session, a_stage, an_alert, give_case

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.db, pytest.mark.slow]

PATIENCE_MS = 60_000

# Who looks at a page: the first of these who may.
LOOKERS = (
    Role.SUPERVISOR,
    Role.CASE_OFFICER,
    Role.OPERATOR,
    Role.INVESTIGATOR,
    Role.ADMINISTRATOR,
    Role.AUDITOR,
    Role.WALL,
)

# When the page first said each level, in seconds of the machine's own clock.
NOTE_LEVELS = """() => {
  const root = document.documentElement;
  window.levels = {};
  new MutationObserver(() => (window.levels[root.dataset.live] ??= Date.now() / 1000))
    .observe(root, { attributes: true, attributeFilter: ["data-live"] });
}"""


def _screens(project_dir: Path, engine: Engine, case_id: int) -> dict[Role | None, list[str]]:
    """Every page of the running program that a browser can open, under one role that may see it.

    None: whoever has not signed in. Asked of the program itself: a new page is looked at at once.
    """
    clock = SystemClock()
    door = SignIn(engine, clock, QUICK_HASHER)
    room = create_room(read_settings({}, project_dir), engine, clock, door)
    wanted = [(page.PATH, page.ACTION) for page in PAGES]
    wanted += [
        (entry.name, entry.action)
        for entry in guard.entries(room.server, room.app, room.socketio)
        if entry.kind == "route"
        and "<" not in entry.name
        and entry.name not in guard.DASH_ENDPOINTS
        and not entry.name.startswith(("/_dash", "/_favicon", "/sign-out"))
    ]
    screens: dict[Role | None, list[str]] = {}
    for path, action in dict.fromkeys(wanted):
        may = (role for role in LOOKERS if action and decide(role, action).allowed)
        looker = next(may) if action else None
        # A page may be of one record: here of the first.
        screens.setdefault(looker, []).append(re.sub(r"<[^>]+>", str(case_id), path))
    return screens


def _is_page(page: Page, address: str) -> bool:
    """Whether there is a page at this address, and not what a page asks for."""
    answer = page.request.get(address, headers={"Accept": "text/html,*/*"})
    return answer.ok and answer.headers.get("content-type", "").startswith("text/html")


def _faults(page: Page) -> list[str]:
    """Serious and critical findings in both themes, after the page's own content has come."""
    page.wait_for_load_state("networkidle")
    option = page.get_by_role("option")
    if option.count():
        option.first.press("Enter")
        page.wait_for_load_state("networkidle")
    return axe.faults(page, page.url.split("/", 3)[-1])


def _sideways(page: Page) -> list[str]:
    """Whether who enlarges four times has to scroll to the side; a wall is a display."""
    path = page.url.split("/", 3)[-1]
    if path.startswith("wall"):
        return []
    page.set_viewport_size({"width": 320, "height": 640})
    # Charts and panes take the narrower size some pictures later, on a busy machine many.
    with contextlib.suppress(BrowserTimeout):
        page.wait_for_function("() => document.documentElement.scrollWidth <= 320", timeout=20_000)
    wide = page.evaluate("document.documentElement.scrollWidth")
    page.set_viewport_size({"width": 1280, "height": 800})
    return [f"{path} is {wide} px wide on a screen of 320"] if wide > 320 else []


def test_every_page_is_for_everybody_and_says_when_it_is_old(
    program: Program,
    engine: Engine,
    open_page: Callable[..., Any],
    project_dir: Path,
) -> None:
    """No serious fault on any page in either theme, none scrolls to the side when enlarged.

    And a frozen judge is on every screen in time.
    """
    now = datetime.now(UTC)  # the program under test runs on the real clock
    with engine.begin() as connection:
        stage = a_stage(connection, at=now)
        connection.execute(tables.activation.update().values(started_at=now))
        a_live_fix(connection, stage.activation_id, now)
        an_alert(connection, stage, now - timedelta(seconds=5))
    clock = SystemClock()
    screens = _screens(project_dir, engine, stage.case_id)

    def seat(role: Role | None) -> Page:
        page = open_page(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
        page.set_default_timeout(PATIENCE_MS)
        if role is Role.WALL:
            walls = Walls(engine, clock)
            cookie, _ = walls.enter(walls.add(f"wall {time.monotonic()}"), "127.0.0.1")
        elif role is not None:
            login = f"{role.value}-{time.monotonic()}"
            cookie, _ = a_session(engine, clock, login, role)
            give_case(engine, stage.case_id, login, now)
        if role is not None:
            page.context.add_cookies([{"name": "vigil", "value": cookie, "url": program.room}])
        return page

    open_page.allow(r"40[134] |net::ERR_FAILED|503")  # type: ignore[attr-defined]
    desk, wall = seat(Role.OPERATOR), seat(Role.WALL)
    for page, path in ((desk, "/desk"), (wall, "/wall")):
        page.goto(program.room + path)
        expect(page.get_by_text(re.compile(r"^LIVE \d"))).to_be_visible(timeout=PATIENCE_MS)
        page.evaluate(NOTE_LEVELS)
    judge = program.process("judge")  # one of two: the picture is as old as its oldest part
    judge.send_signal(signal.SIGSTOP)
    stopped_at = time.time()
    try:
        _partly_failed(desk, program)
        found: list[str] = []
        for role, paths in screens.items():
            page = seat(role)
            for path in paths:
                if _is_page(page, program.room + path):
                    page.goto(program.room + path)
                    found += _faults(page)
                    found += _sideways(page)
            page.close()
        for page in (desk, wall):
            banner = page.get_by_role("alert").filter(has_text="NOT LIVE since")
            expect(banner).to_be_visible(timeout=PATIENCE_MS)
            levels = page.evaluate("window.levels")
            # The last beat may be some seconds older than the stop, and a busy screen looks late.
            assert 5 <= levels["old"] - stopped_at <= 20
            assert 50 <= levels["lost"] - stopped_at <= 70
    finally:
        judge.send_signal(signal.SIGCONT)
    for page in (desk, wall):
        expect(page.get_by_text(re.compile(r"^LIVE \d"))).to_be_visible(timeout=PATIENCE_MS)
        expect(page.locator(".vigil-banner")).to_have_count(0)
    assert not found, "\n".join(found)


def _partly_failed(desk: Page, program: Program) -> None:
    """A filter that lets nothing through is named; a part that is missing takes nothing along."""
    desk.keyboard.press("3")
    expect(desk.get_by_text("0 of 1 alerts match 'P3'.")).to_be_visible()
    desk.get_by_role("button", name="Clear filter").first.click()
    expect(desk.get_by_role("option")).to_have_count(1)

    other = desk.context.new_page()
    other.route("**/layers/zones.geojson", lambda route: route.abort())
    other.goto(f"{program.room}/desk")
    expect(other.get_by_text("Zones unavailable")).to_be_visible(timeout=PATIENCE_MS)
    expect(other.get_by_role("option")).to_have_count(1)
    other.unroute("**/layers/zones.geojson")
    expect(other.get_by_text("Zones unavailable")).to_have_count(0, timeout=PATIENCE_MS)
    other.close()
