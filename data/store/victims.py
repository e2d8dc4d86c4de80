"""Victims' details, and who opened them: reveals and broken glass."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update

from data.store import cases, zones
from data.store.tables import case, glass, person, reveal, user, victim_detail, zone


def find_details(connection: Connection, case_id: int, at: datetime) -> Sequence[Row]:
    """Victims of a case with what holds of them at this moment (person_id, name, kind, words).

    One row a detail; one with kind None for a victim of whom nothing is kept.
    """
    hers = cases.victims()
    holds = (victim_detail.c.valid_from <= at) & or_(
        victim_detail.c.valid_to.is_(None), victim_detail.c.valid_to > at
    )
    query = (
        select(person.c.person_id, person.c.name, victim_detail.c.kind, victim_detail.c.words)
        .join(hers, hers.c.person_id == person.c.person_id)
        .outerjoin(victim_detail, (victim_detail.c.person_id == person.c.person_id) & holds)
        .where(hers.c.case_id == case_id)
        .order_by(person.c.person_id, victim_detail.c.kind, victim_detail.c.victim_detail_id)
    )
    return connection.execute(query).all()


def append_detail(
    connection: Connection, *, person_id: int, kind: str, words: str, at: datetime
) -> int:
    """Keeps a detail of a victim from this moment on."""
    values = {"person_id": person_id, "kind": kind, "words": words, "valid_from": at}
    statement = insert(victim_detail).values(values).returning(victim_detail.c.victim_detail_id)
    return connection.execute(statement).scalar_one()


def end_details(connection: Connection, person_id: int, kind: str, at: datetime) -> int:
    """Ends what holds of this kind, and gives how many there were."""
    return connection.execute(
        update(victim_detail)
        .where(
            victim_detail.c.person_id == person_id,
            victim_detail.c.kind == kind,
            victim_detail.c.valid_to.is_(None),
        )
        .values(valid_to=at)
    ).rowcount


def delete_details(connection: Connection, person_id: int) -> int:
    """Forgets everything about where a victim is and how she is reached; gives how much."""
    return connection.execute(
        delete(victim_detail).where(victim_detail.c.person_id == person_id)
    ).rowcount


def find_ids(connection: Connection, case_id: int) -> list[int]:
    """The victims of a case, by number."""
    hers = cases.victims()
    query = select(hers.c.person_id).where(hers.c.case_id == case_id)
    return list(connection.scalars(query.order_by(hers.c.person_id)))


def find_zone_names(connection: Connection, case_id: int) -> Sequence[Row]:
    """Zones of a case (zone_id, label, name), as they were made."""
    query = select(zone.c.zone_id, zones.label().label("label"), zone.c.name)
    return connection.execute(query.where(zone.c.case_id == case_id).order_by(zone.c.zone_id)).all()


def append_reveal(connection: Connection, **values: object) -> int:
    """Keeps that somebody looked; columns as in the table."""
    statement = insert(reveal).values(**values).returning(reveal.c.reveal_id)
    return connection.execute(statement).scalar_one()


def append_glass(connection: Connection, **values: object) -> int:
    """Keeps that somebody broke the glass; columns as in the table."""
    statement = insert(glass).values(**values).returning(glass.c.glass_id)
    return connection.execute(statement).scalar_one()


def find_open_glass(
    connection: Connection, user_id: int, case_id: int, now: datetime
) -> Row | None:
    """The glass this user has broken for a case, while it lets through; else None."""
    query = select(glass).where(
        glass.c.user_id == user_id,
        glass.c.case_id == case_id,
        glass.c.broken_at <= now,
        # At its last moment it is closed.
        now < glass.c.until,
    )
    return connection.execute(query.order_by(glass.c.until.desc()).limit(1)).one_or_none()


def find_glasses(connection: Connection, *, is_open: bool) -> Sequence[Row]:
    """Broken glass, newest first: what still waits for a review, or the last hundred reviewed."""
    reviewer = user.alias("reviewer")
    query = (
        select(
            glass,
            case.c.code.label("case_code"),
            case.c.area,
            user.c.login,
            user.c.role,
            reviewer.c.login.label("reviewer"),
        )
        .join(case, case.c.case_id == glass.c.case_id)
        .join(user, user.c.user_id == glass.c.user_id)
        .outerjoin(reviewer, reviewer.c.user_id == glass.c.reviewed_by)
        .order_by(glass.c.broken_at.desc())
    )
    if is_open:
        query = query.where(glass.c.reviewed_at.is_(None))
    else:
        query = query.where(glass.c.reviewed_at.is_not(None)).limit(100)
    return connection.execute(query).all()


def find_unreviewed(connection: Connection, glass_id: int) -> Row | None:
    """Broken glass that waits for a review (every column and its area), locked; else None."""
    query = (
        select(glass, case.c.area)
        .join(case, case.c.case_id == glass.c.case_id)
        .where(glass.c.glass_id == glass_id, glass.c.reviewed_at.is_(None))
        .with_for_update(of=glass)
    )
    return connection.execute(query).one_or_none()


def save_review(connection: Connection, glass_id: int, **values: object) -> None:
    """Keeps what a supervisor found."""
    connection.execute(update(glass).where(glass.c.glass_id == glass_id).values(**values))


def find_reveal_end(
    connection: Connection, user_id: int, case_id: int, now: datetime
) -> datetime | None:
    """Until when this user's look at a case's victims lasts; None where none does."""
    query = select(func.max(reveal.c.until)).where(
        reveal.c.user_id == user_id,
        reveal.c.case_id == case_id,
        reveal.c.at <= now,
        now < reveal.c.until,
    )
    return connection.scalar(query)
