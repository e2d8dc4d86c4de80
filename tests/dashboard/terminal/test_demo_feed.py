"""The demo's devices at the door: in order, whole, and patient while nobody answers."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

import numpy as np
import pytest

from dashboard.terminal.demo_feed import Feed
from data.clock import FixedClock
from data.demo.reports import moments
from data.demo.scenarios import Stage
from data.demo.streets import graph_of
from data.demo.world import cast
from data.feeds import batch, osmand, owntracks
from tests.data.demo.conftest import OPENED_S, grid_city

NOW = datetime.fromtimestamp(OPENED_S, UTC)


class Gateway(ThreadingHTTPServer):
    """Takes what devices send, or answers with `status` when it is not 200."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status = 200
        self.taken: list[tuple[str, bytes, str]] = []  # target, body, who
        self.connections = 0

    def fixed_at_s(self, serial: str) -> list[float]:
        """The moments of one device's fixes, as they came."""
        found: list[float] = []
        for target, body, who in list(self.taken):
            if who == serial:
                found += (_records(target, body)["fixed_at"] / 1e6).tolist()
        return found


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        self.server.connections += 1  # type: ignore[attr-defined]

    def do_GET(self) -> None:
        self._take(b"")

    def do_POST(self) -> None:
        self._take(self.rfile.read(int(self.headers["Content-Length"])))

    def _take(self, body: bytes) -> None:
        gateway: Gateway = self.server  # type: ignore[assignment]
        if gateway.status == 200:
            who = self.headers.get("Authorization", "") or dict(parse_qsl(self.path[2:]))["id"]
            gateway.taken.append((self.path, body, who))
        self.send_response(gateway.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal."""


def _records(target: str, body: bytes) -> np.ndarray:
    if target == "/fixes":
        return batch.decode(body, NOW).records
    if target == "/owntracks":
        return owntracks.decode(body, NOW).records
    if target.startswith("/?"):
        return osmand.decode_parameters(parse_qsl(target[2:]), NOW).records
    return osmand.decode_json(body, NOW).records


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    """A gateway that listens on a free port."""
    server = Gateway()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def stage() -> Stage:
    """The drawn city, its ways worked out."""
    stage = Stage(cast(graph_of(grid_city()), 1), OPENED_S)
    stage.rehearse(OPENED_S)
    return stage


def wait_until(what: object, seconds: float = 30.0) -> None:
    """Returns as soon as it is true; fails when it never is."""
    end = time.monotonic() + seconds
    while not what():  # type: ignore[operator]
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def start(stage: Stage, gateway: Gateway, clock: FixedClock) -> Feed:
    """A feed whose devices all begin at the stage's opening."""
    people = stage.world.people
    # A signature that names the device: what the test reads instead of checking keys.
    keys = {stage.world.serial(person.number): "k" for person in people}
    feed = Feed(stage, keys, clock, "127.0.0.1", gateway.server_address[1])
    feed.start(OPENED_S)
    return feed


def expected(stage: Stage, clock: FixedClock) -> int:
    """How many fixes devices in reach must have told by now (nobody is in a tunnel yet)."""
    now_s = clock.now().timestamp()
    return sum(
        len(moments(person, OPENED_S, now_s))
        for person in stage.world.people
        if stage.is_reachable(person, now_s)
    )


def test_everybody_reports_on_few_lines(stage: Stage, gateway: Gateway) -> None:
    """A minute of demo time: every due fix once, on four keep-alive connections."""
    clock = FixedClock(datetime.fromtimestamp(OPENED_S + 60, UTC))
    feed = start(stage, gateway, clock)
    try:
        wait_until(lambda: feed.sent >= expected(stage, clock))
        time.sleep(0.7)  # one more round, in which nothing is due
    finally:
        feed.stop()
    assert feed.sent == expected(stage, clock)
    assert feed.refused == 0
    assert gateway.connections == 4


def test_what_is_not_answered_is_kept_and_comes_in_order(stage: Stage, gateway: Gateway) -> None:
    """A gateway that is away for three minutes loses nothing and hears nothing twice."""
    clock = FixedClock(datetime.fromtimestamp(OPENED_S + 1, UTC))
    gateway.status = 503
    feed = start(stage, gateway, clock)
    try:
        time.sleep(0.5)
        clock.moment = datetime.fromtimestamp(OPENED_S + 181, UTC)
        time.sleep(0.5)
        assert feed.sent == 0
        gateway.status = 200
        # A tag with the old protocol, whose backlog has to find another form.
        person = stage.world.people[21]
        serial = stage.world.serial(21)
        due = [round(each) for each in moments(person, OPENED_S, OPENED_S + 181)]
        wait_until(lambda: sum(len(told(gateway, each)) for each in (serial,)) >= len(due), 60)
    finally:
        feed.stop()
    assert [round(each) for each in told(gateway, serial)] == due


def told(gateway: Gateway, serial: str) -> list[float]:
    """The moments one device told, whichever form it used."""
    basic = "Basic " + base64.b64encode(f"{serial}:k".encode()).decode()
    return [*gateway.fixed_at_s(serial), *gateway.fixed_at_s(basic)]


def test_a_refusal_for_good_is_not_repeated(stage: Stage, gateway: Gateway) -> None:
    """Bad input stays bad: a device does not hammer the door with it."""
    clock = FixedClock(datetime.fromtimestamp(OPENED_S + 30, UTC))
    gateway.status = 400
    feed = start(stage, gateway, clock)
    try:
        wait_until(lambda: feed.refused >= expected(stage, clock))
        time.sleep(0.7)
    finally:
        feed.stop()
    assert feed.refused == expected(stage, clock) and feed.sent == 0
