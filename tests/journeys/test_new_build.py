"""The server is renewed under open screens: the wall loads itself anew, the desk is asked."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine

from data.clock import SystemClock
from data.model.user import Role
from data.service.walls import Walls
from tests.journeys.conftest import Program
from tests.stage import a_session

if TYPE_CHECKING:
    from playwright.sync_api import Page, WebSocketRoute

pytestmark = [pytest.mark.browser, pytest.mark.db, pytest.mark.slow]

PATIENCE_MS = 60_000


class Renewal:
    """Between page and server: while it is on, the server says that it is another build."""

    def __init__(self, page: Page) -> None:
        self.is_on = True
        page.route_web_socket(re.compile("socket.io"), self._join)

    def _join(self, page: WebSocketRoute) -> None:
        def pass_on(said: str | bytes) -> None:
            if self.is_on and isinstance(said, str):
                said = re.sub(r'"build":"[0-9a-f]+"', '"build":"of-tomorrow"', said)
            page.send(said)

        page.connect_to_server().on_message(pass_on)


def test_screens_notice_a_new_build(
    web: Program, engine: Engine, open_page: Callable[..., Any]
) -> None:
    """Nobody touches a wall, so it goes by itself; under somebody's hands nothing is reloaded."""
    clock = SystemClock()
    walls = Walls(engine, clock)
    of_wall, _ = walls.enter(walls.add("hall"), "127.0.0.1")
    of_desk, _ = a_session(engine, clock, "op7", Role.OPERATOR)
    opened = []
    for path, cookie in (("/wall", of_wall), ("/desk", of_desk)):
        page = open_page()
        page.context.add_cookies([{"name": "vigil", "value": cookie, "url": web.room}])
        opened.append((page, Renewal(page)))
        page.goto(web.room + path)
        page.evaluate("window.isFirst = true")
    (wall, _), (desk, of_the_desk) = opened
    offer = desk.get_by_role("button", name="Load anew")
    expect(offer).to_be_visible(timeout=PATIENCE_MS)
    wall.wait_for_function("() => !window.isFirst", timeout=PATIENCE_MS)
    assert desk.evaluate("window.isFirst")
    of_the_desk.is_on = False
    offer.click()
    desk.wait_for_function("() => !window.isFirst", timeout=PATIENCE_MS)
    expect(desk.get_by_text("No alert selected")).to_be_visible(timeout=PATIENCE_MS)
    expect(offer).to_have_count(0)
