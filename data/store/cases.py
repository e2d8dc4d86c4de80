"""People, cases and pairs, as far as a device has to be put on somebody."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Row, insert, select

from data.errors import NotFound
from data.model.people import PersonRole
from data.store.tables import case, pair, person


def append_person(connection: Connection, *, role: PersonRole, name: str, at: datetime) -> int:
    """Keeps a person and gives the number by which everybody else knows them."""
    statement = insert(person).values(role=role, name=name, added_at=at)
    return connection.execute(statement.returning(person.c.person_id)).scalar_one()


def get_person(connection: Connection, person_id: int) -> Row:
    """A person (person_id, role, name, added_at).

    Raises:
        NotFound: there is none.
    """
    found = connection.execute(select(person).where(person.c.person_id == person_id)).one_or_none()
    if found is None:
        raise NotFound(f"No person {person_id}.")
    return found


def append_case(
    connection: Connection, *, code: str, offender_id: int, order_from: datetime
) -> int:
    """Opens a case about an offender. The code must be new."""
    statement = insert(case).values(code=code, offender_id=offender_id, order_from=order_from)
    return connection.execute(statement.returning(case.c.case_id)).scalar_one()


def find_case(connection: Connection, code: str) -> Row | None:
    """The case with this code, None if there is none."""
    return connection.execute(select(case).where(case.c.code == code)).one_or_none()


def append_pair(
    connection: Connection,
    *,
    case_id: int,
    offender_id: int,
    victim_id: int,
    warn_m: float,
    alarm_m: float,
    at: datetime,
) -> int:
    """Binds an offender to keep away from a victim, wherever she is, from now on."""
    statement = insert(pair).values(
        case_id=case_id,
        offender_id=offender_id,
        victim_id=victim_id,
        warn_m=warn_m,
        alarm_m=alarm_m,
        valid_from=at,
    )
    return connection.execute(statement.returning(pair.c.pair_id)).scalar_one()
