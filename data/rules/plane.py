"""The plane of `data.geo.Plane`, callable from compiled rules: degrees to metres.

A transverse Mercator of WGS 84 with k = 1 about a meridian; north is counted from a parallel.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from data.rules.compiled import compiled

Floats = NDArray[np.float64]

_F = 1 / 298.257223563
_N = _F / (2 - _F)
_E2 = _F * (2 - _F)
_ECC = math.sqrt(_E2)
_EP2 = _E2 / (1 - _E2)
_SEMI_MAJOR_M = 6378137.0
_A = _SEMI_MAJOR_M / (1 + _N) * (1 + _N**2 / 4 + _N**4 / 64 + _N**6 / 256)
# The meridian's length in sines of multiples of the latitude, to n**4.
_M1, _M2 = -3 * _N / 2 + 9 * _N**3 / 16, 15 * _N**2 / 16 - 15 * _N**4 / 32
_M3, _M4 = -35 * _N**3 / 48, 315 * _N**4 / 512
# Krueger's series (Karney 2011), to n**4.
_A1 = _N / 2 - 2 * _N**2 / 3 + 5 * _N**3 / 16 + 41 * _N**4 / 180
_A2 = 13 * _N**2 / 48 - 3 * _N**3 / 5 + 557 * _N**4 / 1440
_A3 = 61 * _N**3 / 240 - 103 * _N**4 / 140
_A4 = 49561 * _N**4 / 161280


@compiled
def project(lon: float, lat: float, lon0: float, north0_m: float) -> tuple[float, float]:
    """East and north by Redfearn's series: right to 0.1 mm as far as it is used (300 km)."""
    turn = lon - lon0
    angle = math.radians(turn - 360.0 * math.floor(turn / 360.0 + 0.5))
    phi = math.radians(lat)
    sine, cosine = math.sin(phi), math.cos(phi)
    a = angle * cosine
    if abs(angle) > 0.15 or abs(a) > 0.05:
        return _project_far(angle, lat, north0_m)
    tan2 = sine * sine / (cosine * cosine)
    c = _EP2 * cosine * cosine
    n = _SEMI_MAJOR_M / math.sqrt(1.0 - _E2 * sine * sine)
    a2 = a * a
    east = n * a * (1.0 + a2 / 6.0 * (1.0 - tan2 + c + a2 / 20.0 * (
        5.0 + tan2 * (tan2 - 18.0) + 72.0 * c - 58.0 * _EP2
        + a2 / 42.0 * (61.0 + tan2 * (-479.0 + tan2 * (179.0 - tan2))))))  # fmt: skip
    s2, c2 = 2.0 * sine * cosine, 1.0 - 2.0 * sine * sine
    s4, c4 = 2.0 * s2 * c2, 1.0 - 2.0 * s2 * s2
    meridian = _A * (phi + _M1 * s2 + _M2 * s4 + _M3 * (s4 * c2 + c4 * s2) + _M4 * 2.0 * s4 * c4)
    north = meridian + n * angle * sine * a / 2.0 * (1.0 + a2 / 12.0 * (
        5.0 - tan2 + 9.0 * c + 4.0 * c * c
        + a2 / 30.0 * (61.0 + tan2 * (tan2 - 58.0) + 600.0 * c - 330.0 * _EP2)))  # fmt: skip
    return east, north - north0_m


@compiled
def _project_far(angle: float, lat: float, north0_m: float) -> tuple[float, float]:
    """The same by Krueger's series, which holds at any distance but takes five times as long."""
    tau = math.tan(math.radians(lat))
    secant = math.sqrt(1.0 + tau * tau)
    bend = math.sinh(_ECC * math.atanh(_ECC * tau / secant))
    conformal = tau * math.sqrt(1.0 + bend * bend) - bend * secant
    cosine = math.cos(angle)
    xi0 = math.atan2(conformal, cosine)
    eta0 = math.asinh(math.sin(angle) / math.hypot(conformal, cosine))
    xi = xi0 + _A1 * math.sin(2 * xi0) * math.cosh(2 * eta0)
    xi += _A2 * math.sin(4 * xi0) * math.cosh(4 * eta0)
    xi += _A3 * math.sin(6 * xi0) * math.cosh(6 * eta0)
    xi += _A4 * math.sin(8 * xi0) * math.cosh(8 * eta0)
    eta = eta0 + _A1 * math.cos(2 * xi0) * math.sinh(2 * eta0)
    eta += _A2 * math.cos(4 * xi0) * math.sinh(4 * eta0)
    eta += _A3 * math.cos(6 * xi0) * math.sinh(6 * eta0)
    eta += _A4 * math.cos(8 * xi0) * math.sinh(8 * eta0)
    return _A * eta, _A * xi - north0_m


@compiled
def project_all(lon: Floats, lat: Floats, lon0: Floats, north0: Floats) -> Floats:
    """East and north of each place in a plane of its own, shape (n, 2)."""
    metres = np.empty((len(lon), 2))
    for i in range(len(lon)):
        metres[i, 0], metres[i, 1] = project(lon[i], lat[i], lon0[i], north0[i])
    return metres
