"""Tags: packed byte for byte as the browser reads them, and cut to the viewer."""

from __future__ import annotations

import struct
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Connection, insert, update

from data.model.fix import FixFlag
from data.model.live import TagState
from data.model.user import Role
from data.store import tables
from layers import tags
from tests.layers.conftest import Room, a_reach
from tests.makers import START

pytestmark = pytest.mark.db


def a_live_fix(connection: Connection, activation_id: int, **values: Any) -> None:
    """The newest fix of somebody, in the middle of Göteborg unless said otherwise."""
    row = {
        "activation_id": activation_id,
        "fixed_at": START,
        "received_at": START,
        "judged_at": START + timedelta(seconds=1),
        "lon": 11.9745678,
        "lat": 57.7012345,
        "radius_95_m": 18.2,
        "speed_mps": 1.2,
        "heading_deg": 214.5,
        "battery_pct": 71.0,
        "mechanism": 1,
        "flags": 0,
        "state": TagState.INSIDE,
    }
    connection.execute(insert(tables.live_fix).values({**row, **values}))


def test_a_record_is_laid_out_as_the_browser_reads_it(connection: Connection, room: Room) -> None:
    """40 bytes of header, 24 a record, little-endian, degrees times ten million."""
    a_live_fix(connection, room.north.activation_id)
    live = tags.read_live(connection)
    frame = tags.frame(
        tags.visible(live, a_reach()),
        tags.FrameKind.FULL,
        now=START + timedelta(seconds=2.5),
        judged_at=START + timedelta(seconds=1),
        newest_fixed_at=START,
    )
    assert len(frame) == 40 + 24
    now, beat, newest, spare, count, kind = struct.unpack_from("<ddddII", frame)
    start = START.timestamp()
    assert (now, beat, newest, spare, count, kind) == (start + 2.5, start + 1, start, 0, 1, 0)
    record = struct.unpack_from("<IiiIHHBBBB", frame, 40)
    assert record == (
        room.north.activation_id,
        119745678,
        577012345,
        int(start),
        21450,
        19,  # rounded up: a circle drawn too small would promise too much
        TagState.INSIDE,
        tags.OFFENDER,
        71,
        0,
    )


@pytest.mark.parametrize(
    ("column", "value", "field", "expected"),
    [
        ("heading_deg", None, "heading_cdeg", 65535),
        ("heading_deg", 360.0, "heading_cdeg", 0),
        ("heading_deg", 0.0, "heading_cdeg", 0),
        ("heading_deg", 359.999, "heading_cdeg", 0),
        ("battery_pct", None, "battery_pct", 255),
        ("battery_pct", 0.0, "battery_pct", 0),
        ("radius_95_m", 90_000.0, "radius_95_m", 65534),
        ("radius_95_m", 0.0, "radius_95_m", 0),
        ("flags", int(FixFlag.COARSE), "flags", 1),
        ("flags", int(FixFlag.LATE), "flags", 0),
        ("lon", -180.0, "lon_e7", -1_800_000_000),
        ("lon", 180.0, "lon_e7", 1_800_000_000),
    ],
)
def test_the_ends_of_every_field(
    connection: Connection, room: Room, column: str, value: Any, field: str, expected: int
) -> None:
    """Unknown, the largest and zero are three things."""
    a_live_fix(connection, room.north.activation_id, **{column: value})
    assert tags.read_live(connection).records[field][0] == expected


def test_a_frame_without_tags_still_carries_the_pulse() -> None:
    """Nothing changed is news too: the picture is fresh. Never judged is 0."""
    none = np.zeros(0, tags.RECORD)
    frame = tags.frame(
        none, tags.FrameKind.CHANGES, now=START, judged_at=None, newest_fixed_at=None
    )
    assert struct.unpack("<ddddII", frame) == (START.timestamp(), 0, 0, 0, 0, 1)


def test_a_wall_and_an_investigator_never_get_a_victim(connection: Connection, room: Room) -> None:
    """The place of a victim is for those who must protect her."""
    a_live_fix(connection, room.north.activation_id)
    a_live_fix(connection, room.victim_activation_id)
    live = tags.read_live(connection)

    danger = {room.victim_activation_id: frozenset({"north"})}
    both = {room.north.activation_id, room.victim_activation_id}

    def seen(role: Role) -> set[int]:
        return set(tags.visible(live, a_reach(role, activations=both), danger)["tag_id"].tolist())

    assert seen(Role.OPERATOR) == seen(Role.SUPERVISOR) == seen(Role.CASE_OFFICER) == both
    assert seen(Role.WALL) == seen(Role.INVESTIGATOR) == {room.north.activation_id}
    assert seen(Role.ADMINISTRATOR) == seen(Role.AUDITOR) == set()


def test_a_victim_is_shown_while_she_is_in_danger(connection: Connection, room: Room) -> None:
    """An urgent alert of her case, open and holding, shows her to operators of its area."""
    a_live_fix(connection, room.victim_activation_id)
    live = tags.read_live(connection)

    def seen(**reach: Any) -> int:
        return len(tags.visible(live, a_reach(**reach), tags.read_danger(connection)))

    alert_id = connection.execute(
        insert(tables.alert)
        .values(
            condition_key="breach:1",
            kind="breach",
            priority=3,
            state="new",
            raised_at=START,
            began_at=START,
            waiting_since=START,
            case_id=room.north.case_id,
        )
        .returning(tables.alert.c.alert_id)
    ).scalar_one()
    assert seen() == seen(role=Role.CASE_OFFICER) == 0
    hers = [room.victim_activation_id]
    assert seen(role=Role.CASE_OFFICER, activations=hers) == 0
    assert seen(role=Role.CASE_OFFICER, activations=hers, revealed=hers) == 1
    assert seen(role=Role.INVESTIGATOR, activations=hers, revealed=hers) == 0
    change = update(tables.alert).where(tables.alert.c.alert_id == alert_id)
    connection.execute(change.values(priority=2))
    assert seen() == seen(area="north") == seen(role=Role.SUPERVISOR) == 1
    assert seen(role=Role.CASE_OFFICER, activations=hers) == 1
    assert seen(area="south") == seen(role=Role.WALL) == seen(role=Role.CASE_OFFICER) == 0
    connection.execute(change.values(cleared_at=START))
    assert seen() == 0
    connection.execute(change.values(cleared_at=None, closed_at=START))
    assert seen() == 0


def test_an_area_sees_its_own_people(connection: Connection, room: Room) -> None:
    """A tag of another area is in no frame and in no directory."""
    for each in (
        room.north.activation_id,
        room.south.activation_id,
        room.victim_activation_id,
    ):
        a_live_fix(connection, each)
    live = tags.read_live(connection)
    north = tags.visible(live, a_reach(area="north"))["tag_id"].tolist()
    south = tags.visible(live, a_reach(area="south"))["tag_id"].tolist()
    assert north == [room.north.activation_id]
    assert south == [room.south.activation_id]
    assert set(tags.directory(connection, a_reach(area="south"))) == {str(room.south.activation_id)}


def test_only_what_was_judged_since_is_read(connection: Connection, room: Room) -> None:
    """`since` itself is read again: two commits can bear one moment."""
    a_live_fix(connection, room.north.activation_id, judged_at=START)
    a_live_fix(connection, room.south.activation_id, judged_at=START + timedelta(seconds=5))
    newest = tags.read_live(connection).newest_judged_at
    assert newest == START + timedelta(seconds=5)
    assert tags.read_live(connection, newest).records["tag_id"].tolist() == [
        room.south.activation_id
    ]
    later = tags.read_live(connection, START + timedelta(seconds=6))
    assert len(later.records) == 0 and later.newest_judged_at is None


def test_a_tag_taken_off_is_gone(connection: Connection, room: Room) -> None:
    """The last place of an ended activation is history, not the live picture."""
    a_live_fix(connection, room.north.activation_id)
    connection.execute(
        update(tables.activation)
        .where(tables.activation.c.activation_id == room.north.activation_id)
        .values(ended_at=START)
    )
    assert len(tags.read_live(connection).records) == 0
    assert str(room.north.activation_id) not in tags.directory(connection, a_reach())


def test_the_directory_has_codes_and_no_names(connection: Connection, room: Room) -> None:
    """A victim goes by the code of her case; a wall does not learn that she has a handset."""
    found = tags.directory(connection, a_reach(area="north"))
    assert found[str(room.victim_activation_id)] == {
        "code": "0142",
        "kind": "handset",
        "role": "victim",
        "report_every_s": 60,
    }
    assert "Vera" not in str(found) and "Olaf" not in str(found)
    assert str(room.victim_activation_id) not in tags.directory(connection, a_reach(Role.WALL))
