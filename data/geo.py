"""Places on the WGS 84 ellipsoid and the flat metres that rules measure in.

Longitude before latitude, always. Distances in metres on the ground, never in map units.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pyproj import Geod, Transformer

_ellipsoid = Geod(ellps="WGS84")


class LonLat(NamedTuple):
    """A place in degrees, EPSG:4326."""

    lon: float
    lat: float


class Plane:
    """A local transverse Mercator plane in metres (WGS 84, k = 1).

    Its centre is a point of a one-degree grid, so nothing judged in it is more than about
    80 km away and the scale is off by less than 20 mm a kilometre.
    """

    def __init__(self, centre: LonLat) -> None:
        self.centre = centre
        # A pipeline by its steps: looking two systems up in the register first takes 20 ms, and
        # a judge makes a plane for every zone that has a buffer.
        self._transformer = Transformer.from_pipeline(
            "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad "
            f"+step +proj=tmerc +lat_0={centre.lat} +lon_0={centre.lon} +k=1 +ellps=WGS84"
        )

    def metres(
        self, lon: NDArray[np.float64], lat: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """East and north of the centre, shape (n,) each; longitudes may run past 180."""
        return self._transformer.transform(lon, lat)

    def degrees(
        self, east_m: NDArray[np.float64], north_m: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Longitude and latitude of places in this plane, shape (n,) each."""
        return self._transformer.transform(east_m, north_m, direction="INVERSE")


@lru_cache(maxsize=256)
def plane_at(lon_deg: int, lat_deg: int) -> Plane:
    """The plane whose centre is this grid point, in whole degrees."""
    return Plane(LonLat(float(lon_deg), float(lat_deg)))


def plane_of(place: LonLat) -> Plane:
    """The plane to judge in near this place.

    Longitude 180 and -180 are one meridian and give one plane.
    """
    lon = round(place.lon)
    return plane_at(-180 if lon >= 180 else lon, max(-89, min(89, round(place.lat))))


def metres_between(here: LonLat, there: LonLat) -> float:
    """Distance along the ground between two places, in metres.

    Measured on the WGS 84 ellipsoid, so it holds at any latitude and across the antimeridian.
    Altitude is ignored: two floors of one building are 0 m apart. 0.0 is a distance like any
    other, so test the result against a radius, never for truth.
    """
    *_, metres = _ellipsoid.inv(here.lon, here.lat, there.lon, there.lat)
    return float(metres)


def places_around(
    centre: LonLat, bearings_deg: NDArray[np.float64], metres: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Longitudes and latitudes this far from a place in each direction, shape (n,) each.

    Measured on the ellipsoid. Bearings are clockwise from north. Longitudes run on past 180
    rather than jump, so that they can be joined up.
    """
    n = len(bearings_deg)
    lon, lat, _ = _ellipsoid.fwd(
        np.full(n, centre.lon), np.full(n, centre.lat), bearings_deg, np.full(n, metres)
    )
    turns = np.round((np.asarray(lon) - centre.lon) / 360.0)
    return np.asarray(lon) - 360.0 * turns, np.asarray(lat)
