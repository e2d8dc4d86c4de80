"""From a device to an operator's acknowledgement, through the real program and a real browser."""

from __future__ import annotations

import re
import urllib.parse
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine

from data.clock import SystemClock
from data.model.user import Role
from data.service.devices import hash_of_key
from data.service.sign_in import SignIn
from data.store import tables
from tests.journeys.conftest import Program
from tests.journeys.signing_in import sign_in
from tests.stage import PASSWORD, a_stage

if TYPE_CHECKING:
    pass

# The map is drawn in software here, and two cores may have other work: patience, not precision.
PATIENCE_MS = 60_000
expect.set_options(timeout=PATIENCE_MS)

pytestmark = [pytest.mark.browser, pytest.mark.db, pytest.mark.slow]

KEY = "a-key-that-only-this-tag-has"
IN_THE_ZONE = (11.955, 57.705)


def _report(program: Program, at: datetime) -> None:
    """The tag speaks as the Traccar Client does."""
    lon, lat = IN_THE_ZONE
    query = urllib.parse.urlencode(
        {
            "id": "tag-0142",
            "key": KEY,
            "lat": lat,
            "lon": lon,
            "timestamp": int(at.timestamp()),
            "accuracy": 6,
            "speed": 0,
            "batt": 80,
        }
    )
    with urllib.request.urlopen(f"{program.gateway}/?{query}", timeout=10) as answer:
        assert answer.status == 200


def test_a_breach_is_seen_and_taken(
    program: Program, engine: Engine, owner_engine: Engine, open_page: Callable[..., Any]
) -> None:
    """A tag enters a zone; two desks see it; one takes it and the other sees who has it."""
    now = datetime.now(UTC)  # the program under test runs on the real clock
    with engine.begin() as connection:
        a_stage(connection, at=now - timedelta(hours=1))
        connection.execute(
            tables.device.update()
            .where(tables.device.c.serial == "tag-0142")
            .values(key_hash=hash_of_key(KEY))
        )
        # Fitted just now: a tag that never spoke for a day would be an alert of its own.
        connection.execute(tables.activation.update().values(started_at=now))
    with owner_engine.begin() as connection:
        # The stage comes with a breach of its own; here the judge has to find it.
        connection.execute(tables.breach.delete())
    door = SignIn(engine, SystemClock())
    for login in ("op7", "op3"):
        door.add_user(login, PASSWORD, Role.OPERATOR)
    # Small and still: the map is drawn without a graphics card here, for both at once.
    seat = {"viewport": {"width": 1280, "height": 720}, "reduced_motion": "reduce"}
    here, there = open_page(**seat), open_page(**seat)
    for page, login in ((here, "op7"), (there, "op3")):
        sign_in(page, program, login)
        expect(page.get_by_text("No open alerts")).to_be_visible()

    for ago_s in (10, 5, 0):
        _report(program, datetime.now(UTC) - timedelta(seconds=ago_s))
    row = here.get_by_role("option", name=re.compile("Priority 1, case 0142 in victim safe area 1"))
    expect(row).to_be_visible()

    here.keyboard.press("j")
    case = here.get_by_role("region", name="Case")
    expect(case.get_by_role("heading", name="0142 in victim safe area 1")).to_be_visible()
    expect(case).to_contain_text("Nobody has it.")
    expect(case).to_contain_text("inside the edge")
    expect(case).to_contain_text("victim of 0142")
    # Six keys from the alert to "police and victim told": J above, A, D, Enter, V, Enter.
    here.keyboard.press("a")
    expect(case).to_contain_text("You have this")
    here.keyboard.press("d")
    here.keyboard.press("Enter")
    expect(case.get_by_text("queued ✓")).to_have_count(1)
    here.keyboard.press("v")
    here.keyboard.press("Enter")
    expect(case.get_by_text("queued ✓")).to_have_count(2)
    expect(case).to_contain_text("op7 has it since")

    row = there.get_by_role("option", name=re.compile("Priority 1, case 0142"))
    expect(row).to_contain_text("op7")
    row.press("Enter")
    other = there.get_by_role("region", name="Case")
    expect(other).to_contain_text("op7 has it since")
    expect(other).to_contain_text("op7 is on this")
    expect(other.get_by_role("button", name="Take over")).to_be_visible()
    expect(other.get_by_role("button", name="Acknowledge")).to_have_count(0)

    here.keyboard.press("n")
    here.keyboard.type("Rang him; he says he is leaving.")
    here.get_by_role("button", name="Add note").press("Enter")
    expect(case).to_contain_text("Rang him; he says he is leaving.")
    # The other desk has the case open and reads the note without asking for it.
    expect(other).to_contain_text("Rang him; he says he is leaving.")

    here.get_by_text("Close with a finding").press("Enter")
    here.get_by_role("radio", name="Breach: the rule was broken").press("Space")
    here.get_by_role("textbox", name="Reason").fill("Seen in the zone for a minute, told to leave.")
    here.get_by_role("button", name="Close alert").press("Enter")
    expect(case).to_contain_text("Closed: breach.")
    expect(other).to_contain_text("Closed: breach.")
