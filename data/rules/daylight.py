"""Daylight at a place and moment: what a witness could have seen."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from astral import Observer
from astral.sun import elevation

_SUNRISE_DEG = -0.833  # the sun's upper edge on the horizon, refraction included
_CIVIL_DEG = -6.0


class Daylight(StrEnum):
    """How light it was, by the sun alone: clouds and lamps are not known."""

    DAY = "day"
    TWILIGHT = "twilight"
    DARK = "dark"


def daylight(lon: float, lat: float, at: datetime) -> Daylight:
    """By the height of the sun: day from sunrise, twilight down to 6 degrees under the horizon."""
    height = elevation(Observer(latitude=lat, longitude=lon), at, with_refraction=False)
    if height >= _SUNRISE_DEG:
        return Daylight.DAY
    return Daylight.TWILIGHT if height >= _CIVIL_DEG else Daylight.DARK
