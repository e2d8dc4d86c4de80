"""What every command is handed: the settings, the clock, and a database when it asks for one."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from data.clock import Clock
from data.errors import BadInput
from data.settings import Settings
from data.store.cluster import Cluster
from data.store.engine import make_engine, wait_until_ready
from data.store.migrate import migrate, need_migrated


@dataclass(frozen=True, slots=True)
class House:
    """One running program of Vigil."""

    settings: Settings
    clock: Clock
    env: Mapping[str, str]

    def make_cluster(self) -> Cluster:
        """The private cluster of this project, not yet started."""
        return Cluster(self.settings.var_dir / "postgres", self.env)

    @contextmanager
    def engine(self, *, pool_size: int = 5) -> Iterator[Engine]:
        """A migrated database as the program's role: the one that was named, else our own.

        The private cluster is joined where it runs, else started and, at the end, stopped.

        Raises:
            MissingPart: the database that was named is not migrated, nor its owner named.
            BadInput: the role that was named owns the tables.
        """
        with self._addresses() as (program_url, owner_url):
            if owner_url is not None:
                with _connected(owner_url, 1) as owner:
                    migrate(owner)
            with _connected(program_url, pool_size) as engine:
                need_migrated(engine)
                yield engine

    @contextmanager
    def owner_engine(self) -> Iterator[Engine]:
        """The same database as the owner of its tables, as it is: perhaps not yet migrated.

        Raises:
            BadInput: VIGIL_DATABASE_URL is set and VIGIL_OWNER_DATABASE_URL is not.
        """
        with self._addresses() as (_, owner_url):
            if owner_url is None:
                raise BadInput(
                    "VIGIL_OWNER_DATABASE_URL", "the database as the role that owns its tables"
                )
            with _connected(owner_url, 2) as engine:
                yield engine

    @contextmanager
    def _addresses(self) -> Iterator[tuple[str, str | None]]:
        """The database as the program's role and, where we may be that, as its owner."""
        if self.settings.database_url is not None:
            yield self.settings.database_url, self.settings.owner_database_url
            return
        cluster = self.make_cluster()
        cluster.start()
        done = threading.Event()
        # Lives as long as the process, so a server it has to start again does too.
        keeper = threading.Thread(target=_keep, args=(cluster, done), name="keeper", daemon=True)
        keeper.start()
        try:
            yield cluster.url(), cluster.owner_url()
        finally:
            done.set()
            keeper.join()
            cluster.stop()

    @property
    def app_path(self) -> Path:
        """The program itself, for starting it again with another command."""
        return self.settings.project_dir / "app.py"


@contextmanager
def _connected(url: str, pool_size: int) -> Iterator[Engine]:
    engine = make_engine(url, pool_size=pool_size)
    try:
        wait_until_ready(engine)
        yield engine
    finally:
        engine.dispose()


def _keep(cluster: Cluster, done: threading.Event) -> None:
    while not done.wait(0.25):
        cluster.tend()
