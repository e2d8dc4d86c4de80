"""Waits for the outbox's bell on a connection of its own.

The bell only wakes: whoever waits must read by cursor afterwards, and reads once a timeout even
when nothing rang, so a bell lost with its connection costs a second and no row.
"""

from __future__ import annotations

from types import TracebackType

import psycopg
from sqlalchemy import Engine

from data.store.outbox import CHANNEL


class Bell:
    """One LISTEN connection, outside the pool, made anew whenever it breaks.

    LISTEN works on a primary and on a direct connection only, not through a pooler in
    transaction mode.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: psycopg.Connection | None = None

    def wait(self, timeout_s: float) -> bool:
        """Waits until it rings, at most this long; True when it rang.

        A broken connection counts as no ring, at once: the caller paces its own retries.
        """
        try:
            if self._connection is None or self._connection.closed:
                self._connection = self._connect()
            rang = False
            for _ in self._connection.notifies(timeout=timeout_s, stop_after=1):
                rang = True
            return rang
        except psycopg.Error:
            self.close()
            return False

    def is_listening(self) -> bool:
        """Whether there is a connection that was whole at its last use."""
        return self._connection is not None and not self._connection.closed

    def close(self) -> None:
        """Gives the connection up; the next wait makes another."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def __enter__(self) -> Bell:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _connect(self) -> psycopg.Connection:
        # The engine's own words for where the database is, password and options included.
        arguments, options = self._engine.dialect.create_connect_args(self._engine.url)
        options["application_name"] = "vigil web bell"
        connection = psycopg.connect(*arguments, **options, autocommit=True, connect_timeout=5)
        connection.execute(f"listen {CHANNEL}")
        return connection
