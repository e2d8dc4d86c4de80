"""Real PostGIS for tests: one private cluster a run, one migrated template, a copy for each need.

With several workers the controlling process owns the server, so that it outlives whichever
worker ends first. Runs at the same time take clusters of their own.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import IO, Any

import pytest
from sqlalchemy import Connection, Engine

from data.errors import MissingPart
from data.store.binaries import find_binaries
from data.store.cluster import Cluster
from data.store.engine import make_engine
from data.store.migrate import migrate
from tests.recycling import Databases

_PROJECT = Path(__file__).parent.parent
_VAR = _PROJECT / ".var"
# Tests on durability make a cluster of their own; here the disk would only cost time.
_QUICK = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
_OWNED = pytest.StashKey["OwnedCluster"]()


class OwnedCluster:
    """The cluster of this run, in the first folder that no other run is using."""

    def __init__(self) -> None:
        self._slot = _free_slot()
        self.home = Path(self._slot.name).parent / Path(self._slot.name).stem
        self.cluster = Cluster(self.home, os.environ, _QUICK)
        self.cluster.start()
        with self.cluster.connect("postgres") as connection:
            stale = "select datname from pg_database where datname like 'copy%'"
            for (name,) in connection.execute(stale).fetchall():
                connection.execute(f'drop database "{name}" with (force)')

    def stop(self) -> None:
        """Stops the server; its folder stays for the next run."""
        self.cluster.stop()
        self._slot.close()


def _free_slot() -> IO[str]:
    _VAR.mkdir(exist_ok=True)
    for number in count(1):
        slot = (_VAR / f"test-cluster-{number}.lock").open("a")
        try:
            fcntl.flock(slot, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            slot.close()
        else:
            return slot
    raise AssertionError("count() ended")


def pytest_report_header() -> str:
    """Names the database the result depends on."""
    try:
        found = find_binaries(os.environ)
    except MissingPart:
        return "database: no PostgreSQL with PostGIS found"
    return f"database: PostgreSQL {found.major}, PostGIS {found.postgis}"


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:  # xdist's WorkerController
    """Tells a worker where the run's cluster is; the first call starts it."""
    if _OWNED not in node.config.stash:
        node.config.stash[_OWNED] = OwnedCluster()
    node.workerinput["cluster_home"] = str(node.config.stash[_OWNED].home)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stops what this process started."""
    if (owned := config.stash.get(_OWNED, None)) is not None:
        owned.stop()


@pytest.fixture(scope="session")
def cluster(request: pytest.FixtureRequest) -> Cluster:
    """The run's PostGIS, checked to answer before any test uses it."""
    config = request.config
    if hasattr(config, "workerinput"):
        found = Cluster(Path(config.workerinput["cluster_home"]), os.environ, _QUICK)
        found.start()
    else:
        if _OWNED not in config.stash:
            config.stash[_OWNED] = OwnedCluster()
        found = config.stash[_OWNED].cluster
    with found.connect() as connection:
        assert connection.execute("select postgis_lib_version()").fetchone()
    return found


@pytest.fixture(scope="session")
def template(cluster: Cluster) -> str:
    """The name of a database that holds the newest schema and nothing else."""
    store = _PROJECT / "data" / "store"
    digest = hashlib.sha256()
    sources = [store / "tables.py", *sorted(store.glob("privileges.*"))]
    for path in [*sources, *sorted((store / "migrations").rglob("*.py"))]:
        digest.update(path.read_bytes())
    name = f"template_{digest.hexdigest()[:12]}"
    with (_VAR / f"{cluster.home.name}.template.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _make_template(cluster, name)
    return name


def _make_template(cluster: Cluster, name: str) -> None:
    with cluster.connect("postgres") as connection:
        query = "select datname from pg_database where datname like 'template\\_%'"
        present = [row[0] for row in connection.execute(query)]
        if name in present:
            return
        for stale in [*present, "draft"]:
            connection.execute(f"drop database if exists {stale} with (force)")
        connection.execute("create database draft template template0")
        with cluster.connect("draft") as draft:
            draft.execute("create extension postgis")
        engine = make_engine(cluster.owner_url("draft"))
        migrate(engine)
        engine.dispose()
        connection.execute(f"alter database draft rename to {name}")


@pytest.fixture(scope="session")
def databases(cluster: Cluster, template: str, worker_id: str) -> Databases:
    """Copies of the template, one after the other."""
    return Databases(cluster, template, worker_id)


@pytest.fixture
def database_url(
    cluster: Cluster, databases: Databases, request: pytest.FixtureRequest
) -> Iterator[str]:
    """The address of an empty, migrated database that is this test's own.

    The address is the program's: a test that needs more than the program may do says so.
    """
    name = databases.take()
    yield cluster.url(name)
    # The owner may change what emptying does not mend.
    databases.give_back(name, is_sound="owner_engine" not in request.fixturenames)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on a database of this test's own: commit what you like."""
    engine = make_engine(database_url, name="test")
    yield engine
    engine.dispose()


@pytest.fixture
def owner_engine(cluster: Cluster, engine: Engine) -> Iterator[Engine]:
    """An engine on the same database as the owner of its tables."""
    owner = make_engine(cluster.owner_url(engine.url.database or ""), name="test owner")
    yield owner
    owner.dispose()


@pytest.fixture(scope="session")
def shared_engine(cluster: Cluster, databases: Databases) -> Iterator[Engine]:
    """An engine on the worker's database, in which nothing is ever committed."""
    name = databases.take()
    engine = make_engine(cluster.url(name), name="test")
    yield engine
    engine.dispose()
    databases.give_back(name, is_sound=False)


@pytest.fixture
def connection(shared_engine: Engine) -> Iterator[Connection]:
    """A connection inside a transaction that is rolled back after the test; much the quickest."""
    with shared_engine.connect() as connection:
        transaction = connection.begin()
        yield connection
        transaction.rollback()
