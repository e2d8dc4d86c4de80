"""Alembic's entry: runs on the connection that data.store.migrate hands over."""

from __future__ import annotations

from alembic import context
from geoalchemy2 import alembic_helpers

from data.store.tables import SCHEMA, metadata


def _include_name(name: str | None, type_: str, parent_names: dict) -> bool:
    return type_ != "schema" or name == SCHEMA


def _include_object(thing: object, name: str, type_: str, reflected: bool, _: object) -> bool:
    # Day partitions are made as days come; they are no business of a migration.
    if type_ == "table" and reflected and "_p2" in name:
        return False
    return alembic_helpers.include_object(thing, name, type_, reflected, _)


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table_schema=SCHEMA,
    include_schemas=True,
    include_name=_include_name,
    include_object=_include_object,
    process_revision_directives=alembic_helpers.writer,
    render_item=alembic_helpers.render_item,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
