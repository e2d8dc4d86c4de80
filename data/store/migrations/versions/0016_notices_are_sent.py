"""A notice is tried more than once: how often it was, and when it is tried again."""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.execute(
        "alter table vigil.notice add column tries integer not null default 0, "
        "add column try_after timestamptz"
    )


def downgrade() -> None:
    # Forward only: evidence must not depend on undoing a schema.
    raise NotImplementedError
