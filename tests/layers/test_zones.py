"""Zones as GeoJSON: which version, whose, whether in force, and the buffer in true metres."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import shapely
from shapely.geometry import shape as shape_of
from sqlalchemy import Connection, insert, select, update

from data.geo import LonLat, metres_between
from data.model.user import Role
from data.store import tables
from layers import zones
from layers.style import Theme
from tests.layers.conftest import SQUARE, Room, a_reach
from tests.makers import START, a_zone

pytestmark = pytest.mark.db


def features(connection: Connection, now=START, **viewer: Any) -> list[dict[str, Any]]:
    """The areas somebody gets."""
    body, _ = zones.geojson(connection, a_reach(**viewer), now)
    found = json.loads(body)["features"]
    return [each for each in found if each["properties"]["role"] != "name"]


def names(connection: Connection, **options: Any) -> list[tuple[str, Any]]:
    """The words on the map, each with its place."""
    body, _ = zones.geojson(connection, a_reach(Role.SUPERVISOR), START, **options)
    found = [each for each in json.loads(body)["features"] if each["properties"]["role"] == "name"]
    return [(each["properties"]["words"], shape_of(each["geometry"])) for each in found]


def test_a_zone_and_its_buffer_are_two_features(connection: Connection, room: Room) -> None:
    """The buffer comes first and surrounds the zone without covering it."""
    buffer, zone = features(connection)
    assert (buffer["properties"]["role"], zone["properties"]["role"]) == ("buffer", "zone")
    version_id = connection.scalar(select(tables.zone_version.c.zone_version_id))
    assert zone["properties"] == {
        "zone_id": room.zone_id,
        "zone_version_id": version_id,
        "kind": "exclusion",
        "name": "exclusion zone 1",
        "case_code": "0142",
        "buffer_m": 200.0,
        "in_force": True,
        "role": "zone",
        "from_zoom": 9.1,
    }
    # From there on it is eight pixels wide, the world being 512 at zoom 0.
    width_px = 512 * 2**9.1 * 0.01 / 360
    assert width_px == pytest.approx(8, rel=0.04)
    assert shape_of(zone["geometry"]).equals(shapely.MultiPolygon([SQUARE]))
    ring = shape_of(buffer["geometry"])
    assert ring.intersection(SQUARE).area == pytest.approx(0, abs=1e-12)


def test_a_zone_is_named_once_and_inside(connection: Connection, room: Room) -> None:
    """With a hole in its middle, too: a label on an area comes once for each tile it reaches."""
    holed = shapely.Polygon(shapely.box(11.90, 57.60, 11.92, 57.62).exterior,
                            [shapely.box(11.901, 57.601, 11.919, 57.619).exterior])  # fmt: skip
    a_zone(connection, room.south.case_id, holed)
    (first, there), (second, here) = names(connection)
    assert first == "0142 exclusion zone 1" and SQUARE.contains(there)
    assert second == "0203 exclusion zone 1" and holed.contains(here)
    for layer in zones.style(Theme.NIGHT):
        if layer["type"] == "symbol":
            assert ["==", ["get", "role"], "name"] in layer["filter"], layer["id"]
        else:
            assert "name" not in json.dumps(layer["filter"]), layer["id"]


def test_the_buffer_is_as_wide_on_the_ground_as_it_says(connection: Connection, room: Room) -> None:
    """200 m north and 200 m east of the zone, at a latitude where degrees differ by half."""
    ring = shape_of(features(connection)[0]["geometry"])
    west, south, east, north = ring.bounds
    middle = (SQUARE.bounds[1] + SQUARE.bounds[3]) / 2
    across = metres_between(LonLat(11.97, middle), LonLat(east, middle))
    up = metres_between(LonLat(11.965, 57.705), LonLat(11.965, north))
    assert across == pytest.approx(200, abs=1.5) and up == pytest.approx(200, abs=1.5)
    assert west < 11.96 and south < 57.70


def test_no_names_of_people(connection: Connection, room: Room) -> None:
    """The layer holds codes, never who they stand for."""
    body, _ = zones.geojson(connection, a_reach(), START)
    assert b"Test" not in body and b"Vera" not in body


def test_a_zone_of_another_area_is_as_good_as_absent(connection: Connection, room: Room) -> None:
    """North sees it, south does not, and who has no area sees all."""
    assert len(features(connection, area="north")) == 2
    assert features(connection, area="south") == []
    assert len(features(connection, area="")) == 2


def test_no_zone_is_called_by_its_own_name(connection: Connection, room: Room) -> None:
    """A zone named after her street would give the street to every screen, so none is."""
    connection.execute(update(tables.zone).values(name="Storgatan 12"))
    for role in Role:
        body, _ = zones.geojson(connection, a_reach(role, cases=[room.north.case_id]), START)
        assert b"Storgatan" not in body


def test_zones_of_a_case_are_told_apart(connection: Connection, room: Room) -> None:
    """Labels count within the case and kind, in the order in which zones were made."""
    a_zone(connection, room.south.case_id, SQUARE)
    victim_id = connection.scalar(select(tables.pair.c.victim_id))
    hers = a_zone(connection, room.north.case_id, SQUARE)
    hours = a_zone(connection, room.north.case_id, SQUARE, kind="inclusion")
    connection.execute(
        update(tables.zone).where(tables.zone.c.zone_id == hers).values(victim_id=victim_id)
    )
    found = {each["properties"]["zone_id"]: each["properties"]["name"] for each in
             features(connection)}  # fmt: skip
    assert (found[room.zone_id], found[hers]) == ("exclusion zone 1", "victim safe area 2")
    assert found[hours] == "curfew zone 1"


def test_who_works_by_cases_sees_the_zones_of_theirs(connection: Connection, room: Room) -> None:
    """A case officer without the case has an empty map."""
    assert features(connection, role=Role.CASE_OFFICER) == []
    assert len(features(connection, role=Role.CASE_OFFICER, cases=[room.north.case_id])) == 2


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.AUDITOR])
def test_who_may_not_see_the_map_sees_no_zone(
    connection: Connection, room: Room, role: Role
) -> None:
    """The layer asks for itself, whatever the route did."""
    assert features(connection, role=role) == []


def test_a_version_holds_from_its_first_moment_up_to_its_last(
    connection: Connection, room: Room
) -> None:
    """Half-open: at `valid_to` the old version is gone and the new one is there."""
    edited = START + timedelta(hours=1)
    connection.execute(
        update(tables.zone_version)
        .where(tables.zone_version.c.zone_id == room.zone_id)
        .values(valid_to=edited)
    )
    connection.execute(
        insert(tables.zone_version).values(
            zone_id=room.zone_id,
            number=2,
            shape=f"SRID=4326;{shapely.MultiPolygon([SQUARE]).wkt}",
            buffer_m=0,
            valid_from=edited,
            recorded_at=edited,
        )
    )
    before = features(connection, now=edited - timedelta(microseconds=1))
    after = features(connection, now=edited)
    assert [each["properties"]["buffer_m"] for each in before] == [200.0, 200.0]
    assert [each["properties"]["buffer_m"] for each in after] == [0.0]  # and no ring


def test_hours_decide_what_is_in_force(connection: Connection, room: Room) -> None:
    """At 22:00 London time a night zone begins; the ETag tells the browser so."""
    hours = {
        "time_zone": "Europe/London",
        "weekly": [{"days": ["fri"], "from": "22:00", "to": "06:00"}],
    }
    a_zone(connection, room.north.case_id, SQUARE, kind="inclusion", schedule=hours)

    def state(now: Any) -> tuple[bool, str]:
        body, tag = zones.geojson(connection, a_reach(), now)
        (curfew,) = (
            each
            for each in json.loads(body)["features"]
            if each["properties"].get("kind") == "inclusion"
        )
        return curfew["properties"]["in_force"], tag

    before, at = state(START - timedelta(seconds=1)), state(START)  # Friday 22:00
    assert (before[0], at[0]) == (False, True)
    assert before[1] != at[1]
    assert state(START + timedelta(minutes=5))[1] == at[1]


def test_a_hole_stays_a_hole(connection: Connection, room: Room) -> None:
    """The buffer of a zone with a court in it reaches into the court as well."""
    outer = shapely.box(11.90, 57.60, 11.93, 57.62)
    court = shapely.box(11.91, 57.605, 11.92, 57.615)
    holed = shapely.Polygon(outer.exterior.coords, [court.exterior.coords])
    a_zone(connection, room.south.case_id, holed, buffer_m=100.0)
    ring = shape_of(features(connection, area="south")[0]["geometry"])
    assert ring.contains(shapely.Point(11.9105, 57.61))
    assert not ring.contains(shapely.Point(11.915, 57.61))


@pytest.mark.parametrize("theme", list(Theme))
def test_every_kind_of_zone_has_a_look(theme: Theme) -> None:
    """Patterns tell the kinds apart; no layer has a hue of its own."""
    layers = {each["id"]: each for each in zones.style(theme)}
    assert layers["zones-hatch"]["paint"]["fill-pattern"] == f"hatch-{theme.value}"
    assert layers["zones-exclusion"]["paint"]["line-width"] == 2.5
    assert "line-dasharray" in layers["zones-buffer"]["paint"]
    assert layers["zones-inactive"]["paint"]["line-opacity"] == 0.4
    is_wide = [">=", ["zoom"], ["coalesce", ["get", "from_zoom"], 0]]
    assert ["!", is_wide] in layers["zones-specks"]["filter"]
    for name in ("hatch", "exclusion", "buffer", "inclusion", "neutral", "inactive"):
        assert is_wide in layers[f"zones-{name}"]["filter"], "a speck has no pattern"


def test_a_draft_is_for_those_who_draw(connection: Connection, room: Room) -> None:
    """Who may draw sees drafts of their cases when they ask; operators, walls and others none."""
    user_id = connection.execute(
        insert(tables.user)
        .values(login="off4", role="case_officer", password_hash="", added_at=START)
        .returning(tables.user.c.user_id)
    ).scalar_one()
    connection.execute(
        insert(tables.zone_draft).values(
            case_id=room.north.case_id,
            content={"kind": "exclusion", "name": "Storgatan 12"},
            shape=f"SRID=4326;{shapely.MultiPolygon([SQUARE]).wkt}",
            made_at=START,
            made_by=user_id,
            saved_at=START,
            saved_by=user_id,
        )
    )
    mine = {"cases": [room.north.case_id]}

    def drafts(role: Role, **viewer: Any) -> int:
        body, _ = zones.geojson(connection, a_reach(role, **viewer), START, has_drafts=True)
        assert b"Storgatan" not in body
        return sum(each["properties"]["role"] == "draft" for each in json.loads(body)["features"])

    assert "0142 DRAFT" in dict(names(connection, has_drafts=True))
    assert "0142 DRAFT" not in dict(names(connection))
    seen = {role: drafts(role, **mine) for role in Role}
    assert {role for role, count in seen.items() if count} == {Role.CASE_OFFICER, Role.SUPERVISOR}
    assert drafts(Role.CASE_OFFICER, cases=[room.south.case_id]) == 0
    assert drafts(Role.SUPERVISOR, area="south") == 0
    assert all(each["properties"]["role"] != "draft" for each in features(connection))
