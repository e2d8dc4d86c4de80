"""Streets over HTTP: posted, so that no address of anybody stands in a log."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine

from data.clock import FixedClock
from data.service import basemap
from tests.dashboard.conftest import ORIGIN, OpenRoom
from tests.data.service.test_basemap import TOWN

pytestmark = pytest.mark.db


def test_a_street_over_http(open_room: OpenRoom, engine: Engine, clock: FixedClock) -> None:
    """What was imported is found; what is not understood is 400; an address asks nothing."""
    basemap.bring_in(engine, clock, TOWN)
    client = open_room.seat()

    def ask(**body: Any) -> Any:
        return client.post("/find-street", json=body, headers=ORIGIN)

    (found,) = ask(words="östra", near=[12.0, 57.7]).json["streets"]
    assert found["name"] == "Östra gatan"
    assert set(found) == {"name", "source", "lon", "lat", "bounds"}
    assert client.get("/find-street?words=ostra").status_code in {404, 405}
    for body in ({}, {"words": 7}, {"words": "ku", "near": [500, 0]}, {"words": "ku", "near": "x"}):
        assert ask(**body).status_code == 400, body
