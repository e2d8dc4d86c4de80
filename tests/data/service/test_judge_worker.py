"""Judges that die: their slices move on, and the record ends as if nobody had."""

from __future__ import annotations

import multiprocessing as mp
import os
import signal
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from multiprocessing.process import BaseProcess

import numpy as np
import pytest
from sqlalchemy import Engine

from data.clock import FixedClock
from data.service.judge_worker import work
from data.service.judging import Judging
from data.store.engine import make_engine
from data.store.judging import SLICES
from tests.data.service.nights import VISIT, breaches, forget, queue_each, rows, walk
from tests.makers import START, ACase, a_case, a_square, a_zone, offset

pytestmark = pytest.mark.db

NOW = START + timedelta(hours=2)
OFFENDERS = 12
MOVES_WITHIN_S = 5.0
# Each is a process of its own, from one that has read the program already.
_CONTEXT = mp.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["data.service.judge_worker", "tests.data.service.nights"])


def _work(url: str) -> None:
    work(make_engine(url, pool_size=2), FixedClock(NOW), lambda: True)


def _owners(engine: Engine) -> dict[int, int]:
    """How many slices each session holds, by its pid."""
    held = rows(
        engine,
        "select pid, count(*) from pg_locks where locktype = 'advisory' and classid = 7000 "
        "and granted and database = (select oid from pg_database "
        "where datname = current_database()) group by pid",
    )
    return {row[0]: row[1] for row in held}


def _until(is_so: Callable[[], bool], within_s: float) -> float:
    began_s = time.monotonic()
    while not is_so():
        assert time.monotonic() - began_s < within_s, f"not so after {within_s} s"
        time.sleep(0.02)
    return time.monotonic() - began_s


@pytest.fixture
def a_worker(engine: Engine) -> Iterator[Callable[[], BaseProcess]]:
    """Starts a judge as a process of its own; all are gone after the test."""
    url = engine.url.render_as_string(hide_password=False)
    started: list[BaseProcess] = []

    def start() -> BaseProcess:
        worker = _CONTEXT.Process(target=_work, args=(url,), daemon=True)
        worker.start()
        started.append(worker)
        return worker

    yield start
    for worker in started:
        worker.kill()
        worker.join()


def _world(engine: Engine) -> list[tuple[ACase, np.ndarray]]:
    """Offenders with a zone each, who each go in and out of it three times."""
    there = []
    for n in range(OFFENDERS):
        home = offset(-2.98, 53.41, 3000.0 * n, 0.0)
        with engine.begin() as connection:
            case = a_case(connection, f"{n:04d}")
            a_zone(connection, case.case_id, a_square(*home, 200.0))
        there.append((case, walk([*VISIT, *reversed(VISIT), *VISIT], home=home)))
    return there


def _arrive(engine: Engine, there: list[tuple[ACase, np.ndarray]], first: int, end: int) -> None:
    for case, fixes in there:
        queue_each(engine, case, fixes, range(first, min(end, len(fixes))))


@pytest.mark.slow
def test_killed_judges_change_no_result(
    engine: Engine, owner_engine: Engine, a_worker: Callable[[], BaseProcess]
) -> None:
    """Six times a judge is killed in the middle of the traffic: the same breaches, none twice."""
    there = _world(engine)
    length = len(there[0][1])
    _arrive(engine, there, 0, length)
    judging = Judging(engine, FixedClock(NOW))
    while judging.round(range(SLICES)).readings:
        pass
    undisturbed = breaches(engine)
    assert len(undisturbed) == 2 * OFFENDERS  # the first two times are one visit
    with owner_engine.begin() as connection:
        forget(connection)

    workers = [a_worker(), a_worker()]
    _until(lambda: sorted(_owners(engine).values()) == [32, 32], 60.0)
    random = np.random.default_rng(9)
    moved_s = []
    for first in range(0, length, 8):
        _arrive(engine, there, first, first + 8)
        time.sleep(float(random.uniform(0.0, 0.15)))
        doomed = workers.pop(0)
        assert doomed.pid is not None
        os.kill(doomed.pid, signal.SIGKILL)
        moved_s.append(_until(lambda: list(_owners(engine).values()) == [SLICES], MOVES_WITHIN_S))
        workers.append(a_worker())
        _until(lambda: sorted(_owners(engine).values()) == [32, 32], 60.0)
    _until(lambda: not rows(engine, "select * from vigil.pending"), 30.0)

    assert len(moved_s) == 6
    assert breaches(engine) == undisturbed
    assert rows(engine, "select count(*) from vigil.fix")[0][0] == OFFENDERS * length
    doubled = "select 1 from vigil.alert where breach_id is not null group by breach_id"
    assert not rows(engine, f"{doubled} having count(*) > 1")
    print(f"slices moved after {np.median(moved_s):.2f} s (slowest {max(moved_s):.2f} s, n = 6)")
