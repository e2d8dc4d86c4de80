"""Day partitions of the big tables, made as days come.

One partition a day, `<table>_pYYYYMMDD`, holding [midnight, midnight) UTC. Retention drops a
partition; nothing deletes rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import Connection, text

from data.store.tables import SCHEMA

PARTITIONED = ("reading", "fix", "fix_verdict")
_PARTITION_LOCK = 7003


def _name(table: str, day: date) -> str:
    return f"{table}_p{day:%Y%m%d}"


def ensure_days(connection: Connection, table: str, days: Iterable[date]) -> None:
    """Makes the partitions of these UTC days where they are missing; existing ones are left.

    Attaching needs only a share-update lock on the parent, so readers and writers of other
    days go on meanwhile. Commit soon: other makers of partitions wait for it.
    """
    if table not in PARTITIONED:
        raise ValueError(f"{table} has no day partitions")
    wanted = sorted(set(days))
    if not _missing(connection, table, wanted):
        return
    connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _PARTITION_LOCK})
    for day in _missing(connection, table, wanted):
        # A function of the owner's: the program may not make tables (privileges.sql).
        connection.execute(
            text("select vigil.make_day(:table, :day)"), {"table": table, "day": day}
        )


def _missing(connection: Connection, table: str, days: list[date]) -> list[date]:
    names = {_name(table, day): day for day in days}
    found = connection.scalars(
        text(
            "select relname from pg_class join pg_namespace on pg_namespace.oid = relnamespace "
            "where nspname = :schema and relname = any(:names)"
        ),
        {"schema": SCHEMA, "names": list(names)},
    )
    present = set(found)
    return [day for name, day in names.items() if name not in present]
