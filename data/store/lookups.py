"""Who looked at which victim: reveals with what is needed to judge them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, func, select

from data.store import cases
from data.store.tables import audit_entry, case, person, reveal, session, user


def find(connection: Connection, since: datetime) -> Sequence[Row]:
    """Reveals at or after this moment, newest first.

    Columns: reveal_id, at, user_id, login, role, case_id, case_code, area, code, words,
    is_through_glass, signed_in_at (the last sign-in before it).
    """
    signed_in = (
        select(func.max(session.c.started_at))
        .where(session.c.user_id == reveal.c.user_id, session.c.started_at <= reveal.c.at)
        .correlate(reveal)
        .scalar_subquery()
    )
    query = (
        select(
            reveal.c.reveal_id,
            reveal.c.at,
            reveal.c.user_id,
            user.c.login,
            user.c.role,
            reveal.c.case_id,
            case.c.code.label("case_code"),
            case.c.area,
            reveal.c.code,
            reveal.c.words,
            reveal.c.glass_id.is_not(None).label("is_through_glass"),
            signed_in.label("signed_in_at"),
        )
        .join(user, user.c.user_id == reveal.c.user_id)
        .join(case, case.c.case_id == reveal.c.case_id)
        .where(reveal.c.at >= since)
        .order_by(reveal.c.at.desc(), reveal.c.reveal_id.desc())
    )
    return connection.execute(query).all()


def find_names(connection: Connection, case_ids: Sequence[int]) -> Sequence[Row]:
    """Names of everybody these cases name (case_id, name); for comparing, never for showing."""
    named = cases.people()
    query = select(named.c.case_id, person.c.name).join(
        person, person.c.person_id == named.c.person_id
    )
    return connection.execute(query.where(named.c.case_id.in_(case_ids))).all()


def find_refusals(connection: Connection, since: datetime) -> Sequence[Row]:
    """Tries that were refused, newest first (at, login, role, record_kind, record_id, detail)."""
    query = (
        select(
            audit_entry.c.at,
            user.c.login,
            user.c.role,
            audit_entry.c.record_kind,
            audit_entry.c.record_id,
            audit_entry.c.detail,
        )
        .outerjoin(user, user.c.user_id == audit_entry.c.user_id)
        .where(audit_entry.c.action == "refused", audit_entry.c.at >= since)
        .order_by(audit_entry.c.audit_entry_id.desc())
        .limit(200)
    )
    return connection.execute(query).all()
