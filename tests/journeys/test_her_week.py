"""Where she usually is: written down by hand, from files, and found in her handset's track."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine

from data.clock import SystemClock
from data.model.user import Role
from tests.data.service.weeks import was_at, wears_since
from tests.journeys.conftest import Program
from tests.stage import a_session, a_stage, give_case

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.db, pytest.mark.slow]

PATIENCE_MS = 60_000
NAMES = ("Library", "Baths", "Market", "Allotment", "Choir")
TABLE = """name,lon,lat,days,from,to
Baths,11.9601,57.7011,wed,18:00,19:30
Baths,11.9601,57.7011,sat,10:00,11:30
Market,11.9711,57.7021,sat,12:00,13:00
"""
FEATURES = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [11.9811, 57.7031]},
            "properties": {
                "name": "Allotment",
                "hours": {
                    "time_zone": "Europe/London",
                    "weekly": [{"days": ["sun"], "from": "09:00", "to": "12:00"}],
                },
            },
        }
    ],
}


def test_her_week_is_written_down(
    web: Program, engine: Engine, open_page: Callable[..., Any]
) -> None:
    """Each way ends in a numbered place; names only in the minute of a reveal, by one role."""
    now = datetime.now(UTC)
    with engine.begin() as connection:
        stage = a_stage(connection, at=now)
    handset = stage.victim_activation_id
    wears_since(engine, handset, now - timedelta(days=40))
    evening = now.replace(hour=18, minute=0, second=0, microsecond=0)
    for weeks in (1, 2, 3):
        was_at(engine, handset, evening - timedelta(weeks=weeks), 130, every_min=5)

    page = _her_week(web, engine, open_page, stage.case_id, Role.CASE_OFFICER)
    said = page.locator("#routine-message")
    page.get_by_label("What it is called").fill("Library")
    page.get_by_label("Where: latitude, longitude").fill("57.70510, 11.95530")
    page.get_by_label("When she is usually there").fill("mon 10:00-12:00")
    page.get_by_role("button", name="Write down").click()
    expect(said).to_have_text("Written down as routine place 1.")

    chosen = page.locator("#routine-file input[type=file]")
    for name, body, words in (
        ("week.csv", TABLE, "2 places brought in."),
        ("week.geojson", json.dumps(FEATURES), "1 place brought in."),
    ):
        file: Any = {"name": name, "mimeType": "text/plain", "buffer": body.encode()}
        chosen.set_input_files(file)
        expect(said).to_have_text(words)

    page.get_by_role("button", name="Search her track").click()
    expect(said).to_contain_text("She has not consented")
    page.get_by_label("How and to whom she agreed").fill("By telephone, to me.")
    page.get_by_role("button", name="She agrees").click()
    expect(said).to_have_text("Her consent is written down.")
    page.get_by_role("button", name="Search her track").click()
    expect(said).to_have_text("1 place found. Reveal her to see and decide.")
    assert not [name for name in NAMES if name in page.locator("#routine-grid").inner_text()]

    page.get_by_role("textbox", name="Why do you look?").click()
    page.get_by_role("option", name="Work on her case").click()
    page.get_by_label("In your own words").fill("To confirm her week.")
    page.get_by_role("button", name="Reveal for 60 seconds").click()
    grid = page.locator("#routine-grid")
    expect(grid).to_contain_text("Library")
    page.get_by_role("textbox", name="As", exact=True).click()
    page.get_by_role("option", name="5").click()
    page.get_by_label("What it is called").fill("Choir")
    page.get_by_role("button", name="It is hers").click()
    expect(said).to_have_text("Routine place 5 is hers.")
    for name in NAMES:
        expect(grid).to_contain_text(name)

    other = _her_week(web, engine, open_page, stage.case_id, Role.INVESTIGATOR)
    expect(other.locator("#routine-lead")).to_contain_text("Masked: places 1, 2, 3, 4, 5")
    assert not [name for name in NAMES if name in other.content()]
    expect(other.get_by_role("button", name="Write down")).to_have_count(0)


def _her_week(
    web: Program, engine: Engine, open_page: Callable[..., Any], case_id: int, role: Role
) -> Page:
    page: Page = open_page(viewport={"width": 1600, "height": 1400}, reduced_motion="reduce")
    page.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    cookie = a_session(engine, SystemClock(), role.value, role)[0]
    give_case(engine, case_id, role.value, datetime.now(UTC))
    page.context.add_cookies([{"name": "vigil", "value": cookie, "url": web.room}])
    page.goto(f"{web.room}/conduct?case=0142")
    page.get_by_role("tab", name="Her week").click()
    return page
