"""The durable road: from an accepted reading to committed fix, breach and outbox row.

On a cluster of its own with the settings of the product: fsync on, synchronous commit.
"""

from __future__ import annotations

import multiprocessing as mp
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import numpy as np
from sqlalchemy import Engine, text

from data.clock import SystemClock, microseconds
from data.model.fix import empty_fixes
from data.service.judge_worker import work
from data.store import partitions, readings
from data.store.cluster import Cluster
from data.store.engine import make_engine
from data.store.migrate import migrate
from tests.makers import a_case, a_square, a_zone, offset

TAGS = 1_000
AIM_FIXES_PER_S = 20_000
AIM_P99_MS = 300.0
HOME = (-2.98, 53.41)
WARM_UP_TAGS = 64
WARM_UP_BEFORE = timedelta(minutes=2)


@contextmanager
def a_database(cluster: Cluster, name: str) -> Iterator[Engine]:
    """A migrated database of its own in this cluster."""
    with cluster.connect("postgres") as connection:
        connection.execute(f"create database {name} template template0")
    with cluster.connect(name) as connection:
        connection.execute("create extension postgis")
    owner = make_engine(cluster.owner_url(name), pool_size=1)
    migrate(owner)
    owner.dispose()
    engine = make_engine(cluster.url(name), pool_size=4)
    try:
        yield engine
    finally:
        engine.dispose()


def settle(engine: Engine, tags: int) -> list[tuple[int, int, tuple[float, float]]]:
    """So many tags, each with three zones around its place: (device, activation, place)."""
    settled = []
    with engine.begin() as connection:
        for n in range(tags):
            place = offset(*HOME, (n % 40) * 3000.0, (n // 40) * 3000.0)
            case = a_case(connection, f"{n:05d}")
            for east in (0.0, 800.0, -900.0):
                square = a_square(*offset(*place, east, 0.0), 200.0)
                a_zone(connection, case.case_id, square, buffer_m=200.0)
            settled.append((case.device_id, case.activation_id, place))
    return settled


def a_walk(place: tuple[float, float], start: datetime, n: int, seed: int) -> np.ndarray:
    """`n` fixes, one a minute, of somebody who strays about; one in twenty near the zones."""
    random = np.random.default_rng(seed)
    begins_m = (0.0, 700.0) if seed % 20 == 0 else (0.0, 2000.0)
    metres = np.cumsum(random.normal(0.0, 30.0, (n, 2)), axis=0) + begins_m
    fixes = empty_fixes(n)
    fixes["fixed_at"] = microseconds(start) + np.arange(n) * 60_000_000
    fixes["lon"], fixes["lat"] = offset(*place, metres[:, 0], metres[:, 1])
    fixes["radius_95_m"] = 15.0
    fixes["mechanism"] = 1
    return fixes


def _worker(url: str, stop: threading.Event) -> None:
    engine = make_engine(url, pool_size=2)
    work(engine, SystemClock(), lambda: not stop.is_set())


def throughput(
    engine: Engine, *, workers: int, per_tag: int = 100, chunk: int = 25
) -> tuple[str, float]:
    """Readings of `chunk` fixes through the store and the judge, as quickly as they go."""
    now = datetime.now(UTC)
    start = now - timedelta(minutes=per_tag)
    settled = settle(engine, TAGS)
    walks = [a_walk(place, start, per_tag, n) for n, (_, _, place) in enumerate(settled)]
    with engine.begin() as connection:
        partitions.ensure_days(connection, "reading", [now.date()])
    url = engine.url.render_as_string(hide_password=False)
    context = mp.get_context("spawn")
    stop = context.Event()
    judges = [context.Process(target=_worker, args=(url, stop)) for _ in range(workers)]
    for judge in judges:
        judge.start()
    _warm_up(engine, settled, start - WARM_UP_BEFORE)
    total = TAGS * per_tag
    began_s = time.perf_counter()
    for first in range(0, per_tag, chunk):
        for group in range(0, TAGS, 100):
            arrived = [
                readings.Reading(
                    received_at=datetime.now(UTC),
                    device_id=settled[n][0],
                    activation_id=settled[n][1],
                    protocol="json",
                    peer="bench",
                    content_type="application/json",
                    target="/fixes",
                    raw=walks[n][first : first + chunk].tobytes(),
                    records=walks[n][first : first + chunk],
                )
                for n in range(group, min(group + 100, TAGS))
            ]
            with engine.begin() as connection:
                readings.append(connection, arrived)
    taken_s = time.perf_counter() - began_s
    while _count(engine, "pending"):
        time.sleep(0.05)
    done_s = time.perf_counter() - began_s
    stop.set()
    for judge in judges:
        judge.join(10)
        judge.kill()
    fixes, breaches, entries = (_count(engine, each) for each in ("fix", "breach", "alert_entry"))
    assert fixes == total + WARM_UP_TAGS, (fixes, total)
    rate = total / done_s
    line = (
        f"  {workers} judge(s): {rate:>7,.0f} fixes/s from reading to commit "
        f"(n = {total:,} fixes, {TAGS:,} tags, 3 zones each, {breaches:,} breaches, "
        f"{entries:,} changes of alerts; "
        f"readings alone {total / taken_s:,.0f}/s)"
    )
    return line, rate


def _warm_up(
    engine: Engine, settled: list[tuple[int, int, tuple[float, float]]], at: datetime
) -> None:
    # Every worker has read its rulebook and judged once before the clock starts, as in a room
    # that runs: the first fix of as many activations as there are slices.
    arrived = [
        readings.Reading(
            datetime.now(UTC), device, activation, "json", "", "", "", b"", a_walk(place, at, 1, 0)
        )
        for device, activation, place in settled[:WARM_UP_TAGS]
    ]
    with engine.begin() as connection:
        readings.append(connection, arrived)
    while _count(engine, "pending"):
        time.sleep(0.05)
    time.sleep(2.0)  # slices are shared out anew every second


def latency(engine: Engine, *, per_s: int = 200, for_s: int = 20) -> tuple[str, float]:
    """From the commit of a breaching reading to the commit of its alert, at a steady load."""
    now = datetime.now(UTC)
    settled = settle(engine, TAGS)
    with engine.begin() as connection:
        partitions.ensure_days(connection, "reading", [now.date()])
    url = engine.url.render_as_string(hide_password=False)
    context = mp.get_context("spawn")
    stop = context.Event()
    judge = context.Process(target=_worker, args=(url, stop))
    judge.start()
    _warm_up(engine, settled, now - WARM_UP_BEFORE)
    committed: dict[int, float] = {}
    told: dict[int, float] = {}
    watcher = threading.Thread(target=_watch, args=(engine, told, committed, stop))
    watcher.start()
    random = np.random.default_rng(1)
    due_s = time.perf_counter()
    breaching = iter(range(1, TAGS))
    for n in range(per_s * for_s):
        due_s += 1.0 / per_s
        time.sleep(max(0.0, due_s - time.perf_counter()))
        is_breach = n % 20 == 0
        device_id, activation_id, place = settled[
            next(breaching) if is_breach else int(random.integers(TAGS // 2, TAGS))
        ]
        fix = empty_fixes(1)
        fix["fixed_at"] = microseconds(datetime.now(UTC))
        fix["lon"], fix["lat"] = place if is_breach else offset(*place, 1400.0, 1400.0)
        fix["radius_95_m"], fix["mechanism"] = 10.0, 1
        with engine.begin() as connection:
            readings.append(
                connection,
                [
                    readings.Reading(
                        datetime.now(UTC), device_id, activation_id, "json", "", "", "", b"", fix
                    )
                ],
            )
        if is_breach:
            committed[activation_id] = time.perf_counter()
    time.sleep(2.0)
    stop.set()
    watcher.join()
    judge.join(10)
    judge.kill()
    waits_ms = np.array([1e3 * (told[each] - at) for each, at in committed.items() if each in told])
    missed = len(committed) - len(waits_ms)
    p99_ms = float(np.percentile(waits_ms, 99))
    line = (
        f"  breach to alert at {per_s} fixes/s: p50 {np.percentile(waits_ms, 50):.0f} ms, "
        f"p99 {p99_ms:.0f} ms, slowest {waits_ms.max():.0f} ms "
        f"(n = {len(waits_ms)} breaches, {missed} without an alert)"
    )
    return line, p99_ms if not missed else float("inf")


def _watch(
    engine: Engine, told: dict[int, float], committed: dict[int, float], stop: threading.Event
) -> None:
    query = text("select distinct activation_id from vigil.alert where kind = 'breach'")
    with engine.connect() as connection:
        while not stop.is_set():
            for activation_id in connection.scalars(query):
                told.setdefault(activation_id, time.perf_counter())
            connection.rollback()
            time.sleep(0.002)


def _count(engine: Engine, table: str) -> int:
    with engine.connect() as connection:
        return connection.scalar(text(f"select count(*) from vigil.{table}")) or 0


def report(cluster: Cluster) -> bool:
    """Prints the figures as they are measured; whether the aims are met.

    Args:
        cluster: with the durability of the product.
    """
    print("\nThe durable road (fsync on, synchronous commit)")
    rates = []
    for workers in (1, 2):
        with a_database(cluster, f"road_{workers}") as engine:
            line, rate = throughput(engine, workers=workers)
            rates.append(rate)
            print(line, flush=True)
    with a_database(cluster, "road_latency") as engine:
        line, p99_ms = latency(engine)
        print(line, flush=True)
    return max(rates) > AIM_FIXES_PER_S and p99_ms < AIM_P99_MS
