"""How a receiver errs: errors that stay for minutes, indoors and out, and fixes by cell alone.

Everything is a function of the seed, the device and the moment: asking twice gives the same
answer, in whatever order.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from data.model.fix import SIGMAS_IN_RADIUS_95, Mechanism

_DAY_S = 86_400
_STEP_S = 10
_CORRELATION_S = 300.0
# Share of the error that drifts and share that jumps with every fix; squares add up to one.
_DRIFTING, _JUMPING = 0.9, 0.436

CLEAR_RADIUS_M = 14.0
"""Under an open sky, 95 %."""

CANYON_RADIUS_M = 26.0
"""Between houses, on the move."""

INDOOR_RADIUS_M = 60.0
"""By wifi, in a house."""

CELL_RADIUS_M = 1500.0
"""By the mast alone."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What the receiver makes of a true place: an offset, and what it says of itself."""

    east_m: float
    north_m: float
    radius_95_m: float
    mechanism: Mechanism


@lru_cache(maxsize=512)
def _drift(seed: int, device: int, day: int) -> NDArray[np.float64]:
    """A day of slow error for one device, shape (2, steps), unit variance along each axis."""
    rng = np.random.default_rng([seed, 11, device, day])
    keep = np.exp(-_STEP_S / _CORRELATION_S)
    noise = rng.standard_normal((2, _DAY_S // _STEP_S + 1))
    noise[:, 1:] *= np.sqrt(1 - keep**2)
    return lfilter([1.0], [1.0, -keep], noise, axis=1)


def sighting(
    seed: int, device: int, at_s: float, *, is_indoors: bool, is_clear: bool, cell_share: float
) -> Sighting:
    """What device number `device` sees at this moment.

    Args:
        seed: of the demo.
        device: its number.
        at_s: unix seconds.
        is_indoors: it lies in a house.
        is_clear: it is under an open sky; counts outdoors only.
        cell_share: how many of its fixes come from the mast alone, 0 to 1.
    """
    day, second = divmod(at_s, _DAY_S)
    slow = _drift(seed, device, int(day))[:, int(second // _STEP_S)]
    rng = np.random.default_rng([seed, 12, device, int(at_s * 1000)])
    quick = rng.standard_normal(2)
    is_cell = rng.random() < cell_share
    spread = float(np.exp(rng.normal(0, 0.12)))
    if is_cell:
        # Two masts' fixes have nothing in common: no drift.
        radius, error = CELL_RADIUS_M, quick
        mechanism = Mechanism.CELL
    else:
        if is_indoors:
            radius, mechanism = INDOOR_RADIUS_M, Mechanism.WIFI
        else:
            radius = CLEAR_RADIUS_M if is_clear else CANYON_RADIUS_M
            mechanism = Mechanism.GNSS
        error = _DRIFTING * slow + _JUMPING * quick
    radius *= spread
    east, north = error * radius / SIGMAS_IN_RADIUS_95
    return Sighting(float(east), float(north), round(radius, 1), mechanism)


def is_out_of_reach(seed: int, device: int, at_s: float) -> bool:
    """Whether the network does not carry what the device has to say; it stores and sends later.

    About two spells of three to nine minutes a day.
    """
    day, second = divmod(at_s, _DAY_S)
    starts, ends = _spells(seed, device, int(day))
    return bool(np.any((starts <= second) & (second < ends)))


@lru_cache(maxsize=512)
def _spells(seed: int, device: int, day: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rng = np.random.default_rng([seed, 13, device, day])
    starts = rng.uniform(0, _DAY_S - 600, rng.poisson(2.0))
    return starts, starts + rng.uniform(180, 540, len(starts))


def battery_pct(seed: int, device: int, at_s: float) -> float:
    """Falls from full to about a quarter in twenty hours, then is back from the charger."""
    rng = np.random.default_rng([seed, 14, device])
    hours, lowest = float(rng.uniform(0, 20)), float(rng.uniform(15, 35))
    into = (at_s / 3600 + hours) % 20 / 20
    return float(round(100 - into * (100 - lowest)))
