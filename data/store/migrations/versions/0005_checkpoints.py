"""Audit entries name the session; what was signed of the trail is noted beside it."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute("alter table vigil.audit_entry add column session_id bigint")
    op.execute(
        """
        create table vigil.audit_checkpoint (
            number bigint constraint pk_audit_checkpoint primary key,
            at timestamptz not null,
            line_hash bytea not null
        )
        """
    )
