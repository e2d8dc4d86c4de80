"""What every command is handed: the settings, the clock, and a database when it asks for one."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from data.clock import Clock
from data.settings import Settings
from data.store.cluster import Cluster
from data.store.engine import make_engine, wait_until_ready
from data.store.migrate import migrate


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
        """A migrated database: the one that was named, else the project's own.

        The private cluster is joined where it runs, else started and, at the end, stopped.
        """
        if self.settings.database_url is not None:
            with self._migrated(self.settings.database_url, pool_size) as engine:
                yield engine
            return
        cluster = self.make_cluster()
        cluster.start()
        done = threading.Event()
        # Lives as long as the process, so a server it has to start again does too.
        keeper = threading.Thread(target=_keep, args=(cluster, done), name="keeper", daemon=True)
        keeper.start()
        try:
            with self._migrated(cluster.url(), pool_size) as engine:
                yield engine
        finally:
            done.set()
            keeper.join()
            cluster.stop()

    @contextmanager
    def _migrated(self, url: str, pool_size: int) -> Iterator[Engine]:
        engine = make_engine(url, pool_size=pool_size)
        try:
            wait_until_ready(engine)
            migrate(engine)
            yield engine
        finally:
            engine.dispose()

    @property
    def app_path(self) -> Path:
        """The program itself, for starting it again with another command."""
        return self.settings.project_dir / "app.py"


def _keep(cluster: Cluster, done: threading.Event) -> None:
    while not done.wait(0.25):
        cluster.tend()
