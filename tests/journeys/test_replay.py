"""A replay in a real browser: the night as it was recorded, and nothing that was not."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine, insert, select, update

from data.clock import SystemClock
from data.model.user import Role
from data.store import routines, tables, victims
from tests.dashboard.routes.test_replay import a_fix
from tests.data.service.weeks import CHOIR_NAME, LONG_AGO, a_place
from tests.journeys.conftest import Program
from tests.stage import NOON, Stage, a_session, a_stage, give_case

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.db, pytest.mark.slow]

PATIENCE_MS = 60_000
FIRST = NOON - timedelta(hours=1)
HALF = NOON - timedelta(minutes=30)  # when the zone's second version began
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
    """Ten minutes eastwards, twenty of silence over two kilometres, ten minutes eastwards.

    Half way the zone's second version takes over, and she is due at her choir all the while.
    """
    with engine.begin() as connection:
        stage = a_stage(connection)
        for minute in [*range(10), *range(30, 40)]:
            at, lon = FIRST + timedelta(minutes=minute), WEST + STEP * minute
            position = f"SRID=4326;POINT({lon} 57.6)"
            a_fix(connection, stage.activation_id, at, position=position, fingerprint=minute)
        version = tables.zone_version
        old = connection.execute(select(version)).one()
        connection.execute(update(version).values(valid_to=HALF))
        values = {**old._mapping, "number": 2, "valid_from": HALF, "valid_to": None}
        del values["zone_version_id"]
        connection.execute(insert(version).values(values))
        (person_id,) = victims.find_ids(connection, stage.case_id)
        routines.append_version(
            connection, routines.append_location(connection, person_id),
            a_place(sat=("10:00", "14:00")), is_confirmed=True, valid_from=LONG_AGO,
            recorded_at=NOON, recorded_by=None, reason="",
        )  # fmt: skip
    return stage


@pytest.fixture
def seated(
    web: Program, engine: Engine, stage: Stage, open_page: Callable[..., Any]
) -> Callable[..., Page]:
    """Opens the night for somebody of this role, in a browser that believes to be anywhere."""
    cookies: dict[Role, str] = {}

    def open_night(role: Role, rest: str = "", **context: Any) -> Page:
        if role not in cookies:
            cookies[role] = a_session(engine, SystemClock(), role.value, role)[0]
            give_case(engine, stage.case_id, role.value, datetime.now(UTC))
        page: Page = open_page(
            viewport={"width": 1280, "height": 1000}, reduced_motion="reduce", **context
        )
        page.set_default_timeout(PATIENCE_MS)
        page.context.add_cookies([{"name": "vigil", "value": cookies[role], "url": web.room}])
        night = f"from={FIRST:%Y-%m-%dT%H:%M:%SZ}&to={NOON:%Y-%m-%dT%H:%M:%SZ}"
        page.goto(f"{web.room}/replay?a={stage.activation_id}&{night}{rest}")
        expect(page.locator(".replay[data-stage=open]")).to_be_visible()
        expect(page.get_by_text("near routine")).to_be_visible()
        return page

    return open_night


def test_the_night_is_shown_as_it_was_recorded(seated: Callable[..., Page]) -> None:
    """No pixel where nobody recorded, that night's zones, and nothing of her unasked."""
    page = seated(Role.INVESTIGATOR, "&tail=0&rings=0")
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


def test_times_are_the_rooms_wherever_the_browser_is(seated: Callable[..., Page]) -> None:
    """Five browsers on five clocks print the same instants, on map, strip, facts and lists."""
    said = set()
    for zone in ZONES:
        page = seated(Role.INVESTIGATOR, "&at=2026-11-21T11:35:00Z&tab=fixes", timezone_id=zone)
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
