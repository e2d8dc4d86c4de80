"""A replay over HTTP: who gets which track, what is in it, and what it leaves behind."""

from __future__ import annotations

import re
import struct
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from sqlalchemy import Connection, Engine, insert, select, update

from data.model.fix import FixFlag
from data.model.user import Role
from data.store import tables
from data.store.partitions import ensure_days
from tests.dashboard.conftest import ORIGIN, OpenRoom
from tests.stage import NOON, Stage, a_stage

pytestmark = pytest.mark.db

FIRST = NOON - timedelta(hours=1)
PERIOD = f"from={FIRST.timestamp()}&to={NOON.timestamp()}"


def a_fix(connection: Connection, activation_id: int, at: datetime, **values: Any) -> None:
    """A kept fix in the middle of Zone A, unless told otherwise."""
    ensure_days(connection, "fix", {at.date()})
    row = {
        "activation_id": activation_id,
        "fixed_at": at,
        "fingerprint": 1,
        "received_at": at,
        "judged_at": at,
        "reading_id": 1,
        "position": "SRID=4326;POINT(11.955 57.705)",
        "radius_95_m": 12.0,
        "mechanism": 1,
        "events": 0,
        "flags": 0,
    }
    connection.execute(insert(tables.fix).values({**row, **values}))


@pytest.fixture
def stage(engine: Engine) -> Stage:
    """Ten minutes in the zone, eleven minutes of silence, two fixes, one of them doubted."""
    with engine.begin() as connection:
        stage = a_stage(connection)
        tag = stage.activation_id
        for minute in range(10):
            a_fix(connection, tag, FIRST + timedelta(minutes=minute))
        a_fix(connection, tag, FIRST + timedelta(minutes=20), position=None, flags=FixFlag.NO_FIX)
        a_fix(connection, tag, FIRST + timedelta(minutes=21), speed_mps=4.5, satellites=9)
        a_fix(connection, tag, NOON)  # the period's end is not in it
        ensure_days(connection, "fix_verdict", {FIRST.date()})
        version = connection.scalar(select(tables.zone_version.c.zone_version_id))
        connection.execute(
            insert(tables.fix_verdict).values(
                activation_id=tag,
                fixed_at=FIRST,
                fingerprint=1,
                zone_version_id=version,
                p_inside=0.97,
                p_filtered=0.9,
                edge_m=-200,
                grade=4,
            )
        )
        return stage


def get(client: FlaskClient, stage: Stage, what: str, period: str = PERIOD) -> Any:
    """One of the answers about the offender's track."""
    return client.get(f"/replay/{stage.activation_id}/{what}?{period}")


def test_the_track_is_every_fix_of_the_period(open_room: OpenRoom, stage: Stage) -> None:
    """Half-open in time, doubts kept, unknown said; the tag is the dataset's hash."""
    client = open_room.seat(Role.INVESTIGATOR, cases=[stage.case_id])
    answer = get(client, stage, "track.bin")
    head = struct.unpack_from("<4sIIIdfI32sdd", answer.data)
    assert head[:4] == (b"VTRK", 1, 12, 60)
    assert (head[4], head[5]) == (FIRST.timestamp(), 180)
    assert answer.headers["ETag"] == f'"{head[7].hex()}"'
    n, at = 12, 96
    seconds = np.frombuffer(answer.data, "<f8", n, at)
    assert seconds[[0, 9, 10, 11]].tolist() == [0, 540, 1200, 1260]
    lon = np.frombuffer(answer.data, "<i4", n, at + 8 * n)
    assert lon[[0, 10]].tolist() == [119_550_000, -(2**31)]
    speed = np.frombuffer(answer.data, "<f4", n, at + 20 * n)
    assert np.isnan(speed[0]) and speed[11] == pytest.approx(4.5)
    assert np.frombuffer(answer.data, "<u1", n, at + 31 * n)[[0, 11]].tolist() == [255, 9]
    assert len(answer.data) == at + 33 * n
    again = client.get(
        f"/replay/{stage.activation_id}/track.bin?{PERIOD}",
        headers={"If-None-Match": answer.headers["ETag"]},
    )
    assert again.status_code == 304


def test_the_page_asks_for_its_track_before_its_scripts(open_room: OpenRoom, stage: Stage) -> None:
    """The very requests the script makes, where the address names a period; else nothing."""
    client = open_room.seat(Role.INVESTIGATOR, cases=[stage.case_id])
    period = "from=2026-11-21T11:00:00Z&to=2026-11-21T12:00:00.500Z"

    def early(query: str) -> list[str]:
        return re.findall(r'rel="preload"[^>]+href="([^"]+)"', client.get(f"/replay?{query}").text)

    asked = early(f"a={stage.activation_id},9&{period}&at=2026-11-21T11:30:00Z")
    assert [unescape(each) for each in asked] == [
        f"/replay/{number}/{what}"
        for number in (stage.activation_id, 9)
        for what in (f"track.bin?{period}", "about.json")
    ]
    assert client.get(unescape(asked[0])).status_code == 200
    for query in (
        "",
        f"a={stage.activation_id}",
        period,
        f'a="><script>&{period}',
        "a=1&from=1.5&to=2",
        "a=1&from=2026-11-21T11:00:00.000Z&to=2026-11-21T12:00:00Z",
    ):
        assert early(query) == [], query


def test_opening_is_written_down_once(open_room: OpenRoom, engine: Engine, stage: Stage) -> None:
    """Who, whose, which period, which dataset; the same look again is the same look."""
    client = open_room.seat(Role.INVESTIGATOR, cases=[stage.case_id])
    tags = {get(client, stage, "track.bin").headers["ETag"] for _ in range(3)}
    with engine.connect() as connection:
        entry = tables.audit_entry
        lines = connection.execute(select(entry).where(entry.c.action == "replay.opened")).all()
    (line,) = lines
    assert (line.record_kind, line.record_id) == ("activation", stage.activation_id)
    assert line.detail["fixes"] == 12 and {f'"{line.detail["dataset"]}"'} == tags


def test_lanes_stops_and_figures_say_what_was_recorded(open_room: OpenRoom, stage: Stage) -> None:
    """Inside by the stored chance, one halt, one silence; figures add up to the interval."""
    client = open_room.seat(cases=[stage.case_id])
    found = get(client, stage, "lanes.json").json
    lanes = {lane["key"]: lane for lane in found["lanes"]}
    first_s = FIRST.timestamp()
    assert lanes["inside"]["stretches"] == [[first_s, first_s + 60, 3, "certain"]]
    assert lanes["still"]["stretches"] == [[first_s, first_s + 540, 3, ""]]
    silent = [[start - first_s, end - first_s] for start, end, *_ in lanes["unseen"]["stretches"]]
    assert silent == [[540, 1260], [1440, 3600]]
    assert all(lane["rule"] for lane in found["lanes"])
    assert [(stop["from_s"], stop["place"]) for stop in found["stops"]] == [(first_s, "place A")]
    figures = get(client, stage, "summary.json").json
    assert figures["still_s"] == 540
    assert figures["moving_s"] + figures["still_s"] + figures["unseen_s"] == 3600
    near = get(client, stage, "near.bin").data
    edge, chance = (np.frombuffer(near, "<f4", 12, 8 + 48 * part) for part in (0, 1))
    assert edge[0] == pytest.approx(-298, abs=5) and np.isnan(edge[10])
    assert chance[0] == pytest.approx(0.97) and np.isnan(chance[1])
    places = get(client, stage, "places.json", f"to={NOON.timestamp()}").json["places"]
    assert [(each["name"], each["visits"]) for each in places] == [("place A", 1)]


def test_a_breach_is_told_in_words(open_room: OpenRoom, engine: Engine, stage: Stage) -> None:
    """As on every other screen: no column's name, and no chance of 1.00."""
    with engine.begin() as connection:
        connection.execute(
            insert(tables.breach_revision).values(
                breach_id=stage.breach_id,
                revision=1,
                recorded_at=FIRST,
                channel=2,
                grade=4,
                cause="fix_inside",
                entered_at=FIRST,
                p_inside_max=0.9999,
                fixes=3,
            )
        )
    found = get(open_room.seat(cases=[stage.case_id]), stage, "lanes.json").json
    lanes = {lane["key"]: lane for lane in found["lanes"]}
    ((_, sign, words),) = lanes["breaches"]["marks"]
    assert sign == "breach"
    assert words == f"breach {stage.breach_id} begins: in an exclusion zone, chance > 0.99 at most"


def test_zones_are_those_of_that_night(open_room: OpenRoom, engine: Engine, stage: Stage) -> None:
    """A version that ended yesterday is not there; one that changed meanwhile is there twice."""
    version = tables.zone_version
    half = FIRST + timedelta(minutes=30)
    with engine.begin() as connection:
        old = connection.execute(select(version)).one()
        connection.execute(update(version).values(valid_to=half))
        values = {**old._mapping, "number": 2, "valid_from": half, "valid_to": None}
        del values["zone_version_id"]
        connection.execute(insert(version).values(values))
    client = open_room.seat(cases=[stage.case_id])
    both = get(client, stage, "zones.json").json["versions"]
    names = [each["features"][-1]["properties"] for each in both]
    assert [(each["name"], each["number"]) for each in names] == [
        ("victim safe area 1", 1),
        ("victim safe area 1", 2),
    ]
    assert [each["open"] for each in both] == [
        [[FIRST.timestamp(), half.timestamp()]],
        [[half.timestamp(), NOON.timestamp()]],
    ]
    later = f"from={half.timestamp()}&to={NOON.timestamp()}"
    (only,) = get(client, stage, "zones.json", later).json["versions"]
    assert only["features"][-1]["properties"]["number"] == 2


def test_a_bookmark_is_kept_with_its_view(
    open_room: OpenRoom, engine: Engine, stage: Stage
) -> None:
    """Words, instant, author, view; no words, or a sentence for an address: refused."""
    client = open_room.seat(Role.INVESTIGATOR, "inv2", cases=[stage.case_id])
    path = f"/replay/{stage.activation_id}/bookmarks.json"
    address = f"?a={stage.activation_id}&at=2026-11-21T11:05:00Z&map=12,-30,14.5"
    body = {"at_s": FIRST.timestamp() + 300, "words": "He stops.", "address": address}
    assert client.post(path, json=body, headers=ORIGIN).status_code == 200
    for wrong in (
        {"words": " "}, {"at_s": "now"}, {"address": "?a=Anna Street 7"}, {"address": "//evil"},
    ):  # fmt: skip
        assert client.post(path, json=body | wrong, headers=ORIGIN).status_code == 400
    (kept,) = client.get(path).json["bookmarks"]
    assert (kept["words"], kept["author"], kept["address"]) == ("He stops.", "inv2", address)
    with engine.connect() as connection:
        entry = tables.audit_entry
        query = select(entry.c.detail).where(entry.c.action == "replay.bookmarked")
        assert set(connection.scalar(query)) == {"bookmark_id", "at"}


def test_who_may_not_gets_nothing(open_room: OpenRoom, stage: Stage) -> None:
    """Roles without replays; a case not given; the victim's own handset without a reveal."""
    whats = ("track.bin", "lanes.json", "zones.json", "near.bin", "summary.json", "about.json",
             "bookmarks.json", "places.json", "hers.json")  # fmt: skip
    stranger = open_room.seat(Role.INVESTIGATOR)
    officer = open_room.seat(Role.CASE_OFFICER, cases=[stage.case_id])
    others = [open_room.seat(role) for role in (Role.WALL, Role.AUDITOR, Role.ADMINISTRATOR)]
    for what in whats:
        assert [get(each, stage, what).status_code for each in others] == [403, 403, 403], what
        assert get(stranger, stage, what).status_code == 404, what
        hers = officer.get(f"/replay/{stage.victim_activation_id}/{what}?{PERIOD}")
        assert hers.status_code == 403 and b"11.95" not in hers.data, what


def test_a_period_that_is_none_is_refused(open_room: OpenRoom, stage: Stage) -> None:
    """Backwards, without an offset, or of years; and a period without a fix is an answer."""
    client = open_room.seat(cases=[stage.case_id])
    for period in ("", "from=5&to=4", "from=2026-11-21T10:00:00&to=6", "from=0&to=9e9"):
        assert get(client, stage, "track.bin", period).status_code == 400, period
    empty = get(client, stage, "track.bin", "from=0&to=86400")
    assert struct.unpack_from("<4sII", empty.data)[2] == 0
    assert get(client, stage, "lanes.json", "from=0&to=86400").json["stops"] == []
