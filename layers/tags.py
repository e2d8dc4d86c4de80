"""The live tags: read once a second as columns, packed for the map, cut to what a role may see.

A frame is little-endian: a 40-byte header, then 24-byte records. Places are degrees * 1e7 in 32
bits (1.1 cm). Who a tag belongs to travels apart, in the directory, and without any name.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Subquery, func, select
from sqlalchemy import case as when
from sqlalchemy.dialects.postgresql import distinct_on

from data.model.fix import FixFlag
from data.model.people import PersonRole
from data.rules.reach import Reach
from data.store import cases
from data.store.tables import activation, alert, case, device, live_fix, person
from layers import privacy

HEADER = struct.Struct("<ddddII")
"""server_now_s, judged_beat_s, newest_fix_s, spare, number of records, kind."""

RECORD = np.dtype(
    [
        ("tag_id", "<u4"),  # the activation
        ("lon_e7", "<i4"),
        ("lat_e7", "<i4"),
        ("fixed_at_s", "<u4"),
        ("heading_cdeg", "<u2"),  # UNKNOWN where the device does not know
        ("radius_95_m", "<u2"),
        ("state", "u1"),  # data.model.live.TagState
        ("role", "u1"),
        ("battery_pct", "u1"),  # 255: unknown
        ("flags", "u1"),  # bit 0: doubtful, draw it hollow
    ]
)
"""One tag of a frame, 24 bytes."""

UNKNOWN = 65535
OFFENDER, VICTIM = 0, 1

LEGEND = [
    {"symbol": "offender", "text": "Offender, the tick shows the heading"},
    {"symbol": "victim", "text": "Victim"},
    {"symbol": "stale", "text": "Hollow: no news for longer than planned, with the age"},
    {"symbol": "accuracy", "text": "Circle: holds the true place with 95 %"},
]

# A fix with one of these is drawn as doubtful.
_DOUBTFUL = int(
    FixFlag.COARSE
    | FixFlag.IMPOSSIBLE_SPEED
    | FixFlag.FROZEN
    | FixFlag.FUTURE
    | FixFlag.STALE_CLOCK
)


class FrameKind(IntEnum):
    """Whether a frame replaces the picture or adds to it."""

    FULL = 0
    CHANGES = 1


@dataclass(frozen=True, slots=True)
class Live:
    """Newest fixes of some activations, before anything is left out for anybody.

    `area` and `is_offender` have shape (n,) like `records`; an offender's area is that of the
    case, a victim's that of her first case.
    """

    records: NDArray[np.void]
    area: NDArray[np.object_]
    newest_judged_at: datetime | None  # hand it back as `since`; None where nothing was read


def read_live(connection: Connection, since: datetime | None = None) -> Live:
    """Newest fixes of all open activations, or of those judged at or after `since`.

    At or after, not after: two fixes of one moment may be committed one after the other.
    """
    live, of_cases = live_fix.c, _of_cases()
    columns = [
        live.activation_id,
        live.lon,
        live.lat,
        func.extract("epoch", live.fixed_at),
        func.coalesce(live.heading_deg, -1),
        live.radius_95_m,
        live.state,
        when((person.c.role == PersonRole.VICTIM.value, VICTIM), else_=OFFENDER),
        func.coalesce(live.battery_pct, -1),
        live.flags,
        func.coalesce(of_cases.c.area, ""),
    ]
    # One row of arrays: ten thousand tags cost one fetch and no object each.
    query = (
        select(*(func.array_agg(each) for each in columns), func.max(live.judged_at))
        .join(activation, activation.c.activation_id == live.activation_id)
        .join(person, person.c.person_id == activation.c.person_id)
        .outerjoin(of_cases, of_cases.c.person_id == person.c.person_id)
        .where(activation.c.ended_at.is_(None))
    )
    if since is not None:
        query = query.where(live.judged_at >= since)
    *found, newest = connection.execute(query).one()
    if newest is None:
        return Live(np.zeros(0, RECORD), np.zeros(0, object), None)
    return Live(_packed(found), np.array(found[10], object), newest)


def _of_cases() -> Subquery:
    """Area and code of everybody on record, one row a person: of the first case that names them.

    Worked out once for all and joined; asked for row by row it costs twenty times as much.
    """
    named = cases.people()
    return (
        select(named.c.person_id, case.c.area, case.c.code)
        .join(case, case.c.case_id == named.c.case_id)
        .ext(distinct_on(named.c.person_id))
        .order_by(named.c.person_id, named.c.case_id)
        .subquery("of_cases")
    )


def _packed(columns: list[Any]) -> NDArray[np.void]:
    tag_id, lon, lat, fixed_at, heading, radius, state, role, battery, flags, _ = columns
    records = np.zeros(len(tag_id), RECORD)
    records["tag_id"] = tag_id
    records["lon_e7"] = np.rint(np.array(lon, float) * 1e7)
    records["lat_e7"] = np.rint(np.array(lat, float) * 1e7)
    records["fixed_at_s"] = np.array(fixed_at, float)
    heading = np.array(heading, float)
    # 360.00 is north like 0.
    records["heading_cdeg"] = np.where(heading < 0, UNKNOWN, np.rint(heading * 100) % 36000)
    # The largest number means unknown, so a radius stops one below it.
    records["radius_95_m"] = np.clip(np.ceil(np.array(radius, float)), 0, UNKNOWN - 1)
    records["state"] = state
    records["role"] = role
    battery = np.array(battery, float)
    records["battery_pct"] = np.where(battery < 0, 255, np.clip(np.rint(battery), 0, 100))
    records["flags"] = (np.array(flags, np.int64) & _DOUBTFUL) != 0
    return records


def read_danger(connection: Connection) -> dict[int, frozenset[str]]:
    """Victims' handsets of cases in which an urgent alert holds, each with these cases' areas.

    While it does, those who send help see where she is; at any other time that would say where
    she lives.
    """
    urgent = (alert.c.closed_at.is_(None), alert.c.cleared_at.is_(None), alert.c.priority <= 2)
    hers = cases.victims()
    query = (
        select(activation.c.activation_id, func.array_agg(case.c.area.distinct()))
        .join(hers, hers.c.person_id == activation.c.person_id)
        .join(case, case.c.case_id == hers.c.case_id)
        .join(alert, alert.c.case_id == case.c.case_id)
        .where(activation.c.ended_at.is_(None), *urgent)
        .group_by(activation.c.activation_id)
    )
    return {number: frozenset(areas) for number, areas in connection.execute(query)}


def visible(
    live: Live, reach: Reach, danger: Mapping[int, frozenset[str]] | None = None
) -> NDArray[np.void]:
    """The records this viewer may see.

    Offenders of the viewer's area, or of the cases given to who works by cases. Of these, victims
    while they are in danger; besides, whom the viewer has just revealed.

    Args:
        live: everybody.
        reach: the viewer's.
        danger: as `read_danger` gives it.
    """
    if not privacy.sees_map(reach):
        return live.records[:0]
    tag_id = live.records["tag_id"]
    known = np.isin(tag_id, np.fromiter(reach.activations, np.int64))
    area = reach.viewer.area
    if reach.is_by_assignment:
        offenders = known
    else:
        offenders = (live.area == area) | (live.area == "") if area else np.ones(len(known), bool)
    victims = np.zeros(len(known), bool)
    if privacy.sees_victims(reach):
        shown = [
            number
            for number, areas in (danger or {}).items()
            if not area or area in areas or "" in areas
        ]
        in_danger = np.isin(tag_id, shown)
        if reach.is_by_assignment:
            in_danger &= known
        victims = in_danger | np.isin(tag_id, np.fromiter(reach.revealed, np.int64))
    return live.records[np.where(live.records["role"] == VICTIM, victims, offenders)]


def frame(
    records: NDArray[np.void],
    kind: FrameKind,
    *,
    now: datetime,
    judged_at: datetime | None,
    newest_fixed_at: datetime | None,
) -> bytes:
    """The bytes of one frame; without records it is a frame too, for it carries the judge's pulse.

    Args:
        records: as `visible` gives them.
        kind: whether it replaces the picture or adds to it.
        now: Vigil's moment.
        judged_at: when a judge last finished a round; None never.
        newest_fixed_at: the newest fix judged; None there is none.
    """
    header = HEADER.pack(
        now.timestamp(),
        judged_at.timestamp() if judged_at else 0.0,
        newest_fixed_at.timestamp() if newest_fixed_at else 0.0,
        0.0,
        len(records),
        int(kind),
    )
    return header + records.tobytes()


def directory(connection: Connection, reach: Reach) -> dict[str, dict[str, Any]]:
    """What the tags are, by tag id: code, kind of device, role, and how often they should speak.

    A victim's code is that of her first case. No names, and no place: that her handset exists is
    known to whoever may be sent to her.
    """
    if not privacy.sees_map(reach):
        return {}
    of_cases = _of_cases()
    query = (
        select(
            activation.c.activation_id,
            func.coalesce(of_cases.c.code, "").label("code"),
            device.c.kind,
            person.c.role,
            activation.c.report_every_s,
            func.coalesce(of_cases.c.area, "").label("area"),
        )
        .join(person, person.c.person_id == activation.c.person_id)
        .join(device, device.c.device_id == activation.c.device_id)
        .outerjoin(of_cases, of_cases.c.person_id == person.c.person_id)
        .where(activation.c.ended_at.is_(None))
        .order_by(activation.c.activation_id)
    )
    if reach.is_by_assignment:
        query = query.where(activation.c.activation_id.in_(reach.activations))
    sees_victims = privacy.sees_victims(reach)
    area = reach.viewer.area
    return {
        str(row.activation_id): {
            "code": row.code,
            "kind": row.kind,
            "role": row.role,
            "report_every_s": row.report_every_s,
        }
        for row in connection.execute(query)
        if (sees_victims or row.role != PersonRole.VICTIM.value)
        and (not area or row.area in ("", area) or row.activation_id in reach.activations)
    }
