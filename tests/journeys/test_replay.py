"""A replay in a real browser: the night as it was recorded, and nothing that was not."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect
from sqlalchemy import Engine, insert, select, update

from data.clock import SystemClock
from data.model.fix import FixFlag
from data.model.user import Role
from data.store import routines, tables, victims
from tests.dashboard.routes.test_replay import a_fix
from tests.data.service.weeks import CHOIR_NAME, LONG_AGO, a_place
from tests.journeys.conftest import Program
from tests.journeys.test_history import LOOK
from tests.stage import NOON, Stage, a_session, a_stage, give_case

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.db, pytest.mark.slow]

PATIENCE_MS = 60_000
FIRST = NOON - timedelta(hours=1)
HALF = NOON - timedelta(minutes=30)  # when the zone's second version began
MOMENT = "%Y-%m-%dT%H:%M:%SZ"
FRAMES_A_SECOND = 60
ASKED = """(what) => performance.getEntriesByType("resource")
  .filter((each) => each.name.includes(what)).length"""
LEAP = int(FixFlag.IMPOSSIBLE_SPEED)
WEST, STEP = 11.80, 0.002  # degrees; a fix a minute, about 120 m
ZONES = ("Asia/Kolkata", "America/St_Johns", "Pacific/Auckland", "UTC", "Europe/London")

# For each column the pixels of these rows that are not the ground: (png, top, bottom) -> counts.
COLUMNS = """async ([png, top, bottom]) => {
  const image = new Image();
  image.src = `data:image/png;base64,${png}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.width, image.height];
  const pen = canvas.getContext("2d");
  pen.drawImage(image, 0, 0);
  const { data } = pen.getImageData(0, top, image.width, bottom - top);
  const ground = pen.getImageData(Math.floor(image.width / 2), 70, 1, 1).data;
  const counts = new Array(image.width).fill(0);
  for (let at = 0; at < data.length; at += 4) {
    const apart = Math.max(...[0, 1, 2].map((part) => Math.abs(data[at + part] - ground[part])));
    if (apart > 10) counts[(at / 4) % image.width] += 1;
  }
  return counts;
}"""


@pytest.fixture
def stage(engine: Engine) -> Stage:
    """Ten minutes eastwards, twenty of silence over two kilometres, ten more, and one leap.

    Half way the zone's second version takes over, and she is due at her choir all the while.
    """
    with engine.begin() as connection:
        stage = a_stage(connection)
        for minute in [*range(10), *range(30, 40)]:
            at, lon = FIRST + timedelta(minutes=minute), WEST + STEP * minute
            position = f"SRID=4326;POINT({lon} 57.6)"
            a_fix(connection, stage.activation_id, at, position=position, fingerprint=minute)
        leap = {"position": f"SRID=4326;POINT({WEST + 0.05} 57.604)", "flags": LEAP}
        a_fix(connection, stage.activation_id, FIRST + timedelta(seconds=2070), **leap)
        version = tables.zone_version
        old = connection.execute(select(version)).one()
        connection.execute(update(version).values(valid_to=HALF))
        values = {**old._mapping, "number": 2, "valid_from": HALF, "valid_to": None}
        del values["zone_version_id"]
        connection.execute(insert(version).values(values))
        (person_id,) = victims.find_ids(connection, stage.case_id)
        routines.append_version(
            connection, routines.append_location(connection, person_id),
            a_place((WEST + 35 * STEP, 57.601), sat=("10:00", "14:00")), is_confirmed=True,
            valid_from=LONG_AGO, recorded_at=NOON, recorded_by=None, reason="",
        )  # fmt: skip
    return stage


@pytest.fixture
def seated(
    web: Program, engine: Engine, stage: Stage, open_page: Callable[..., Any]
) -> Callable[..., Page]:
    """Opens the night for somebody of this role, in a browser that believes to be anywhere."""
    cookies: dict[Role, str] = {}

    def open_night(
        role: Role, rest: str = "", *, is_clock_ours: bool = False, **context: Any
    ) -> Page:
        if role not in cookies:
            cookies[role] = a_session(engine, SystemClock(), role.value, role)[0]
            give_case(engine, stage.case_id, role.value, datetime.now(UTC))
        page: Page = open_page(
            viewport={"width": 1280, "height": 1000}, reduced_motion="reduce", **context
        )
        page.set_default_timeout(PATIENCE_MS)
        page.context.add_cookies([{"name": "vigil", "value": cookies[role], "url": web.room}])
        if is_clock_ours:
            page.clock.install()
        night = {"a": stage.activation_id, "from": f"{FIRST:{MOMENT}}", "to": f"{NOON:{MOMENT}}"}
        page.goto(f"{web.room}/replay?{urlencode({**night, **dict(parse_qsl(rest))}, safe=':,')}")
        expect(page.locator(".replay[data-stage=open]")).to_be_visible()
        expect(page.get_by_text("near routine")).to_be_visible()
        return page

    return open_night


def test_the_night_is_shown_as_it_was_recorded(seated: Callable[..., Page]) -> None:
    """No pixel where nobody recorded, that night's zones, and nothing of her unasked."""
    page = seated(Role.INVESTIGATOR, "tail=0&rings=0")
    _no_line_crosses_the_gap(page)

    strip = page.locator(".replay-strip")
    _go(page, "11:29:59")
    expect(strip).to_contain_text("victim safe area 1 v1")
    expect(page.locator(".replay-gap-words")).to_contain_text("No fix for 21 min")
    _go(page, "11:30:00")
    expect(strip).to_contain_text("v2")
    expect(strip).not_to_contain_text("v1")

    facts = page.locator(".replay-facts")
    expect(facts).to_contain_text("not for this role")
    expect(page.get_by_text("Her places")).to_have_count(0)
    officer = seated(Role.CASE_OFFICER)
    expect(officer.locator(".replay-facts")).to_contain_text("Masked")
    expect(officer.get_by_text("Her places")).to_be_visible()
    assert CHOIR_NAME not in officer.content()


def test_a_night_is_worked_through(seated: Callable[..., Page], stage: Stage) -> None:
    """Quiet is skipped aloud, doubts shown, a moment kept; each view is an address and a picture.

    A glide is stamped, and no picture for paper is made of one.
    """
    page = seated(Role.INVESTIGATOR, "tail=0&x=120&skip=1&at=2026-11-21T11:09:00Z")
    page.keyboard.press(" ")
    expect(page.locator(".replay-notice")).to_have_text("skipped 20 min: no signal")
    page.keyboard.press("k")
    assert "11:29" < page.locator(".replay-local b").inner_text() < "11:40"

    _go(page, "11:35:00")
    page.keyboard.press("Escape")
    page.get_by_role("tab", name="Fixes").click()
    page.locator(".replay-map").hover()
    page.mouse.wheel(0, -300)
    page.wait_for_function("() => location.search.includes('map=')")
    before = _still(page)
    page.keyboard.press("r")
    expect(page.locator(".replay-table")).to_contain_text("× impossible speed")
    page.wait_for_function("() => location.search.includes('raw=1')")
    raw = _still(page)
    assert not alike(raw, before)

    page.keyboard.press("b")
    expect(page.get_by_label("Bookmark this instant")).to_be_focused()
    page.keyboard.type("He turns back.")
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_role("listitem").filter(has_text="He turns back.")).to_be_visible()
    kept = page.get_by_role("link", name="2026-11-21 11:35:00 GMT (+00:00)")
    raw = _still(page)  # a lane for bookmarks is there now, and the map so much lower

    # Elsewhere and otherwise; then by the bookmark to exactly what was seen.
    _go(page, "11:02:00")
    page.get_by_role("button", name="Glide").click()
    expect(page.locator(".replay-stamp")).to_contain_text("INTERPOLATED")
    assert not alike(_still(page), raw)
    kept.click()
    expect(page.locator(".replay-local b")).to_have_text("11:35:00")
    assert alike(_still(page), raw)

    page.get_by_role("button", name="Glide").click()
    expect(page.locator(".replay-stamp")).to_be_visible()
    with page.expect_download() as saved:
        page.keyboard.press("e")
    assert saved.value.suggested_filename == "vigil-0142-20261121T113500Z.png"
    expect(page.locator(".replay-stamp")).to_have_count(0)
    picture = page.evaluate(LOOK, base64.b64encode(saved.value.path().read_bytes()).decode())
    assert picture["size"] == [2339, 1654]
    # By day, whatever the screen; an emptied buffer would be black or clear.
    assert picture["ground"] == 0xE4E7E9 and picture["colours"] > 20

    page.evaluate("() => { window.print = () => (window.printed = true); }")
    page.get_by_role("button", name="Print").click()
    page.wait_for_function("() => window.printed")
    page.emulate_media(media="print")
    expect(page.locator(".vigil-exhibit-page")).to_be_visible()
    expect(page.locator(".replay-strip")).to_be_hidden()


def test_two_tracks_on_one_clock(engine: Engine, stage: Stage, seated: Callable[..., Page]) -> None:
    """Both are drawn and told at the same instant; whose case is not given is not among them."""
    with engine.begin() as connection:
        other = a_stage(connection, "0311")
        for minute in range(0, 60, 2):
            at = FIRST + timedelta(minutes=minute)
            position = f"SRID=4326;POINT({WEST + STEP * minute} 57.601)"
            a_fix(connection, other.activation_id, at, position=position, radius_95_m=30.0)
    both = f"a={stage.activation_id},{other.activation_id}&at=2026-11-21T11:35:30Z"
    page = seated(Role.SUPERVISOR, both)
    facts = page.locator(".replay-facts")
    expect(facts).to_contain_text("A · 0142")
    expect(facts).to_contain_text("B · 0311")
    expect(facts).to_contain_text("age 0:30")
    expect(facts).to_contain_text("age 1:30")
    expect(page.locator(".replay-lanes")).to_contain_text("B speed")
    # Asked for with the page, and not once more by the script.
    assert page.evaluate(ASKED, "track.bin") == page.evaluate(ASKED, "about.json") == 2


def test_her_places_are_there_for_a_minute(
    owner_engine: Engine, seated: Callable[..., Page]
) -> None:
    """With a reason the officer sees where she was due and how far he was; then nothing of it."""
    page = seated(Role.CASE_OFFICER, "at=2026-11-21T11:35:00Z", is_clock_ours=True)
    # A room without judge and watch says so in banners, now or in a minute: they would move the
    # map, of which pictures are compared.
    page.add_style_tag(content=NO_BANNERS)
    facts = page.locator(".replay-facts")
    expect(facts).to_contain_text("Masked. Reveal her, with a reason.")
    masked = _still(page)

    page.get_by_text("Her places").click()
    page.get_by_role("textbox", name="Why do you look?").click()
    page.get_by_role("option", name="Work on her case").click()
    page.get_by_label("In your own words").fill("The route of that morning.")
    page.get_by_role("button", name="Reveal for 60 seconds").click()
    expect(facts).to_contain_text("due at 1 Choir")
    expect(facts.locator("dt", has_text="To her place")).to_be_visible()
    page.get_by_text("Her places").click()
    page.evaluate("document.activeElement.blur()")
    page.mouse.move(0, 0)
    assert not alike(_still(page), masked)

    # The minute is over on the server; on the screen its clock says so.
    with owner_engine.begin() as connection:
        ended = datetime.now(UTC) - timedelta(seconds=1)
        connection.execute(update(tables.reveal).values(until=ended))
    page.clock.fast_forward(61_000)
    expect(facts).to_contain_text("Masked. Reveal her, with a reason.")
    assert CHOIR_NAME not in page.content() and "Choir" not in page.content()
    assert alike(_still(page), masked)


def test_the_clock_is_right_after_ten_minutes(seated: Callable[..., Page]) -> None:
    """Sixty times for ten minutes: ten hours, to a frame, though hardly a picture was drawn."""
    day = f"to={FIRST + timedelta(days=1):{MOMENT}}&at={FIRST:{MOMENT}}&x=60"
    page = seated(Role.INVESTIGATOR, day, is_clock_ours=True)
    page.evaluate(
        """() => {
          window.pressed = [];
          const note = (event) => event.key === " " && pressed.push(performance.now());
          // The page acts on a key between its two ends, which a busy machine pulls apart.
          window.addEventListener("keydown", note, true);
          window.addEventListener("keyup", note, true);
        }"""
    )
    page.keyboard.press(" ")
    page.wait_for_timeout(500)
    page.clock.fast_forward(600_000)
    page.wait_for_timeout(500)
    page.keyboard.press(" ")
    page.clock.run_for(1000)  # the address is written once the clock stands
    began, begun, ending, ended = page.evaluate("() => pressed")
    assert ending - begun > 600_000
    (at,) = parse_qs(urlsplit(page.url).query)["at"]
    shown_s = (datetime.fromisoformat(at) - FIRST).total_seconds()
    frame_s = 60 / FRAMES_A_SECOND
    assert 60 * (ending - begun) / 1000 - frame_s <= shown_s
    assert shown_s <= 60 * (ended - began) / 1000 + frame_s


def test_times_are_the_rooms_wherever_the_browser_is(seated: Callable[..., Page]) -> None:
    """Five browsers on five clocks print the same instants, on map, strip, facts and lists."""
    said = set()
    for zone in ZONES:
        page = seated(Role.INVESTIGATOR, "at=2026-11-21T11:35:00Z&tab=fixes", timezone_id=zone)
        expect(page.locator(".replay-table tr.is-here")).to_contain_text("11:35:00")
        said.add(
            "|".join(
                page.locator(part).first.inner_text()
                for part in (".replay-times", ".replay-fix", ".replay-table", ".replay-strip")
            )
        )
        page.close()
    (words,) = said
    assert "11:35:00 GMT (+00:00) Sat 2026-11-21" in words and "11:35:00 UTC" in words


NO_BANNERS = """
:root { --vigil-banner: 0px !important; --vigil-lines: 0px !important; }
.vigil-banner, .vigil-lines { display: none !important; }
"""


def alike(picture: bytes, other: bytes) -> bool:
    """The same to the eye: no spot of it differs by more than the rounding of an edge."""
    here, there = (
        np.asarray(Image.open(io.BytesIO(each)).convert("L"), float) for each in (picture, other)
    )
    return here.shape == there.shape and bool((np.abs(here - there) > 40).sum() < 20)


def _still(page: Page) -> bytes:
    """The map once nothing on it changes any more."""
    end = datetime.now(UTC) + timedelta(seconds=30)
    last, now = b"", page.locator(".replay-map").screenshot()
    while now != last and datetime.now(UTC) < end:
        page.wait_for_timeout(400)
        last, now = now, page.locator(".replay-map").screenshot()
    return now


def _go(page: Page, instant: str) -> None:
    page.get_by_label("Go to an instant").fill(instant)
    page.keyboard.press("Enter")
    expect(page.locator(".replay-local b")).to_have_text(instant)


def _no_line_crosses_the_gap(page: Page) -> None:
    """Columns of the map's middle band: ink along both recorded stretches, none in between."""
    _go(page, "11:39:00")
    expect(page.locator(".replay-map canvas")).to_be_visible()
    box = page.locator(".replay-map-canvas").bounding_box()
    assert box is not None
    band = [int(box["height"] / 2) - 14, int(box["height"] / 2) + 14]

    def at(minute: float) -> int:
        """Where a fix of this minute stands: the whole track fits with 60 pixels beside it."""
        return round(60 + (box["width"] - 120) * minute / 39)

    def inked(first: int, last: int) -> float:
        shot = base64.b64encode(page.screenshot(clip=box)).decode()
        counts = page.evaluate(COLUMNS, [shot, *band])[first:last]
        return sum(1 for each in counts if each) / len(counts)

    page.wait_for_function("() => !document.querySelector('.replay-loading')", timeout=PATIENCE_MS)
    end = datetime.now(UTC) + timedelta(seconds=30)
    while inked(at(0.3), at(8.7)) < 0.95 and datetime.now(UTC) < end:
        page.wait_for_timeout(250)  # the first pictures of a map are empty
    assert inked(at(0.3), at(8.7)) > 0.95
    assert inked(at(30.3), at(38.7)) > 0.85  # a word's halo lies over a part of it
    # Words stand beside the ends; between them there is ground and nothing else.
    assert inked(at(15), at(24)) == 0
