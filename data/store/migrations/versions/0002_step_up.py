"""Sessions get a number of their own and remember when their holder last proved who they are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column(
        "session",
        sa.Column("session_id", sa.BigInteger(), sa.Identity(), nullable=False),
        schema="vigil",
    )
    op.create_unique_constraint("uq_session_session_id", "session", ["session_id"], schema="vigil")
    op.add_column(
        "session",
        sa.Column("stepped_up_at", sa.DateTime(timezone=True), nullable=True),
        schema="vigil",
    )
