"""A wall as a room has it: set up once, read from five metres, and never touched again."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine

from data.clock import SystemClock
from data.service.walls import Walls
from data.store import tables
from tests.journeys.conftest import Program
from tests.stage import Stage, a_live_fix, a_stage, an_alert

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.db, pytest.mark.slow]

PATIENCE_MS = 60_000
RESTARTS = 3

# 16 and 22 minutes of arc at 5 m on 65 inches of 3840 x 2160 (0.375 mm a pixel).
READ_PX = 85
COUNT_PX = 117

SIZES = """() => {
  const found = [];
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const { data, parentElement: of } = words.currentNode;
    if (!data.trim() || !of.checkVisibility() || of.closest("svg, .visually-hidden")) continue;
    found.push([data, of.className, parseFloat(getComputedStyle(of).fontSize)]);
  }
  return found;
}"""


def _set_up(page: Page, program: Program, engine: Engine) -> None:
    """As the person does who hangs the screen: link, size, distance."""
    code = Walls(engine, SystemClock()).add("north wall")
    page.goto(f"{program.room}/wall-in#{code}")
    page.get_by_role("button", name="Make it a wall").click()
    page.get_by_label("Screen, inches").fill("65")
    page.get_by_label("Distance of the furthest seat").fill("5")
    expect(page.get_by_text(f"0142 01:24 {READ_PX} px")).to_be_visible()
    page.get_by_role("button", name="Keep, and show the wall").click()
    page.wait_for_url("**/wall")


def _breach(engine: Engine, stage: Stage, waited: timedelta, **changes: Any) -> None:
    now = datetime.now(UTC)  # the program under test runs on the real clock
    with engine.begin() as connection:
        an_alert(connection, stage, now - waited, **changes)


def test_a_wall_is_read_from_five_metres_and_heals_by_itself(
    program: Program, engine: Engine, open_page: Callable[..., Any]
) -> None:
    """No word is too small, an untaken alert says so, and three restarts need nobody's hand."""
    now = datetime.now(UTC)
    with engine.begin() as connection:
        stages = [a_stage(connection, f"014{n}", now) for n in range(1 + RESTARTS)]
        connection.execute(tables.activation.update().values(started_at=now))
        for each in stages:
            a_live_fix(connection, each.activation_id, now)
    open_page.allow(r"net::ERR_|WebSocket connection")  # type: ignore[attr-defined]
    # All of a 4K wall's room for words; drawn coarsely, because here it is drawn in software.
    page = open_page(
        viewport={"width": 3840, "height": 2160}, device_scale_factor=0.25, reduced_motion="reduce"
    )
    page.set_default_timeout(PATIENCE_MS)
    _set_up(page, program, engine)
    expect(page.get_by_text("No open P1/P2")).to_be_visible(timeout=PATIENCE_MS)

    _breach(engine, stages[0], timedelta(seconds=31))
    card = page.locator(".vigil-card", has_text="0140")
    expect(card.get_by_text("NOT TAKEN")).to_be_visible(timeout=PATIENCE_MS)
    expect(card).to_have_class(re.compile("is-grown"))
    expect(page.get_by_text(re.compile(r"^LIVE \d"))).to_be_visible(timeout=PATIENCE_MS)
    for words, name, size in page.evaluate(SIZES):
        least = COUNT_PX if name == "vigil-counter" else READ_PX
        assert size > least - 1, f"{words!r} ({name}) has {size} px, and needs {least}"

    # Healing is no matter of size, and a large map takes a machine without a graphics card long.
    page.set_viewport_size({"width": 960, "height": 540})
    page.evaluate("window.isTheSamePage = true")
    for open_by_then, stage in enumerate(stages[1:], 2):
        web = program.process("web")
        web.send_signal(signal.SIGKILL)
        web.wait(10)
        # What happens while nobody could say so is there when the room is back.
        _breach(engine, stage, timedelta(0), condition_key=f"breach:{stage.breach_id}")
        counter = page.locator(".vigil-counter", has_text="Priority 1")
        expect(counter).to_contain_text(f"{open_by_then} open", timeout=PATIENCE_MS)
        expect(page.get_by_text(re.compile(r"^LIVE \d"))).to_be_visible(timeout=PATIENCE_MS)
    assert page.evaluate("window.isTheSamePage") and page.url.endswith("/wall")
    expect(page.locator("input, form, .vigil-banner")).to_have_count(0)
