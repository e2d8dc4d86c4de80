"""The kernel and PostGIS say the same of places and zones."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from sqlalchemy import Connection, text

from data.rules.geofence import ZoneShapes, path_enters, signed_edge_m
from tests.makers import a_square, offset
from tests.quality.chance import a_star

pytestmark = pytest.mark.db

CENTRES = [(9.3, 0.0), (-2.98, 53.4), (18.9, 69.6), (25.5, -33.2)]


def _zone(rng: np.random.Generator, lon: float, lat: float) -> shapely.Polygon:
    outer, hole = a_star(rng, 600.0, 17), a_star(rng, 120.0, 6)
    places = [[offset(lon, lat, *corner) for corner in ring] for ring in (outer, hole)]
    return shapely.Polygon(places[0], [places[1]])


@pytest.mark.parametrize(("lon", "lat"), CENTRES)
def test_covered_places_and_metres_to_the_edge_agree(
    connection: Connection, lon: float, lat: float
) -> None:
    """`ST_Covers` in degrees; `ST_Distance` on the ellipsoid."""
    rng = np.random.default_rng(int(lat) + 100)
    zone = _zone(rng, lon, lat)
    corners = shapely.get_coordinates(zone)
    places = np.array([offset(lon, lat, *place) for place in rng.normal(0, 500, (400, 2))])
    places = np.concatenate([places, corners])
    found = signed_edge_m(ZoneShapes.of([zone]), np.zeros(len(places), int), *places.T)
    rows = connection.execute(
        text(
            """
            with zone as (select ST_SetSRID(cast(:zone as geometry), 4326) as shape),
            given as (
                select n, ST_SetSRID(ST_MakePoint(lon, lat), 4326) as place
                from unnest(cast(:lon as float[]), cast(:lat as float[]))
                with ordinality as places(lon, lat, n)
            )
            select ST_Covers(shape, place),
                ST_Distance(ST_Boundary(shape)::geography, place::geography)
            from zone, given order by n
            """
        ),
        {"zone": zone.wkb_hex, "lon": places[:, 0].tolist(), "lat": places[:, 1].tolist()},
    ).all()
    covered = np.array([row[0] for row in rows])
    metres = np.array([row[1] for row in rows])
    clear = metres > 0.02
    assert ((found <= 0) == covered)[clear].all()
    assert covered[-len(corners) :].all()
    assert (found[-len(corners) :] == 0.0).all()
    # PostGIS looks for the nearest place of the edge on a sphere: never nearer than it is.
    assert (np.abs(found) <= metres * 1.0001 + 0.02).all()
    assert (np.abs(found) >= metres * 0.996 - 0.02).all()


def test_a_standing_tag_is_as_near_to_a_zone_as_postgis_says(connection: Connection) -> None:
    """A step of no length: the defect of a prepared `dwithin` is neither ours nor PostGIS's."""
    zone = a_square(0.0, 53.4, 100)
    shapes = ZoneShapes.of([zone])
    for east_m in (0.0, 99.0, 101.0, 130.0):
        lon, lat = offset(0.0, 53.4, east_m, 0)
        touches = connection.execute(
            text(
                "select ST_Intersects(ST_SetSRID(cast(:zone as geometry), 4326), "
                "ST_SetSRID(ST_MakeLine(ST_MakePoint(:lon, :lat), ST_MakePoint(:lon, :lat)), 4326))"
            ),
            {"zone": zone.wkb_hex, "lon": lon, "lat": lat},
        ).scalar_one()
        met = np.isfinite(path_enters(shapes, [0], lon, lat, lon, lat)[0])
        assert met == touches == (east_m < 100)
