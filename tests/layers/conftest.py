"""A small room for the layers: two cases in two areas, one victim, one zone with a buffer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pytest
import shapely
from sqlalchemy import Connection, insert, update

from data.model.user import Role, Viewer
from data.rules.reach import Reach
from data.store import tables
from tests.makers import START, ACase, a_case, a_person, a_zone, an_activation

SQUARE = shapely.box(11.96, 57.70, 11.97, 57.705)


@dataclass(frozen=True, slots=True)
class Room:
    """What is in the database."""

    north: ACase
    south: ACase
    victim_activation_id: int  # protected in the north
    zone_id: int


def a_reach(
    role: Role = Role.OPERATOR,
    area: str = "",
    cases: Iterable[int] = (),
    activations: Iterable[int] = (),
    revealed: Iterable[int] = (),
) -> Reach:
    """Somebody at a screen, with these cases given to them, and these people just revealed."""
    viewer = Viewer(user_id=1, login="test", role=role, area=area)
    return Reach(viewer, frozenset(cases), frozenset(), frozenset(activations), frozenset(revealed))


@pytest.fixture
def room(connection: Connection) -> Room:
    """Case 0142 in the north with a victim and a zone, case 0203 in the south."""
    north, south = a_case(connection, "0142"), a_case(connection, "0203")
    for each, area in ((north, "north"), (south, "south")):
        connection.execute(
            update(tables.case).where(tables.case.c.case_id == each.case_id).values(area=area)
        )
    victim_id = a_person(connection, "victim", "Vera Test")
    _, victim_activation_id = an_activation(connection, victim_id, "PHONE-1", kind="handset")
    connection.execute(
        insert(tables.pair).values(
            case_id=north.case_id,
            offender_id=north.offender_id,
            victim_id=victim_id,
            warn_m=500,
            alarm_m=200,
            valid_from=START,
        )
    )
    zone_id = a_zone(connection, north.case_id, SQUARE, buffer_m=200.0)
    return Room(north, south, victim_activation_id, zone_id)
