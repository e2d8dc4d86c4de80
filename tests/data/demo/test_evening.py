"""What `make demo` finds and what it makes of it, on the packaged city."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, insert, select

from data.clock import FixedClock
from data.demo.evening import LONGEST_PAUSE, need_no_demo, open_evening
from data.errors import Refused
from data.store import demo_evening, tables
from tests.makers import a_case

pytestmark = pytest.mark.db


def _quiet(_what: str, _done: int, _total: int | None) -> None:
    """Nobody is looking."""


def _report(engine: Engine, clock: FixedClock, ago: timedelta) -> None:
    with engine.begin() as connection:
        number = connection.scalar(select(func.min(tables.activation.c.activation_id)))
        connection.execute(
            insert(tables.live_fix).values(
                activation_id=number,
                fixed_at=clock.now() - ago,
                received_at=clock.now() - ago,
                judged_at=clock.now() - ago,
                lon=11.97,
                lat=57.7,
                radius_95_m=10,
                mechanism=0,
                flags=0,
                state=0,
            )
        )


def _count(engine: Engine, table: str) -> int:
    with engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(tables.metadata.tables[table]))


def test_the_demo_and_real_people_never_share_a_database(
    owner_engine: Engine, clock: FixedClock
) -> None:
    """Invented people among real ones, or the other way round, would be believed."""
    need_no_demo(owner_engine)
    with owner_engine.begin() as connection:
        a_case(connection)
    with pytest.raises(Refused, match="not the demo's"):
        open_evening(owner_engine, clock, 1, _quiet)
    with owner_engine.begin() as connection:
        demo_evening.save_seed(connection, 1)
    with pytest.raises(Refused, match="invented people"):
        need_no_demo(owner_engine)


@pytest.mark.slow
def test_an_evening_goes_on_ends_and_is_forgotten(owner_engine: Engine, clock: FixedClock) -> None:
    """A short pause is no matter; after a long one, or a demo that ran ahead, it begins anew."""
    assert open_evening(owner_engine, clock, 1, _quiet) == "A new world."
    # Left before anything was judged: its trail and checkpoints are still this world's.
    assert open_evening(owner_engine, clock, 1, _quiet).startswith("A new evening")
    people = _count(owner_engine, "vigil.person")
    streets = _count(owner_engine, "vigil.basemap_street")
    assert people
    assert streets

    _report(owner_engine, clock, LONGEST_PAUSE)
    assert open_evening(owner_engine, clock, 1, _quiet) == "The evening goes on where it was."
    assert _count(owner_engine, "vigil.live_fix") == 1

    clock.forward(timedelta(microseconds=1))
    assert open_evening(owner_engine, clock, 1, _quiet).startswith(
        "A new evening in the same world"
    )
    assert _count(owner_engine, "vigil.live_fix") == 0

    worn = tables.activation
    with owner_engine.begin() as connection:
        connection.execute(
            worn.update().where(worn.c.activation_id % 2 == 0).values(ended_at=clock.now())
        )
    _report(owner_engine, clock, -timedelta(hours=1))
    assert open_evening(owner_engine, clock, 1, _quiet).startswith("A new evening")
    with owner_engine.connect() as connection:
        ended = connection.scalars(select(worn.c.activation_id).where(worn.c.ended_at.is_not(None)))
        assert len(ended.all()) == 1, "the tag that this evening's own history is of"

    assert open_evening(owner_engine, clock, 2, _quiet) == "A new world.", (
        "another seed, another story"
    )
    assert _count(owner_engine, "vigil.person") == people
    assert _count(owner_engine, "vigil.basemap_street") == streets
