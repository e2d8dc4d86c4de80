"""Zones come into force from a file for one case, all or none, and leave a trail."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from data.clock import FixedClock
from data.errors import BadInput, Clash, NotFound
from data.feeds.zone_features import read_zone_features
from data.model.user import Role
from data.service.approvals import Approvals
from data.service.judging import Judging
from data.service.zones import Zones
from data.store.judging import SLICES
from tests.makers import START, a_case, a_reading, track
from tests.stage import a_viewer

pytestmark = pytest.mark.db

FILE = json.dumps(
    {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"zone_id": "Depot", "kind": "exclusion", "radius_m": 300},
                "geometry": {"type": "Point", "coordinates": [-2.98, 53.41]},
            }
        ],
    }
).encode()
INSIDE = " | ".join(f"{n * 60}s 53.41,-2.98" for n in range(4))


def test_a_zone_from_a_file_is_judged_by(engine: Engine) -> None:
    """What is put into force binds the offender's tag from that moment on."""
    with engine.begin() as connection:
        case = a_case(connection)
    clock = FixedClock(START)
    Zones(engine, clock).add("0142", read_zone_features(FILE), reason="order 7/26")
    with engine.begin() as connection:
        a_reading(connection, case, track(INSIDE))
    clock.forward(timedelta(minutes=4))
    Judging(engine, clock).round(range(SLICES))
    with engine.connect() as connection:
        assert connection.scalars(text("select kind from vigil.breach")).all() == ["exclusion"]
        trail = connection.scalars(text("select action from vigil.audit_entry")).all()
    assert trail == ["zone.add"]


def test_the_judge_follows_a_retired_zone(engine: Engine) -> None:
    """Out of force means no breach from then on; its past stays on record."""
    with engine.begin() as connection:
        case = a_case(connection)
    clock = FixedClock(START - timedelta(hours=1))
    zones = Zones(engine, clock)
    (zone_id,) = zones.add("0142", read_zone_features(FILE), reason="order 7/26")
    judging = Judging(engine, clock)
    judging.round(range(SLICES))
    clock.forward(timedelta(minutes=59))
    approvals = Approvals(engine, clock)
    asker, signer = (a_viewer(engine, clock, name, Role.SUPERVISOR) for name in ("one", "two"))
    number = approvals.retire_zone(asker, zone_id, reason="order ended")
    approvals.sign(signer, number, is_approved=True)
    with engine.begin() as connection:
        a_reading(connection, case, track(INSIDE))
    clock.forward(timedelta(minutes=5))
    judging.round(range(SLICES))
    with engine.connect() as connection:
        assert not connection.scalars(text("select kind from vigil.breach")).all()
        assert connection.scalar(text("select count(*) from vigil.zone_version")) == 1
    with pytest.raises(Clash):
        approvals.retire_zone(asker, zone_id, reason="again")


def test_no_case_no_zone_no_reason(engine: Engine) -> None:
    """Each is refused by name, and nothing is kept."""
    zones = Zones(engine, FixedClock(START))
    with pytest.raises(NotFound, match="9999"):
        zones.add("9999", read_zone_features(FILE), reason="order")
    with pytest.raises(BadInput, match="reason"):
        zones.add("9999", read_zone_features(FILE), reason=" ")
    with pytest.raises(BadInput, match="features"):
        zones.add("9999", [], reason="order")
