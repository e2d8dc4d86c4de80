"""Breaches on record: an identity once, and what is known of it by addition.

The highest revision of a breach holds. A revision that says `withdrawn` means that later
knowledge took the breach back; the row stays, because it is what the room knew at the time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, text

from data.store.tables import breach, breach_revision

# The newest revision of each breach, with its identity.
_NOW = """
select distinct on (b.breach_id) b.breach_id, b.kind, b.case_id, b.activation_id, b.zone_id,
    b.pair_id, b.entered_at as first_entered_at, b.found_on_backfill, r.revision, r.recorded_at,
    r.zone_version_id, r.channel, r.grade, r.cause, r.entered_at, r.confirmed_at, r.left_at,
    r.p_inside_max, r.radius_95_m, r.edge_m, r.fixes, r.crossings, r.withdrawn, r.policy_id, r.proof
from vigil.breach b join vigil.breach_revision r using (breach_id)
"""


@dataclass(frozen=True, slots=True)
class BreachIdentity:
    """What a breach is, whatever becomes known of it."""

    kind: str
    case_id: int
    activation_id: int
    zone_id: int | None
    pair_id: int | None
    entered_at: datetime
    found_on_backfill: bool


def append(connection: Connection, identity: BreachIdentity, recorded_at: datetime) -> int:
    """Records that there is a breach and gives its id; a first revision must follow."""
    return connection.execute(
        insert(breach)
        .values(
            kind=identity.kind,
            case_id=identity.case_id,
            activation_id=identity.activation_id,
            zone_id=identity.zone_id,
            pair_id=identity.pair_id,
            entered_at=identity.entered_at,
            found_on_backfill=identity.found_on_backfill,
            recorded_at=recorded_at,
        )
        .returning(breach.c.breach_id)
    ).scalar_one()


def append_revision(
    connection: Connection, breach_id: int, recorded_at: datetime, **known: Any
) -> int:
    """Adds what is now known of a breach and gives the revision's number, from 1.

    The caller holds the lock of the activation's judge state, so numbers cannot clash.
    """
    last = (
        select(func.coalesce(func.max(breach_revision.c.revision), 0) + 1)
        .where(breach_revision.c.breach_id == breach_id)
        .scalar_subquery()
    )
    return connection.execute(
        insert(breach_revision)
        .values(breach_id=breach_id, revision=last, recorded_at=recorded_at, **known)
        .returning(breach_revision.c.revision)
    ).scalar_one()


def find_since(
    connection: Connection, activation_id: int, since: datetime, breach_ids: Sequence[int] = ()
) -> Sequence[Row]:
    """Breaches of one activation, not withdrawn, that were entered or still going on since then.

    With `breach_ids`, also those of them that are this activation's.
    """
    return connection.execute(
        text(
            f"select * from ({_NOW} where b.activation_id = :id "
            "order by b.breach_id, r.revision desc) now "
            "where not withdrawn and (left_at is null or left_at >= :since or entered_at >= :since "
            "or breach_id = any(:breach_ids)) order by breach_id"
        ),
        {"id": activation_id, "since": since, "breach_ids": list(breach_ids)},
    ).all()
