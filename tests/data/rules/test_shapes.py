"""Zone shapes: true metres, never smaller than asked, and faults named by vertex."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from data.errors import BadInput
from data.geo import LonLat, metres_between, places_around
from data.rules.geofence import ZoneShapes, signed_edge_m
from data.rules.shapes import (
    EXCESS_M,
    buffer_of,
    checked,
    circle,
    corridor,
    from_geojson,
    unwrapped,
)
from tests.makers import a_square, offset

CENTRES = [LonLat(9.3, 0.0), LonLat(-2.98, 53.41), LonLat(18.9, 69.6), LonLat(180.0, -53.0)]
BEARINGS = np.arange(0.0, 360.0, 3.7)


def _edge_m(zone: shapely.Polygon, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    return signed_edge_m(ZoneShapes.of([zone]), np.zeros(len(lon), int), lon, lat)


@pytest.mark.parametrize("centre", CENTRES)
@pytest.mark.parametrize("radius_m", [1.0, 25.0, 300.0, 5_000.0, 20_000.0])
def test_a_circle_holds_its_radius_and_hardly_more(centre: LonLat, radius_m: float) -> None:
    """All within the radius are inside; nobody farther than 0.1 m beyond it."""
    zone = circle(centre, radius_m)
    corners = shapely.get_coordinates(zone)
    middles = [LonLat(*middle) for middle in (corners[:-1] + corners[1:]) / 2]
    assert all(metres_between(centre, LonLat(*corner)) <= radius_m + EXCESS_M for corner in corners)
    assert all(metres_between(centre, middle) >= radius_m for middle in middles)
    assert zone.is_valid
    assert zone.exterior.is_ccw


@pytest.mark.parametrize("centre", CENTRES)
@pytest.mark.parametrize("buffer_m", [1.0, 100.0, 2_000.0])
def test_a_buffer_is_never_narrower_than_asked(centre: LonLat, buffer_m: float) -> None:
    """A circle widened by so much is the wider circle."""
    wide = buffer_of(circle(centre, 500.0), buffer_m)
    for beyond_m, outside in ((-0.02, False), (0.35, True)):
        lon, lat = places_around(centre, BEARINGS, 500.0 + buffer_m + beyond_m)
        assert ((_edge_m(wide, lon, lat) > 0) == outside).all()


def test_no_buffer_is_the_zone_itself() -> None:
    """0.0 is a width like any other."""
    zone = a_square(0.0, 53.4, 100)
    assert buffer_of(zone, 0.0).equals(zone)


def test_a_buffer_fills_a_small_hole() -> None:
    """Within 60 m of the zone is also the middle of a hole 100 m wide."""
    zone = a_square(0.0, 53.4, 500).difference(a_square(0.0, 53.4, 50))
    assert _edge_m(buffer_of(zone, 60.0), np.array([0.0]), np.array([53.4]))[0] < 0


def test_a_corridor_is_as_wide_on_both_sides_over_its_length() -> None:
    """A road of 40 km, straight on the map, 50 m to either side."""
    road = shapely.LineString([(-0.3, 53.0), (0.3, 53.0), (0.3, 53.1)])
    zone = corridor(road, 50.0)
    along = np.linspace(-0.3, 0.29, 60)
    edge_m = _edge_m(zone, along, np.full(60, 53.0))
    assert (edge_m <= -50.0).all()
    assert (edge_m >= -50.0 - EXCESS_M).all()
    for north_m, outside in ((49.9, False), (50.3, True)):
        lon, lat = np.array([offset(lon, 53.0, 0, north_m / 1.0003) for lon in along]).T
        assert ((_edge_m(zone, lon, lat) > 0) == outside).mean() > 0.98
    end = LonLat(*places_around(LonLat(-0.3, 53.0), np.array([270.0]), 49.9))
    assert _edge_m(zone, *(np.atleast_1d(place).ravel() for place in end))[0] < 0


def test_a_corridor_across_180_is_one() -> None:
    """A line with a jump there goes the short way."""
    zone = from_geojson({"type": "LineString", "coordinates": [[179.99, 0], [-179.99, 0]]}, 100)
    assert _edge_m(zone, np.array([180.0, -179.999, 0.0]), np.zeros(3))[:2].max() < -99
    assert _edge_m(zone, np.array([0.0]), np.zeros(1))[0] > 1e7


@pytest.mark.parametrize("metres", [0.0, -5.0, 0.5, 20_001.0, float("nan"), float("inf")])
def test_a_width_that_cannot_be_meant_is_refused(metres: float) -> None:
    """From 1 m to 20 km."""
    line = shapely.LineString([(0, 53), (0.1, 53)])
    for made in (lambda: circle(CENTRES[0], metres), lambda: corridor(line, metres)):
        with pytest.raises(BadInput) as refused:
            made()
        assert refused.value.field == "radius_m"


def test_rings_are_closed_and_turned() -> None:
    """Left open, clockwise, with a hole the same way round: the zone that was meant."""
    ring = [[0, 0], [0, 3], [3, 3], [3, 0]]
    hole = [[1, 1], [1, 2], [2, 2], [2, 1]]
    zone = from_geojson({"type": "Polygon", "coordinates": [ring, hole]})
    assert zone.exterior.is_ccw
    assert not zone.interiors[0].is_ccw
    assert zone.area == 8.0
    parts = from_geojson(
        {"type": "MultiPolygon", "coordinates": [[ring], [[[5, 0], [6, 0], [6, 1]]]]}
    )
    assert [part.exterior.is_ccw for part in parts.geoms] == [True, True]


SQUARE = [[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]]
BOW_TIE = [[0, 0], [4, 4], [4, 0], [0, 4], [0, 0]]


NAN = float("nan")


@pytest.mark.parametrize(
    ("kind", "coordinates", "place"),
    [
        ("Polygon", None, ""),
        ("Polygon", [], ""),
        ("Polygon", [[[0, 0], [1, 1]]], "[0]"),
        ("Polygon", [[[0, 0], [1, 1], [0, 0], [1, 1]]], "[0]"),
        ("Polygon", [[[0, 0], [1, NAN], [1, 0]]], "[0][1]"),
        ("Polygon", [[[0, 0], [1, "1"], [1, 0]]], "[0][1]"),
        ("Polygon", [[[0, 0], [1, True], [1, 0]]], "[0][1]"),
        ("Polygon", [[[0, 0], [1], [1, 0]]], "[0][1]"),
        ("Polygon", [[[53.4, 100.0], [53.4, 101], [53, 101]]], "[0][0]"),
        ("Polygon", [BOW_TIE], "[0][0]"),
        ("Polygon", [SQUARE, [[5, 5], [6, 5], [6, 6]]], "[1][0]"),
        ("Polygon", [SQUARE, [[1, 1], [3, 3], [3, 1], [1, 3]]], "[1][0]"),
        ("MultiPolygon", [[SQUARE], [[[8, 0], [9, 1], [9, 0], [8, 1]]]], "[1][0][0]"),
        ("LineString", [[0, 53], [0, 53]], ""),
        ("Point", [0, 91], ""),
    ],
)
def test_a_fault_is_named_by_part_ring_and_vertex(
    kind: str, coordinates: object, place: str
) -> None:
    """And never by its place: a zone lies about somebody's home."""
    with pytest.raises(BadInput) as refused:
        from_geojson({"type": kind, "coordinates": coordinates}, 50.0)
    assert refused.value.field == f"geometry.coordinates{place}"
    assert "53" not in str(refused.value)


@pytest.mark.parametrize(
    ("geometry", "field"),
    [(None, "geometry"), ({"type": "GeometryCollection", "geometries": []}, "geometry.type")],
)
def test_what_is_no_area_is_refused(geometry: object, field: str) -> None:
    """Nothing, and a bag of things."""
    with pytest.raises(BadInput) as refused:
        from_geojson(geometry)
    assert refused.value.field == field


@pytest.mark.parametrize("radius", [None, "100", True, [100]])
def test_a_point_or_line_needs_metres(radius: object) -> None:
    """Without a radius a point is no zone."""
    with pytest.raises(BadInput) as refused:
        from_geojson({"type": "Point", "coordinates": [0, 53]}, radius)
    assert refused.value.field == "radius_m"


def test_overlapping_parts_are_refused() -> None:
    """A fix in both parts would be counted twice."""
    with pytest.raises(BadInput):
        checked(shapely.MultiPolygon([shapely.box(0, 0, 2, 2), shapely.box(1, 1, 3, 3)]))


def test_unwrapping_leaves_ordinary_shapes_alone() -> None:
    """Only a jump at 180 degrees is mended; an empty shape stays empty."""
    zone = a_square(12.0, 57.0, 100)
    assert unwrapped(zone).equals(zone)
    assert unwrapped(shapely.Polygon()).is_empty
