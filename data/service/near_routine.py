"""When he was near a place of hers while she was due: for a lane, and a map during a reveal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Row

from data.clock import microseconds, moment_of
from data.model.routine import RoutineLocation
from data.rules import encounters as rules
from data.rules.access import Action, decide
from data.rules.encounters import Due, EncounterRule
from data.rules.reach import Reach
from data.service import met
from data.service.encounter_scene import NEAR_M, due_of
from data.service.met import Met
from data.service.person_track import track_of
from data.store import routines, victims

_DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class NearRoutine:
    """One case of an offender's track in a period, as the viewer may see it now."""

    stretches: tuple[tuple[datetime, datetime, str], ...]  # near: from, to, what it is called
    met: tuple[Met, ...]  # the encounters that begin in the period
    is_shown: bool
    # Her places with the stretches of the period in which she is due there; empty while masked.
    dues: tuple[tuple[RoutineLocation, NDArray[np.int64]], ...] = ()


def near_routine(
    connection: Connection,
    reach: Reach,
    case: Row,
    first: datetime,
    last: datetime,
    activation_id: int = 0,
) -> NearRoutine:
    """The same rule as encounters; whoever calls has asked for SEE_ENCOUNTERS.

    Masked it is widened to quarters of an hour, and that before it is cut to the period: by
    moving the period nobody shall find the minute.
    """
    is_revealed = case.case_id in reach.revealed_cases
    record = reach.record(case.case_id, case.area, is_revealed=is_revealed)
    is_shown = decide(reach.viewer.role, Action.SEE_VICTIM_ROUTINE, record).allowed
    first_us, last_us = microseconds(first), microseconds(last)
    whole = np.array([[first_us, last_us + _DAY_US - 1]]) // _DAY_US * _DAY_US
    begins, ends = (moment_of(each) for each in whole[0].tolist())
    people = victims.find_ids(connection, case.case_id)
    locations = [
        each for each in routines.find(connection, people, begins, ends) if each.is_confirmed
    ]
    dues = [due_of(each, *whole[0].tolist()) for each in locations]
    his = track_of(connection, case.offender_id, begins, ends)
    rule = EncounterRule(NEAR_M)
    say = met.shown if is_shown else met.masked
    found = [
        say(each, met.place_of(each, locations), activation_id)
        for each in rules.near_places(his, dues, rule)
    ]
    stretches = []
    for location, near in zip(locations, rules.near_stretches(his, dues, rule), strict=True):
        pieces = near if is_shown else rules.merged(met.widened(near), 0)
        label = f"{location.label}: {location.place.name}" if is_shown else location.label
        for start, end in pieces.clip(first_us, last_us).tolist():
            if start < end:
                stretches.append((moment_of(start), moment_of(end), label))
    return NearRoutine(
        tuple(sorted(stretches)),
        tuple(each for each in found if first <= each.from_at < last),
        is_shown,
        _within(locations, dues, first_us, last_us) if is_shown else (),
    )


def _within(
    locations: list[RoutineLocation], dues: list[Due], first_us: int, last_us: int
) -> tuple[tuple[RoutineLocation, NDArray[np.int64]], ...]:
    cut = (each.stretches.clip(first_us, last_us) for each in dues)
    return tuple(
        (location, each[each[:, 0] < each[:, 1]])
        for location, each in zip(locations, cut, strict=True)
    )
