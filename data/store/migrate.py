"""Brings a database up to the newest schema, as its owner.

Vigil creates its own schema and the role `vigil_app`, and nothing else.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from data.errors import MissingPart
from data.store import privileges
from data.store.tables import SCHEMA

_MIGRATE_LOCK = 7002


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def migrate(engine: Engine) -> bool:
    """Upgrades to the newest schema and its rights; True when something changed.

    Safe to call from several processes at once: one works, the others wait and find it done.

    Args:
        engine: signs in as the role that owns the tables, or shall own them.

    Raises:
        MissingPart: the database has no PostGIS, or no role for the program, and Vigil may not
            make them there.
    """
    with engine.connect() as connection:
        connection.execute(text("select pg_advisory_lock(:key)"), {"key": _MIGRATE_LOCK})
        connection.commit()
        try:
            if not connection.scalar(
                text("select count(*) from pg_extension where extname='postgis'")
            ):
                raise MissingPart(
                    "The database has no PostGIS. As its owner run: create extension postgis"
                )
            connection.execute(text(f"create schema if not exists {SCHEMA}"))
            connection.commit()
            is_old = not _is_newest(connection)
            if is_old:
                command.upgrade(_config(connection), "head")
            is_changed = privileges.grant(connection) or is_old
            connection.commit()
            return is_changed
        finally:
            connection.rollback()
            connection.execute(text("select pg_advisory_unlock(:key)"), {"key": _MIGRATE_LOCK})
            connection.commit()


def need_migrated(engine: Engine) -> None:
    """Returns when the schema is the newest and whoever is connected does not own it.

    Raises:
        MissingPart: somebody has to migrate first.
        BadInput: this role could alter the tables; the program must not run as that.
    """
    with engine.connect() as connection:
        if not _is_newest(connection):
            raise MissingPart(
                f"The database {engine.url.database} has not Vigil's newest tables. Run: "
                "VIGIL_OWNER_DATABASE_URL=... app.py migrate"
            )
        privileges.need_least(connection)


def _is_newest(connection: Connection) -> bool:
    newest = ScriptDirectory.from_config(_config(connection)).get_current_head()
    context = MigrationContext.configure(connection, opts={"version_table_schema": SCHEMA})
    return context.get_current_revision() == newest
