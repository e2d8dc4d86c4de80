"""What a question about encounters is worked out from: both tracks, her week, his devices."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import orjson
from sqlalchemy import Row

from data.clock import microseconds, moment_of
from data.errors import BadInput
from data.model.routine import RoutineLocation
from data.rules import encounters as rules
from data.rules.encounters import Due, Encounter, EncounterRule, Track
from data.rules.schedules import open_stretches
from data.service import met
from data.service.met import Met

NEAR_M = 200.0
"""What counts as near where nobody says otherwise; the only distance while she is masked."""

NEAR_LIMITS_M = (50.0, 1000.0)
LONGEST_DAYS = 92


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: a case, whole days of a wall clock, a distance."""

    case_code: str
    first: date
    last: date  # that day included
    near_m: float = NEAR_M

    def __post_init__(self) -> None:
        """Refuses what cannot be answered."""
        days = (self.last - self.first).days + 1
        if not 0 < days <= LONGEST_DAYS:
            raise BadInput("period", f"1 to {LONGEST_DAYS} days", days)
        least, most = NEAR_LIMITS_M
        if not least <= self.near_m <= most:
            raise BadInput("near_m", f"metres from {least:g} to {most:g}", self.near_m)


def bounds(asked: Question, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The days of a question as aware UTC, half-open."""
    first, after = (datetime.combine(day, time(), zone).astimezone(UTC)
                    for day in (asked.first, asked.last + timedelta(1)))  # fmt: skip
    return first, after


def due_of(location: RoutineLocation, first_us: int, last_us: int) -> Due:
    """When she is due at a place within a period, by the version that held."""
    place = location.place
    from_us = max(first_us, microseconds(location.valid_from))
    to_us = last_us if location.valid_to is None else min(last_us, microseconds(location.valid_to))
    return Due(place.lon, place.lat, place.radius_m, open_stretches(place.hours, from_us, to_us))


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything an answer is computed from, and the encounters in it."""

    zone: ZoneInfo
    first_us: int
    last_us: int
    locations: Sequence[RoutineLocation]
    dues: list[Due]
    his: Track
    hers: Track
    worn: Sequence[Row]  # his devices, oldest first
    met: list[Encounter]

    @classmethod
    def of(
        cls,
        asked: Question,
        zone: ZoneInfo,
        begins: datetime,
        ends: datetime,
        locations: Sequence[RoutineLocation],
        his: Track,
        hers: Track,
        worn: Sequence[Row],
    ) -> Scene:
        """The scene of a question, from what was read for it."""
        first, last = microseconds(begins), microseconds(ends)
        dues = [due_of(each, first, last) for each in locations]
        rule = EncounterRule(asked.near_m)
        met = rules.near_places(his, dues, rule) + rules.near_person(his, hers, rule)
        met.sort(key=lambda each: (each.from_us, each.place))
        return cls(zone, first, last, locations, dues, his, hers, worn, met)

    def activation_at(self, at: datetime) -> int:
        """The activation whose track holds this moment: the last that had begun."""
        begun = [each.activation_id for each in self.worn if each.started_at <= at]
        return int(begun[-1] if begun else self.worn[0].activation_id)

    def shown(self, each: Encounter, street: str) -> Met:
        """An encounter whole."""
        activation_id = self.activation_at(moment_of(each.closest_us))
        return met.shown(each, met.place_of(each, self.locations), activation_id, street)

    def masked(self, each: Encounter) -> Met:
        """An encounter without her places."""
        activation_id = self.activation_at(moment_of(each.from_us))
        return met.masked(each, met.place_of(each, self.locations), activation_id)

    def dataset(self, asked: Question) -> str:
        """SHA-256 of everything this was worked out from, hexadecimal."""
        digest = hashlib.sha256()
        for track in (self.his, self.hers):
            for column in (track.us, track.lon, track.lat, track.radius_m, track.limit_us):
                digest.update(np.ascontiguousarray(column).tobytes())
        digest.update(orjson.dumps([asked.first, asked.last, asked.near_m]))
        digest.update(
            orjson.dumps(
                [
                    [each.routine_location_id, each.version, each.valid_from, each.valid_to]
                    for each in self.locations
                ]
            )
        )
        return digest.hexdigest()
