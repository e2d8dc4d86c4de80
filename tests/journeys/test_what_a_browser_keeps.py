"""What a page does in a real browser: no rule of ours is broken, and nobody is left behind in it.

A browser's storage outlives the session: who finds the machine must not find a victim on it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine

from data.clock import SystemClock
from data.model.user import Role
from data.service.sign_in import SignIn
from data.service.walls import Walls
from data.store import tables
from tests.journeys.conftest import Program
from tests.stage import (
    ADDRESS,
    OFFENDER,
    PASSWORD,
    TELEPHONE,
    VICTIM,
    a_live_fix,
    a_stage,
    an_alert,
    give_case,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.db, pytest.mark.slow]

PATIENCE_MS = 60_000
NAMES = (*OFFENDER.split(), *VICTIM.split(), ADDRESS, TELEPHONE)
# A degree to the third decimal is a street corner; the same as whole 1e-7 degrees of the stage.
PLACE = re.compile(r"\d{1,3}\.\d{3,}|\b119[45]\d{5}\b|\b577\d{6}\b")

STORED = """async () => {
  const kept = [Object.entries(localStorage), Object.entries(sessionStorage)];
  for (const {name} of await indexedDB.databases()) {
    const base = await new Promise((done, fail) => {
      const asked = indexedDB.open(name);
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => fail(asked.error);
    });
    for (const store of base.objectStoreNames) {
      kept.push([name, store, await new Promise((done, fail) => {
        const asked = base.transaction(store).objectStore(store).getAll();
        asked.onsuccess = () => done(asked.result);
        asked.onerror = () => fail(asked.error);
      })]);
    }
    base.close();
  }
  kept.push(await caches.keys(), (await navigator.serviceWorker.getRegistrations()).length);
  return JSON.stringify(kept);
}"""

STORE_EVERYWHERE = """async (words) => {
  localStorage.setItem("left", words[0]);
  sessionStorage.setItem("left", words[1]);
  await new Promise((done, fail) => {
    const asked = indexedDB.open("left", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("things");
    asked.onsuccess = () => {
      const write = asked.result.transaction("things", "readwrite");
      write.objectStore("things").put(words[2], 1);
      write.oncomplete = () => { asked.result.close(); done(); };
    };
    asked.onerror = () => fail(asked.error);
  });
}"""

TELL_VIOLATIONS = """addEventListener("securitypolicyviolation", (event) =>
  violated(`${location.pathname}: ${event.effectiveDirective} ${event.blockedURI}`))"""


def _left_behind(page: Page) -> list[str]:
    """Names and places in everything this page's origin keeps in the browser."""
    kept = page.evaluate(STORED)
    return [name for name in NAMES if name in kept] + PLACE.findall(kept)


@pytest.fixture
def watched(open_page: Callable[..., Any]) -> Callable[[], tuple[Page, list[str]]]:
    """Opens pages that tell what the Content-Security-Policy forbade them."""

    def open_watched() -> tuple[Page, list[str]]:
        violations: list[str] = []
        page = open_page(viewport={"width": 1280, "height": 720}, reduced_motion="reduce")
        page.set_default_timeout(PATIENCE_MS)
        page.expose_function("violated", lambda told: violations.append(told))
        page.add_init_script(TELL_VIOLATIONS)
        return page, violations

    return open_watched


def _seat(page: Page, program: Program, cookie: str) -> None:
    page.context.add_cookies([{"name": "vigil", "value": cookie, "url": program.room}])


def test_no_rule_is_broken_and_nobody_is_kept(
    program: Program,
    engine: Engine,
    watched: Callable[[], tuple[Page, list[str]]],
    open_page: Callable[..., Any],
) -> None:
    """Sign-in page, desk and wall: no console error, no violation, no name or place kept."""
    now = datetime.now(UTC)  # the program under test runs on the real clock
    door = SignIn(engine, SystemClock())
    door.add_user("officer", PASSWORD, Role.CASE_OFFICER)
    with engine.begin() as connection:
        stage = a_stage(connection, at=now - timedelta(hours=1))
        # Fitted just now: a tag that never spoke for a day would be an alert of its own.
        connection.execute(tables.activation.update().values(started_at=now))
        for activation_id in (stage.activation_id, stage.victim_activation_id):
            a_live_fix(connection, activation_id, now)
        an_alert(connection, stage, now)
    give_case(engine, stage.case_id, "officer", now)

    desk, violations_of_desk = watched()
    desk.goto(program.room)
    expect(desk.get_by_role("button", name="Sign in")).to_be_visible()
    assert _left_behind(desk) == []
    _seat(desk, program, door.sign_in("officer", PASSWORD, "127.0.0.1")[0])
    desk.goto(f"{program.room}/desk")
    desk.get_by_role("option", name=re.compile("case 0142")).first.press(
        "Enter", timeout=PATIENCE_MS
    )
    # The name is on the screen: so it could have been kept.
    expect(desk.get_by_role("region", name="Case")).to_contain_text(OFFENDER, timeout=PATIENCE_MS)
    desk.wait_for_timeout(2_000)  # frames come each second, the map is drawn from them

    wall, violations_of_wall = watched()
    _seat(
        wall,
        program,
        Walls(engine, SystemClock()).enter(Walls(engine, SystemClock()).add("hall"), "127.0.0.1")[
            0
        ],
    )
    wall.goto(f"{program.room}/wall")
    expect(wall.get_by_text("0142").first).to_be_visible(timeout=PATIENCE_MS)
    wall.wait_for_timeout(2_000)

    assert violations_of_desk + violations_of_wall == []
    assert _left_behind(desk) == []
    assert _left_behind(wall) == []

    # The same eyes see what they are there for.
    desk.evaluate(STORE_EVERYWHERE, [OFFENDER, VICTIM, "57.7051, 11.9553"])
    assert {"Olaf", "Vera", "57.7051", "11.9553"} <= set(_left_behind(desk))
    open_page.allow("Content Security Policy")  # type: ignore[attr-defined]
    desk.evaluate(
        "document.head.append(Object.assign(document.createElement('script'), {text: '1'}))"
    )
    desk.wait_for_timeout(500)
    assert violations_of_desk == ["/desk: script-src-elem inline"]
