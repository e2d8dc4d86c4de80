"""Brings a database up to the newest schema. Vigil creates its own schema and nothing else."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from data.errors import MissingPart
from data.store.tables import SCHEMA

_MIGRATE_LOCK = 7002


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def migrate(engine: Engine) -> bool:
    """Upgrades to the newest schema; True when something changed.

    Safe to call from several processes at once: one works, the others wait and find it done.

    Raises:
        MissingPart: the database has no PostGIS and Vigil may not install it there.
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
            config = _config(connection)
            newest = ScriptDirectory.from_config(config).get_current_head()
            context = MigrationContext.configure(connection, opts={"version_table_schema": SCHEMA})
            if context.get_current_revision() == newest:
                return False
            command.upgrade(config, "head")
            connection.commit()
            return True
        finally:
            connection.rollback()
            connection.execute(text("select pg_advisory_unlock(:key)"), {"key": _MIGRATE_LOCK})
            connection.commit()
