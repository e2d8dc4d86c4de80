"""The conduct screen's answer, masked and for the minute of a reveal."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from data.clock import FixedClock
from data.model.user import Role
from data.rules.reasons import REVEAL_FOR
from data.store import routines, victims
from tests.dashboard.conftest import OpenRoom
from tests.dashboard.test_drawer import ask
from tests.data.service.weeks import (
    CHOIR_NAME,
    LONG_AGO,
    a_place,
    local,
    was_at,
    wears_since,
)
from tests.stage import NOON, a_stage

pytestmark = pytest.mark.db


def test_the_answer_shows_her_place_for_a_minute(
    open_room: OpenRoom, engine: Engine, clock: FixedClock
) -> None:
    """A number and a quarter of an hour; with a reason the name, metres and the map; then again.

    The replay's own map and facts of her begin and end with the same minute.
    """
    with engine.begin() as connection:
        stage = a_stage(connection)
        (person_id,) = victims.find_ids(connection, stage.case_id)
        routines.append_version(
            connection, routines.append_location(connection, person_id), a_place(),
            is_confirmed=True, valid_from=LONG_AGO, recorded_at=NOON, recorded_by=None, reason="",
        )  # fmt: skip
    wears_since(engine, stage.activation_id, LONG_AGO)
    was_at(engine, stage.activation_id, local("2026-11-03T18:37"), 25, east_m=120.0)
    client = open_room.seat(Role.CASE_OFFICER, cases=[stage.case_id])

    def answer() -> str:
        asked = {
            "conduct-case.value": "0142",
            "conduct-period.value": ["2026-11-01", "2026-11-20"],
            "conduct-near.value": 200,
        }
        found = ask(client, "conduct-summary", **asked)
        return json.dumps(found, ensure_ascii=False)

    first, last = local("2026-11-03T00:00"), local("2026-11-04T00:00")
    hers = f"/replay/{stage.activation_id}/hers.json?from={first.timestamp()}&to={last.timestamp()}"

    def beside(asking: FlaskClient = client) -> Any:
        (case,) = asking.get(hers).json["cases"]
        return case

    investigator = open_room.seat(Role.INVESTIGATOR, cases=[stage.case_id])
    assert "places" not in beside() and "reason" in beside()["masked"]
    assert set(beside(investigator)) == {"case_code", "masked"}
    masked = answer()
    assert "routine place 1" in masked
    assert "Tue 3 Nov 18:30" in masked
    assert "Read this with it" in masked
    assert CHOIR_NAME not in masked
    assert f"/replay?a={stage.activation_id}&from=" in masked
    ask(client, "victim-shown", **{
        "victim-reveal.n_clicks": 1, "victim-subject.data": {"case_code": "0142"},
        "victim-why.value": "court", "victim-words.value": "a statement"})  # fmt: skip
    shown = answer()
    for words in (CHOIR_NAME, "120 m (", "Tue 3 Nov 18:37", "FeatureCollection", "left_s"):
        assert words in shown
    assert CHOIR_NAME in json.dumps(ask(client, "routine-grid", **{"conduct-case.value": "0142"}))
    shown_beside = beside()
    (place,), (met,) = shown_beside["places"], shown_beside["encounters"]
    assert place["due"] == [[(first + timedelta(hours=h)).timestamp() for h in (18, 20)]]
    assert met["closest_m"] == pytest.approx(120, abs=1) and met["where"].endswith(CHOIR_NAME)
    assert len(shown_beside["drawn"]["encounters"]["features"]) == 1
    assert set(beside(investigator)) == {"case_code", "masked"}
    clock.forward(REVEAL_FOR)
    assert "places" not in beside()
    assert CHOIR_NAME not in answer()
