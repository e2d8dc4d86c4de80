"""A shift at two desks: hidden tab, two on one alert, six keys, a flood, two signatures.

One running room for all of it. The second desk stands in another time zone and must print the
same times; two of its alerts began in the hour that the night of the clock change has twice.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine, text

from data.clock import SystemClock
from data.model.user import Role
from data.service.sign_in import SignIn
from data.store import tables
from tests.journeys.conftest import Program
from tests.stage import PASSWORD, Stage, a_live_fix, a_stage, an_alert

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.db, pytest.mark.slow]

PATIENCE_MS = 60_000

# What a screen reader would call the element that has the focus.
CALLED = """() => {
  const { ariaLabel, labels, innerText } = document.activeElement;
  return (ariaLabel || labels?.[0]?.innerText || innerText || "").trim();
}"""
expect.set_options(timeout=PATIENCE_MS)

# A browser slows the timers of a hidden tab down to one a minute; here they stand still.
SLOW_TIMERS = """() => {
  const { setInterval, setTimeout } = window;
  const late = [];
  window.setInterval = (act, ms, ...rest) => setInterval(() => window.isSlow || act(...rest), ms);
  window.setTimeout = (act, ms, ...rest) =>
    setTimeout(() => (window.isSlow ? late.push(() => act(...rest)) : act(...rest)), ms);
  window.catchUp = () => late.splice(0).forEach((act) => act());
}"""
# A driven browser keeps every tab visible, so the page is told what a hidden one is told.
HIDE = """() => {
  window.isSlow = true;
  Object.defineProperty(document, "hidden", { configurable: true, get: () => true });
  Object.defineProperty(document, "visibilityState", { configurable: true, get: () => "hidden" });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
# Both at one moment: half a second later the second desk would no longer offer it.
TAKE_AT = """(at_ms) => {
  const take = document.querySelector(".act-main[aria-keyshortcuts=A]");
  setTimeout(() => take.click(), at_ms - Date.now());
}"""
# The list keeps its order while it has the focus; what is new waits behind a bar.
LEAVE = "document.activeElement.blur()"
SHOW = """() => {
  window.isSlow = false;
  window.catchUp();
  delete document.hidden;
  delete document.visibilityState;
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def _sit(page: Page, program: Program, door: SignIn, login: str) -> None:
    """Somebody takes a seat and arms the sound."""
    page.set_default_timeout(PATIENCE_MS)
    door.add_user(login, PASSWORD, Role.OPERATOR)
    cookie = door.sign_in(login, PASSWORD, "127.0.0.1")[0]
    page.context.add_cookies([{"name": "vigil", "value": cookie, "url": program.room}])
    page.goto(f"{program.room}/desk")
    expect(page.locator(".vigil-pill.is-live")).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_role("heading", name="Alerts").click()
    expect(page.get_by_text("armed")).to_be_visible(timeout=PATIENCE_MS)


def _raise(engine: Engine, stage: Stage, key: str, **changes: Any) -> int:
    with engine.begin() as connection:
        now = datetime.now(UTC)
        return an_alert(connection, stage, **{"at": now, "condition_key": key, **changes})


def _heard(engine: Engine, login: str) -> set[int]:
    """Alerts for which this desk has sounded."""
    query = text(
        "select jsonb_array_elements(alert_ids)::bigint from vigil.sound_entry "
        "where kind = 'burst' and login = :login"
    )
    with engine.connect() as connection:
        return set(connection.scalars(query, {"login": login}))


def _wait(page: Page, found: Callable[[], bool], what: str) -> None:
    for _ in range(PATIENCE_MS // 200):
        if found():
            return
        page.wait_for_timeout(200)
    pytest.fail(what)


def _row(page: Page, alert_id: int) -> Any:
    return page.locator(f"[data-alert='{alert_id}']")


def _tab_to(page: Page, words: str) -> None:
    """Goes on with Tab until what is called so has the focus."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate(CALLED).startswith(words):
            return
    pytest.fail(f"Tab does not lead to {words}")


def _close_and_find(page: Page) -> None:
    """The alert that is open is closed with a finding, its case found again: with keys alone."""
    case = page.get_by_role("region", name="Case")
    _tab_to(page, "Close with a finding")
    page.keyboard.press("Enter")
    _tab_to(page, "Breach: the rule was broken")
    page.keyboard.press("Space")
    _tab_to(page, "Reason")
    page.keyboard.type("Seen at the gate by the patrol.")
    _tab_to(page, "Close alert")
    page.keyboard.press("Enter")
    expect(case.get_by_text(re.compile(r"^Closed: "))).to_be_visible()
    page.keyboard.press("Control+k")
    page.keyboard.type("0142")
    page.keyboard.press("Enter")
    expect(case.get_by_role("heading", name="0142 in victim safe area 1")).to_be_visible()


def test_a_shift(program: Program, engine: Engine, open_page: Callable[..., Any]) -> None:
    """Nothing is missed, nobody is second without being told, and every P1 is seen and heard."""
    # The room itself runs on the real clock; the second of two to take an alert is told by a 409.
    open_page.allow("409")  # type: ignore[attr-defined]
    now = datetime.now(UTC)
    with engine.begin() as connection:
        stage = a_stage(connection, at=now - timedelta(hours=1))
        connection.execute(tables.activation.update().values(started_at=now))
        a_live_fix(connection, stage.activation_id, now)
    door = SignIn(engine, SystemClock())
    seat = {"viewport": {"width": 1366, "height": 768}, "reduced_motion": "reduce"}
    here, there = open_page(**seat), open_page(**seat, timezone_id="Asia/Kolkata")
    here.add_init_script(f"({SLOW_TIMERS})()")
    _sit(here, program, door, "op7")
    _sit(there, program, door, "op3")

    # A breach while the tab is hidden: heard at once, and on the list when somebody looks again.
    here.evaluate(HIDE)
    hidden = _raise(engine, stage, "hidden")
    _wait(there, lambda: hidden in _heard(engine, "op7"), "a hidden tab did not sound")
    here.evaluate(SHOW)
    expect(_row(here, hidden)).to_be_visible()

    # Both take it: one has it, the other is told who.
    for page in (here, there):
        _row(page, hidden).click()
        expect(page.get_by_role("button", name="Acknowledge")).to_be_visible()
    at_ms = 1000 * time.time() + 800
    for page in (here, there):
        page.evaluate(TAKE_AT, at_ms)
    expect(
        here.get_by_text("You have this").or_(here.get_by_text("op3 is on this"))
    ).to_be_visible()
    winner, loser = ("op7", there) if here.get_by_text("You have this").count() else ("op3", here)
    expect(loser.get_by_text(f"{winner} is on this")).to_be_visible()

    # Six keys from the alert to "police and victim told".
    here.keyboard.press("Escape")
    here.evaluate(LEAVE)
    urgent = _raise(engine, stage, "urgent", minutes_to_contact=0.5)
    expect(_row(here, urgent)).to_be_visible()
    case = here.get_by_role("region", name="Case")
    for key, seen, ticks in (
        ("j", "Not taken", 0),
        ("a", "You have this", 0),
        ("d", "Send to: Police", 0),
        ("Enter", "You have this", 1),
        ("v", "Send to: Victim", 1),
        ("Enter", "You have this", 2),
    ):
        here.keyboard.press(key)
        expect(case.get_by_text(seen).first).to_be_visible()
        expect(case.get_by_text("queued ✓")).to_have_count(ticks)

    _close_and_find(here)

    # The case in a window of its own follows the desk.
    with here.context.expect_page() as opened:
        here.get_by_role("button", name="The case in a window of its own").click()
    pane = opened.value
    expect(pane.get_by_role("heading", name="0142 in victim safe area 1")).to_be_visible(
        timeout=PATIENCE_MS
    )
    pane.close()

    # The hour that comes twice, and a browser five and a half hours away: the same words.
    for page in (here, there):
        page.keyboard.press("Escape")
        page.evaluate(LEAVE)
    for hour, offset in ((0, "+01:00"), (1, "+00:00")):
        began = datetime(2026, 10, 25, hour, 30, tzinfo=UTC)
        twice = _raise(engine, stage, f"twice:{hour}", began_at=began)
        for page in (here, there):
            page.evaluate(LEAVE)
            _row(page, twice).click()
            facts = page.get_by_role("region", name="Case")
            expect(facts).to_contain_text(f"2026-10-25 01:30:00 {offset}")
    assert here.locator(".vigil-clock-zone").inner_text() == "GMT"
    assert there.locator(".vigil-clock-zone").inner_text() == "GMT"

    # Sixty devices fall silent, and five breaches come among them.
    breaches = set()
    for number in range(60):
        _raise(
            engine,
            stage,
            f"silent:{number}",
            kind="silent",
            priority=2,
            breach_id=None,
            zone_id=None,
            case_id=None,
            activation_id=None,
            facts={},
        )
        if number % 12 == 6:
            breaches.add(_raise(engine, stage, f"hidden:{number}"))
    for page in (here, there):
        page.evaluate(LEAVE)
        expect(page.get_by_text(re.compile("Flood: .* P1 never is"))).to_be_visible()
        for alert_id in breaches:
            expect(_row(page, alert_id)).to_be_visible()
        expect(page.get_by_text("60 devices: silent", exact=True)).to_be_visible()
    for login in ("op7", "op3"):
        _wait(here, lambda who=login: _heard(engine, who) >= breaches, f"{login} heard not all")  # type: ignore[misc]

    # The shift ends with both signatures; who goes needs no mouse.
    here.keyboard.press("g")
    here.keyboard.press("h")
    expect(here.get_by_role("heading", name="Shift hand-over")).to_be_visible()
    _tab_to(here, "Tell the next shift")
    here.keyboard.type("One drift at the bridge.")
    _tab_to(here, "I hand over")
    here.keyboard.press("Enter")
    expect(here.get_by_text("op7 handed over")).to_be_visible(timeout=PATIENCE_MS)
    there.goto(f"{program.room}/hand-over")
    expect(there.get_by_text("One drift at the bridge.")).to_be_visible(timeout=PATIENCE_MS)
    expect(there.get_by_text(re.compile(r"Overlap: 1[0-4]:\d\d left of 15 min"))).to_be_visible()
    there.get_by_role("button", name="I take over").click()
    expect(there.get_by_text("op3 took over at")).to_be_visible(timeout=PATIENCE_MS)
