"""What a replay is drawn from: who may, the packed track, and the zones in force at each moment.

The packed track, little-endian, a header of 96 bytes and then one column after the other:

    0  "VTRK"          4  u32 version, 1     8  u32 n           12 u32 report_every_s
    16 f64 origin: unix seconds of the first fix                24 f32 gap_s: longer is a gap
    28 u32 mask of flags whose fixes are not drawn as places    32 32 bytes SHA-256 of the rows
    64 f64 from, unix seconds                72 f64 to          80 u32 fixes in all   84 12 bytes, 0

    f64 seconds since the origin · i32 lon * 1e7 · i32 lat * 1e7 (-2^31: no place)
    f32 radius_95_m · f32 speed_mps (NaN: not reported) · u16 heading * 100 degrees (65535: none)
    u16 flags (data.model.fix.FixFlag; 2^15: from before the device was fitted; 2^14: where not
        every fix is sent, the last place before a gap)
    · u16 events (DeviceEvent) · u8 mechanism
    u8 satellites (255: not reported) · u8 battery_pct (255: not reported)

Every fix of the period is in it, the doubtful ones too: hiding them is the screen's choice. Only
of a very long track the places stand for runs of them (data.rules.replay.rows_drawn); n is then
less than the fixes in all, and the hash is still that of every row.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import Connection, Row, exists, func, select

from data.clock import microseconds
from data.errors import BadInput, NotFound, Refused
from data.model.judging import Policy
from data.model.people import PersonRole
from data.rules import quality
from data.rules.access import Action, Record, decide
from data.rules.gaps import gap_limit_s
from data.rules.reach import Reach
from data.rules.replay import (
    BEFORE_FITTING,
    MOST_DRAWN,
    NOT_A_PLACE,
    flags_of,
    gap_flags,
    rows_drawn,
)
from data.service.kept_tracks import KeptTrack
from data.store.tables import activation, case, device, fix, person
from layers import privacy

LONGEST_DAYS = 400
"""A replay reads one period at once; a longer one is asked for in parts."""

NO_PLACE = -(2**31)
NO_HEADING, NO_BYTE = 65_535, 255


@dataclass(frozen=True, slots=True)
class Period:
    """Half-open [first, last), aware UTC."""

    first: datetime
    last: datetime

    def __post_init__(self) -> None:
        """Refuses what is empty or too long.

        Raises:
            BadInput: it is.
        """
        if not self.first < self.last:
            raise BadInput("to", "a moment after `from`")
        if (self.last - self.first).days >= LONGEST_DAYS:
            raise BadInput("from", f"at most {LONGEST_DAYS} days before `to`")


def get_subject(connection: Connection, reach: Reach, activation_id: int) -> Row:
    """Whose track it is, for this viewer.

    Returns:
        (activation_id, person_id, role, kind, serial, model, firmware, started_at, ended_at,
        report_every_s).

    Raises:
        Refused: the viewer's role sees no replay, or she is not of a case given to the viewer.
        NotFound: no such activation, or not for this viewer.
    """
    if not decide(reach.viewer.role, Action.SEE_REPLAY).allowed:
        raise Refused("Replays are not for this role. Ask the duty supervisor.")
    query = (
        select(
            activation.c.activation_id,
            activation.c.person_id,
            person.c.role,
            device.c.kind,
            device.c.serial,
            device.c.model,
            device.c.firmware,
            activation.c.started_at,
            activation.c.ended_at,
            activation.c.report_every_s,
        )
        .join(person, person.c.person_id == activation.c.person_id)
        .join(device, device.c.device_id == activation.c.device_id)
        .where(activation.c.activation_id == activation_id, privacy.of_people(reach))
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound(f"There is no activation {activation_id}.")
    if row.role == PersonRole.VICTIM.value:
        # Where she has been: only in the minute of a reveal, and never in an exhibit by itself.
        is_revealed = activation_id in reach.revealed
        record = Record(is_assigned=activation_id in reach.activations, is_revealed=is_revealed)
        decision = decide(reach.viewer.role, Action.SEE_VICTIM_TRAIL, record)
        if not decision.allowed:
            raise Refused(decision.reason)
    return row


def find_choices(connection: Connection, reach: Reach) -> list[dict[str, object]]:
    """Offenders' activations this viewer may replay, by case and the newest first.

    One that never brought a fix is none: there is nothing to be seen of it.
    """
    has_fix = exists().where(fix.c.activation_id == activation.c.activation_id)
    query = (
        select(
            activation.c.activation_id,
            case.c.code,
            device.c.serial,
            func.extract("epoch", activation.c.started_at).label("from_s"),
            func.extract("epoch", activation.c.ended_at).label("to_s"),
        )
        .join(case, case.c.offender_id == activation.c.person_id)
        .join(device, device.c.device_id == activation.c.device_id)
        .where(privacy.of_cases(reach), has_fix)
        .order_by(case.c.code, activation.c.started_at.desc())
    )
    return [
        {
            "activation_id": row.activation_id,
            "case_code": row.code,
            "serial": row.serial,
            "from_s": float(row.from_s),
            "to_s": None if row.to_s is None else float(row.to_s),
        }
        for row in connection.execute(query)
    ]


def find_codes(connection: Connection, reach: Reach, person_id: int) -> list[str]:
    """The codes of the cases about an offender that this viewer may know of, in order."""
    is_about = case.c.offender_id == person_id
    query = select(case.c.code).where(is_about, privacy.of_cases(reach)).order_by(case.c.code)
    return list(connection.scalars(query))


def packed(kept: KeptTrack, period: Period) -> bytes:
    """The track as the browser draws it; the layout is above."""
    track = kept.track
    flags, rows = flags_of(track), track.rows
    if len(track) > MOST_DRAWN:
        sent = rows_drawn(track, kept.drawn)
        flags, rows = (flags | gap_flags(track, kept.drawn))[sent], rows[sent]
    n = len(rows)
    origin_us = int(rows["fixed_at_us"][0]) if n else microseconds(period.first)
    radius_m, assumed = quality.radii_95_m(rows, Policy())
    header = struct.pack(
        "<4sIIIdfI32sddI12x",
        b"VTRK",
        1,
        n,
        track.report_every_s,
        origin_us / 1e6,
        gap_limit_s(track.report_every_s),
        NOT_A_PLACE | BEFORE_FITTING,
        bytes.fromhex(track.dataset),
        period.first.timestamp(),
        period.last.timestamp(),
        len(track),
    )
    columns = (
        ((rows["fixed_at_us"] - origin_us) / 1e6).astype("<f8"),
        _scaled(rows["lon"], 1e7, "<i4", NO_PLACE),
        _scaled(rows["lat"], 1e7, "<i4", NO_PLACE),
        radius_m.astype("<f4"),
        rows["speed_mps"].astype("<f4"),
        _scaled(rows["heading_deg"] % 360, 100, "<u2", NO_HEADING),
        ((flags | assumed) & 0xFFFF).astype("<u2"),
        (rows["events"] & 0xFFFF).astype("<u2"),
        rows["mechanism"].astype("u1"),
        np.where(rows["satellites"] < 0, NO_BYTE, rows["satellites"].clip(0, 254)).astype("u1"),
        _scaled(rows["battery_pct"].clip(0, 100), 1, "u1", NO_BYTE),
    )
    return header + b"".join(column.tobytes() for column in columns)


def _scaled(values: np.ndarray, factor: float, kind: str, unknown: int) -> np.ndarray:
    known = np.isfinite(values)
    whole = np.round(np.where(known, values, 0) * np.float64(factor))
    return np.where(known, whole, unknown).astype(kind)
