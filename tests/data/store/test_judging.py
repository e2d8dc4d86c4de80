"""The judge's queue and states survive whatever happens between two statements."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import Connection, Engine, text

from data.clock import microseconds
from data.store import heartbeats, judging
from tests.makers import START, a_case, a_reading, track

pytestmark = pytest.mark.db
ALL = range(judging.SLICES)


def test_a_reading_unpacks_to_its_fixes(connection: Connection) -> None:
    """A batch holds every fix of the queued readings with whose it is and when it came."""
    case = a_case(connection)
    fixes = track("0s 53.40,-2.98 | 30s 53.41,-2.98")
    first = a_reading(connection, case, fixes)
    second = a_reading(connection, case, track("60s 53.42,-2.98"))
    batch = judging.take(connection, judging.Share(ALL), limit=10)
    assert batch.reading_ids.tolist() == [first, second]
    assert batch.reading_id.tolist() == [first, first, second]
    assert batch.activation_id.tolist() == [case.activation_id] * 3
    assert batch.records[:2].tobytes() == fixes.tobytes()
    assert batch.received_at_us[2] == microseconds(START + timedelta(seconds=62))


def test_only_own_slices_are_taken(connection: Connection) -> None:
    """A worker leaves the readings of other slices alone."""
    case = a_case(connection)
    a_reading(connection, case, track("0s 53.40,-2.98"))
    others = [each for each in ALL if each != case.activation_id % judging.SLICES]
    assert len(judging.take(connection, judging.Share(others), limit=10)) == 0


def test_a_judged_reading_leaves_the_queue(connection: Connection) -> None:
    """Dropped readings are not taken again; they stay on record."""
    a_reading(connection, a_case(connection), track("0s 53.40,-2.98"))
    batch = judging.take(connection, judging.Share(ALL), limit=10)
    judging.drop(connection, batch.reading_ids)
    assert len(judging.take(connection, judging.Share(ALL), limit=10)) == 0
    assert connection.scalar(text("select count(*) from vigil.reading")) == 1


def test_a_state_is_locked_until_commit(engine: Engine) -> None:
    """Two judges cannot hold the state of one track at the same time."""
    with engine.connect() as first, engine.connect() as second:
        assert judging.lock_states(first, [1, 2]) == {1: b"", 2: b""}
        second.execute(text("set lock_timeout = '200ms'"))
        with pytest.raises(Exception, match="lock timeout"):
            judging.lock_states(second, [2, 3])
        second.rollback()
        judging.save_states(first, {2: (microseconds(START), b"two")}, {})
        first.commit()
        assert judging.lock_states(second, [2, 3]) == {2: b"two", 3: b""}


def test_the_newest_snapshot_before_a_moment_is_found(connection: Connection) -> None:
    """A boundary at the moment itself still counts; later ones do not. A group is kept whole."""
    hour = timedelta(hours=1)
    for n in range(3):
        at, stood = START + n * hour, (microseconds(START + n * hour), str(n).encode())
        judging.save_snapshots(connection, at, {7: stood, 8: stood}, {(1, 7, 8): stood})
    found = judging.find_snapshot(connection, [7, 8], START + hour)
    assert found == judging.Snapshot(START + hour, {7: b"1", 8: b"1"}, {(1, 7, 8): b"1"})
    assert judging.find_snapshot(connection, [7], START - hour) is None
    judging.drop_snapshots_after(connection, [7, 8], START)
    last = judging.find_snapshot(connection, [7, 8], START + 9 * hour)
    assert last is not None
    assert last.boundary == START


def test_old_snapshots_are_thinned(connection: Connection) -> None:
    """All of the last two hours stay, then one an hour, after a week one a day."""
    minute = timedelta(minutes=1)
    now = START + 20 * minute  # 22:20
    ages = [0, 20, 80, 110, 140, 150, 7 * 24 * 60 + 20, 7 * 24 * 60 + 22 * 60 + 20]
    for age in ages:
        judging.save_snapshots(connection, now - age * minute, {7: (0, b"")}, {})
    assert judging.thin_snapshots(connection, now) == 2
    left = connection.scalars(
        text("select boundary from vigil.judge_snapshot order by boundary desc")
    ).all()
    assert [(now - each) // minute for each in left] == [0, 20, 80, 110, 140, ages[-1]]


def test_a_pair_state_is_replaced(connection: Connection) -> None:
    """There is one state for two tracks of a pair: the newest."""
    for body in (b"first", b"second"):
        judging.save_states(connection, {}, {(1, 7, 8): (0, body)})
    found = judging.get_pair_states(connection, [(1, 7, 8), (2, 7, 9)])
    assert found == {(1, 7, 8): b"second"}


def test_a_dead_workers_heartbeat_goes(engine: Engine) -> None:
    """The beat is that of the slowest living worker; a hanging one shows, a dead one does not."""
    with engine.connect() as slow, engine.connect() as quick:
        judging.beat(slow, START, None)
        slow.commit()
        judging.beat(quick, START + timedelta(seconds=9), None)
        assert heartbeats.get_pulse(quick).beat_at == START
        quick.commit()
        slow.invalidate()
        for _ in range(100):  # the server takes a moment to notice
            judging.beat(quick, START + timedelta(seconds=10), None)
            quick.commit()
            if heartbeats.get_pulse(quick).beat_at == START + timedelta(seconds=10):
                break
        assert heartbeats.get_pulse(quick).beat_at == START + timedelta(seconds=10)


def test_an_empty_queue_gives_an_empty_batch(connection: Connection) -> None:
    """Nothing to judge is nothing, not an error."""
    batch = judging.take(connection, judging.Share(ALL), limit=10)
    assert len(batch) == 0
    assert batch.records.dtype.itemsize == 64
    assert batch.received_at_us.dtype == np.int64
