"""From a queued reading to breach, alert and outbox, in one transaction on real PostGIS."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Connection, Engine, Row, text

from data.clock import FixedClock
from data.service.judging import MOST_ATTEMPTS, Judging
from data.store.judging import SLICES
from tests.makers import START, ACase, a_case, a_reading, a_square, a_zone, offset, track

pytestmark = pytest.mark.db
ALL = range(SLICES)
HOME = (-2.98, 53.41)


def rows(engine: Engine, query: str) -> Sequence[Row[Any]]:
    """The rows of a query, in a transaction of its own."""
    with engine.connect() as connection:
        return connection.execute(text(query)).all()


def walk(metres_east: Sequence[float], *, every_s: int = 60, start: datetime = START) -> np.ndarray:
    """A track past HOME, so many metres east of it, one fix each interval."""
    places = [offset(*HOME, east, 0.0) for east in metres_east]
    steps = " | ".join(f"{n * every_s}s {lat},{lon}" for n, (lon, lat) in enumerate(places))
    return track(steps, start=start)


VISIT = [900, 700, 500, 300, 50, 0, 0, 50, 300, 500, 700, 900, 1100, 1300, 1500]


@pytest.fixture
def case(engine: Engine) -> ACase:
    """A case with an exclusion zone of 400 m a side around HOME."""
    with engine.begin() as connection:
        made = a_case(connection)
        a_zone(connection, made.case_id, a_square(*HOME, 200.0))
    return made


def queue_each(engine: Engine, case: ACase, fixes: np.ndarray, order: Sequence[int]) -> None:
    """One reading a fix, arriving in this order."""
    with engine.begin() as connection:
        for place in order:
            a_reading(connection, case, fixes[[place]])


def judge_all(engine: Engine, now: datetime, *, at_once: int = 2000) -> None:
    """Judges until the queue is empty."""
    judging = Judging(engine, FixedClock(now))
    while judging.round(ALL, limit=at_once).readings:
        pass


LAST_WORD = """
select distinct on (b.breach_id) b.breach_id, b.kind, b.found_on_backfill, r.entered_at,
    r.left_at, r.channel, r.p_inside_max, r.fixes, r.withdrawn
from vigil.breach b join vigil.breach_revision r using (breach_id)
order by b.breach_id, r.revision desc
"""


def breaches(engine: Engine) -> list[tuple[Any, ...]]:
    """What finally stands, without ids: kind, entered, left, channel, greatest chance, fixes."""
    standing = rows(
        engine,
        f"select * from ({LAST_WORD}) now where not withdrawn order by entered_at, kind",
    )
    return [
        (row.kind, row.entered_at, row.left_at, row.channel, round(row.p_inside_max, 6), row.fixes)
        for row in standing
    ]


def test_a_visit_is_one_breach_and_one_alert(engine: Engine, case: ACase) -> None:
    """Somebody who walks in and out again breaks the rule once, and the room is told once."""
    queue_each(engine, case, walk(VISIT), range(len(VISIT)))
    judge_all(engine, START + timedelta(minutes=16))
    found = breaches(engine)
    assert [each[0] for each in found] == ["exclusion"]
    _, entered_at, left_at, channel, p_inside_max, _ = found[0]
    assert entered_at == START + timedelta(minutes=4)
    assert left_at is not None
    assert channel == 2
    assert p_inside_max > 0.99
    (alert,) = rows(engine, "select * from vigil.alert where kind = 'breach'")
    assert alert.priority == 1
    assert alert.state == "new"
    assert alert.cleared_at == left_at
    assert not rows(engine, "select * from vigil.pending")
    assert rows(engine, "select * from vigil.outbox where topic = 'alert'")


def test_every_fix_is_kept_and_counted(engine: Engine, case: ACase) -> None:
    """Readings in are fixes kept and duplicates, and nothing else."""
    fixes = walk(VISIT)
    queue_each(engine, case, fixes, [*range(len(VISIT)), 3, 3, 4])
    done = Judging(engine, FixedClock(START + timedelta(minutes=16))).round(ALL)
    assert (done.fixes, done.duplicates) == (len(VISIT), 3)
    assert rows(engine, "select count(*) from vigil.fix")[0][0] == len(VISIT)


@pytest.mark.parametrize("at_once", [1, 4, 2000])
def test_the_size_of_rounds_changes_nothing(engine: Engine, case: ACase, at_once: int) -> None:
    """Judged one by one or all together: the same breaches."""
    queue_each(engine, case, walk(VISIT), range(len(VISIT)))
    judge_all(engine, START + timedelta(minutes=16), at_once=at_once)
    (found,) = breaches(engine)
    assert found[1] == START + timedelta(minutes=4)


@pytest.mark.parametrize("seed", range(12))
def test_any_order_of_arrival_ends_in_the_same_breaches(
    engine: Engine, case: ACase, seed: int
) -> None:
    """Shuffled and repeated, in rounds of any size, the record ends as if all had come in order."""
    fixes = walk([*VISIT, *reversed(VISIT), *VISIT], every_s=180)
    now = START + timedelta(hours=5)
    random = np.random.default_rng(seed)
    order = random.permutation(np.repeat(np.arange(len(fixes)), random.integers(1, 3, len(fixes))))
    queue_each(engine, case, fixes, order.tolist())
    judge_all(engine, now, at_once=int(random.integers(1, 30)))
    shuffled = breaches(engine)

    with engine.begin() as connection:
        forget(connection)
    queue_each(engine, case, fixes, range(len(fixes)))
    judge_all(engine, now)
    assert shuffled == breaches(engine)
    assert len(shuffled) >= 3


def forget(connection: Connection) -> None:
    """Takes everything judged off the record, for a second run on the same world."""
    for table in (
        "pending, vigil.reading, vigil.fix, vigil.fix_verdict, vigil.live_fix, vigil.judge_state",
        "judge_snapshot, vigil.pair_state, vigil.pair_snapshot, vigil.coverage",
        "alert_entry, vigil.alert, vigil.breach_revision, vigil.breach, vigil.outbox",
    ):
        connection.execute(text(f"truncate vigil.{table} restart identity cascade"))


def test_late_data_finds_a_breach_without_touching_earlier_rows(
    engine: Engine, case: ACase
) -> None:
    """A visit that arrives hours late is found on back-fill; what stood before still stands."""
    outside = walk([900] * 10)
    later = walk([900] * 10, start=START + timedelta(hours=3))
    queue_each(engine, case, np.concatenate([outside, later]), range(20))
    judge_all(engine, START + timedelta(hours=4))
    before = rows(engine, "select * from vigil.fix order by fixed_at")
    assert not breaches(engine)

    visit = walk(VISIT, start=START + timedelta(hours=1))
    with engine.begin() as connection:
        a_reading(connection, case, visit, received_at=START + timedelta(hours=6))
    judge_all(engine, START + timedelta(hours=6))
    (found,) = rows(engine, f"select * from ({LAST_WORD}) now")
    assert found.found_on_backfill
    assert found.entered_at == START + timedelta(hours=1, minutes=4)
    (alert,) = rows(engine, "select * from vigil.alert where kind = 'breach'")
    assert alert.found_on_backfill
    after = rows(engine, "select * from vigil.fix order by fixed_at")
    assert [row for row in after if row in before] == before


def test_a_reading_that_breaks_the_rules_is_set_aside(
    engine: Engine, case: ACase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A poisoned fix is kept unjudged and told of; the fixes after it are judged."""
    from data.service import judging as module

    poison = walk([900])
    real = module.judge

    def breaks_on_poison(state, fixes, *rest):
        if (fixes.records["fixed_at"] == poison["fixed_at"][0]).any():
            raise ZeroDivisionError
        return real(state, fixes, *rest)

    monkeypatch.setattr(module, "judge", breaks_on_poison)
    good = walk(VISIT, start=START + timedelta(minutes=1))
    queue_each(engine, case, np.concatenate([poison, good]), range(1 + len(VISIT)))
    judging = Judging(engine, FixedClock(START + timedelta(minutes=20)))
    for _ in range(MOST_ATTEMPTS):
        judging.round(ALL)
    assert not rows(engine, "select * from vigil.pending")
    assert rows(engine, "select count(*) from vigil.fix")[0][0] == 1 + len(VISIT)
    first, *others = rows(
        engine, "select flags & 1024 as unjudged from vigil.fix order by fixed_at"
    )
    assert first.unjudged
    assert not any(each.unjudged for each in others)
    kinds = {row.kind for row in rows(engine, "select kind from vigil.alert")}
    assert kinds == {"unjudged", "breach"}


def test_a_round_that_dies_leaves_nothing_behind(
    engine: Engine, case: ACase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever breaks before the commit, the reading is still queued and nothing else is there."""
    from data.service import judging as module

    queue_each(engine, case, walk(VISIT), range(len(VISIT)))

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(module.outbox, "append", dies)
    with pytest.raises(KeyboardInterrupt):
        Judging(engine, FixedClock(START + timedelta(minutes=16))).round(ALL)
    assert len(rows(engine, "select * from vigil.pending")) == len(VISIT)
    for table in ("fix", "fix_verdict", "breach", "alert", "judge_state", "live_fix"):
        assert not rows(engine, f"select * from vigil.{table}")
