"""P(inside) against drawing the error a million times.

The draws take their own road: a plane about the fix, back to degrees by PROJ, and shapely's
point-in-polygon there. Nothing of data.rules.geofence is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from data.geo import LonLat, Plane
from data.rules.geofence import ZoneShapes, p_inside, signed_edge_m

CENTRES = (
    LonLat(9.3, 0.0),
    LonLat(-2.98, 53.41),
    LonLat(18.9, 69.6),
    LonLat(180.0, -16.5),
    LonLat(179.9995, 53.0),
)
STANDS = ("centre", "just inside", "on the edge", "on a corner", "just outside", "far")


@dataclass(frozen=True, slots=True)
class Case:
    """A zone, a fix and its error."""

    zone: shapely.Polygon
    fix: LonLat
    sigma_m: float
    stand: str


@dataclass(frozen=True, slots=True)
class Result:
    """What the formula gives and how many standard errors the draws are away from it."""

    case: Case
    p: float
    drawn: float
    standard_errors: float


def cases(seed: int, n: int) -> Iterator[Case]:
    """Random zones with holes and fixes at them, over latitudes, stands and errors in turn."""
    rng = np.random.default_rng(seed)
    for i in range(n):
        centre = CENTRES[i % len(CENTRES)]
        plane = Plane(centre)
        size_m = float(np.exp(rng.uniform(np.log(30.0), np.log(3_000.0))))
        zone = _zone(rng, plane, size_m, multi=i % 4 == 3)
        stand = STANDS[i % len(STANDS)]
        sigma_m = float(np.exp(rng.uniform(0.0, np.log(5_000.0))))
        fix = _fix(rng, plane, zone, stand, sigma_m)
        yield Case(zone, fix, sigma_m, stand)


def a_star(
    rng: np.random.Generator, size_m: float, corners: int, middle: tuple[float, float] = (0.0, 0.0)
) -> NDArray[np.float64]:
    """Corners of a ring that does not cross itself, about a middle, metres, shape (n, 2)."""
    turn = 2 * np.pi * (np.arange(corners) + rng.uniform(0.0, 0.9, corners)) / corners
    away = size_m * rng.uniform(0.45, 1.0, corners)
    return np.column_stack([middle[0] + away * np.cos(turn), middle[1] + away * np.sin(turn)])


def _zone(rng: np.random.Generator, plane: Plane, size_m: float, *, multi: bool) -> shapely.Polygon:
    outer = a_star(rng, size_m, int(rng.integers(3, 40)))
    shape = shapely.Polygon(outer).buffer(0)
    for _ in range(int(rng.integers(0, 3))):
        middle = tuple(rng.uniform(-0.3, 0.3, 2) * size_m)
        hole = shapely.Polygon(a_star(rng, size_m * rng.uniform(0.05, 0.25), 7, middle))
        shape = shape.difference(hole)
    if multi:
        shape = shape.union(shapely.Polygon(a_star(rng, size_m, 9, (2.5 * size_m, size_m))))
    return shapely.transform(shape, lambda place: _degrees(plane, place))


def _degrees(plane: Plane, metres: NDArray[np.float64]) -> NDArray[np.float64]:
    lon, lat = plane.degrees(metres[:, 0], metres[:, 1])
    # Past 180 rather than a jump.
    return np.column_stack([lon - 360.0 * np.round((lon - plane.centre.lon) / 360.0), lat])


def _fix(
    rng: np.random.Generator, plane: Plane, zone: shapely.Polygon, stand: str, sigma_m: float
) -> LonLat:
    if stand == "centre":
        point = zone.representative_point()
        return LonLat(point.x, point.y)
    corners = shapely.get_coordinates(zone)
    at = int(rng.integers(0, len(corners) - 1))
    if stand == "on a corner":
        return LonLat(*corners[at])
    if stand == "on the edge":
        ring = shapely.get_parts(zone)[0].exterior
        point = ring.interpolate(rng.uniform(0.0, 1.0), normalized=True)
        return LonLat(point.x, point.y)
    step_m = {"just inside": -0.5, "just outside": 0.5, "far": 2.5}[stand] * sigma_m
    east, north = plane.metres(corners[at : at + 1, 0], corners[at : at + 1, 1])
    away = np.hypot(east, north) + 1e-9
    moved = np.column_stack([east + step_m * east / away, north + step_m * north / away])
    return LonLat(*_degrees(plane, moved)[0])


def drawn_share(case: Case, draws: int, rng: np.random.Generator) -> float:
    """The share of draws of the true place that lie in the zone."""
    plane = Plane(case.fix)
    shapely.prepare(case.zone)
    middle = (case.zone.bounds[0] + case.zone.bounds[2]) / 2
    inside = 0
    for start in range(0, draws, 250_000):
        n = min(250_000, draws - start)
        lon, lat = plane.degrees(*rng.normal(0.0, case.sigma_m, (2, n)))
        lon = lon - 360.0 * np.round((lon - middle) / 360.0)
        inside += int(shapely.contains_xy(case.zone, lon, lat).sum())
    return inside / draws


def compare(seed: int, n: int, draws: int) -> list[Result]:
    """The formula beside the draws on `n` random cases."""
    rng = np.random.default_rng([seed, 1])
    results = []
    for case in cases(seed, n):
        shapes = ZoneShapes.of([case.zone])
        p = float(p_inside(shapes, [0], case.fix.lon, case.fix.lat, case.sigma_m)[0])
        drawn = drawn_share(case, draws, rng)
        # Below one draw in all there is nothing to divide by.
        error = np.sqrt(max(p * (1 - p), 1.0 / draws) / draws)
        results.append(Result(case, p, drawn, (drawn - p) / error))
    return results


def report(seed: int = 1, n: int = 120, draws: int = 1_000_000) -> bool:
    """Prints the comparison; gives whether no case is beyond three standard errors."""
    results = compare(seed, n, draws)
    away = np.abs([result.standard_errors for result in results])
    worst = results[int(away.argmax())]
    near_edge = [abs(_edge_m(r.case)) <= 3 * r.case.sigma_m for r in results]
    print("P(inside) against drawing, standard errors between them")
    print(
        f"  n {n} zones of up to 40 corners with holes, {draws:,} draws each, "
        f"sigma {min(r.case.sigma_m for r in results):.1f} to "
        f"{max(r.case.sigma_m for r in results):,.0f} m, {sum(near_edge)} within 3 sigma of an edge"
    )
    spread = np.sqrt((away**2).mean())
    print(f"  root mean square {spread:.2f} (1.0 is chance), worst {away.max():.2f}")
    print(
        f"  worst: {worst.case.stand}, sigma {worst.case.sigma_m:.1f} m, "
        f"p {worst.p:.6f}, drawn {worst.drawn:.6f}"
    )
    for at, centre in enumerate(CENTRES):
        here = away[at :: len(CENTRES)]
        print(
            f"  latitude {centre.lat:6.2f} longitude {centre.lon:8.3f}"
            f"  n {len(here)}  worst {here.max():.2f}"
        )
    return bool(away.max() <= 3.0)


def _edge_m(case: Case) -> float:
    return float(signed_edge_m(ZoneShapes.of([case.zone]), [0], case.fix.lon, case.fix.lat)[0])
