"""What a person chose for themselves: the panes of their desk, their keys."""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.execute(
        """
        create table vigil.user_choice (
            user_id bigint not null
                constraint fk_user_choice_user_id references vigil."user",
            name text not null,
            value jsonb not null,
            changed_at timestamptz not null,
            constraint pk_user_choice primary key (user_id, name)
        )
        """
    )


def downgrade() -> None:
    # Forward only: evidence must not depend on undoing a schema.
    raise NotImplementedError
