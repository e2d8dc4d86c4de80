"""The demo's telephones: what was sent is read there, in a demo, by who may know of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from data.clock import FixedClock
from data.model.desk_policy import Recipient
from data.model.user import Role
from data.service.channels import DemoPhone
from data.service.notify import Notifier
from data.store import notices, tables
from tests.dashboard.conftest import ORIGIN, OpenRoom
from tests.stage import ADDRESS, OFFENDER, TELEPHONE, VICTIM, a_stage, an_alert

pytestmark = pytest.mark.db


@pytest.fixture
def alert_id(engine: Engine) -> int:
    """An alert in the north, about which police and victim were told."""
    with engine.begin() as connection:
        stage = a_stage(connection)
        connection.execute(tables.case.update().values(area="north"))
        found = an_alert(connection, stage)
        at = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
        for to in (Recipient.POLICE, Recipient.VICTIM):
            notices.append(connection, found, to, key=f"{found}:{to}", at=at, user_id=None)
    return found


def test_what_was_sent_is_read_on_the_telephone(
    make_room: Callable[..., OpenRoom], engine: Engine, clock: FixedClock, alert_id: int
) -> None:
    """Word for word what would have left the house: a reference, and nobody's name or number."""
    room = make_room(VIGIL_DEMO="1")
    operator = room.seat()
    assert operator.get("/demo/phones.json").json == {"messages": []}
    notifier = Notifier(engine, clock, DemoPhone())
    assert notifier.send_next() and notifier.send_next()
    answer = operator.get("/demo/phones.json")
    police, victim = sorted(answer.json["messages"], key=lambda each: each["to"])
    assert victim["words"] == f"Please call the monitoring centre now, reference {alert_id}."
    assert police["read_at"] is None
    for secret in (ADDRESS, TELEPHONE, VICTIM, OFFENDER):
        assert secret not in answer.text
    path = f"/demo/phones/{victim['notice_id']}/read"
    assert operator.post(path, json={}, headers=ORIGIN).status_code == 204
    at = clock.now()
    clock.forward(timedelta(minutes=1))
    assert operator.post(path, json={}, headers=ORIGIN).status_code == 204
    read = {
        each["to"]: each["read_at"] for each in operator.get("/demo/phones.json").json["messages"]
    }
    assert read == {"police": None, "victim": at.isoformat()}


def test_another_area_reads_nothing(
    make_room: Callable[..., OpenRoom], engine: Engine, clock: FixedClock, alert_id: int
) -> None:
    """Whom somebody told elsewhere is nothing for this desk; the house-keeper has none."""
    room = make_room(VIGIL_DEMO="1")
    Notifier(engine, clock, DemoPhone()).send_next()
    south = room.seat(login="south-1", area="south")
    assert south.get("/demo/phones.json").json == {"messages": []}
    assert south.post("/demo/phones/1/read", json={}, headers=ORIGIN).status_code == 404
    assert room.seat(Role.ADMINISTRATOR).get("/demo/phones.json").status_code == 403


def test_there_are_no_telephones_outside_a_demo(open_room: OpenRoom) -> None:
    """A room for real has no such address and no such panel."""
    operator = open_room.seat()
    assert operator.get("/demo/phones.json").status_code == 404
    assert operator.post("/demo/phones/1/read", json={}, headers=ORIGIN).status_code == 404
