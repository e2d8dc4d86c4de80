"""Migrations and tables say the same."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from geoalchemy2 import alembic_helpers
from sqlalchemy import Engine, text

from data.store.migrate import migrate
from data.store.tables import SCHEMA, metadata

pytestmark = pytest.mark.db


def test_tables_and_migrations_are_the_same(engine: Engine) -> None:
    """A migrated empty database lacks nothing the tables name, and has nothing they do not."""
    with engine.connect() as connection:
        query = text("select relname from pg_class where relispartition")
        # Partitions come with the days; no migration knows them.
        partitions = set(connection.scalars(query))
        context = MigrationContext.configure(
            connection,
            opts={
                "version_table_schema": SCHEMA,
                "include_schemas": True,
                "include_name": lambda name, kind, _: kind != "schema" or name == SCHEMA,
                "include_object": lambda thing, name, kind, reflected, other: (
                    name not in partitions
                    and alembic_helpers.include_object(thing, name, kind, reflected, other)
                ),
                "compare_type": True,
            },
        )
        assert compare_metadata(context, metadata) == []


def test_migrating_twice_changes_nothing(engine: Engine) -> None:
    """Every process migrates at its start; on the newest schema that is no work."""
    assert migrate(engine) is False
