"""From a street to a zone in force: drawn by one, contested by two, tried, signed by another."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from geoalchemy2.shape import to_shape
from playwright.sync_api import expect
from sqlalchemy import Engine, select

from data.clock import SystemClock
from data.geo import LonLat, metres_between
from data.model.user import Role
from data.service import basemap
from data.service.sign_in import SignIn
from data.store.tables import zone, zone_version
from tests.data.service.test_basemap import geojson, line
from tests.journeys import axe
from tests.journeys.conftest import Program
from tests.journeys.signing_in import sign_in
from tests.stage import PASSWORD, a_stage, give_case

if TYPE_CHECKING:
    from playwright.sync_api import Page

PATIENCE_MS = 60_000
LONGEST_S = 90

pytestmark = [pytest.mark.browser, pytest.mark.db, pytest.mark.slow]


def test_a_zone_is_drawn_contested_tried_and_signed(
    program: Program, engine: Engine, open_page: Callable[..., Any], tmp_path: Path
) -> None:
    """Ninety seconds of work from a street to a signature; the second editor sees the clash."""
    now = datetime.now(UTC)  # the program under test runs on the real clock
    with engine.begin() as connection:
        stage = a_stage(connection, at=now - timedelta(hours=1))
    street = line((11.960, 57.70), (11.962, 57.70), highway="residential", name="Kungsgatan")
    basemap.bring_in(engine, SystemClock(), geojson(tmp_path / "town.geojson", street))
    door = SignIn(engine, SystemClock())
    door.add_user("off4", PASSWORD, Role.CASE_OFFICER)
    door.add_user("sup1", PASSWORD, Role.SUPERVISOR)
    for login in ("off4", "sup1"):
        give_case(engine, stage.case_id, login, now)
    # The map is drawn without a graphics card here, for both at once: small and still.
    seat = {"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce"}
    officer, supervisor = open_page(**seat), open_page(**seat)
    expect.set_options(timeout=PATIENCE_MS)
    # Two editors save one draft: the second is answered 409, which a browser writes down.
    open_page.allow(r"409 \(CONFLICT\)")
    open_page.allow("ERR_INTERNET_DISCONNECTED")
    sign_in(officer, program, "off4")
    sign_in(supervisor, program, "sup1")

    began_s = time.monotonic()
    officer.goto(f"{program.room}/zones")
    officer.get_by_label("Case", exact=True).fill("0142")
    officer.get_by_label("Case", exact=True).press("Enter")
    officer.get_by_role("button", name="Start from").click()
    officer.get_by_role("textbox", name=re.compile("^Street")).fill("kungsg")
    officer.get_by_role("button", name=re.compile("^Kungsgatan")).click()
    officer.get_by_role("button", name="Put a circle there").click()
    side = officer.get_by_role("complementary", name="Inspector")
    expect(side.get_by_label("Radius")).to_have_value("300")
    saving = officer.locator(".studio-saving")
    expect(saving).to_have_text("Saved")
    draft = officer.url

    # Undo is kept with the draft on the server, so it outlives the page.
    officer.reload()
    officer.get_by_role("button", name="Undo").click()
    expect(side.get_by_label("Radius")).to_have_count(0)
    officer.get_by_role("button", name="Redo").click()
    expect(side.get_by_label("Radius")).to_have_value("300")
    expect(saving).to_have_text("Saved")

    # The supervisor has the same draft open, and saves between two saves of the officer.
    supervisor.goto(draft)
    other = supervisor.get_by_role("complementary", name="Inspector")
    expect(other.get_by_label("Buffer")).to_be_enabled()
    # Cut off for a moment, or the officer's page would show the other save within seconds.
    officer.context.set_offline(True)
    side.get_by_label("Radius").fill("350")
    side.get_by_label("Radius").press("Enter")
    expect(saving).to_contain_text("Not saved: ")
    other.get_by_label("Buffer").fill("250")
    other.get_by_label("Buffer").press("Enter")
    expect(supervisor.locator(".studio-saving")).to_have_text("Saved")
    officer.context.set_offline(False)
    clash = officer.get_by_role("alertdialog", name="Two versions")
    expect(clash).to_contain_text("sup1 saved revision")
    expect(clash.get_by_role("row", name=re.compile("Buffer"))).to_contain_text("250 m")
    clash.get_by_role("button", name="Go on from theirs").click()
    expect(side.get_by_label("Buffer")).to_have_value("250")
    expect(side.get_by_label("Radius")).to_have_value("300")
    # Nothing was overwritten: one step forward is all that the officer had.
    officer.get_by_role("button", name="Redo").click()
    expect(side.get_by_label("Radius")).to_have_value("350")
    expect(side.get_by_label("Buffer")).to_have_value("0")
    officer.get_by_role("button", name="Undo").click()
    expect(side.get_by_label("Buffer")).to_have_value("250")
    side.get_by_label("Radius").fill("350")
    side.get_by_label("Radius").press("Enter")
    expect(saving).to_have_text("Saved")
    # Told by the server, the supervisor's page has it without asking.
    expect(other.get_by_label("Radius")).to_have_value("350")

    officer.get_by_role("button", name="Rehearse").click()
    tried = officer.get_by_role("region", name="Rehearsal")
    expect(tried.get_by_role("row", name=re.compile("Minutes inside"))).to_be_visible()
    # Who has the same draft open sees it too, without having asked.
    seen = supervisor.get_by_role("region", name="Rehearsal")
    expect(seen.get_by_role("row", name=re.compile("Minutes inside"))).to_be_visible()
    officer.get_by_label("Reason", exact=True).fill("She moved; the court has widened the order.")
    officer.get_by_label("Court order reference").fill("T 7/26")
    officer.get_by_role("button", name="Send for signature").click()
    expect(officer.get_by_text("Waiting for another person's signature.")).to_be_visible()

    supervisor.goto(f"{program.room}/signatures")
    supervisor.get_by_role("textbox", name="Which").click()
    supervisor.get_by_role("option", name=re.compile("0142: put a drawn zone")).click()
    change = supervisor.get_by_role("region", name="What would change")
    expect(change.get_by_role("heading", name="A new zone")).to_be_visible()
    expect(change).to_contain_text("m²")
    supervisor.get_by_role("button", name="Sign", exact=True).click()
    expect(supervisor.get_by_text("Nothing waits for a second person.")).to_be_visible()
    expect(officer.get_by_text("Signed: this draft became a version.")).to_be_visible()
    assert time.monotonic() - began_s < LONGEST_S

    with engine.connect() as connection:
        made = connection.execute(
            select(zone_version).join(zone).where(zone.c.zone_id != stage.zone_id)
        ).one()
    shape = to_shape(made.shape)
    middle = LonLat(shape.centroid.x, shape.centroid.y)
    edge = LonLat(*shape.geoms[0].exterior.coords[0])
    assert metres_between(middle, edge) == pytest.approx(350, abs=1)
    assert (made.buffer_m, made.order_reference, made.valid_to) == (250, "T 7/26", None)

    assert not _panels(officer, f"{program.room}/zones/{made.zone_id}")


def _panels(page: Page, address: str) -> list[str]:
    """Serious faults of each panel and dialog of the studio, opened one after the other."""
    page.goto(address)
    page.get_by_role("tab", name=re.compile("History")).click()
    page.locator("summary").filter(has_text="Retire").click()
    found = axe.faults(page, "history")
    page.get_by_role("button", name="Edit as a draft").click()
    page.get_by_role("tab", name="Corners").click()
    page.get_by_role("button", name=re.compile("^Corner Centre")).click()
    found += axe.faults(page, "corners")
    page.get_by_role("tab", name="Zone").click()
    page.get_by_role("button", name="Change hours and permissions").click()
    page.get_by_label("By hours of the week").check()
    expect(page.get_by_text("clocks go forward")).to_be_visible()
    found += axe.faults(page, "hours")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Start from").click()
    for way in ("A street", "Another zone", "A file", "A template"):
        page.get_by_role("tab", name=way).click()
        found += axe.faults(page, way)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Keys").click()
    found += axe.faults(page, "keys")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Drop", exact=True).click()
    found += axe.faults(page, "drop")
    return found
