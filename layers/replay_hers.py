"""Her side of a replay: where she was due, and encounters; only in the minute of a reveal.

Masked, an answer says why and nothing else: her coarse times are in the lane (routine_lane.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from data.rules.access import Action, decide
from data.rules.reach import Reach
from data.service.encounter_scene import NEAR_M
from data.service.encounters import Drawn
from data.service.met import Met
from data.service.near_routine import NearRoutine, near_routine
from data.service.routines import shown_until
from data.store import cases
from layers import encounters, routines
from layers.replay import Period

_ASK = "Masked. Reveal her, with a reason."
_NEVER = "Masked: not for this role."


@dataclass(frozen=True, slots=True)
class Hers:
    """One answer over all cases of an offender, and what of her it shows, for the record."""

    body: dict[str, Any]
    shown: dict[int, list[int]]  # case: routine locations


def hers(
    connection: Connection,
    reach: Reach,
    offender_id: int,
    activation_id: int,
    period: Period,
    now: datetime,
) -> Hers:
    """By case what this viewer may see of her now; empty where they may know of none.

    Args:
        connection: an open one.
        reach: the viewer's.
        offender_id: whose cases are meant.
        activation_id: the track that is looked at.
        period: cut to it.
        now: of sessions: a reveal's minute is counted in people's time.
    """
    found, shown = [], {}
    for case in cases.find_of_offender(connection, offender_id):
        if not reach.may(Action.SEE_ENCOUNTERS, case.case_id, case.area).allowed:
            continue
        until = shown_until(connection, reach, case, now)
        if until is None:
            found.append({"case_code": case.code, "masked": _why(reach)})
            continue
        near = near_routine(connection, reach, case, period.first, period.last, activation_id)
        found.append(_shown(case, near, (until - now).total_seconds()))
        shown[case.case_id] = sorted({each.routine_location_id for each, _ in near.dues})
    return Hers({"cases": found}, shown)


def _why(reach: Reach) -> str:
    decision = decide(reach.viewer.role, Action.SEE_VICTIM_ROUTINE)
    return _ASK if decision.allowed else _NEVER


def _shown(case: Row, near: NearRoutine, left_s: float) -> dict[str, Any]:
    newest = {each.routine_location_id: each for each, _ in near.dues}
    drawn = [
        Drawn(each.number, each.place.name, each.place.lon, each.place.lat, each.place.radius_m)
        for each in newest.values()
    ]
    return {
        "case_code": case.code,
        "masked": "",
        "left_s": max(0.0, left_s),
        "places": [
            {
                "number": each.number,
                "name": each.place.name,
                "lon": each.place.lon,
                "lat": each.place.lat,
                "radius_m": each.place.radius_m,
                "due": [[start / 1e6, end / 1e6] for start, end in due.tolist()],
            }
            for each, due in near.dues
        ],
        "encounters": [_met(number, each) for number, each in enumerate(near.met, start=1)],
        "drawn": {
            "routines": routines.geojson(drawn, NEAR_M),
            "encounters": encounters.geojson(near.met),
        },
    }


def _met(number: int, each: Met) -> dict[str, Any]:
    return {
        "number": number,
        "where": each.where,
        "from_s": each.from_at.timestamp(),
        "to_s": each.to_at.timestamp(),
        "closest_s": each.replay_at.timestamp(),
        "closest_m": each.closest_m,
        "low_m": each.low_m,
        "high_m": each.high_m,
        "closed_by": each.closed_by or "unclear",
    }
