"""Streets are found by the beginnings of the words in their names."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.execute(
        "create index ix_basemap_street_words on vigil.basemap_street "
        "using gin (to_tsvector('simple', name)) where name <> ''"
    )


def downgrade() -> None:
    # Forward only: evidence must not depend on undoing a schema.
    raise NotImplementedError
