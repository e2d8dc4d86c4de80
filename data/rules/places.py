"""Somebody's usual places: halts joined to places, with the hours spent there. No clock here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from data.clock import moment_of
from data.geo import LonLat, metres_between
from data.rules.stays import Stay

JOIN_M = 100.0
NEW_FOR = timedelta(days=7)
PLACE_RULE = "Halts joined where they lie within 100 m of the place's first one."


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody was again and again, called by letters: it has no address."""

    name: str
    lon: float
    lat: float
    visits: int
    total_s: float
    first_us: int
    is_new: bool
    by_hour_min: tuple[float, ...]  # minutes by hour of the local day, 24


def places(halts: Sequence[Stay], time_zone: ZoneInfo, now: datetime) -> list[Place]:
    """Places, the one with most time first.

    A place is new when its first halt is within seven days before `now`, and the record goes back
    further than that: in a track of three days everything would be new.
    """
    groups: list[list[Stay]] = []
    for halt in halts:
        here = LonLat(halt.lon, halt.lat)
        for group in groups:
            if metres_between(LonLat(group[0].lon, group[0].lat), here) <= JOIN_M:
                group.append(halt)
                break
        else:
            groups.append([halt])
    since_us = int((now - NEW_FOR).timestamp() * 1e6)
    goes_back = bool(halts) and halts[0].from_us < since_us
    groups.sort(key=_total_us, reverse=True)
    return [
        Place(
            name=f"place {letters(number)}",
            lon=float(np.mean([halt.lon for halt in group])),
            lat=float(np.mean([halt.lat for halt in group])),
            visits=len(group),
            total_s=_total_us(group) / 1e6,
            first_us=group[0].from_us,
            is_new=goes_back and group[0].from_us >= since_us,
            by_hour_min=_hours(group, time_zone),
        )
        for number, group in enumerate(groups)
    ]


def name_at(found: Sequence[Place], halt: Stay) -> str:
    """The place a halt belongs to; the nearest, as a place's middle moves with its halts."""
    here = LonLat(halt.lon, halt.lat)
    return min(found, key=lambda place: metres_between(LonLat(place.lon, place.lat), here)).name


def letters(number: int) -> str:
    """A, B, ... Z, AA, AB, ... for 0, 1, ..."""
    words = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        words = chr(65 + rest) + words
    return words


def _total_us(group: Sequence[Stay]) -> int:
    return sum(halt.to_us - halt.from_us for halt in group)


def _hours(group: Sequence[Stay], time_zone: ZoneInfo) -> tuple[float, ...]:
    minutes = [0.0] * 24
    for halt in group:
        at, end = moment_of(halt.from_us), moment_of(halt.to_us)
        while at < end:
            local = at.astimezone(time_zone)
            # In UTC, so that the hour that comes twice a year is two hours long.
            left = timedelta(hours=1) - timedelta(
                minutes=local.minute, seconds=local.second, microseconds=local.microsecond
            )
            upto = min(end, at + left)
            minutes[local.hour] += (upto - at).total_seconds() / 60
            at = upto.astimezone(UTC)
    return tuple(minutes)
