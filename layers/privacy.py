"""What each role may see of the map, in one place; every layer asks here.

Names of people are in no layer at all. A case of another area is as good as absent.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_, true

from data.model.user import Viewer
from data.rules.access import Action, decide
from data.store.tables import case


def sees_victims(viewer: Viewer) -> bool:
    """Whether victims' live positions may be drawn for this viewer: never on a wall."""
    return decide(viewer.role, Action.SEE_VICTIM_POSITION).allowed


def sees_map(viewer: Viewer) -> bool:
    """Whether zones and offenders' positions may be drawn for this viewer."""
    return decide(viewer.role, Action.SEE_MAP).allowed


def sees_trails(viewer: Viewer) -> bool:
    """Whether the last minutes of a track may be drawn for this viewer."""
    return decide(viewer.role, Action.SEE_TRAIL).allowed


def in_area(viewer: Viewer) -> ColumnElement[bool]:
    """A condition on `case`: those the viewer may know of.

    A viewer without an area sees every case; a case without an area is everybody's.
    """
    if not viewer.area:
        return true()
    return or_(case.c.area == viewer.area, case.c.area == "")
