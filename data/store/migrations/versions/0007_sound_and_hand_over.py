"""What was sounded, and who gave the room to whom."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "sound_entry",
        sa.Column("sound_entry_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=True),
        sa.Column(
            "alert_ids",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("sound_entry_id", name=op.f("pk_sound_entry")),
        schema="vigil",
    )
    op.create_table(
        "hand_over",
        sa.Column("hand_over_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("given_by", sa.BigInteger(), nullable=False),
        sa.Column("taken_at", moment, nullable=True),
        sa.Column("taken_by", sa.BigInteger(), nullable=True),
        sa.Column("sheet", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "taken_by is null or taken_by <> given_by", name=op.f("ck_hand_over_two_people")
        ),
        sa.ForeignKeyConstraint(
            ["given_by"], ["vigil.user.user_id"], name=op.f("fk_hand_over_given_by")
        ),
        sa.ForeignKeyConstraint(
            ["taken_by"], ["vigil.user.user_id"], name=op.f("fk_hand_over_taken_by")
        ),
        sa.PrimaryKeyConstraint("hand_over_id", name=op.f("pk_hand_over")),
        schema="vigil",
    )


def downgrade() -> None:
    # Forward only: evidence must not depend on undoing a schema.
    raise NotImplementedError
