"""The lane "near routine": when he was near a place of hers while she was due there.

Widened to quarters of an hour for whoever does not see her places at this moment.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from data.clock import microseconds
from data.model.lane import Lane, Mark, Stretch
from data.rules.access import Action
from data.rules.reach import Reach
from data.service.encounter_scene import NEAR_M
from data.service.met import Met
from data.service.near_routine import near_routine
from data.store import cases

_RULE = (
    f"More likely than not within {NEAR_M:g} m of a place of the victim's, both errors counted, "
    "while she was due there by the week on record. Nothing over a gap. A mark begins an encounter."
)
_MASKED = " Widened to quarters of an hour, and places not named: she is masked."


def lane(
    connection: Connection, reach: Reach, offender_id: int, first: datetime, last: datetime
) -> Lane | None:
    """The lane of one offender over his cases; None where the viewer may know of none of it."""
    stretches: list[Stretch] = []
    marks: list[Mark] = []
    is_asked = is_masked = False
    for case in cases.find_of_offender(connection, offender_id):
        if not reach.may(Action.SEE_ENCOUNTERS, case.case_id, case.area).allowed:
            continue
        is_asked = True
        near = near_routine(connection, reach, case, first, last)
        is_masked |= not near.is_shown
        stretches += [
            Stretch(microseconds(start), microseconds(end), label)
            for start, end, label in near.stretches
        ]
        marks += [Mark(microseconds(each.from_at), "met", _words(each)) for each in near.met]
    if not is_asked:
        return None
    stretches.sort(key=lambda each: each.from_us)
    marks.sort(key=lambda each: each.at_us)
    rule = _RULE + (_MASKED if is_masked else "")
    return Lane("near_routine", "near routine", rule, tuple(stretches), tuple(marks))


def _words(each: Met) -> str:
    closest = "" if each.closest_m is None else f", {each.closest_m:.0f} m when closest"
    return f"encounter at {each.where}{closest}; distance closed by: {each.closed_by or 'unclear'}"
