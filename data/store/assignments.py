"""Who has been given which case, and what that and broken glass let them reach."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from data.errors import Clash
from data.store import cases
from data.store.tables import activation, assignment, case, user

_HELD = """
select user_id, 'assigned' as how, case_id, area
from vigil.assignment join vigil."case" using (case_id)
where user_id = any(:user_ids) and valid_from <= :now and (valid_to is null or :now < valid_to)
union select user_id, 'glass', case_id, area
from vigil.glass join vigil."case" using (case_id)
where user_id = any(:user_ids) and broken_at <= :now and :now < until
union select user_id, 'revealed', case_id, area
from vigil.reveal join vigil."case" using (case_id)
where user_id = any(:user_ids) and at <= :now and :now < until
"""


def find_held(connection: Connection, user_ids: Sequence[int], now: datetime) -> Sequence[Row]:
    """Cases these users may reach at this moment (user_id, how, case_id, area).

    `how` is "assigned", "glass" or "revealed"; all half-open, so that at its end nothing is held.
    """
    query = text(_HELD)
    return connection.execute(query, {"user_ids": list(user_ids), "now": now}).all()


def find_activations(connection: Connection, case_ids: Sequence[int]) -> Sequence[Row]:
    """Open activations of offenders and victims of these cases (case_id, activation_id)."""
    people = cases.people()
    query = (
        select(people.c.case_id, activation.c.activation_id)
        .join(activation, activation.c.person_id == people.c.person_id)
        .where(people.c.case_id.in_(case_ids), activation.c.ended_at.is_(None))
    )
    return connection.execute(query).all()


def append(
    connection: Connection, *, case_id: int, user_id: int, at: datetime, given_by: int | None
) -> int:
    """Gives a case to somebody from this moment on, and gives the number.

    Raises:
        Clash: they have it already.
    """
    values = {"case_id": case_id, "user_id": user_id, "valid_from": at, "given_by": given_by}
    try:
        with connection.begin_nested():
            statement = insert(assignment).values(values).returning(assignment.c.assignment_id)
            return connection.execute(statement).scalar_one()
    except IntegrityError as error:
        raise Clash("They have this case already.") from error


def save_ended(
    connection: Connection, assignment_id: int, at: datetime, ended_by: int | None
) -> Row | None:
    """Ends one that is open (case_id, user_id); None when none such is open."""
    return connection.execute(
        update(assignment)
        .where(assignment.c.assignment_id == assignment_id, assignment.c.valid_to.is_(None))
        .values(valid_to=at, ended_by=ended_by)
        .returning(assignment.c.case_id, assignment.c.user_id)
    ).one_or_none()


def find_open(connection: Connection, *, case_id: int | None = None) -> Sequence[Row]:
    """Open assignments with case, area and login, by case and login; of one case, or of all."""
    given = user.alias("giver")
    query: Any = (
        select(
            assignment.c.assignment_id,
            assignment.c.case_id,
            assignment.c.user_id,
            assignment.c.valid_from,
            case.c.code,
            case.c.area,
            user.c.login,
            user.c.role,
            given.c.login.label("given_by"),
        )
        .join(case, case.c.case_id == assignment.c.case_id)
        .join(user, user.c.user_id == assignment.c.user_id)
        .outerjoin(given, given.c.user_id == assignment.c.given_by)
        .where(assignment.c.valid_to.is_(None))
        .order_by(case.c.code, user.c.login)
    )
    if case_id is not None:
        query = query.where(assignment.c.case_id == case_id)
    return connection.execute(query).all()
