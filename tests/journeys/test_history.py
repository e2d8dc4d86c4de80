"""An investigator finds a breach and takes it to paper; a supervisor reads how the room did."""

from __future__ import annotations

import base64
import re
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine
from werkzeug.serving import make_server

from dashboard.factory import create_room
from data.clock import SystemClock
from data.model.user import Role
from data.service.sign_in import SignIn
from data.settings import read_settings
from tests.makers import ACase
from tests.past import MINUTE, a_judged_fix, a_past_breach
from tests.stage import PASSWORD, QUICK_HASHER, a_stage, an_alert, give_case

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.db, pytest.mark.slow]

PATIENCE_MS = 60_000

# What a picture is made of: its size, how many colours its map has, and whether its edge is paper.
LOOK = """async (data) => {
  const image = new Image();
  image.src = `data:image/png;base64,${data}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.width, image.height];
  const pen = canvas.getContext("2d");
  pen.drawImage(image, 0, 0);
  const colours = (x, y, w, h) => {
    const { data } = pen.getImageData(x, y, w, h);
    const found = new Map();
    for (let at = 0; at < data.length; at += 4) {
      const colour = (data[at] << 16) | (data[at + 1] << 8) | data[at + 2];
      found.set(colour, (found.get(colour) ?? 0) + 1);
    }
    return found;
  };
  const map = colours(300, 400, 1000, 1000);
  const [most] = [...map].sort((here, there) => there[1] - here[1])[0];
  const edge = [...colours(0, 0, 40, 1654).keys()];
  return { size: [image.width, image.height], colours: map.size, ground: most, edge };
}"""


@pytest.fixture
def door(engine: Engine) -> SignIn:
    """Who signs people in."""
    return SignIn(engine, SystemClock(), QUICK_HASHER)


@pytest.fixture
def room(engine: Engine, door: SignIn, project_dir: Path) -> Iterator[str]:
    """The address of a room that is served; to look back needs no judge."""
    made = create_room(read_settings({}, project_dir), engine, SystemClock(), door)
    server = make_server("127.0.0.1", 0, made.server, threaded=True)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    serving.join()


def _seated(open_page: Callable[..., Any], room: str, door: SignIn, login: str) -> Page:
    page: Page = open_page(reduced_motion="reduce", accept_downloads=True)
    page.set_default_timeout(PATIENCE_MS)
    cookie, _ = door.sign_in(login, PASSWORD, "127.0.0.1")
    page.context.add_cookies([{"name": "vigil", "value": cookie, "url": room}])
    return page


def test_a_breach_is_found_and_taken_to_paper(
    room: str, engine: Engine, door: SignIn, open_page: Callable[..., Any], tmp_path: Path
) -> None:
    """Filter, list, facts, picture, and the address that opens the same again; then the figures."""
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)
    door.add_user("ines", PASSWORD, Role.INVESTIGATOR)
    door.add_user("sue", PASSWORD, Role.SUPERVISOR)
    with engine.begin() as connection:
        stage, other = a_stage(connection, at=at), a_stage(connection, "0777", at=at)
        for each in (stage, other):
            case = ACase(each.case_id, 1, 1, each.activation_id, "")
            for minute in (1, 2, 3, 9):  # and one in the middle: nobody saw six to eight
                place = (11.953 + minute / 2000, 57.703)
                a_judged_fix(
                    connection, each.activation_id, each.zone_id, at + minute * MINUTE, place, 0.5
                )
            a_past_breach(connection, case, each.zone_id, at, place=(11.955, 57.705))
        an_alert(connection, stage, at, state="closed", closed_at=at, finding="drift")
        an_alert(connection, other, at + MINUTE, breach_id=None, condition_key="x")
    give_case(engine, stage.case_id, "ines", at)

    page = _seated(open_page, room, door, "ines")
    page.goto(f"{room}/history")
    expect(page.get_by_role("heading", name="1 breach", exact=True)).to_be_visible(
        timeout=PATIENCE_MS
    )
    expect(page.get_by_role("table").last).not_to_contain_text("0777")
    page.get_by_label("Offender").fill("0777")
    expect(page.get_by_text("No breach matches: case 0777.")).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_role("button", name="Clear filter").first.click()
    # 01/02 is January here and February there: neither is taken.
    first = page.get_by_label("From", exact=True)
    first.fill("01/02/2000")
    first.blur()
    expect(page.get_by_role("alert")).to_have_text("From: write it as 2026-06-20.")
    first.fill("2000-02-01")
    expect(page).to_have_url(re.compile("from=2000-02-01"))
    page.get_by_role("button", name="Clear filter").first.click()
    expect(first).to_have_value("")
    page.get_by_role("button", name=re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d$")).press("Enter")
    facts = page.get_by_role("article", name="The selected breach")
    expect(facts).to_contain_text("in victim safe area 1", timeout=PATIENCE_MS)
    expect(facts).to_contain_text("version 1")
    expect(facts).to_contain_text("1 gap in the track")
    expect(page).to_have_url(re.compile(r"/history\?breach=\d+$"))
    for told in ("11.9", "57.7", "0142"):
        assert told not in page.url

    with page.expect_download() as download:
        page.get_by_role("button", name="Save as a picture").click()
    download.value.save_as(tmp_path / "exhibit.png")
    seen = page.evaluate(LOOK, base64.b64encode((tmp_path / "exhibit.png").read_bytes()).decode())
    assert seen["size"] == [2339, 1654]
    assert seen["edge"] == [0xFFFFFF]
    # The map is there, and by day: a picture of an emptied buffer would be black or clear.
    assert seen["colours"] > 20
    assert seen["ground"] == 0xE4E7E9
    assert page.evaluate("document.documentElement.dataset.theme") == "night"

    page.reload()
    expect(facts).to_contain_text("in victim safe area 1", timeout=PATIENCE_MS)

    reader = _seated(open_page, room, door, "sue")
    reader.goto(f"{room}/kpi?period=8h")
    numbers = reader.locator(".kpi-numbers")
    expect(numbers).to_contain_text("1 of 1", timeout=PATIENCE_MS)
    cases = reader.locator("section", has=reader.get_by_role("heading", name="Cases that raised"))
    cases.get_by_text("The numbers").click()
    expect(cases.get_by_role("cell", name="0777")).to_be_visible(timeout=PATIENCE_MS)
    expect(cases.locator(".main-svg").first).to_be_visible(timeout=PATIENCE_MS)
