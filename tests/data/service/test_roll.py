"""The roll: quick while it is fresh, right within seconds, and never a reason to wait long."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine

from data.clock import FixedClock
from data.errors import Unavailable
from data.model.people import DeviceKind
from data.service.devices import Devices, Wearer
from data.service.roll import Roll
from data.store.timely import Timely

pytestmark = pytest.mark.db


@pytest.fixture
def timely(engine: Engine) -> Iterator[Timely]:
    """Work on this test's database."""
    timely = Timely(engine)
    yield timely
    timely.close()


def test_who_may_speak(engine: Engine, clock: FixedClock, timely: Timely) -> None:
    """A device with its own key, one added a moment ago too; nobody else."""
    devices = Devices(engine, clock)
    roll = Roll(timely, life_s=60)
    first = devices.add("TAG1", DeviceKind.TAG, Wearer(case_code="A"))
    found = roll.find("TAG1", first.key)
    assert found is not None
    assert (found.device_id, found.activation_id) == (first.device_id, first.activation_id)
    second = devices.add("TAG2", DeviceKind.TAG, Wearer(case_code="A"))
    assert roll.find("TAG2", second.key, may_ask=False) is None
    assert roll.find("TAG2", second.key) is not None
    assert roll.find("TAG2", first.key) is None
    assert roll.find("TAG1", "") is None
    assert roll.find("", first.key) is None


def test_a_retired_device_is_heard_no_more_within_its_life(
    engine: Engine, clock: FixedClock, timely: Timely
) -> None:
    """The old key and the retired device are forgotten with the next reading of the roll."""
    devices = Devices(engine, clock)
    added = devices.add("TAG1", DeviceKind.TAG, Wearer(case_code="A"))
    roll = Roll(timely, life_s=0.2)
    assert roll.find("TAG1", added.key) is not None
    devices.retire("TAG1")
    end_s = time.monotonic() + 10
    while roll.find("TAG1", added.key) is not None:
        assert time.monotonic() < end_s
        time.sleep(0.05)


def test_without_a_database_an_old_roll_is_not_believed() -> None:
    """Whoever cannot be looked up hears "not now" and keeps what he has; time after time."""
    nowhere = create_engine("postgresql+psycopg://vigil@/vigil?host=/nonexistent")
    timely = Timely(nowhere)
    roll = Roll(timely)
    for _ in range(3):
        with pytest.raises(Unavailable):
            roll.find("TAG1", "x")
    timely.close()
    nowhere.dispose()
