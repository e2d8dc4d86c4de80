"""People, cases and pairs, as far as a device has to be put on somebody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, Subquery, insert, select

from data.errors import NotFound
from data.model.people import PersonRole
from data.store.tables import activation, case, pair, person, zone


def victims() -> Subquery:
    """Who is protected in which case (case_id, person_id), by a pair or by a zone of hers."""
    by_pair = select(pair.c.case_id, pair.c.victim_id.label("person_id"))
    by_zone = select(zone.c.case_id, zone.c.victim_id).where(zone.c.victim_id.is_not(None))
    return by_pair.union(by_zone).subquery("victims")


def people() -> Subquery:
    """Everybody a case names (case_id, person_id): its offender and its victims."""
    hers = victims()
    offenders = select(case.c.case_id, case.c.offender_id.label("person_id"))
    return offenders.union(select(hers.c.case_id, hers.c.person_id)).subquery("people")


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


def find_ids(connection: Connection) -> list[int]:
    """Every case, by number."""
    return list(connection.scalars(select(case.c.case_id).order_by(case.c.case_id)))


def get_area(connection: Connection, case_id: int) -> str:
    """The area of a case that exists; empty: everybody's."""
    return connection.execute(select(case.c.area).where(case.c.case_id == case_id)).scalar_one()


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


def find_listed(connection: Connection) -> Sequence[Row]:
    """Every case that protects somebody (case_id, code, area), by code."""
    hers = victims()
    protects = select(hers.c.case_id)
    query = select(case.c.case_id, case.c.code, case.c.area).where(case.c.case_id.in_(protects))
    return connection.execute(query.order_by(case.c.code)).all()


def find_refitted(connection: Connection) -> set[int]:
    """Cases whose offender wore another device before the present one."""
    worn = activation.c.person_id == case.c.offender_id
    query = select(case.c.case_id).join(activation, worn).where(activation.c.ended_at.is_not(None))
    return set(connection.scalars(query))


def find_of_offender(connection: Connection, offender_id: int) -> Sequence[Row]:
    """The cases about an offender, oldest first; every column."""
    query = select(case).where(case.c.offender_id == offender_id)
    return connection.execute(query.order_by(case.c.case_id)).all()
