"""What each viewer may see of the map, in one place; every layer asks here.

Names of people and zones are in no layer at all. A case of another area, or that is not given to
somebody who works by cases, is as good as absent.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, literal, or_, select, true

from data.rules.access import Action, decide
from data.rules.reach import Reach
from data.store import cases
from data.store.tables import case, person


def sees_victims(reach: Reach) -> bool:
    """Whether this viewer may ever see where a victim is; never on a wall."""
    return decide(reach.viewer.role, Action.SEE_VICTIM_POSITION).allowed


def sees_map(reach: Reach) -> bool:
    """Whether zones and offenders' positions may be drawn for this viewer."""
    return decide(reach.viewer.role, Action.SEE_MAP).allowed


def sees_drafts(reach: Reach) -> bool:
    """Whether zones that nobody has signed may be drawn for this viewer; never on a wall."""
    return decide(reach.viewer.role, Action.DRAW_ZONE).allowed


def of_cases(reach: Reach) -> ColumnElement[bool]:
    """A condition on `case`: those the viewer may know of.

    A viewer without an area sees every case; a case without an area is everybody's.
    """
    area = reach.viewer.area
    in_area = or_(case.c.area == area, case.c.area == "") if area else true()
    if not reach.is_by_assignment:
        return in_area
    return and_(in_area, case.c.case_id.in_(reach.cases))


def of_people(reach: Reach) -> ColumnElement[bool]:
    """A condition on `person`: those of the cases that the viewer may know of."""
    named = cases.people()
    known = select(named.c.person_id).join(case, case.c.case_id == named.c.case_id)
    # Somebody of no case at all is nobody's secret, but no case worker's business.
    of_none = and_(
        person.c.person_id.not_in(select(named.c.person_id)), literal(not reach.is_by_assignment)
    )
    return or_(person.c.person_id.in_(known.where(of_cases(reach))), of_none)
