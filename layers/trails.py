"""The last minutes of one track, as the judge kept them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from geoalchemy2 import functions as gis
from sqlalchemy import ARRAY, BigInteger, Connection, DateTime, func, literal, select, true

from data.errors import BadInput, NotFound, Refused
from data.model.fix import FixFlag
from data.model.people import PersonRole
from data.rules.access import Action, Record, decide
from data.rules.reach import Reach
from data.store.tables import activation, fix, person
from layers import privacy

LONGEST_MINUTES = 120
"""More than that is a replay, which has its own screen and its own audit line."""

LEGEND = [{"symbol": "trail", "text": "Where the selected one was in the last six minutes"}]

# Flags of places nobody was at: drawn as a line they would invent a journey.
NOT_DRAWN = int(
    FixFlag.NO_FIX
    | FixFlag.NULL_ISLAND
    | FixFlag.IMPOSSIBLE_SPEED
    | FixFlag.FUTURE
    | FixFlag.STALE_CLOCK
)


@dataclass(frozen=True, slots=True)
class Span:
    """A part of one track: later than `after`, up to and with `last`."""

    activation_id: int
    after: datetime
    last: datetime


def trail(
    connection: Connection, reach: Reach, activation_id: int, now: datetime, minutes: float = 6
) -> list[list[float]]:
    """Rows [lon, lat, fixed_at in unix seconds, radius_95_m], oldest first.

    Raises:
        BadInput: `minutes` is not between 0 and LONGEST_MINUTES.
        Refused: the viewer's role sees no trails, or she is not of a case given to the viewer.
        NotFound: no such activation, or not for this viewer.
    """
    if not 0 < minutes <= LONGEST_MINUTES:
        raise BadInput("minutes", f"more than 0, at most {LONGEST_MINUTES}", minutes)
    need_trail(connection, reach, activation_id)
    since = now - timedelta(minutes=minutes)
    (found,) = points(connection, [Span(activation_id, since, now)])
    return found


def points(connection: Connection, spans: Sequence[Span]) -> list[list[list[float]]]:
    """For each span rows as of `trail`, in the order given; asked for at once.

    The caller has found that they may be shown.
    """
    found: list[list[list[float]]] = [[] for _ in spans]
    wanted = func.unnest(
        literal([each.activation_id for each in spans], ARRAY(BigInteger)),
        literal([each.after for each in spans], ARRAY(DateTime(timezone=True))),
        literal([each.last for each in spans], ARRAY(DateTime(timezone=True))),
    ).table_valued("activation_id", "after", "last", with_ordinality="place", name="wanted")
    wanted = wanted.render_derived()
    # Sorted for itself, so that each span is looked up by the fixes' own key.
    drawn = (
        select(
            gis.ST_X(fix.c.position).label("lon"),
            gis.ST_Y(fix.c.position).label("lat"),
            func.extract("epoch", fix.c.fixed_at).label("at"),
            func.coalesce(fix.c.radius_95_m, 0).label("radius"),
        )
        .where(
            fix.c.activation_id == wanted.c.activation_id,
            fix.c.fixed_at > wanted.c.after,
            fix.c.fixed_at <= wanted.c.last,
            fix.c.position.is_not(None),
            fix.c.flags.op("&")(NOT_DRAWN) == 0,
        )
        .order_by(fix.c.fixed_at, fix.c.fingerprint)
        .lateral("drawn")
    )
    query = select(wanted.c.place, drawn).join_from(wanted, drawn, true())
    for place, lon, lat, at, radius in connection.execute(query):
        row = [round(lon, 7), round(lat, 7), float(at), round(float(radius), 1)]
        found[place - 1].append(row)
    return found


def need_trail(connection: Connection, reach: Reach, activation_id: int) -> None:
    """Returns where this viewer may know of this track.

    Raises:
        Refused: the viewer's role sees no trails, or she is not of a case given to the viewer.
        NotFound: no such activation, or not for this viewer.
    """
    if not decide(reach.viewer.role, Action.SEE_TRAIL).allowed:
        raise Refused("Trails are not for this role. Ask the duty supervisor.")
    role = connection.scalar(
        select(person.c.role)
        .join(activation, activation.c.person_id == person.c.person_id)
        .where(activation.c.activation_id == activation_id, privacy.of_people(reach))
    )
    if role is None:
        raise NotFound(f"There is no activation {activation_id}")
    if role == PersonRole.VICTIM.value:
        is_revealed = activation_id in reach.revealed
        record = Record(is_assigned=activation_id in reach.activations, is_revealed=is_revealed)
        decision = decide(reach.viewer.role, Action.SEE_VICTIM_TRAIL, record)
        if not decision.allowed:
            raise Refused(decision.reason)
