"""What a zone would have done on days gone by, told in figures: from the judge's own breaches.

Alerts are the room's: one a visit to the zone, one a visit to its buffer. "One fix" rests on a
single fix; "drift" was never borne out by the filtered track. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from data.clock import moment_of
from data.model.breach import BreachKind, Channel
from data.model.fix import SIGMAS_IN_RADIUS_95
from data.model.judging import BreachChange

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

MOST_HITS = 500
"""Listed one by one; the figures count all."""

_RETURN_US = 600_000_000  # a return this soon belongs to the same visit, as for the judge
_INNER = frozenset({BreachKind.EXCLUSION, BreachKind.INCLUSION})


def figures(
    breaches: Sequence[BreachChange],
    place_of: Callable[[BreachChange], tuple[float, float] | None],
    *,
    buffer_m: float,
    to_us: int,
    days: float,
    time_zone: tzinfo,
) -> dict[str, Any]:
    """The figures of one zone up to `to_us`, as JSON.

    Args:
        breaches: the last word on each, of this zone alone, by entry.
        place_of: lon and lat of the fix that bears a breach out best; None where there is none.
        buffer_m: the buffer it was judged with.
        days: on how many anything is known of him: "a day" means one of these.
        time_zone: whose hours "by hour" means.
    """
    inner = [each for each in breaches if each.key.kind in _INNER]
    confirmed = [each for each in inner if each.channel is Channel.CONFIRMED]
    rings = [each for each in breaches if each.key.kind is BreachKind.BUFFER]
    warnings = {
        id(each): warning_min(each.entered_at_us, [_span(ring, to_us) for ring in rings])
        for each in confirmed
    }
    hours = Counter(moment_of(each.entered_at_us).astimezone(time_zone).hour for each in breaches)
    return {
        "buffer_m": buffer_m,
        "alerts": len(breaches),
        "alerts_a_day": round(len(breaches) / max(1.0, days), 2),
        "breaches": len(inner),
        "confirmed": len(confirmed),
        "by_hour": [hours.get(hour, 0) for hour in range(24)],
        "by_cause": dict(sorted(Counter(_cause(each) for each in breaches).items())),
        "one_fix": _share(sum(each.fixes <= 1 for each in breaches), len(breaches)),
        "drift": _share(
            sum(each.channel is not Channel.CONFIRMED for each in breaches), len(breaches)
        ),
        "minutes_inside": round(
            sum((_span(each, to_us)[1] - each.entered_at_us) / 60e6 for each in confirmed), 1
        ),
        **percentiles(list(warnings.values())),
        "entries_us": [each.entered_at_us for each in confirmed],
        "hits": [
            _hit(each, n, place_of(each), to_us, warnings.get(id(each)))
            for n, each in enumerate(breaches[:MOST_HITS])
        ],
    }


def warning_min(entered_us: int, rings: Sequence[tuple[int, int]]) -> float:
    """Minutes from the buffer's warning to the entry; 0.0 where none came before it.

    Args:
        entered_us: the entry into the zone.
        rings: visits to the buffer, from and to.
    """
    began = [
        from_us
        for from_us, to_us in rings
        if from_us <= entered_us and entered_us <= to_us + _RETURN_US
    ]
    return (entered_us - min(began)) / 60e6 if began else 0.0


def percentiles(warnings: Sequence[float]) -> dict[str, float | None]:
    """Median and 90th percentile of the warnings; None where nobody ever came in.

    The 90th is the warning that nine of ten entries had at least.
    """
    if not warnings:
        return {"warning_p50_min": None, "warning_p90_min": None}
    half, nine_of_ten = np.percentile(warnings, [50, 10])
    return {
        "warning_p50_min": round(float(half), 1),
        "warning_p90_min": round(float(nine_of_ten), 1),
    }


def buffer_visits(
    moment_us: Ints, edge_m: Floats, radius_95_m: Floats, buffer_m: float
) -> list[tuple[int, int]]:
    """Visits to a zone with its buffer, from and to: an estimate from each fix's distance alone.

    The judge's own marks (begins at a chance of 0.2, ends after three fixes and three minutes
    below 0.1, a return within ten minutes is the same visit), without its filter. For a slider
    that must answer while it is dragged; what is kept with a version is the judge's.

    Args:
        moment_us: shape (n,), in order, of one track.
        edge_m: distance to the zone's edge, 0 or less inside; inf where far away.
        radius_95_m: of each fix, positive.
        buffer_m: metres beyond the edge.
    """
    chance = ndtr((buffer_m - edge_m) * SIGMAS_IN_RADIUS_95 / radius_95_m)
    near = np.flatnonzero(chance >= 0.2)
    if not len(near):
        return []
    below = np.cumsum(chance < 0.1)
    apart_us = np.diff(moment_us[near])
    fixes_below = np.diff(below[near])
    parts = (apart_us > _RETURN_US) & (fixes_below >= 3)
    first = near[np.append(True, parts)]
    last = near[np.append(parts, True)]
    return list(zip(moment_us[first].tolist(), moment_us[last].tolist(), strict=True))


def with_buffer(
    told: Mapping[str, Any], buffer_m: float, rings: Sequence[tuple[int, int]], days: float
) -> dict[str, Any]:
    """Figures of a rehearsal as they would be with another buffer.

    What happens in the zone itself does not depend on its buffer, so only warnings change.

    Args:
        told: from `figures`.
        buffer_m: the other buffer.
        rings: from `buffer_visits`; none where it is 0.
        days: as of `figures`.
    """
    alerts = told["breaches"] + len(rings)
    return {
        "buffer_m": buffer_m,
        "alerts": alerts,
        "alerts_a_day": round(alerts / max(1.0, days), 2),
        "warnings": len(rings),
        "is_estimate": True,
        **percentiles([warning_min(each, rings) for each in told["entries_us"]]),
    }


def _span(each: BreachChange, to_us: int) -> tuple[int, int]:
    return each.entered_at_us, to_us if each.left_at_us is None else each.left_at_us


def _cause(each: BreachChange) -> str:
    return "buffer" if each.key.kind is BreachKind.BUFFER else each.cause.value


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 3) if whole else None


def _hit(
    each: BreachChange,
    number: int,
    place: tuple[float, float] | None,
    to_us: int,
    warning: float | None,
) -> dict[str, Any]:
    from_us, until_us = _span(each, to_us)
    return {
        "hit_id": number,
        "kind": each.key.kind.value,
        "at": moment_of(from_us).isoformat(),
        "until": None if each.left_at_us is None else moment_of(until_us).isoformat(),
        "cause": _cause(each),
        "channel": each.channel.name.lower(),
        "grade": each.grade.name.lower(),
        "fixes": each.fixes,
        "lon": None if place is None else round(place[0], 6),
        "lat": None if place is None else round(place[1], 6),
        "minutes": round((until_us - from_us) / 60e6, 1),
        "p_inside": round(each.p_inside_max, 3),
        "depth_m": None if each.edge_m is None else round(-each.edge_m, 1),
        "warning_min": None if warning is None else round(warning, 1),
    }
