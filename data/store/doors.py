"""Where victims' doors are, for the checks of their zones; shown to nobody without a reveal."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from data.geo import LonLat
from data.store import cases
from data.store.tables import door


def find_of_case(connection: Connection, case_id: int) -> list[LonLat]:
    """The doors of a case's victims that hold now; empty where none is known."""
    hers = cases.victims()
    query = (
        select(func.st_x(door.c.place), func.st_y(door.c.place))
        .join(hers, hers.c.person_id == door.c.person_id)
        .where(hers.c.case_id == case_id, door.c.valid_to.is_(None))
        .order_by(door.c.door_id)
    )
    return [LonLat(*row) for row in connection.execute(query)]


def save(
    connection: Connection, person_id: int, place: LonLat, *, at: datetime, user_id: int | None
) -> int:
    """Keeps where her door is from now on; where it was stays on record."""
    connection.execute(
        update(door)
        .where(door.c.person_id == person_id, door.c.valid_to.is_(None))
        .values(valid_to=at)
    )
    point = func.st_setsrid(func.st_makepoint(place.lon, place.lat), 4326)
    values = {"person_id": person_id, "place": point, "valid_from": at, "set_by": user_id}
    return connection.execute(insert(door).values(values).returning(door.c.door_id)).scalar_one()


def delete_all(connection: Connection, person_id: int) -> int:
    """Forgets every door of hers, and gives how many there were."""
    return connection.execute(delete(door).where(door.c.person_id == person_id)).rowcount
