"""Databases for tests, used again: one is emptied in a fraction of the time a copy takes.

A database gets a new name each time, so that nothing a test left running can reach the next.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

import psycopg

from data.store.cluster import Cluster

_RELATIONS = """
    select n.nspname || '.' || c.relname || ':' || c.relkind::text
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname !~ '^(pg_|information_schema)'
    union all select n.nspname || '.' || p.proname || ':' || md5(p.prosrc)
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'vigil'
"""
_TABLES = """
    select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'vigil' and c.relkind in ('r', 'p') and not c.relispartition
"""
_NEW_PARTITIONS = """
    select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'vigil' and c.relispartition and c.relkind = 'r'
    and not c.oid = any (%s)
"""
_PARTITIONS = "select oid from pg_class where relispartition and relkind = 'r'"
_SIZE_BYTES = "select pg_database_size(current_database())"
_MOST_WASTE_BYTES = 10_000_000
_COUNTERS = """
    select format('%I.%I', schemaname, sequencename), last_value from pg_sequences
    where schemaname = 'vigil'
"""
_END_SESSIONS = """
    select pg_terminate_backend(pid, 10000) from pg_stat_activity
    where datname = %s and pid <> pg_backend_pid()
"""


@dataclass(frozen=True, slots=True)
class _Pristine:
    """What a fresh copy holds."""

    relations: frozenset[str]
    partitions: list[int]
    tables: list[str]
    rows: dict[str, bytes]  # of the tables that are not empty, as COPY gives them
    counters: dict[str, int | None]
    size_bytes: int

    @classmethod
    def of(cls, connection: psycopg.Connection) -> _Pristine:
        tables = _column(connection, _TABLES)
        rows = {}
        for table in _not_empty(connection, tables):
            with connection.cursor().copy(f"copy {table} to stdout") as copy:
                rows[table] = b"".join(bytes(block) for block in copy)
        return cls(
            frozenset(_column(connection, _RELATIONS)),
            _column(connection, _PARTITIONS),
            tables,
            rows,
            dict(connection.execute(_COUNTERS).fetchall()),
            _column(connection, _SIZE_BYTES)[0],
        )

    def restore(self, connection: psycopg.Connection) -> bool:
        """Empties the database to what a fresh copy holds.

        False where a test has built something, or left too much behind.
        """
        if added := _column(connection, _NEW_PARTITIONS, [self.partitions]):
            connection.execute(f"drop table {', '.join(added)}")
        if frozenset(_column(connection, _RELATIONS)) != self.relations:
            return False
        connection.execute("set session_replication_role = replica")
        # Not truncate, which makes new files; those that a large test has filled are given up.
        for table in {*_not_empty(connection, self.tables), *self.rows}:
            connection.execute(f"delete from {table}")
        for table, rows in self.rows.items():
            with connection.cursor().copy(f"copy {table} from stdin") as copy:
                copy.write(rows)
        for name, value in connection.execute(_COUNTERS).fetchall():
            if value != (before := self.counters[name]):
                connection.execute("select setval(%s, %s, %s)", [name, before or 1, bool(before)])
        return _column(connection, _SIZE_BYTES)[0] < self.size_bytes + _MOST_WASTE_BYTES


@dataclass
class Databases:
    """The copies of one worker.

    Args:
        cluster: the run's.
        template: the name of a database with the newest schema.
        worker_id: tells the workers' copies apart.
    """

    cluster: Cluster
    template: str
    worker_id: str
    _numbers: Iterator[int] = field(default_factory=count)
    _spare: str | None = None
    _pristine: _Pristine | None = None

    def take(self) -> str:
        """The name of a database that holds the newest schema and nothing else."""
        if self._spare is not None:
            name, self._spare = self._spare, None
            return name
        name = self._new_name()
        with self.cluster.connect("postgres") as connection:
            connection.execute(f"drop database if exists {name} with (force)")
            connection.execute(
                f"create database {name} template {self.template} strategy file_copy"
            )
        if self._pristine is None:
            with self.cluster.connect(name) as connection:
                self._pristine = _Pristine.of(connection)
        return name

    def give_back(self, name: str, *, is_sound: bool) -> None:
        """Ends what still uses it and keeps it for the next; drops it where it is not sound."""
        if is_sound and self._spare is None and self._pristine is not None:
            old, name = name, self._new_name()
            self._rename(old, name)
            with self.cluster.connect(name) as connection:
                is_clean = self._pristine.restore(connection)
            if is_clean:
                self._spare = name
                return
        with self.cluster.connect("postgres") as connection:
            connection.execute(f"drop database if exists {name} with (force)")

    def _rename(self, old: str, name: str) -> None:
        with self.cluster.connect("postgres") as connection:
            for tries_left in reversed(range(20)):
                connection.execute(_END_SESSIONS, [old])
                try:
                    connection.execute(f"alter database {old} rename to {name}")
                except psycopg.errors.ObjectInUse:
                    # Somebody came in between, such as the server's own vacuum.
                    if not tries_left:
                        raise
                else:
                    return

    def _new_name(self) -> str:
        return f"copy_{self.worker_id}_{next(self._numbers)}"


def _column(connection: psycopg.Connection, query: str, given: list[object] | None = None) -> list:
    return [row[0] for row in connection.execute(query, given)]


def _not_empty(connection: psycopg.Connection, tables: list[str]) -> list[str]:
    each = (f"select '{table}' where exists (select from {table})" for table in tables)
    return _column(connection, " union all ".join(each))
