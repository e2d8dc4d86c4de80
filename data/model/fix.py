"""Positions as columns: the packed record that travels from a feed to the judge, and its words.

A record is 64 bytes, little-endian. Unknown numbers are NaN, unknown counts -1. A record
without a place (`lon` and `lat` NaN) is a device that reported without a fix: it is kept and
judged like any other.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag

import numpy as np
from numpy.typing import NDArray

FIX_DTYPE = np.dtype(
    [
        ("fixed_at", "<i8"),  # microseconds since 1970-01-01 UTC, by the satellites
        ("lon", "<f8"),  # degrees, EPSG:4326
        ("lat", "<f8"),
        ("radius_95_m", "<f4"),  # holds the true place with 95 %; NaN where not reported
        ("speed_mps", "<f4"),
        ("heading_deg", "<f4"),  # clockwise from north
        ("altitude_m", "<f4"),
        ("hdop", "<f4"),
        ("battery_pct", "<f4"),
        ("events", "<u4"),  # DeviceEvent bits that the device reported with this fix
        ("satellites", "<i2"),
        ("mechanism", "u1"),
        ("spare", "u1"),
        ("sequence", "<i8"),  # the device's own message number
    ]
)
"""One fix as it left the feed. 64 bytes; the fields' comments give the units."""

RADIUS_95_OF_68 = 1.6214
"""r95 / r68 of a circular Gaussian: sqrt(ln 0.05 / ln 0.32). Android reports a 68 % radius."""

SIGMAS_IN_RADIUS_95 = 2.4477
"""r95 / sigma of a circular Gaussian: sqrt(-2 ln 0.05)."""


class Mechanism(IntEnum):
    """How a position was found."""

    UNKNOWN = 0
    GNSS = 1
    WIFI = 2
    CELL = 3
    RF = 4


class DeviceEvent(IntFlag):
    """Facts a device reported beside its position. A bit says "so now", not "changed"."""

    STRAP_OPEN = 1
    CASE_OPEN = 2
    CHARGING = 4
    JAMMING = 8
    BUTTON = 16
    MOVING = 32
    MOVING_KNOWN = 64  # the device said whether it moves; without it MOVING means nothing
    STRAP_KNOWN = 128  # the device can tell; without it STRAP_OPEN 0 means nothing
    CASE_KNOWN = 256


class FixFlag(IntFlag):
    """Doubts about a fix. A flagged fix is kept, drawn and judged at a lower grade."""

    NO_FIX = 1
    FUTURE = 2
    STALE_CLOCK = 4
    IMPOSSIBLE_SPEED = 8
    FROZEN = 16
    COARSE = 32
    NULL_ISLAND = 64
    DUPLICATE = 128
    RADIUS_ASSUMED = 256
    LATE = 512  # came after a later fix of the same activation had been judged
    UNJUDGED = 1024  # the rules failed on it; an alert says so


def empty_fixes(n: int) -> NDArray[np.void]:
    """`n` records with everything unknown, ready to be filled column by column."""
    fixes = np.zeros(n, FIX_DTYPE)
    for name in ("lon", "lat", "radius_95_m", "speed_mps", "heading_deg", "altitude_m", "hdop"):
        fixes[name] = np.nan
    fixes["battery_pct"] = np.nan
    fixes["satellites"] = -1
    fixes["sequence"] = -1
    return fixes


def fingerprints(fixes: NDArray[np.void]) -> NDArray[np.int64]:
    """A number for what each record says, shape (n,), 0 to 2**63 - 1.

    Equal records have equal numbers, so (activation, fixed_at, fingerprint) names a fix
    whatever the order or number of its arrivals. Multiply-and-fold over the record's eight
    words; it guards against repeats, not against forgery.
    """
    words = np.ascontiguousarray(fixes).view("<u8").reshape(len(fixes), FIX_DTYPE.itemsize // 8)
    number = np.full(len(fixes), 0x9E3779B97F4A7C15, np.uint64)
    for column in range(words.shape[1]):
        number = (number ^ words[:, column]) * np.uint64(0xFF51AFD7ED558CCD)
        number ^= number >> np.uint64(32)
    return (number >> np.uint64(1)).astype(np.int64)
