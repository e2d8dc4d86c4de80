"""One encounter as a viewer may read it: whole during a reveal, otherwise without her places.

Masked, the time is widened to quarters of an hour, and there are no metres, no street and no point
on a map: metres at known moments of a track that they may see would be circles, and three circles
are an address.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from data.clock import moment_of
from data.model.routine import RoutineLocation
from data.rules.daylight import Daylight, daylight
from data.rules.encounters import HANDSET, Encounter

_QUARTER_US = 900_000_000
_HER_HANDSET = "her handset"


@dataclass(frozen=True, slots=True)
class Met:
    """One encounter as this viewer may read it; None and empty: masked."""

    where: str
    from_at: datetime
    to_at: datetime
    light: Daylight
    closed_by: str
    unseen_min: int
    replay_at: datetime
    activation_id: int  # whose track it is in
    near_min: int | None = None
    closest_m: float | None = None
    low_m: float | None = None
    high_m: float | None = None
    street: str = ""
    lon: float | None = None  # his, when closest
    lat: float | None = None


def shown(
    each: Encounter, location: RoutineLocation | None, activation_id: int, street: str = ""
) -> Met:
    """The whole of it; `location` None: it was her handset that he was near."""
    name = "" if location is None else f": {location.place.name}"
    return Met(
        where=_label(location) + name,
        from_at=moment_of(each.from_us),
        to_at=moment_of(each.to_us),
        light=daylight(each.lon, each.lat, moment_of(each.from_us)),
        closed_by=each.closed_by,
        unseen_min=round(each.unseen_us / 6e7),
        replay_at=moment_of(each.closest_us),
        activation_id=activation_id,
        near_min=round(each.near_us / 6e7),
        closest_m=each.closest_m,
        low_m=each.low_m,
        high_m=each.high_m,
        street=street,
        lon=each.lon,
        lat=each.lat,
    )


def masked(each: Encounter, location: RoutineLocation | None, activation_id: int) -> Met:
    """What may be known of it by whoever does not see her places at this moment."""
    start, end = widened(np.array([[each.from_us, each.to_us]], np.int64))[0].tolist()
    return Met(
        where=_label(location),
        from_at=moment_of(start),
        to_at=moment_of(end),
        # To a tenth of a degree: dusk is dusk all over town.
        light=daylight(round(each.lon, 1), round(each.lat, 1), moment_of(start)),
        closed_by=each.closed_by,
        unseen_min=round(each.unseen_us / 6e7),
        replay_at=moment_of(start),
        activation_id=activation_id,
    )


def widened(stretches: NDArray[np.int64]) -> NDArray[np.int64]:
    """To whole quarters of an hour, outwards; a single moment becomes the quarter it lies in."""
    start = stretches[:, 0] // _QUARTER_US * _QUARTER_US
    end = -(-stretches[:, 1] // _QUARTER_US) * _QUARTER_US
    return np.column_stack([start, np.maximum(end, start + _QUARTER_US)])


def place_of(each: Encounter, locations: Sequence[RoutineLocation]) -> RoutineLocation | None:
    """The place he was near; None where it was her handset."""
    return None if each.place == HANDSET else locations[each.place]


def _label(location: RoutineLocation | None) -> str:
    return _HER_HANDSET if location is None else location.label
