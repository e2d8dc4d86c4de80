"""History from files waits between the rounds of what devices send now."""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.execute("alter table vigil.pending add column is_history boolean not null default false")
    op.execute("drop index vigil.ix_pending_slice_reading_id")
    op.execute(
        "create index ix_pending_is_history_slice_reading_id "
        "on vigil.pending (is_history, slice, reading_id)"
    )


def downgrade() -> None:
    # Forward only: evidence must not depend on undoing a schema.
    raise NotImplementedError
