"""The last minutes of one track, as the judge kept them."""

from __future__ import annotations

from datetime import datetime, timedelta

from geoalchemy2 import functions as gis
from sqlalchemy import ColumnElement, Connection, func, or_, select, true

from data.errors import BadInput, NotFound, Refused
from data.model.fix import FixFlag
from data.model.people import PersonRole
from data.model.user import Viewer
from data.store.tables import activation, case, fix, pair, person
from layers import privacy

LONGEST_MINUTES = 120
"""More than that is a replay, which has its own screen and its own audit line."""

LEGEND = [{"symbol": "trail", "text": "Where the selected one was in the last six minutes"}]

# Places nobody was at: drawn as a line they would invent a journey.
_NOT_DRAWN = int(
    FixFlag.NO_FIX
    | FixFlag.NULL_ISLAND
    | FixFlag.IMPOSSIBLE_SPEED
    | FixFlag.FUTURE
    | FixFlag.STALE_CLOCK
)


def trail(
    connection: Connection, viewer: Viewer, activation_id: int, now: datetime, minutes: float = 6
) -> list[list[float]]:
    """Rows [lon, lat, fixed_at in unix seconds, radius_95_m], oldest first.

    Raises:
        BadInput: `minutes` is not between 0 and LONGEST_MINUTES.
        Refused: the viewer's role sees no trails, or none of victims.
        NotFound: no such activation, or not for this viewer.
    """
    if not 0 < minutes <= LONGEST_MINUTES:
        raise BadInput("minutes", f"more than 0, at most {LONGEST_MINUTES}", minutes)
    if not privacy.sees_trails(viewer):
        raise Refused("Trails are not for this role. Ask the duty supervisor.")
    role = connection.scalar(
        select(person.c.role)
        .join(activation, activation.c.person_id == person.c.person_id)
        .where(activation.c.activation_id == activation_id, _known_to(viewer))
    )
    if role is None:
        raise NotFound(f"There is no activation {activation_id}")
    if role == PersonRole.VICTIM.value and not privacy.sees_victims(viewer):
        raise Refused("Victims' places are not for this role. Ask the duty supervisor.")
    since = now - timedelta(minutes=minutes)
    query = (
        select(
            gis.ST_X(fix.c.position),
            gis.ST_Y(fix.c.position),
            func.extract("epoch", fix.c.fixed_at),
            func.coalesce(fix.c.radius_95_m, 0),
        )
        .where(
            fix.c.activation_id == activation_id,
            fix.c.fixed_at > since,
            fix.c.fixed_at <= now,
            fix.c.position.is_not(None),
            fix.c.flags.op("&")(_NOT_DRAWN) == 0,
        )
        .order_by(fix.c.fixed_at, fix.c.fingerprint)
    )
    return [
        [round(lon, 7), round(lat, 7), float(at), round(float(radius), 1)]
        for lon, lat, at, radius in connection.execute(query)
    ]


def _known_to(viewer: Viewer) -> ColumnElement[bool]:
    if not viewer.area:
        return true()
    cases = select(case.c.case_id).where(privacy.in_area(viewer))
    return or_(
        person.c.person_id.in_(select(case.c.offender_id).where(privacy.in_area(viewer))),
        person.c.person_id.in_(select(pair.c.victim_id).where(pair.c.case_id.in_(cases))),
    )
