"""What share of a circular Gaussian error spills over an edge; compiled, lengths in sigmas.

For an edge on a line at distance h, running from t1 to t2 along it as counted from the foot of
the perpendicular, the part of the plane seen from the fix through the edge and beyond it holds

    T(h, t1 / h) - T(h, t2 / h) + (atan2(t2, h) - atan2(t1, h)) / 2 pi

on the near side of the line, with Owen's T (D. B. Owen, Annals of Mathematical Statistics 27,
1956). Summed over a polygon's edges with their signs this is the chance of being inside.
As one integral it is that of h (1 - exp(-r^2 / 2)) / r^2 over the edge, r^2 =
h^2 + t^2, divided by 2 pi: smooth, so eight points hold for three sigmas of edge (within
1e-11 of scipy's `owens_t`; a test says so). The bare exp(-r^2 / 2) h / r^2 is not: for a fix
near an edge any number of points would be too few.
"""

from __future__ import annotations

import math

import numpy as np

from data.rules.compiled import compiled

ENDLESS = 8.5
"""An edge's end this far away differs from none by under 1e-16."""

_LEAST_H = 1e-12  # keeps a fix on an edge's line defined: the line's inner side
_PIECE = 3.0
_ROOT_HALF = math.sqrt(0.5)
_POINTS, _WEIGHTS = (tuple(each.tolist()) for each in np.polynomial.legendre.leggauss(8))


@compiled
def spilled(h: float, t1: float, t2: float) -> float:
    """T(h, t1 / h) - T(h, t2 / h) for a signed h: what an edge adds to "inside or not".

    Negative where the edge is seen from within: that much of the error lies beyond it.
    """
    sign = 1.0 if h >= 0.0 else -1.0
    h = max(abs(h), _LEAST_H)
    if t2 - t1 <= _PIECE:
        return sign * (_smooth(h, t1, t2) - seen(h, t1, t2) / (2.0 * math.pi))
    return sign * (_owens_t(h, t1) - _owens_t(h, t2))


@compiled
def seen(h: float, t1: float, t2: float) -> float:
    """The angle under which an edge is seen, radians, signed as h."""
    sign = 1.0 if h >= 0.0 else -1.0
    h = max(abs(h), _LEAST_H)
    return sign * (math.atan2(t2, h) - math.atan2(t1, h))


@compiled
def _owens_t(h: float, t: float) -> float:
    """Owen's T(h, t / h) for h above 0."""
    if abs(t) >= ENDLESS:
        return math.copysign(math.erfc(h * _ROOT_HALF) / 4.0, t)
    away = abs(t)
    pieces = math.ceil(away / _PIECE)
    smooth = 0.0
    for piece in range(pieces):
        smooth += _smooth(h, away * piece / pieces, away * (piece + 1) / pieces)
    return math.copysign(math.atan2(away, h) / (2.0 * math.pi) - smooth, t)


@compiled
def _smooth(h: float, t1: float, t2: float) -> float:
    middle, half = (t1 + t2) / 2.0, (t2 - t1) / 2.0
    total = 0.0
    for k in range(8):
        t = middle + half * _POINTS[k]
        u = (h * h + t * t) / 2.0
        if u < 0.02:
            # (1 - exp(-u)) / u without the difference of two almost equal numbers.
            total += _WEIGHTS[k] * (1.0 - u / 2.0 * (1.0 - u / 3.0 * (1.0 - u / 4.0 * (1 - u / 5))))
        else:
            total += _WEIGHTS[k] * (1.0 - math.exp(-u)) / u
    return half * h * total / (4.0 * math.pi)
