"""When alerts were raised and closed, in order: for a wall's last two hours and its last calm."""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.execute("create index ix_alert_raised_at on vigil.alert (raised_at)")
    op.execute("create index ix_alert_closed_at on vigil.alert (closed_at)")


def downgrade() -> None:
    # Forward only: evidence must not depend on undoing a schema.
    raise NotImplementedError
