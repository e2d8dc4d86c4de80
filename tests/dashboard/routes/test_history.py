"""Past breaches over HTTP: kept apart by viewer, asked for each time, and every look on record."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, select, update

from data.model.user import Role
from data.store import tables
from tests.dashboard.conftest import OpenRoom
from tests.layers.test_basemap import xy
from tests.makers import ACase
from tests.past import a_past_breach
from tests.stage import NOON, Stage, a_stage

pytestmark = pytest.mark.db

PLACE = (11.955, 57.705)


@pytest.fixture
def stage(engine: Engine) -> Stage:
    """A case in the north."""
    with engine.begin() as connection:
        made = a_stage(connection)
        connection.execute(update(tables.case).values(area="north"))
    return made


@pytest.fixture
def breach_id(engine: Engine, stage: Stage) -> int:
    """A breach of it with a place."""
    case = ACase(stage.case_id, 1, 1, stage.activation_id, "")
    with engine.begin() as connection:
        return a_past_breach(connection, case, stage.zone_id, NOON, place=PLACE)


def tile(zoom: int = 12) -> str:
    """The address of the tile over the place."""
    x, y = xy(zoom, *PLACE)
    return f"/layers/breaches/{zoom}/{x}/{y}.mvt"


def test_a_tile_is_never_shared_between_sights(open_room: OpenRoom, breach_id: int) -> None:
    """What was made for one area, and is kept, is not handed to another."""
    north = open_room.seat(Role.OPERATOR, "olga", area="north")
    south = open_room.seat(Role.OPERATOR, "otto", area="south")
    assert north.get(tile()).data
    assert not south.get(tile()).data
    assert north.get(tile()).data
    assert not north.get(f"{tile()}?finding=drift").data


def test_a_browser_keeps_nothing_of_it(open_room: OpenRoom, breach_id: int) -> None:
    """Neither tile nor track lies on the disk of the machine it was looked at."""
    client = open_room.seat()
    for address in (tile(), "/history/list.json", f"/history/{breach_id}.json"):
        assert client.get(address).headers["Cache-Control"] == "no-store"


def test_an_opened_breach_says_all_and_is_on_record(
    open_room: OpenRoom, engine: Engine, stage: Stage, breach_id: int
) -> None:
    """Its facts, its zone of then and its track; two looks within ten minutes are one line."""
    client = open_room.seat(area="north")
    found = client.get(f"/history/{breach_id}.json").get_json()
    assert found["case_code"] == "0142"
    assert found["zone_name"] == "victim safe area 1"
    assert (found["zone_version"], found["zone_shape"]["type"]) == (1, "MultiPolygon")
    assert found["place"] == [*PLACE]
    assert len(found["track"]["fixes"]) == 1
    assert client.get(f"/history/{breach_id}.json").status_code == 200
    with engine.connect() as connection:
        query = select(tables.audit_entry).where(tables.audit_entry.c.action == "breach_shown")
        (line,) = connection.execute(query).all()
    assert line.record_id == breach_id
    assert line.detail["shown"]["case"] == [stage.case_id]


def test_another_area_s_breach_does_not_exist_and_the_try_is_written_down(
    open_room: OpenRoom, engine: Engine, breach_id: int
) -> None:
    """The answer is the same as for a number there never was."""
    client = open_room.seat(area="south")
    refused = client.get(f"/history/{breach_id}.json")
    missing = client.get("/history/999999.json")
    assert refused.status_code == missing.status_code == 404
    assert refused.text.replace(str(breach_id), "N") == missing.text.replace("999999", "N")
    assert client.get("/history/zones.json?case=0142").get_json() == []
    with engine.connect() as connection:
        query = select(tables.audit_entry.c.record_id).where(
            tables.audit_entry.c.action == "refused"
        )
        assert list(connection.scalars(query)) == [breach_id]


@pytest.mark.parametrize("query", ["page=50", "page=-1", "hours=25-1", "zone=x"])
def test_what_cannot_be_asked_is_refused_with_words(open_room: OpenRoom, query: str) -> None:
    """400, and the field's name."""
    answer = open_room.seat().get(f"/history/list.json?{query}")
    assert answer.status_code == 400
    assert query.partition("=")[0] in answer.get_json()["message"]
