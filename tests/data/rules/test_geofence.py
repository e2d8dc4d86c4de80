"""The kernel: metres to the edge, the chance of being inside, and whether a path touches."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike, NDArray
from scipy.special import chndtr

from data.errors import BadInput
from data.geo import LonLat, metres_between, places_around, plane_of
from data.rules.geofence import (
    EDGE_M,
    ZoneShapes,
    near_pairs,
    p_inside,
    path_enters,
    signed_edge_m,
    verdicts,
)
from data.rules.shapes import buffer_of, circle
from tests.makers import a_square, offset
from tests.quality.chance import a_star, compare

LATITUDES = (0.0, 53.4, 69.6)


def _of(*zones: shapely.Polygon) -> ZoneShapes:
    return ZoneShapes.of(list(zones))


def _touched(shapes: ZoneShapes, zone_index: ArrayLike, *ends: ArrayLike) -> NDArray[np.bool_]:
    """Whether each path meets its zone at all."""
    return np.isfinite(path_enters(shapes, zone_index, *ends))


def _star(seed: int, corners: int = 12) -> shapely.Polygon:
    """A jagged zone of some 400 m at 53 degrees, with a hole."""
    rng = np.random.default_rng(seed)
    outer = np.array([offset(-2.98, 53.4, *place) for place in a_star(rng, 400.0, corners)])
    hole = np.array([offset(-2.98, 53.4, *place) for place in a_star(rng, 90.0, 5)])
    return shapely.Polygon(outer, [hole])


# ---- distance


@pytest.mark.parametrize("lat", LATITUDES)
@pytest.mark.parametrize("lon", [-2.98, 179.9999, -180.0])
def test_the_edge_of_a_circle_is_its_radius_away_in_every_direction(lon: float, lat: float) -> None:
    """Metres are metres at any latitude and across 180 degrees."""
    centre = LonLat(lon, lat)
    shapes = _of(circle(centre, 300.0))
    bearings = np.arange(0.0, 360.0, 11.0)
    for away_m in (250.0, 299.8, 300.2, 350.0, 2_000.0):
        east, north = places_around(centre, bearings, away_m)
        edge_m = signed_edge_m(shapes, np.zeros(len(bearings), int), east, north)
        assert edge_m == pytest.approx(away_m - 300.0, abs=0.11)


def test_exactly_on_an_edge_or_corner_is_inside_at_nought_metres() -> None:
    """A zone is covered: "within 500 m" holds at 500.0 m."""
    zone = _star(3)
    corners = shapely.get_coordinates(zone)
    middles = (corners[1:] + corners[:-1]) / 2
    for places in (corners, middles[np.any(np.diff(corners, axis=0) != 0, axis=1)]):
        edge_m = signed_edge_m(_of(zone), np.zeros(len(places), int), *places.T)
        assert not edge_m[: len(edge_m) - 6].any()


def test_a_place_in_the_corner_of_the_box_is_outside_a_round_zone() -> None:
    """The box is only the quick look."""
    zone = circle(LonLat(-2.98, 53.4), 300.0)
    west, south, _, _ = zone.bounds
    assert signed_edge_m(_of(zone), [0], west, south)[0] == pytest.approx(300 * (2**0.5 - 1), abs=1)
    assert near_pairs(_of(zone), [0], west, south, 0.0)[0]


def test_a_hole_is_outside_and_its_edge_inside() -> None:
    """Whoever stands in the hole of a zone is not in the zone."""
    zone = a_square(0.0, 0.0, 1000).difference(a_square(0.0, 0.0, 100))
    shapes = _of(zone)
    assert signed_edge_m(shapes, [0], 0.0, 0.0)[0] == pytest.approx(100, rel=0.01)
    assert signed_edge_m(shapes, [0], *offset(0, 0, 200, 0))[0] == pytest.approx(-100, rel=0.01)
    assert p_inside(shapes, [0], 0.0, 0.0, 1.0)[0] == 0.0


@pytest.mark.parametrize(
    ("lon", "lat"), [(-2.98, -53.4), (177.0, 53.4), (-2.98, 90.0), (3.0, 20.0), (-180.0, -90.0)]
)
def test_far_away_is_a_distance_too(lon: float, lat: float) -> None:
    """Beyond 300 km the distance is still right to about one per cent."""
    zone = a_square(-2.98, 53.4, 100)
    away_m = metres_between(LonLat(-2.98, 53.4), LonLat(lon, lat))
    assert signed_edge_m(_of(zone), [0], lon, lat)[0] == pytest.approx(away_m, rel=0.01)
    assert p_inside(_of(zone), [0], lon, lat, 10.0)[0] == 0.0


def test_the_plane_is_the_one_of_data_geo() -> None:
    """Compiled and PROJ agree to a tenth of a millimetre as far as anything is measured."""
    rng = np.random.default_rng(5)
    for lat in (0.0, 53.4, 69.6, -69.6):
        shapes = _of(a_square(25.2, lat, 100))
        lon = 25.2 + rng.uniform(-2.6, 2.6, 200) / np.cos(np.radians(lat))
        north = lat + rng.uniform(-2.6, 2.6, 200)
        expected = np.column_stack(plane_of(LonLat(25.2, lat)).metres(lon, north))
        assert np.abs(shapes.metres(np.zeros(200, int), lon, north) - expected).max() < 1e-4


def test_a_long_edge_is_straight_in_degrees() -> None:
    """An edge of 60 km bends 95 m away from the plane's straight line; PostGIS does not bend."""
    zone = shapely.box(-0.5, 53.0, 0.5, 53.5)
    on_it = np.linspace(-0.5, 0.5, 41)
    assert not signed_edge_m(_of(zone), np.zeros(41, int), on_it, np.full(41, 53.5)).any()


# ---- chance


@pytest.mark.parametrize("seed", [2, 4])
def test_the_chance_is_what_a_hundred_thousand_draws_say(seed: int) -> None:
    """A quick slice of `make quality`: 15 zones, every stand, five places on the globe."""
    for result in compare(seed, 15, 100_000):
        assert abs(result.standard_errors) < 3.0, result


@pytest.mark.parametrize("lat", LATITUDES)
@pytest.mark.parametrize("sigma_m", [1.0, 12.0, 150.0, 5000.0])
def test_a_circle_agrees_with_the_closed_form(lat: float, sigma_m: float) -> None:
    """P within r at distance d is the noncentral chi-square; the polygon is 0.05 m larger."""
    centre = LonLat(180.0, lat)
    shapes = _of(circle(centre, 300.0))
    for away_m in (0.0, 150.0, 298.0, 300.0, 303.0, 400.0, 2_000.0):
        lon, lat_there = places_around(centre, np.array([77.0]), away_m)
        found = p_inside(shapes, [0], lon, lat_there, sigma_m)[0]
        smaller, larger = (
            chndtr((radius / sigma_m) ** 2, 2, (away_m / sigma_m) ** 2) for radius in (300, 300.06)
        )
        assert smaller - 1e-5 <= found <= larger + 1e-5


def test_a_cell_fix_at_the_centre_of_a_small_zone_is_not_inside() -> None:
    """A 3 km cell fix in a 300 m zone says three per cent."""
    zone = circle(LonLat(-2.98, 53.4), 300.0)
    assert p_inside(_of(zone), [0], -2.98, 53.4, 3000 / 2.4477)[0] == pytest.approx(
        0.0295, abs=1e-3
    )


def test_a_bare_point_is_all_or_nothing() -> None:
    """Sigma 0 asks about the point itself; the edge counts as inside."""
    zone = a_square(0.0, 53.4, 100)
    places = np.array([(0.0, 53.4), zone.exterior.coords[0], offset(0.0, 53.4, 101, 0)])
    assert p_inside(_of(zone), [0, 0, 0], *places.T, 0.0).tolist() == [1.0, 1.0, 0.0]


def test_an_unknown_place_or_error_has_no_chance() -> None:
    """NaN in, NaN out: an unknown is not "outside"."""
    shapes = _of(a_square(0.0, 53.4, 100))
    edge_m, p = verdicts(
        shapes, [0] * 4, [np.nan, 0.0, 0.0, 0.0], 53.4, [5.0, np.nan, -1.0, 5.0], np.inf
    )
    assert np.isnan(edge_m).tolist() == [True, False, False, False]
    assert np.isnan(p).tolist() == [True, True, True, False]


def test_parts_of_a_multipolygon_add_up() -> None:
    """Two parts hold what each of them holds."""
    parts = [a_square(0.0, 53.4, 100), a_square(0.01, 53.4, 50)]
    shapes = _of(*parts, shapely.MultiPolygon(parts))
    p = p_inside(shapes, [0, 1, 2], 0.005, 53.4, 300.0)
    assert p[2] == pytest.approx(p[0] + p[1], abs=1e-12)


def test_a_pair_beyond_reach_is_not_measured() -> None:
    """`verdicts` says "far" by +inf and chance 0, never by a wrong number."""
    shapes = _of(a_square(0.0, 53.4, 100))
    lon, lat = offset(0.0, 53.4, 5_000, 0)
    assert verdicts(shapes, [0], lon, lat, 10.0, 500.0)[0][0] == np.inf
    assert verdicts(shapes, [0], lon, lat, 10.0, 6_000.0)[0][0] == pytest.approx(4_900, rel=0.01)
    # The error reaches where the margin does not.
    assert 0.0 < verdicts(shapes, [0], lon, lat, 3_000.0, 500.0)[1][0] < 0.01


# ---- what must change nothing


def _asked(zone: shapely.Polygon) -> np.ndarray:
    rng = np.random.default_rng(8)
    places = np.array([offset(-2.98, 53.4, *place) for place in rng.normal(0, 400, (60, 2))])
    sigma_m = np.repeat([3.0, 40.0, 900.0], 20)
    return np.concatenate(verdicts(_of(zone), np.zeros(60, int), *places.T, sigma_m, 5_000.0))


@given(seed=st.integers(0, 10_000), start=st.integers(0, 11), corners=st.integers(3, 12))
@settings(max_examples=25, deadline=None)
def test_how_a_ring_is_written_changes_nothing(seed: int, start: int, corners: int) -> None:
    """Direction, start vertex, repeated vertices and whole turns of longitude."""
    zone = _star(seed, corners)
    if not zone.is_valid:
        return
    ring = list(zone.exterior.coords)[:-1]
    start %= len(ring)
    turned = ring[start:] + ring[:start]
    written = [
        shapely.Polygon(ring[::-1], zone.interiors),
        shapely.Polygon(turned, zone.interiors),
        shapely.Polygon([corner for corner in ring for _ in range(2)], zone.interiors),
        shapely.transform(zone, lambda place: place + np.array([360.0, 0.0])),
    ]
    expected = _asked(zone)
    for other in written:
        assert _asked(other) == pytest.approx(expected, abs=2e-6)


@given(east_m=st.floats(-900, 900), north_m=st.floats(-900, 900), sigma_m=st.floats(0.5, 2000))
@settings(max_examples=50, deadline=None)
def test_a_larger_zone_never_has_a_smaller_chance(
    east_m: float, north_m: float, sigma_m: float
) -> None:
    """A wider buffer can only raise the chance and lower the distance."""
    zone = _star(11)
    shapes = _of(zone, buffer_of(zone, 5.0), buffer_of(zone, 200.0))
    lon, lat = offset(-2.98, 53.4, east_m, north_m)
    edge_m, p = verdicts(shapes, [0, 1, 2], lon, lat, sigma_m, np.inf)
    assert p[0] <= p[1] + 1e-12 <= p[2] + 2e-12
    # A place on the edge of the hole is 0.0 from it and inside; in a wider zone it is deeper.
    assert edge_m[0] + EDGE_M >= edge_m[1] >= edge_m[2] - EDGE_M


@pytest.mark.parametrize("lat", LATITUDES)
def test_a_zone_across_180_may_be_written_three_ways(lat: float) -> None:
    """Past 180, with a jump, or cut in two there (RFC 7946): one zone, and the cut no edge."""
    past = shapely.box(179.99, lat, 180.01, lat + 0.01)
    jump = shapely.Polygon(
        [(179.99, lat), (-179.99, lat), (-179.99, lat + 0.01), (179.99, lat + 0.01)]
    )
    cut = shapely.MultiPolygon(
        [shapely.box(179.99, lat, 180, lat + 0.01), shapely.box(-180, lat, -179.99, lat + 0.01)]
    )
    shapes = _of(past, jump, cut)
    for lon in (180.0, -180.0, 179.98, -179.995, 180.005):
        edge_m, p = verdicts(shapes, [0, 1, 2], lon, lat + 0.004, 60.0, np.inf)
        assert edge_m == pytest.approx(np.repeat(edge_m[0], 3), abs=1e-6)
        assert p == pytest.approx(np.repeat(p[0], 3), abs=1e-9)
    assert signed_edge_m(shapes, [2], 180.0, lat + 0.005)[0] < -300.0


@pytest.mark.parametrize(
    "shape",
    [
        shapely.Point(0, 0),
        shapely.Polygon(),
        shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]),
        shapely.LineString([(0, 0), (1, 1)]),
    ],
)
def test_what_is_no_area_is_refused(shape: shapely.Polygon) -> None:
    """A bow tie, a point, nothing, or a line."""
    with pytest.raises(BadInput):
        _of(shape)


# ---- paths


def test_a_standing_tag_beside_or_in_a_zone_is_never_missed() -> None:
    """A step of no length is a place.

    GEOS 3.14 finds a zero-length line far from everything once the zone is prepared
    (`dwithin`); in an experiment that lost three quarters of the tags that stood still.
    """
    zone = a_square(0.0, 53.4, 100)
    shapes = _of(zone)
    for east_m, touches in ((0, True), (99.9, True), (100.5, False), (115, False)):
        lon, lat = offset(0.0, 53.4, east_m, 0)
        assert _touched(shapes, [0], lon, lat, lon, lat)[0] == touches
        still = shapely.linestrings([(lon, lat), (lon, lat)])
        assert (shapely.distance(still, zone) == 0.0) == touches
        edge_m = signed_edge_m(shapes, [0], lon, lat)[0]
        assert edge_m == pytest.approx(east_m - 100, rel=0.01, abs=0.5)
    corner = zone.exterior.coords[0]
    assert _touched(shapes, [0], *corner, *corner)[0]


@pytest.mark.parametrize(
    ("start", "end", "touches"),
    [
        ((-300, 0), (300, 0), True),  # straight through
        ((-300, 250), (300, -250), True),  # past the corner, through
        ((-300, 101), (300, 101), False),  # along it, 1 m outside
        ((0, 0), (10, 10), True),  # within
        ((0, 0), (500, 0), True),  # out of it
        ((-500, 0), (-101, 0), False),  # up to it
        ((-300, 0), (0, 300), False),  # round its corner
        ((-220, 0), (0, 221), False),  # through the corner of its box only: the box is the zone
    ],
)
def test_a_path_touches_what_it_crosses(
    start: tuple[float, float], end: tuple[float, float], *, touches: bool
) -> None:
    """Between two fixes outside the zone the way may lead through it."""
    shapes = _of(a_square(0.0, 53.4, 100))
    here, there = offset(0.0, 53.4, *start), offset(0.0, 53.4, *end)
    assert _touched(shapes, [0], *here, *there)[0] == touches
    assert _touched(shapes, [0], *there, *here)[0] == touches


def test_a_path_along_an_edge_or_through_a_corner_touches() -> None:
    """The edge belongs to the zone."""
    zone = a_square(0.0, 53.4, 100)
    west, south, east, north = zone.bounds
    shapes = _of(zone)
    assert _touched(shapes, [0], west - 0.001, north, east + 0.001, north)[0]
    step = 0.0005
    assert _touched(shapes, [0], west - step, north - step, west + step, north + step)[0]
    assert _touched(shapes, [0], west, south - step, west, south)[0]


def test_a_path_through_a_hole_alone_does_not_touch() -> None:
    """Within the hole there is no zone."""
    zone = a_square(0.0, 53.4, 1000).difference(a_square(0.0, 53.4, 100))
    here, there = offset(0.0, 53.4, -50, 0), offset(0.0, 53.4, 50, 0)
    assert not _touched(_of(zone), [0], *here, *there)[0]


def test_paths_agree_with_shapely_on_a_thousand_steps() -> None:
    """Random steps about a jagged zone, against exact distances in the same plane."""
    zone = _star(21, 15)
    shapes = _of(zone)
    rng = np.random.default_rng(3)
    ends = rng.uniform(-600, 600, (1000, 2, 2))
    ends[::10, 1] = ends[::10, 0]
    lon, lat = np.moveaxis(offset(-2.98, 53.4, ends[..., 0], ends[..., 1]), 0, 0)
    found = _touched(shapes, np.zeros(1000, int), lon[:, 0], lat[:, 0], lon[:, 1], lat[:, 1])
    plane = plane_of(LonLat(-2.98, 53.4))
    flat = shapely.transform(zone, lambda place: np.column_stack(plane.metres(*place.T)))
    steps = np.stack(plane.metres(lon.ravel(), lat.ravel()), axis=1).reshape(-1, 2, 2)
    away_m = shapely.distance(shapely.linestrings(steps), flat)
    clear = (away_m == 0.0) | (away_m > 2 * EDGE_M)
    assert clear.sum() > 900
    assert (found == (away_m <= EDGE_M))[clear].all()


@pytest.mark.parametrize(
    ("start", "end", "share"),
    [
        ((-300, 0), (300, 0), 200 / 600),  # in at the near side, whatever comes after
        ((300, 0), (-300, 0), 200 / 600),
        ((-300, 0), (-100, 0), 1.0),  # ends on the edge
        ((-100, 0), (-300, 0), 0.0),  # begins on it
        ((0, 0), (300, 0), 0.0),  # begins inside
        ((-300, 0), (0, 0), 200 / 300),
        ((-300, 0), (-150, 0), np.nan),
    ],
)
def test_the_moment_of_entry_is_where_the_path_first_meets_the_zone(
    start: tuple[float, float], end: tuple[float, float], share: float
) -> None:
    """A share of the way, so that the moment between two fixes can be told."""
    zone = a_square(0.0, 53.4, 100)
    here, there = offset(0.0, 53.4, *start), offset(0.0, 53.4, *end)
    found = path_enters(_of(zone), [0], *here, *there)
    assert found == pytest.approx([share], abs=1e-4, nan_ok=True)


def test_an_unknown_place_has_no_path() -> None:
    """NaN touches nothing and is near nothing."""
    shapes = _of(a_square(0.0, 53.4, 100))
    assert not _touched(shapes, [0], np.nan, 53.4, 0.0, 53.4)[0]
    assert not near_pairs(shapes, [0], 0.0, np.nan, 1e9)[0]


@given(
    lon=st.floats(-180, 180),
    lat=st.floats(-89, 89),
    reach_m=st.floats(0, 400_000),
    at=st.integers(0, 3),
)
@settings(max_examples=200, deadline=None)
def test_the_quick_look_never_loses_a_near_pair(
    lon: float, lat: float, reach_m: float, at: int
) -> None:
    """Whatever is within reach of the zone is found near."""
    shapes = _of(*(a_square(180.0, where, 500) for where in (0.0, 53.4, 69.6, -84.0)))
    if signed_edge_m(shapes, [at], lon, lat)[0] * 1.01 <= reach_m:
        assert near_pairs(shapes, [at], lon, lat, reach_m)[0]


def test_no_pairs_give_no_answers() -> None:
    """Empty in, empty out; also without any zone."""
    nothing = np.array([], int)
    for shapes in (_of(), _of(a_square(0, 0, 10))):
        edge_m, p = verdicts(shapes, nothing, nothing, nothing, nothing, 100.0)
        assert len(edge_m) == len(p) == 0
        assert len(_touched(shapes, nothing, nothing, nothing, nothing, nothing)) == 0
