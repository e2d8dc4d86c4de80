"""An irregular outline in place of one that gives an address away, and a simpler one. Pure.

What it offers covers all that was asked for, lies off its middle by a random way, and has no
centre to be read off. Randomness is handed in: the same seed gives the same outline.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from data.geo import LonLat, Plane
from data.rules.shapes import checked

_CORNERS = 15
_LEAST_OFF_M = 120.0
_HALVINGS = 4
_LEAST_RADIUS_M = 300.0
"""An outline of a street or two is no hiding place."""


def flat_of(area: BaseGeometry) -> tuple[BaseGeometry, Plane]:
    """The area in metres of a plane of its own, and the plane."""
    plane = Plane(LonLat(*area.centroid.coords[0]))
    return shapely.transform(area, lambda at: np.column_stack(plane.metres(*at.T))), plane


def irregular(area: BaseGeometry, rng: np.random.Generator) -> BaseGeometry:
    """A larger, uneven outline about an area, its centre moved off at random."""
    flat, plane = flat_of(area)
    middle = np.array(flat.centroid.coords[0])
    reach_m = max(_LEAST_RADIUS_M, float(np.hypot(*(_corners(flat) - middle).T).max()))
    bearing = rng.uniform(0, 2 * np.pi)
    off_m = max(_LEAST_OFF_M, rng.uniform(0.3, 0.6) * reach_m)
    centre = middle + off_m * np.array([np.cos(bearing), np.sin(bearing)])
    turn = np.sort((np.arange(_CORNERS) + rng.uniform(0, 0.8, _CORNERS)) * 2 * np.pi / _CORNERS)
    # Uneven on the far side of what was asked for, and never a rim at one distance from anything.
    away = (reach_m + off_m) * rng.uniform(0.75, 1.25, _CORNERS)
    rim = centre + np.column_stack([away * np.cos(turn), away * np.sin(turn)])
    blob = shapely.Polygon(rim).buffer(0)
    # A rim that cuts into what was asked for is pushed out by as much again as it lacks.
    margin = flat.buffer(rng.uniform(20, 60), quad_segs=2)
    made = shapely.simplify(shapely.union_all([blob, margin, _bridge(blob, margin)]), 3.0)
    made = shapely.union_all([made, flat])
    return checked(shapely.transform(made, lambda at: np.column_stack(plane.degrees(*at.T))))


def simpler(area: BaseGeometry, most_vertices: int) -> tuple[BaseGeometry, float]:
    """The area with at most so many vertices, and how far its outline moved at most, in metres.

    The distance is Hausdorff's between the two outlines, on the ground.
    """
    flat, plane = flat_of(area)
    if shapely.get_num_coordinates(flat) <= most_vertices:
        return checked(area), 0.0
    tolerance_m, made = 0.5, flat
    while shapely.get_num_coordinates(made) > most_vertices and tolerance_m < 50_000:
        made = shapely.simplify(flat, tolerance_m, preserve_topology=True)
        tolerance_m *= 1.3
    # The last leap was long: a finer outline with few enough vertices lies within it.
    coarse_m, fine_m = tolerance_m / 1.3, tolerance_m / 1.3**2
    for _ in range(_HALVINGS):
        middle_m = (coarse_m + fine_m) / 2
        tried = shapely.simplify(flat, middle_m, preserve_topology=True)
        if shapely.get_num_coordinates(tried) <= most_vertices:
            coarse_m, made = middle_m, tried
        else:
            fine_m = middle_m
    if shapely.get_num_coordinates(made) > most_vertices:
        parts = shapely.get_parts(made)  # many islands: each keeps three corners however simple
        made = shapely.union_all(parts[np.argsort(shapely.area(parts))[::-1][: most_vertices // 5]])
    error_m = float(shapely.hausdorff_distance(flat.boundary, made.boundary))
    back = shapely.transform(made, lambda at: np.column_stack(plane.degrees(*at.T)))
    if not back.is_valid:  # rounding to degrees at a place where two rings touch
        back = shapely.make_valid(back, method="structure", keep_collapsed=False)
    return checked(back), error_m


def _bridge(blob: BaseGeometry, margin: BaseGeometry) -> BaseGeometry:
    if blob.intersects(margin):
        return shapely.Polygon()
    return shapely.convex_hull(shapely.union_all([blob, margin]))


def _corners(flat: BaseGeometry) -> NDArray[np.float64]:
    found: NDArray[np.float64] = shapely.get_coordinates(flat)
    return found
