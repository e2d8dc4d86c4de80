"""A signed zone may wait for the moment from which its order holds."""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.execute(
        """
        alter table vigil.zone_draft
            drop constraint ck_zone_draft_state,
            add constraint ck_zone_draft_state
                check (state in ('editing', 'waiting', 'due', 'signed', 'dropped'))
        """
    )
    op.execute("drop index vigil.uq_zone_draft_open")
    op.execute(
        "create unique index uq_zone_draft_open on vigil.zone_draft (zone_id) "
        "where state in ('editing', 'waiting', 'due')"
    )


def downgrade() -> None:
    # Forward only: evidence must not depend on undoing a schema.
    raise NotImplementedError
