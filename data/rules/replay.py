"""What a replay draws of a stored track: which fixes are places, where the gaps are, how fast.

Plain numpy over the canonical rows (data.model.track.ROW_DTYPE); moments in microseconds UTC,
metres on the WGS 84 ellipsoid. No path is asserted where nobody recorded one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pyproj import Geod

from data.model.fix import FixFlag
from data.model.judging import Policy
from data.model.track import StoredTrack
from data.rules import quality
from data.rules.gaps import gap_limit_s

NOT_A_PLACE = int(
    FixFlag.NO_FIX
    | FixFlag.NULL_ISLAND
    | FixFlag.IMPOSSIBLE_SPEED
    | FixFlag.FUTURE
    | FixFlag.DUPLICATE
)
"""Flags of fixes nobody can be placed by: kept, shown as a cross on demand, never joined."""

BEFORE_FITTING = 1 << 15
"""Added here to the flags of a stale fix that says it is from before the device was put on."""

BEFORE_GAP = 1 << 14
"""Added to the flags of the last fix before a gap where a track is sent in part."""

MOST_DRAWN = 250_000
"""More fixes than this are not all sent: nobody sees them apart, and everybody waits for them."""

_DAY_US = 86_400_000_000
_SHORT_M = 2_000.0

_ellipsoid = Geod(ellps="WGS84")

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def flags_of(track: StoredTrack) -> Ints:
    """The stored flags and BEFORE_FITTING, shape (n,).

    What came a month late is stale to the judge, who must act now. A replay asks where he was
    then, and history that was imported or stored in a tag is the answer, unless it claims a
    moment at which the device was not on him.
    """
    flags = track.rows["flags"].astype(np.int64)
    # A tag is switched on while it is fitted, before the fitting is entered.
    early = track.rows["fixed_at_us"] < track.started_at_us - _DAY_US
    return np.where(early & ((flags & FixFlag.STALE_CLOCK) != 0), flags | BEFORE_FITTING, flags)


@dataclass(frozen=True, slots=True)
class Drawn:
    """The fixes of a track that are places, and the steps between them.

    Step i leads from fix i to fix i + 1, so steps are one fewer than fixes.
    """

    row: Ints  # (k,) place in the stored track
    at_us: Ints  # (k,) not decreasing
    lon: Floats
    lat: Floats
    radius_m: Floats
    reported_mps: Floats  # NaN where the device said nothing
    is_coarse: Bools  # the error is too large to be joined to its neighbours
    step_m: Floats  # (k - 1,) along the ground
    step_s: Floats
    is_gap: Bools  # (k - 1,) longer than the limit: nobody knows what lies between
    limit_s: float

    def __len__(self) -> int:
        return len(self.at_us)

    @property
    def is_joined(self) -> Bools:
        """Steps over which a line may be drawn, (k - 1,)."""
        return ~self.is_gap & ~self.is_coarse[:-1] & ~self.is_coarse[1:]

    @property
    def stretch(self) -> Ints:
        """The number of the unbroken stretch each fix is in, (k,), from 0."""
        return np.concatenate([[0], np.cumsum(self.is_gap)])[: len(self)].astype(np.int64)


def drawn(track: StoredTrack) -> Drawn:
    """What of a track is drawn; a track without a place gives an empty one."""
    rows = track.rows
    row = np.flatnonzero((flags_of(track) & (NOT_A_PLACE | BEFORE_FITTING)) == 0)
    kept = rows[row]
    at_us = kept["fixed_at_us"].astype(np.int64)
    lon, lat = kept["lon"].astype(np.float64), kept["lat"].astype(np.float64)
    radius_m, flags = quality.radii_95_m(kept, Policy())
    coarse = ((kept["flags"] | flags) & int(FixFlag.COARSE)) != 0
    step_s = np.diff(at_us) / 1e6
    limit_s = gap_limit_s(track.report_every_s)
    return Drawn(
        row=row,
        at_us=at_us,
        lon=lon,
        lat=lat,
        radius_m=radius_m,
        reported_mps=kept["speed_mps"].astype(np.float64),
        is_coarse=coarse,
        step_m=_step_m(lon, lat),
        step_s=step_s,
        # Strictly longer: a fix every 120 s is a track.
        is_gap=step_s > limit_s,
        limit_s=limit_s,
    )


def _step_m(lon: Floats, lat: Floats) -> Floats:
    """Metres along the ground from each place to the next, on the ellipsoid, shape (k - 1,).

    Short steps by its radii at their middle latitude, which is right to a millimetre up to 80
    degrees; long ones by the geodesic, which takes ten times as long.
    """
    turn_lon, turn_lat = np.radians(np.diff(lon)), np.radians(np.diff(lat))
    middle = np.radians((lat[1:] + lat[:-1]) / 2)
    under = 1 - _ellipsoid.es * np.sin(middle) ** 2
    across = (turn_lon + np.pi) % (2 * np.pi) - np.pi  # the short way over 180 degrees
    east = across * _ellipsoid.a / np.sqrt(under) * np.cos(middle)
    north = turn_lat * _ellipsoid.a * (1 - _ellipsoid.es) / under**1.5
    found: Floats = np.hypot(east, north)
    long = np.flatnonzero(found > _SHORT_M)
    if len(long):
        ends = lon[long], lat[long], lon[long + 1], lat[long + 1]
        found[long] = _ellipsoid.inv(*ends)[2]
    return found


def rows_drawn(track: StoredTrack, seen: Drawn, most: int = MOST_DRAWN) -> Ints:
    """The rows that stand for a track on a screen, in order: all where there are at most so many.

    Of a longer one the places are cut into runs, and of each run its first place and the one
    furthest from that stay: the way keeps its shape to the length of a run. What is no place,
    both ends of every gap and every change of device events always stay.
    """
    count = len(track)
    if count <= most:
        return np.arange(count)
    stays = np.ones(count, bool)
    stays[seen.row] = False
    stays[1:] |= np.diff(track.rows["events"].astype(np.int64)) != 0
    ends = np.flatnonzero(seen.is_gap)
    stays[seen.row[np.concatenate([[0, len(seen) - 1], ends, ends + 1])]] = True
    run = -(-2 * len(seen) // most)
    firsts = np.arange(0, len(seen), run)
    of_run = np.repeat(firsts, run)[: len(seen)]
    east = (seen.lon - seen.lon[of_run]) * np.cos(np.radians(seen.lat[of_run]))
    away = np.hypot(east, seen.lat - seen.lat[of_run])
    filled = np.full(len(firsts) * run, -1.0)
    filled[: len(seen)] = away
    furthest = firsts + filled.reshape(-1, run).argmax(axis=1)
    stays[seen.row[firsts]] = stays[seen.row[furthest]] = True
    return np.flatnonzero(stays)


def gap_flags(track: StoredTrack, seen: Drawn) -> Ints:
    """BEFORE_GAP at the last place before each gap, 0 elsewhere, shape (n,)."""
    flags = np.zeros(len(track), np.int64)
    flags[seen.row[np.flatnonzero(seen.is_gap)]] = BEFORE_GAP
    return flags
