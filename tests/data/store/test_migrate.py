"""Migrations and tables say the same."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from geoalchemy2 import alembic_helpers
from sqlalchemy import Engine, text

from data.errors import BadInput, MissingPart
from data.store.migrate import migrate, need_migrated
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


def test_migrating_twice_changes_nothing(owner_engine: Engine) -> None:
    """Every process migrates at its start; on the newest schema that is no work."""
    assert migrate(owner_engine) is False


def test_the_program_starts_on_the_newest_schema_only(engine: Engine, owner_engine: Engine) -> None:
    """And not as the owner of its tables: it could undo what protects them."""
    need_migrated(engine)
    with pytest.raises(BadInput, match="VIGIL_DATABASE_URL"):
        need_migrated(owner_engine)
    with owner_engine.begin() as connection:
        connection.exec_driver_sql("update vigil.alembic_version set version_num = '0001'")
    with pytest.raises(MissingPart, match=r"app\.py migrate"):
        need_migrated(engine)
