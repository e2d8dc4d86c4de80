"""Routine locations: where a victim usually is, and when. Longitude first, EPSG:4326."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from data.errors import BadInput
from data.model.schedule import Schedule

RADIUS_LIMITS_M = (5.0, 1000.0)
LONGEST_NAME = 120


class Source(StrEnum):
    """Who says that she is usually there."""

    ENTERED = "entered"  # by hand
    IMPORTED = "imported"  # from a file
    PROPOSED = "proposed"  # found in her own handset's track, and confirmed by a person


class Confidence(StrEnum):
    """How sure they are."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class RoutinePlace:
    """What one version of a routine location says."""

    name: str
    lon: float
    lat: float
    radius_m: float  # holds the place: the building, the yard
    hours: Schedule
    confidence: Confidence
    review_on: date  # after that day somebody should ask again
    source: Source = Source.ENTERED

    def __post_init__(self) -> None:
        """Refuses what is no place; names no coordinates, an error may be logged."""
        if not 0 < len(self.name.strip()) <= LONGEST_NAME:
            raise BadInput("name", f"1 to {LONGEST_NAME} characters")
        if not -180 <= self.lon <= 180:
            raise BadInput("lon", "degrees from -180 to 180")
        if not -90 <= self.lat <= 90:
            raise BadInput("lat", "degrees from -90 to 90")
        least, most = RADIUS_LIMITS_M
        if not least <= self.radius_m <= most:
            raise BadInput("radius_m", f"metres from {least:g} to {most:g}")
        if not any(self.hours.weekly) and not any(days for _, days in self.hours.exceptions):
            raise BadInput("hours", "at least one window in the week")


@dataclass(frozen=True, slots=True)
class RoutineLocation:
    """A routine location as one version of it stands."""

    routine_location_id: int
    person_id: int
    number: int  # among hers; all that a masked screen says
    version: int
    is_confirmed: bool  # a proposal is none of her places until a person says so
    place: RoutinePlace
    valid_from: datetime
    valid_to: datetime | None = None

    @property
    def label(self) -> str:
        """What it is called where it is masked."""
        return f"routine place {self.number}"


@dataclass(frozen=True, slots=True)
class Consent:
    """That a victim lets her own handset's track be read for this."""

    handset_consent_id: int
    given_at: datetime
    withdrawn_at: datetime | None

    def holds(self, now: datetime) -> bool:
        """Whether it holds; at the moment it is withdrawn it no longer does."""
        return self.given_at <= now and (self.withdrawn_at is None or now < self.withdrawn_at)
