"""Work on the database ends in time: committed, or "not now"."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence

import pytest
from sqlalchemy import Connection, Engine, create_engine, text

from data.errors import Unavailable
from data.store.timely import Group, Timely

pytestmark = pytest.mark.db


@pytest.fixture
def notes(owner_engine: Engine) -> str:
    """A table of whole numbers below 100."""
    with owner_engine.begin() as connection:
        connection.execute(text("create table public.note (n bigint check (n < 100))"))
        connection.execute(text("grant all on public.note to public"))
    return "note"


def write(connection: Connection, numbers: Sequence[int]) -> None:
    """Keeps numbers in one statement."""
    connection.execute(text("insert into note select unnest(:n)"), {"n": list(numbers)})


@pytest.fixture
def group(engine: Engine, notes: str) -> Iterator[Group[int]]:
    """A group that keeps numbers."""
    group: Group[int] = Group(engine, write, patience_s=1.0)
    yield group
    group.close()


def kept(engine: Engine) -> list[int]:
    """What is committed, as another connection sees it."""
    with engine.connect() as connection:
        return list(connection.scalars(text("select n from note order by n")))


def test_when_commit_returns_it_is_committed(group: Group[int], engine: Engine) -> None:
    """Another connection sees the item at once."""
    group.commit(7)
    assert kept(engine) == [7]


def test_many_callers_share_commits_and_each_is_kept(group: Group[int], engine: Engine) -> None:
    """Fifty callers at once lose nothing and get no one else's answer."""
    failures: list[BaseException] = []

    def call(number: int) -> None:
        try:
            group.commit(number)
        except BaseException as error:
            failures.append(error)

    callers = [threading.Thread(target=call, args=(n,)) for n in range(50)]
    for each in callers:
        each.start()
    for each in callers:
        each.join()
    assert failures == []
    assert kept(engine) == list(range(50))


def test_one_bad_item_does_not_spoil_the_others(engine: Engine, notes: str) -> None:
    """Its own caller hears of it; the rest of its group is kept."""
    gate = threading.Event()

    def slow_write(connection: Connection, numbers: Sequence[int]) -> None:
        if list(numbers) == [0]:
            gate.wait(5)
        write(connection, numbers)

    group: Group[int] = Group(engine, slow_write, patience_s=5)
    outcomes: dict[int, str] = {}

    def call(number: int) -> None:
        try:
            group.commit(number)
            outcomes[number] = "kept"
        except Exception as error:
            outcomes[number] = type(error).__name__

    callers = [threading.Thread(target=call, args=(n,)) for n in (0, 1, 100, 2)]
    callers[0].start()
    time.sleep(0.1)
    for each in callers[1:]:
        each.start()
    time.sleep(0.1)
    gate.set()
    for each in callers:
        each.join()
    group.close()
    assert outcomes == {0: "kept", 1: "kept", 2: "kept", 100: "IntegrityError"}
    assert kept(engine) == [0, 1, 2]


def test_a_connection_that_died_meanwhile_is_replaced(
    group: Group[int], engine: Engine, owner_engine: Engine
) -> None:
    """A server that restarted between two messages costs nobody an answer."""
    group.commit(1)
    with owner_engine.begin() as connection:
        connection.execute(
            text(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where datname = current_database() and pid <> pg_backend_pid()"
            )
        )
    time.sleep(0.2)
    group.commit(2)
    assert kept(engine) == [1, 2]


def test_a_commit_is_on_disk_whatever_the_server_prefers(
    group: Group[int], engine: Engine, notes: str
) -> None:
    """These test servers have synchronous_commit off; who answers a device must not."""
    seen: list[str] = []

    def look(connection: Connection, _: Sequence[int]) -> None:
        seen.append(connection.scalar(text("show synchronous_commit")))

    looking: Group[int] = Group(engine, look)
    looking.commit(1)
    looking.close()
    Timely(engine).run(lambda connection: look(connection, []))
    assert seen == ["on", "on"]


def test_a_lock_that_is_held_too_long_is_not_now(group: Group[int], engine: Engine) -> None:
    """Somebody else's lock is no reason to keep a device waiting."""
    with engine.begin() as holder:
        holder.execute(text("lock table note in access exclusive mode"))
        begun_s = time.monotonic()
        with pytest.raises(Unavailable):
            group.commit(1)
        with pytest.raises(Unavailable):
            Timely(engine, patience_s=1.0).run(lambda connection: write(connection, [2]))
        assert time.monotonic() - begun_s < 3.0
    group.commit(3)
    assert kept(engine) == [3]


def test_a_server_that_hangs_is_not_now(engine: Engine, notes: str) -> None:
    """A stopped server times out nothing by itself, so the callers do; all of them in time."""
    hanging = threading.Event()

    def hang(connection: Connection, numbers: Sequence[int]) -> None:
        hanging.wait(4)
        write(connection, numbers)

    group: Group[int] = Group(engine, hang, patience_s=0.5, waiting=2)
    begun_s = time.monotonic()
    for number in (1, 2, 3, 4, 5):
        with pytest.raises(Unavailable):
            group.commit(number)
    assert time.monotonic() - begun_s < 2.5
    hanging.set()
    group.close()
    # The first was under way and may have been kept; those who gave up while waiting are not.
    assert kept(engine) == [1]


def test_no_server_at_all_is_not_now() -> None:
    """Nothing listens: every way in says so at once."""
    nowhere = create_engine("postgresql+psycopg://vigil@/vigil?host=/nonexistent")
    group: Group[int] = Group(nowhere, write)
    begun_s = time.monotonic()
    with pytest.raises(Unavailable):
        group.commit(1)
    with pytest.raises(Unavailable):
        Timely(nowhere).run(lambda connection: write(connection, [1]))
    assert time.monotonic() - begun_s < 2.0
    group.close()
    nowhere.dispose()
