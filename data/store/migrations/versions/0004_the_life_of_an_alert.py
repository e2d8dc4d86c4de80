"""The life of an alert: holds, shelves, rungs; notices; the desk's policy."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    for column in (
        sa.Column("turn", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("waiting_since", moment, nullable=True),
        sa.Column("hold_until", moment, nullable=True),
        sa.Column("shelved_until", moment, nullable=True),
        sa.Column("shelves", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("escalated_at", moment, nullable=True),
        sa.Column("rung", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("reminded_at", moment, nullable=True),
    ):
        op.add_column("alert", column, schema="vigil")
    op.execute("update vigil.alert set waiting_since = raised_at")
    op.alter_column("alert", "waiting_since", nullable=False, schema="vigil")
    # Until now a new alert kept the name of whoever had had it before.
    op.execute("update vigil.alert set owner_id = null, acknowledged_at = null where state = 'new'")
    # What somebody had before there were holds is theirs: they have begun.
    op.execute("update vigil.alert set state = 'acting' where state = 'acknowledged'")
    op.create_check_constraint(
        op.f("ck_alert_no_shelf_for_p1"),
        "alert",
        "state <> 'shelved' or priority > 1",
        schema="vigil",
    )
    op.create_table(
        "notice",
        sa.Column("notice_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("alert_id", sa.BigInteger(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("asked_at", moment, nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=True),
        sa.Column("sent_at", moment, nullable=True),
        sa.Column("delivered_at", moment, nullable=True),
        sa.Column("read_at", moment, nullable=True),
        sa.Column("failed_at", moment, nullable=True),
        sa.Column("failure", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["vigil.alert.alert_id"], name=op.f("fk_notice_alert_id")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["vigil.user.user_id"], name=op.f("fk_notice_asked_by")
        ),
        sa.PrimaryKeyConstraint("notice_id", name=op.f("pk_notice")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_notice_idempotency_key")),
        schema="vigil",
    )
    op.create_index("ix_notice_alert_id", "notice", ["alert_id"], schema="vigil")
    op.create_index(
        "ix_notice_waiting",
        "notice",
        ["asked_at"],
        schema="vigil",
        postgresql_where=sa.text("sent_at IS NULL"),
    )
    op.create_table(
        "desk_policy",
        sa.Column("desk_policy_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("recorded_at", moment, nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.Column("figures", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["vigil.user.user_id"], name=op.f("fk_desk_policy_recorded_by")
        ),
        sa.PrimaryKeyConstraint("desk_policy_id", name=op.f("pk_desk_policy")),
        schema="vigil",
    )


def downgrade() -> None:
    # Forward only: evidence must not depend on undoing a schema.
    raise NotImplementedError
