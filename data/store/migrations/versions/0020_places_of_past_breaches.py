"""Tiles of past breaches are counted from an index alone."""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.execute(
        "create index ix_breach_now_web_x_web_y on vigil.breach_now (web_x, web_y) include "
        "(breach_id, channel, withdrawn, grade, kind, finding, case_id, zone_id, entered_at)"
    )


def downgrade() -> None:
    # Forward only: evidence must not depend on undoing a schema.
    raise NotImplementedError
