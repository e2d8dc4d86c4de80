"""From a queued reading to breach, alert and outbox, in one transaction on real PostGIS."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import Engine, update

from data.clock import FixedClock
from data.service.judging import MOST_ATTEMPTS, Judging
from data.store import judging as queue
from data.store import tables
from data.store.judging import SLICES, thin_snapshots
from tests.data.service.nights import (
    HOME,
    LAST_WORD,
    VISIT,
    breaches,
    forget,
    queue_each,
    rows,
    walk,
)
from tests.makers import (
    START,
    ACase,
    a_case,
    a_pair,
    a_reading,
    a_square,
    a_victim,
    a_zone,
    an_activation,
    offset,
)

pytestmark = pytest.mark.db
ALL = range(SLICES)


@pytest.fixture
def case(engine: Engine) -> ACase:
    """A case with an exclusion zone of 400 m a side around HOME."""
    with engine.begin() as connection:
        made = a_case(connection)
        a_zone(connection, made.case_id, a_square(*HOME, 200.0))
    return made


def judge_all(engine: Engine, now: datetime, *, at_once: int = 2000) -> None:
    """Judges until the queue is empty."""
    judging = Judging(engine, FixedClock(now))
    while judging.round(ALL, limit=at_once).readings:
        pass


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


@pytest.mark.slow
def test_any_order_of_arrival_ends_in_the_same_breaches(
    engine: Engine, owner_engine: Engine, case: ACase
) -> None:
    """Shuffled and repeated, in rounds of any size, the record ends as if all had come in order."""
    fixes = walk([*VISIT, *reversed(VISIT), *VISIT], every_s=180)
    now = START + timedelta(hours=5)

    def judged(order: list[int], **rounds: int) -> list[tuple]:
        queue_each(engine, case, fixes, order)
        judge_all(engine, now, **rounds)
        found = breaches(engine)
        with owner_engine.begin() as connection:
            forget(connection)
        return found

    in_order = judged(list(range(len(fixes))))
    assert len(in_order) >= 3
    for seed in range(12):
        random = np.random.default_rng(seed)
        repeated = np.repeat(np.arange(len(fixes)), random.integers(1, 3, len(fixes)))
        shuffled = random.permutation(repeated).tolist()
        found = judged(shuffled, at_once=int(random.integers(1, 30)))
        assert found == in_order, f"seed {seed}"


def test_history_keeps_nothing_of_now_waiting(engine: Engine, case: ACase) -> None:
    """Of a file's readings one is judged a round, after all that devices sent."""
    with engine.begin() as connection:
        other = a_case(connection, "0002")
        for n in range(3):
            a_reading(connection, other, walk([1500.0] * 3, start=START - timedelta(days=9 - n)))
        connection.execute(update(tables.pending).values(is_history=True))
    queue_each(engine, case, walk(VISIT), range(len(VISIT)))
    judging = Judging(engine, FixedClock(START + timedelta(minutes=16)))
    with engine.connect() as connection:
        assert queue.find_queued(connection) == {case.activation_id}
    assert [judging.round(ALL).readings for _ in range(4)] == [len(VISIT) + 1, 1, 1, 0]
    assert rows(engine, "select count(*) from vigil.fix")[0][0] == len(VISIT) + 9


def test_weeks_of_history_are_judged_at_one_go(
    engine: Engine, owner_engine: Engine, case: ACase
) -> None:
    """Its snapshots are those that thinning would leave, and a fix that came late still counts."""
    every_s = 1800
    days = [*VISIT, *[1500.0] * 33] * 12
    fixes = walk(days, every_s=every_s)
    now = START + timedelta(days=6, seconds=every_s * len(days))
    everything = list(range(len(fixes)))

    def judged(*orders: list[int]) -> list[tuple]:
        for order in orders:
            with engine.begin() as connection:
                a_reading(connection, case, fixes[order])
            judge_all(engine, now)
        found = breaches(engine)
        with engine.begin() as connection:
            assert rows(engine, "select 1 from vigil.judge_snapshot")
            assert thin_snapshots(connection, now) == 0
        with owner_engine.begin() as connection:
            forget(connection)
        return found

    in_order = judged(everything)
    assert len(in_order) == 12
    held_back = [n for n in everything if 96 <= n < 150]
    assert judged([n for n in everything if n not in held_back], held_back) == in_order


def meeting(engine: Engine) -> list[tuple[ACase, np.ndarray]]:
    """Two offenders and their victim, who report across each other; hours begin meanwhile."""
    with engine.begin() as connection:
        case, other = a_case(connection, "0001"), a_case(connection, "0002")
        victim = a_victim(connection, case, "PHONE-1")
        a_pair(connection, other, victim)
        a_zone(connection, case.case_id, a_square(*HOME, 200.0), buffer_m=300.0)
        days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
        evening = {"days": days, "from": "22:20", "to": "23:05"}
        a_zone(
            connection,
            case.case_id,
            a_square(*offset(*HOME, 1200.0, 0.0), 150.0),
            schedule={"time_zone": "UTC", "weekly": [evening]},
        )
    his = [*VISIT, *[1200] * 12, *reversed(VISIT), *[700] * 20]
    hers = [*[2500] * 10, *[1300] * 12, *range(1300, 3300, 100), *[600] * 18]
    return [
        (case, walk(his, start=START)),
        (victim, walk(hers, start=START + timedelta(seconds=25))),
        (other, walk(list(reversed(hers)), start=START + timedelta(seconds=40))),
    ]


@pytest.mark.slow
def test_a_group_in_any_order(engine: Engine, owner_engine: Engine) -> None:
    """Readings of three, delayed and repeated while time is judged too: the same breaches."""
    there = meeting(engine)
    each = [(who, n) for who, (_, fixes) in enumerate(there) for n in range(len(fixes))]
    in_order = sorted(each, key=lambda at: there[at[0]][1]["fixed_at"][at[1]])
    judging = Judging(engine, FixedClock(START + timedelta(hours=2)))
    ids = [case.activation_id for case, _ in there]

    def judged(
        order: list[tuple[int, int]], random: np.random.Generator, *, time_passes: bool
    ) -> list[tuple]:
        while order:
            size = int(random.integers(1, 12))
            for who, n in order[:size]:
                queue_each(engine, there[who][0], there[who][1], [n])
            judging.round(ALL)
            if time_passes and random.random() < 0.2:
                judging.pass_time(ids)
            order = order[size:]
        judging.pass_time(ids)
        assert not rows(engine, "select 1 from vigil.pending")
        assert not rows(engine, "select 1 from vigil.alert where kind = 'unjudged'")
        found = breaches(engine)
        with owner_engine.begin() as connection:
            forget(connection)
        return found

    expected = judged(in_order, np.random.default_rng(8), time_passes=False)
    assert {row[0] for row in expected} >= {"exclusion", "pair_alarm"}
    for seed in range(8):
        random = np.random.default_rng(seed)
        # Mostly in order, as it is: one in five late by up to half of the evening, some twice.
        late = random.random(len(in_order)) < 0.2
        due = np.arange(len(in_order)) + np.where(late, random.integers(0, 60, len(in_order)), 0)
        arriving = [in_order[n] for n in np.argsort(due, kind="stable")]
        arriving += [in_order[n] for n in random.integers(0, len(in_order), 10)]
        assert judged(arriving, random, time_passes=True) == expected, f"seed {seed}"


def test_a_pair_is_judged_by_one_worker(engine: Engine) -> None:
    """Whoever owns the slices, the other's readings are not late: each pair is one worker's."""
    there = meeting(engine)
    length = min(len(fixes) for _, fixes in there)
    for n in range(length):
        for case, fixes in there:
            queue_each(engine, case, fixes, [n])
    judging = Judging(engine, FixedClock(START + timedelta(hours=2)))
    done = [judging.round([slice_], limit=20) for _ in range(12) for slice_ in ALL]
    assert sum(each.fixes for each in done) == len(there) * length
    assert sum(each.late for each in done) == 0


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


def test_nobody_is_called_for_a_tag_that_was_taken_off(engine: Engine, case: ACase) -> None:
    """He wears another: neither time nor a late fix makes the one in the drawer a silent tag."""
    with engine.begin() as connection:
        a_victim(connection, case, "H1")
    queue_each(engine, case, walk([900] * 5), range(5))
    judge_all(engine, START + timedelta(minutes=5))
    worn = tables.activation
    with engine.begin() as connection:
        taken_off = update(worn).where(worn.c.activation_id == case.activation_id)
        connection.execute(taken_off.values(ended_at=START + timedelta(minutes=6)))
        device_id, activation_id = an_activation(connection, case.offender_id, "T2")
    later = replace(case, device_id=device_id, activation_id=activation_id, serial="T2")
    fixes = walk([900] * 20, every_s=600, start=START + timedelta(minutes=7))
    queue_each(engine, later, fixes, [0, *range(2, 20)])
    judge_all(engine, START + timedelta(hours=4))
    Judging(engine, FixedClock(START + timedelta(hours=4))).pass_time([activation_id])
    queue_each(engine, later, fixes, [1])
    judge_all(engine, START + timedelta(hours=4))
    query = "select activation_id, kind from vigil.alert where kind = 'silent'"
    assert case.activation_id not in [row.activation_id for row in rows(engine, query)]
