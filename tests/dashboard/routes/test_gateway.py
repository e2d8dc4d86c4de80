"""The devices' port, through the real application and a real PostGIS."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, create_engine, select, text
from werkzeug.test import TestResponse

from dashboard.gateway import create_gateway
from dashboard.routes.gateway import BODY_LIMIT
from data.clock import FixedClock, SystemClock, microseconds
from data.model.fix import FIX_DTYPE
from data.model.people import DeviceKind
from data.service.devices import Devices, Wearer
from data.service.intake import Intake
from data.store import judging, tables

pytestmark = pytest.mark.db
SAMPLES = Path(__file__).parents[2] / "data" / "feeds" / "samples"


@dataclass(frozen=True, slots=True)
class Door:
    """A device that is on somebody, and the port it knocks at."""

    client: FlaskClient
    engine: Engine
    clock: FixedClock
    devices: Devices
    intake: Intake
    key: str
    activation_id: int
    serial: str = "TAG1"

    @property
    def now_s(self) -> int:
        """The moment as devices write it."""
        return int(self.clock.now().timestamp())

    def post(self, path: str, message: Any, key: str | None = None, **more: Any) -> TestResponse:
        """Sends a message with HTTP Basic."""
        body = message if isinstance(message, (bytes, str)) else json.dumps(message)
        pair = f"{self.serial}:{self.key if key is None else key}".encode()
        headers = {"Authorization": "Basic " + base64.b64encode(pair).decode()}
        headers |= more.pop("headers", {})
        more = {"content_type": "application/json"} | more
        return self.client.post(path, data=body, headers=headers, **more)

    def get(self, **parameters: Any) -> TestResponse:
        """Sends a fix as OsmAnd does, with what is named here changed or added."""
        fix = {"id": self.serial, "key": self.key, "timestamp": self.now_s, "lat": 57.7, "lon": 12}
        return self.client.get("/", query_string=fix | parameters)

    def rows(self, table: Any) -> list[Any]:
        """Every row of a table, as another connection sees it."""
        with self.engine.connect() as connection:
            key = next(iter(table.primary_key.columns))
            return list(connection.execute(select(table).order_by(key)).all())

    def fixes(self, n: int = 1, **more: Any) -> dict[str, Any]:
        """A batch of n fixes, one a second up to now."""
        first = self.now_s - n + 1
        return {
            "fixes": [{"fixed_at": first + i, "lon": 12.0, "lat": 57.7} | more for i in range(n)]
        }


@pytest.fixture
def door(engine: Engine, clock: FixedClock) -> Iterator[Door]:
    """The port, with TAG1 on the offender of case 0142."""
    devices = Devices(engine, clock)
    added = devices.add("TAG1", DeviceKind.TAG, Wearer(case_code="0142"))
    assert added.activation_id is not None
    intake = Intake(engine, clock)
    client = create_gateway(intake).test_client()
    yield Door(client, engine, clock, devices, intake, added.key, added.activation_id)
    intake.close()


@pytest.fixture(scope="module")
def client() -> Iterator[FlaskClient]:
    """The port of a gateway whose database is not there."""
    nowhere = create_engine("postgresql+psycopg://vigil@/vigil?host=/nonexistent")
    intake = Intake(nowhere, SystemClock())
    yield create_gateway(intake).test_client()
    intake.close()
    nowhere.dispose()


def test_a_fix_is_kept_queued_and_announced_before_the_answer(door: Door) -> None:
    """When the device hears 200, another connection finds reading and queue; the judge is woken."""
    with door.engine.connect() as ear:
        ear = ear.execution_options(isolation_level="AUTOCOMMIT")
        ear.execute(text(f"listen {judging.WAKE_CHANNEL}"))
        assert door.get(speed=3, batt=80).status_code == 200
        (reading,) = door.rows(tables.reading)
        (pending,) = door.rows(tables.pending)
        driver = ear.connection.driver_connection
        assert [each.channel for each in driver.notifies(timeout=1, stop_after=1)]
    assert (reading.protocol, reading.fix_count) == ("osmand", 1)
    assert reading.received_at == door.clock.now()
    assert (reading.activation_id, pending.activation_id) == (door.activation_id,) * 2
    assert pending.slice == door.activation_id % judging.SLICES
    (record,) = np.frombuffer(reading.fixes, FIX_DTYPE)
    assert record["fixed_at"] == microseconds(door.clock.now())
    assert (record["lon"], record["lat"], record["battery_pct"]) == (12, 57.7, 80)


def test_every_path_keeps_the_bytes_and_no_key(door: Door) -> None:
    """Query, form, JSON and both apps: what came is what is kept, but for the key."""
    fix = {"id": "TAG1", "key": door.key, "timestamp": door.now_s, "lat": 57.7, "lon": 12}
    traccar = json.loads((SAMPLES / "osmand_traccar_client_9.json").read_bytes())
    traccar["device_id"] = "TAG1"
    owntracks = (SAMPLES / "owntracks_android.json").read_bytes()
    answers = [
        door.get(),
        door.client.post("/osmand", data=fix),
        # Traccar Client puts a slash behind an address without a path, here behind the key.
        door.client.post(f"/?key={door.key}/", json=traccar),
        door.post("/", traccar),
        door.post("/owntracks", owntracks),
        door.post("/pub", b'{"_type":"lwt","tst":1}'),
        door.post("/fixes", door.fixes(2)),
        door.client.post(f"/fixes?id=TAG1&key={door.key}", json=door.fixes()),
    ]
    assert [each.status_code for each in answers] == [200] * 8
    assert [each.get_data() for each in answers[4:6]] == [b"[]\n"] * 2
    assert answers[6].json == {"accepted": 2}
    readings = door.rows(tables.reading)
    assert [row.fix_count for row in readings] == [1, 1, 1, 1, 1, 0, 2, 1]
    assert bytes(readings[4].raw) == owntracks
    assert readings[1].raw == b"id=TAG1&key=&timestamp=%d&lat=57.7&lon=12" % door.now_s
    assert readings[0].target == f"/?id=TAG1&key=&timestamp={door.now_s}&lat=57.7&lon=12"
    # Only what carries fixes is for the judge.
    assert len(door.rows(tables.pending)) == 7
    with door.engine.connect() as connection:
        tables_of_it = connection.execute(
            text(
                "select table_name from information_schema.tables "
                "where table_schema = 'vigil' and table_type = 'BASE TABLE'"
            )
        ).scalars()
        for name in tables_of_it.all():
            dumped = connection.execute(text(f'select t::text from vigil."{name}" t')).scalars()
            assert not any(door.key in row or door.key.encode().hex() in row for row in dumped)


@pytest.mark.parametrize("path", ["/", "/owntracks", "/fixes"])
def test_a_wrong_key_is_nobody_and_counted(door: Door, path: str) -> None:
    """The same answer for a wrong key, no key and no device; one row that counts them."""
    answers = [
        door.post(path, {}, key="wrong"),
        door.post(path, {}, key=""),
        door.client.post(path, json={}),
        door.client.post(path + "?id=NOBODY&key=x", json={}),
    ]
    assert {each.status_code for each in answers} == {401}
    assert len({each.get_data() for each in answers}) == 1
    assert all("Basic" in each.headers["WWW-Authenticate"] for each in answers)
    assert door.rows(tables.reading) == []
    found = {row.reason.split("'")[1]: row for row in door.rows(tables.quarantine)}
    assert {serial: row.times for serial, row in found.items()} == {"TAG1": 2, "": 1, "NOBODY": 1}
    assert all(row.device_id is None for row in found.values())


def test_guessing_is_slowed_down_and_counted_and_the_others_are_heard(door: Door) -> None:
    """After twenty tries in a minute: 429. A device behind the same address still gets through."""
    answers = [door.post("/fixes", {}, key=f"wrong{n}") for n in range(25)]
    assert [each.status_code for each in answers] == [401] * 20 + [429] * 5
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert door.get().status_code == 200
    (row,) = door.rows(tables.quarantine)
    assert 20 <= row.times <= 25


def test_another_devices_key_opens_nothing(door: Door) -> None:
    """A key is good for its own device only, and for what speaks in its own name."""
    other = door.devices.add("TAG2", DeviceKind.TAG, Wearer(case_code="0143"))
    assert door.get(key=other.key).status_code == 401
    assert door.post("/?id=TAG2", {}, content_type="text/plain").status_code in (400, 401)
    forged = {"location": {"timestamp": "2026-11-21T12:00:00Z"}, "device_id": "TAG2"}
    assert door.post("/", forged).status_code == 401
    assert door.post("/fixes?id=TAG2", door.fixes()).status_code == 401
    assert door.rows(tables.reading) == []
    # The forger is known by its key, so what it sent is kept under its own number.
    assert {row.device_id for row in door.rows(tables.quarantine)} > {None}


def test_what_a_known_device_sends_and_nobody_can_read_is_kept(door: Door) -> None:
    """The device hears which field is wrong; the bytes and the reason are in quarantine."""
    batch = door.fixes(4)
    batch["fixes"][3]["lat"] = 95
    body = json.dumps(batch).encode()
    answer = door.post("/fixes", body)
    assert answer.status_code == 400
    assert answer.json["field"] == "fixes[3].lat"
    assert "swapped" in answer.json["expected"]
    assert answer.json["found"] is None
    (row,) = door.rows(tables.quarantine)
    assert (row.protocol, row.field, row.times) == ("batch", "fixes[3].lat", 1)
    assert (bytes(row.raw), row.size_bytes, row.repeat_key) == (body, len(body), None)
    # Parameters are the message of a GET, so they are what is kept of it.
    assert door.get(lat="north").json["field"] == "lat"
    kept = bytes(door.rows(tables.quarantine)[1].raw)
    assert b"lat=north" in kept
    assert door.key.encode() not in kept
    assert door.rows(tables.reading) == []


RUBBISH: list[tuple[str, bytes, dict[str, Any], int, str]] = [
    ("/fixes", b"\xff\xfe", {}, 400, "body"),
    ("/fixes", b'{"fixes":[{"fixed_at":1,"lon":NaN,"lat":1}]}', {}, 400, "body"),
    ("/fixes", b"[" * 100_000, {}, 400, "body"),
    ("/fixes", b"", {}, 400, "body"),
    ("/", b"lat=%ff", {"content_type": "application/x-www-form-urlencoded"}, 400, "body"),
    ("/?lat=%ff", b"", {}, 400, "query"),
    ("/", b"&".join(b"a%d=1" % n for n in range(200)), {"content_type": ""}, 400, "body"),
    ("/", b"--x", {"content_type": "multipart/form-data; boundary=x"}, 415, "Content-Type"),
    (
        "/fixes",
        b"{}",
        {"content_type": "application/json; charset=utf-16"},
        415,
        "Content-Type",
    ),
    ("/fixes", b"\x1f\x8b", {"headers": {"Content-Encoding": "gzip"}}, 415, "Content-Encoding"),
    ("/owntracks", b'{"_type":"location","tst":"1e400"}', {}, 400, "lat"),
    ("/fixes", b"x" * (BODY_LIMIT + 1), {}, 413, "body"),
    ("/", b"\x00" * 10_000_000, {"content_type": "application/octet-stream"}, 413, "body"),
]


def test_rubbish_is_named_and_kept(door: Door) -> None:
    """Every kind of rubbish is a clear 4xx with the field, and 64 KiB of it are kept."""
    for path, body, more, status, field in RUBBISH:
        answer = door.post(path, body, **more)
        assert (answer.status_code, answer.json["field"]) == (status, field), path
        row = door.rows(tables.quarantine)[-1]
        assert row.field == field
        assert row.device_id is not None
        assert len(row.raw) <= 65_536
        if body:
            assert bytes(row.raw) == body[:65_536]
            assert row.size_bytes == len(body)
    assert len(door.rows(tables.quarantine)) == len(RUBBISH)
    assert door.get().status_code == 200


def test_a_body_that_ends_early_is_not_taken(door: Door) -> None:
    """11.97 cut in half is 11.9, a number all the same: so the length has to be right."""
    whole = f"id=TAG1&key={door.key}&timestamp={door.now_s}&lat=57.7&lon=11.97"
    told = {"CONTENT_LENGTH": str(len(whole)), "wsgi.input": io.BytesIO(whole[:-1].encode())}
    answer = door.client.post("/osmand", environ_overrides=told | {"wsgi.input_terminated": True})
    assert (answer.status_code, answer.json["field"]) == (408, "body")
    assert door.rows(tables.reading) == []


def test_strangers_may_not_even_be_too_long(door: Door) -> None:
    """Who is nobody hears that and nothing else, whatever the message was like."""
    for body, kind in ((b"x" * (BODY_LIMIT + 1), "text/plain"), (b"\x1f", "multipart/x")):
        assert door.post("/fixes", body, key="wrong", content_type=kind).status_code == 401
    assert {row.device_id for row in door.rows(tables.quarantine)} == {None}


def test_a_thousand_fixes_are_one_reading_and_one_more_is_refused(door: Door) -> None:
    """The limit is the thousand itself; a batch above it is refused whole."""
    assert door.post("/fixes", door.fixes(1000)).json == {"accepted": 1000}
    assert door.post("/fixes", door.fixes(1001)).json["field"] == "fixes"
    (reading,) = door.rows(tables.reading)
    assert reading.fix_count == 1000
    assert len(reading.fixes) == 1000 * FIX_DTYPE.itemsize


def test_the_same_message_twice_is_two_readings_of_the_same_fix(door: Door) -> None:
    """A device that did not hear us sends again; both arrivals are facts, the fix is one."""
    for _ in range(2):
        assert door.post("/fixes", door.fixes()).status_code == 200
    first, second = door.rows(tables.reading)
    assert first.fixes == second.fixes


def test_a_device_on_nobody_is_kept_and_not_queued(door: Door) -> None:
    """It may be put on somebody later; at that moment its next message is for the judge."""
    spare = door.devices.add("SPARE", DeviceKind.TAG)
    assert door.get(id="SPARE", key=spare.key).status_code == 200
    (reading,) = door.rows(tables.reading)
    assert reading.activation_id is None
    assert door.rows(tables.pending) == []
    begun = door.devices.activate("SPARE", Wearer(case_code="0142"))
    assert door.get(id="SPARE", key=spare.key).status_code == 200
    assert [row.activation_id for row in door.rows(tables.pending)] == [begun]


def test_a_new_key_works_at_once(door: Door) -> None:
    """Whoever holds the new key need not wait for us to notice."""
    assert door.get().status_code == 200
    assert door.get(key=door.devices.rotate_key("TAG1")).status_code == 200


def test_old_fixes_belong_to_whom_the_device_was_on(door: Door) -> None:
    """A device that hoarded fixes must not put the last wearer's track on the next one."""
    begun_at = door.clock.now()
    door.clock.forward(timedelta(hours=2))
    second = door.devices.activate("TAG1", Wearer(case_code="0777"))
    hour = 3600
    batch = {
        "fixes": [
            {"fixed_at": door.now_s - age, "lon": 12.0, "lat": 57.7}
            for age in (0, hour, 2 * hour, 3 * hour)
        ]
    }
    assert door.post("/fixes", batch).json == {"accepted": 4}
    readings = {row.activation_id: row for row in door.rows(tables.reading)}
    ages = {
        activation_id: [
            (door.now_s * 1_000_000 - fixed_at) // 3_600_000_000
            for fixed_at in np.frombuffer(row.fixes, FIX_DTYPE)["fixed_at"]
        ]
        for activation_id, row in readings.items()
    }
    # Three hours ago the tag was on nobody yet: that may be a wrong clock, so it is not dropped.
    assert begun_at < door.clock.now()
    assert ages == {door.activation_id: [1, 2], second: [0, 3]}


def test_a_clock_that_is_a_little_wrong_loses_nothing(door: Door) -> None:
    """Up to a day ahead is the judge's to doubt; more than that no clock can mean."""
    assert door.get(timestamp=door.now_s + 86_400).status_code == 200
    assert door.get(timestamp=door.now_s + 86_401).json["field"] == "timestamp"
    assert door.get(timestamp=946_684_800).status_code == 200
    assert door.get(timestamp=946_684_799).json["field"] == "timestamp"


def test_nothing_is_told_but_a_receipt(door: Door) -> None:
    """No answer holds a place, a name or a key; all carry the headers."""
    answers = [
        door.get(),
        door.get(lat=151.2, lon=-33.9),
        door.get(key="wrong"),
        door.client.get("/health"),
        door.client.get("/nothing"),
        door.client.delete("/"),
    ]
    for answer in answers:
        words = answer.get_data(as_text=True)
        assert not any(each in words for each in ("57.7", "151", "33.9", "TAG1", "0142", door.key))
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/fixes", 405),
        ("GET", "/owntracks", 405),
        ("HEAD", "/", 405),
        ("OPTIONS", "/", 405),
        ("TRACE", "/", 405),
        ("PUT", "/fixes", 405),
        ("GET", "/_dash-layout", 404),
        ("GET", "/assets/theme.css", 404),
        ("GET", "/static/x", 404),
        ("GET", "/sign-in", 404),
        ("GET", "/../etc/passwd", 404),
    ],
)
def test_nothing_else_is_reachable(
    client: FlaskClient, method: str, path: str, status: int
) -> None:
    """Of the operators' side there is nothing behind this port."""
    assert client.open(path, method=method).status_code == status


def test_the_application_has_these_paths_and_no_others(client: FlaskClient) -> None:
    """A path that is added has to be added here."""
    rules = {rule.rule for rule in client.application.url_map.iter_rules()}
    assert rules == {"/", "/osmand", "/owntracks", "/pub", "/fixes", "/health"}


def test_without_its_database_it_says_not_now(client: FlaskClient) -> None:
    """503 at once, never 200: the device keeps what it has. Health says so in one word."""
    answers = [client.get("/?id=TAG1&key=x&lat=1&lon=1&timestamp=1"), client.get("/health")]
    assert [each.status_code for each in answers] == [503, 503]
    assert answers[1].json == {"status": "unavailable"}


def test_health_says_ok_and_no_more(door: Door) -> None:
    """Anybody may ask it."""
    answer = door.client.get("/health")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_our_own_mistake_loses_nothing(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """A decoder that breaks gives 500 without its reasons, and the message is in quarantine."""

    def broken(*_: Any) -> None:
        raise ZeroDivisionError("the place was 57.7")

    monkeypatch.setattr("data.feeds.batch.decode", broken)
    answer = door.post("/fixes", door.fixes())
    assert answer.status_code == 500
    assert "57.7" not in answer.get_data(as_text=True)
    (row,) = door.rows(tables.quarantine)
    assert row.reason == "decoder failed: ZeroDivisionError"
    assert json.loads(row.raw) == door.fixes()


def test_at_midnight_the_next_days_partition_is_there(door: Door) -> None:
    """A message at 23:59:59 and one at 00:00:00 are both kept."""
    for _ in range(2):
        assert door.get().status_code == 200
        door.clock.forward(timedelta(hours=11, minutes=59, seconds=59))
        assert door.get().status_code == 200
        door.clock.forward(timedelta(seconds=1))
    assert len(door.rows(tables.reading)) == 4
