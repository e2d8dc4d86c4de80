"""Alembic's entry: runs on the connection that data.store.migrate hands over."""

from __future__ import annotations

from alembic import context
from geoalchemy2 import alembic_helpers

from data.store.partitions import PARTITIONED
from data.store.tables import SCHEMA, metadata

_PARTITION_PREFIXES = tuple(f"{table}_{rest}" for table in PARTITIONED for rest in ("p2", "other"))


def _include_name(name: str | None, type_: str, parent_names: dict) -> bool:
    return type_ != "schema" or name == SCHEMA


def _include_object(thing: object, name: str, type_: str, reflected: bool, _: object) -> bool:
    # Partitions are made as days come; they are no business of a comparison with the tables.
    if type_ == "table" and reflected and name.startswith(_PARTITION_PREFIXES):
        return False
    return alembic_helpers.include_object(thing, name, type_, reflected, _)


connection = context.config.attributes["connection"]
# A role named like the schema has it on its search path, and Alembic would take its tables for
# those of the default schema and not see them. Local: it ends with the transaction.
connection.exec_driver_sql("set local search_path = public")
connection.dialect.default_schema_name = "public"

context.configure(
    connection=connection,
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
