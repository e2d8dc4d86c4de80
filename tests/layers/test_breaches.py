"""Past breaches on the map: cells that add up, filters, and nothing of what is not the viewer's."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyogrio
import pytest
from sqlalchemy import Connection

from data.errors import NotFound, Refused
from data.model.breach import BreachKind, Grade
from data.model.history import BreachFilter
from data.model.user import Role
from data.rules.reach import Reach
from layers import breach_list, breach_tracks, breaches, heat
from tests.layers.conftest import SQUARE, Room, a_reach
from tests.layers.test_basemap import xy
from tests.makers import START, a_zone
from tests.past import MINUTE, a_past_breach

pytestmark = pytest.mark.db

LONDON, KOLKATA = ZoneInfo("Europe/London"), ZoneInfo("Asia/Kolkata")
LON, LAT = 11.965, 57.7025
WEEK = BreachFilter()


@pytest.fixture
def past(connection: Connection, room: Room) -> list[int]:
    """Three in the north a day apart, at 22:00 UTC on a Friday first; one in the south."""
    made = [
        a_past_breach(
            connection,
            room.north,
            room.zone_id,
            START + timedelta(days=day),
            place=(LON + day * 0.001, LAT),
            channel=1 + (day > 0),
            grade=4 - day,
        )
        for day in range(3)
    ]
    south_zone = a_zone(connection, room.south.case_id, SQUARE, name="Lönngatan")
    made.append(a_past_breach(connection, room.south, south_zone, START + MINUTE))
    return made


def marks(connection: Connection, zoom: int, reach: Reach, wanted: BreachFilter = WEEK) -> Any:
    """What the tile over the place holds, decoded by GDAL."""
    place = (zoom, *xy(zoom, LON, LAT))
    body = breaches.tile(connection, reach, wanted, LONDON, place)
    if not body:
        return []
    frame = pyogrio.read_dataframe(body, layer="breaches", use_arrow=False)
    return json.loads(frame.drop(columns="geometry").to_json(orient="records"))


def ids(connection: Connection, reach: Reach, wanted: BreachFilter = WEEK) -> set[int]:
    """The numbers in the list."""
    total, rows = breach_list.listed(connection, reach, wanted, LONDON)
    assert total == len(rows)
    return {row["breach_id"] for row in rows}


def test_cells_add_up_and_one_alone_is_named(connection: Connection, past: list[int]) -> None:
    """From afar four are one mark with its number; close up each is itself."""
    far = marks(connection, 6, a_reach())
    assert [(mark["n"], mark["confirmed"]) for mark in far] == [(4, 3)]
    near = marks(connection, 13, a_reach())
    assert sum(mark["n"] for mark in near) == 4
    alone = {mark["breach_id"] for mark in near if mark["n"] == 1}
    assert alone == {past[1], past[2]}  # the other two lie in one place


def test_a_breach_on_a_tile_s_edge_is_in_one_tile(connection: Connection, room: Room) -> None:
    """Half-open tiles: the eastern neighbour has it, the western has not."""
    a_past_breach(connection, room.north, room.zone_id, place=(11.25, 57.70))
    x = 272  # (11.25 + 180) / 360 * 512, exactly
    _, y = xy(9, 11.25, 57.70)
    found = [
        breaches.tile(connection, a_reach(), WEEK, LONDON, (9, each, y)) for each in (x - 1, x)
    ]
    assert [bool(body) for body in found] == [False, True]


def test_each_filter_does_what_it_says(connection: Connection, past: list[int]) -> None:
    """Case, zone, kind, grade, finding, time, hours and days; the list agrees with the tile."""
    everything = a_reach()
    for wanted, expected in (
        (BreachFilter(case_code="0142"), past[:3]),
        (BreachFilter(case_code="none"), []),
        (BreachFilter(kinds=(BreachKind.PAIR_ALARM,)), []),
        (BreachFilter(kinds=(BreachKind.EXCLUSION,), grades=(Grade.PROBABLE,)), [past[1]]),
        (BreachFilter(findings=(None,)), past),
        # From is included, to is not.
        (BreachFilter(since=START, until=START + MINUTE), [past[0]]),
        (BreachFilter(weekdays=(6,)), [past[1]]),
        (BreachFilter(hours=(22, 23)), past),
        (BreachFilter(hours=(23, 22)), []),
        (BreachFilter(hours=(21, 1)), past),
    ):
        assert ids(connection, everything, wanted) == set(expected), wanted
        drawn = sum(mark["n"] for mark in marks(connection, 6, everything, wanted))
        assert drawn == len(expected), wanted


def test_hours_and_days_are_those_of_the_room(connection: Connection, past: list[int]) -> None:
    """Ten at night in London is half past three the next morning in Kolkata."""
    found = breach_list.by_hour(connection, a_reach(), WEEK, LONDON)
    assert [found[day][22] for day in range(7)] == [0, 0, 0, 0, 2, 1, 1]
    found = breach_list.by_hour(connection, a_reach(), WEEK, KOLKATA)
    assert [found[day][3] for day in range(7)] == [1, 0, 0, 0, 0, 2, 1]
    assert sum(map(sum, found)) == 4


@pytest.mark.parametrize(
    ("reach", "seen"),
    [
        (a_reach(area="north"), 3),
        (a_reach(area="south"), 1),
        (a_reach(area="east"), 0),
        (a_reach(Role.INVESTIGATOR), 0),
    ],
)
def test_another_area_s_and_case_s_are_as_good_as_absent(
    connection: Connection, past: list[int], reach: Reach, seen: int
) -> None:
    """In tiles, list, counts, extent and tracks alike."""
    assert len(ids(connection, reach)) == seen
    assert sum(mark["n"] for mark in marks(connection, 8, reach)) == seen
    assert sum(map(sum, breach_list.by_hour(connection, reach, WEEK, LONDON))) == seen
    assert (breach_list.extent(connection, reach, WEEK, LONDON) is None) is (seen == 0)
    assert len(breach_tracks.tracks(connection, reach, WEEK, LONDON, START)) == seen


def test_a_case_worker_sees_the_cases_given(
    connection: Connection, room: Room, past: list[int]
) -> None:
    """And asking for another by its code gives nothing."""
    reach = a_reach(Role.INVESTIGATOR, cases=[room.south.case_id])
    assert ids(connection, reach) == {past[3]}
    assert ids(connection, reach, BreachFilter(case_code="0142")) == set()


@pytest.mark.parametrize("role", [Role.WALL, Role.AUDITOR, Role.ADMINISTRATOR])
def test_a_role_without_history_gets_none(connection: Connection, role: Role) -> None:
    """Refused, and not answered with an empty map."""
    for ask in (breach_list.listed, breach_list.by_hour, breach_list.extent):
        with pytest.raises(Refused):
            ask(connection, a_reach(role), WEEK, LONDON)
    with pytest.raises(Refused):
        heat.tile(connection, a_reach(role), WEEK, LONDON, (0, 0, 0))


def test_no_name_is_in_any_answer(connection: Connection, past: list[int]) -> None:
    """Zones go by their labels: their own names are streets."""
    said = json.dumps(breach_list.listed(connection, a_reach(), WEEK, LONDON))
    assert "exclusion zone 1" in said
    for name in ("Zone A", "Lönngatan", "Olaf", "Vera"):
        assert name not in said


def test_heat_names_no_breach(connection: Connection, past: list[int]) -> None:
    """A cloud has numbers and nothing to click."""
    body = heat.tile(connection, a_reach(), WEEK, LONDON, (6, *xy(6, LON, LAT)))
    frame = pyogrio.read_dataframe(body, layer="heat", use_arrow=False)
    assert list(frame.columns.drop(["geometry", "mvt_id"])) == ["n"]  # mvt_id is GDAL's own
    assert frame["n"].sum() == 4


def test_a_breach_taken_back_is_not_shown(connection: Connection, room: Room) -> None:
    """Later knowledge says it never was."""
    a_past_breach(connection, room.north, room.zone_id, withdrawn=True)
    assert ids(connection, a_reach()) == set()


@pytest.mark.parametrize("place", [(17, 0, 0), (3, 8, 0), (3, 0, 8)])
def test_there_is_no_tile_outside_the_world(
    connection: Connection, place: tuple[int, int, int]
) -> None:
    """And none closer than the last zoom."""
    with pytest.raises(NotFound):
        breaches.tile(connection, a_reach(), WEEK, LONDON, place)


def test_a_track_has_the_visit_and_ten_minutes_around(
    connection: Connection, room: Room, past: list[int]
) -> None:
    """And says from when on two fixes are no longer joined."""
    found = breach_tracks.tracks(connection, a_reach(area="north"), WEEK, LONDON, START)
    assert [len(each["fixes"]) for each in found] == [1, 1, 1]
    assert found[-1]["fixes"] == [[LON, LAT, (START + 5 * MINUTE).timestamp(), 18.0]]
    assert {(each["gap_s"], each["is_cut"]) for each in found} == {(180, False)}
