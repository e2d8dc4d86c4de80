"""A stored track as columns, and the one hash that says which fixes somebody was shown."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ROW_DTYPE = np.dtype(
    [
        ("activation_id", ">i8"),
        ("fixed_at_us", ">i8"),  # microseconds since 1970-01-01 UTC
        ("fingerprint", ">i8"),
        ("received_at_us", ">i8"),
        ("lon", ">f8"),  # degrees, EPSG:4326; NaN: no place
        ("lat", ">f8"),
        ("radius_95_m", ">f4"),  # from here on NaN or -1: not reported
        ("speed_mps", ">f4"),
        ("heading_deg", ">f4"),
        ("altitude_m", ">f4"),
        ("hdop", ">f4"),
        ("battery_pct", ">f4"),
        ("satellites", ">i2"),
        ("sequence", ">i8"),
        ("mechanism", ">i2"),
        ("events", ">i4"),
        ("flags", ">i4"),
    ]
)
"""The canonical row of a fix, 92 bytes without padding. Rows stand by (fixed_at, fingerprint)."""


@dataclass(frozen=True, slots=True)
class StoredTrack:
    """Every kept fix of one activation in a period, doubtful ones included.

    Args:
        rows: ROW_DTYPE, shape (n,), in order.
        report_every_s: how often the device was to speak.
        started_at_us: when it was put on this person, microseconds; 0: nobody knows.
    """

    rows: NDArray[np.void]
    report_every_s: int
    started_at_us: int = 0

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def dataset(self) -> str:
        """SHA-256 over the canonical rows in order, hexadecimal; of no row it is that of b""."""
        return hashlib.sha256(np.ascontiguousarray(self.rows).data).hexdigest()
