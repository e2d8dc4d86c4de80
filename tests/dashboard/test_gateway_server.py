"""The gateway as it really runs: gunicorn, processes, sockets that misbehave."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import psutil
import pytest
from sqlalchemy import Engine, func, select

from dashboard.gateway_server import WORKERS
from data.clock import SystemClock
from data.model.people import DeviceKind
from data.service.devices import Devices, Wearer
from data.store import tables

pytestmark = [pytest.mark.db, pytest.mark.slow]
HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Running:
    """A gateway that runs, and a device it knows."""

    process: subprocess.Popen[bytes]
    port: int
    key: str

    def send(self, path: str = "", body: bytes | None = None) -> HTTPResponse:
        """One message on a connection of its own; GET where there is no body."""
        connection = HTTPConnection(HOST, self.port, timeout=10)
        target = path or f"/?id=TAG1&key={self.key}&timestamp={time.time():.0f}&lat=57.7&lon=12"
        connection.request("GET" if body is None else "POST", target, body)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer

    def workers(self) -> list[psutil.Process]:
        """Its worker processes, once all of them are there: gunicorn starts them one by one."""
        end_s = time.monotonic() + 30
        while len(found := psutil.Process(self.process.pid).children()) < WORKERS:
            assert time.monotonic() < end_s, f"{len(found)} workers of {WORKERS}"
            time.sleep(0.02)
        return found

    def connect(self, first: bytes = b"") -> socket.socket:
        """A bare connection that has sent this much."""
        found = socket.create_connection((HOST, self.port), timeout=20)
        found.sendall(first)
        return found


@pytest.fixture
def gateway(database_url: str, engine: Engine, project_dir: Path) -> Iterator[Running]:
    """`app.py gateway` on a free port."""
    added = Devices(engine, SystemClock()).add("TAG1", DeviceKind.TAG, Wearer(case_code="0142"))
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "app.py", "gateway"],
        cwd=project_dir,
        env=os.environ | {"VIGIL_DATABASE_URL": database_url, "VIGIL_GATEWAY_PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    running = Running(process, port, added.key)
    end_s = time.monotonic() + 120
    while True:
        assert time.monotonic() < end_s, "the gateway does not answer"
        assert process.poll() is None, process.stdout.read().decode()
        try:
            if running.send("/health").status == 200:
                break
        except OSError:
            time.sleep(0.1)
    yield running
    process.terminate()
    try:
        said = process.communicate(timeout=30)[0].decode()
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    assert added.key not in said, "a key must not reach a log"
    assert "Traceback" not in said, said


def readings(engine: Engine) -> int:
    """How many readings are kept."""
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(tables.reading)).scalar_one()


def test_ten_megabytes_of_garbage_are_refused_and_it_lives(gateway: Running) -> None:
    """413 soon, whether the length is told or not, and the next message is taken."""
    path = f"/fixes?id=TAG1&key={gateway.key}"
    begun_s = time.monotonic()
    assert gateway.send(path, os.urandom(10_000_000)).status == 413
    pieces = (os.urandom(100_000) for _ in range(100))
    assert gateway.send(path, pieces).status == 413  # type: ignore[arg-type]
    assert time.monotonic() - begun_s < 10
    assert gateway.send().status == 200


def test_slow_and_idle_connections_hold_nobody_up(gateway: Running, engine: Engine) -> None:
    """Three hundred that send little or nothing; a device is heard meanwhile; they are cut off."""
    begun_s = time.monotonic()
    head = f"POST /fixes?id=TAG1&key={gateway.key} HTTP/1.1\r\nHost: x\r\n".encode()
    idle = [gateway.connect() for _ in range(200)]
    slow = [gateway.connect(head) for _ in range(50)]
    slow += [gateway.connect(head + b"Content-Length: 1000\r\n\r\n{") for _ in range(50)]
    for number in range(20):
        sent_s = time.monotonic()
        assert gateway.send().status == 200
        assert time.monotonic() - sent_s < 3
        slow[number].sendall(b"x")
    assert readings(engine) == 20
    for each in slow:
        # Cut off: an end or a reset, never an answer to half a message that says it was taken.
        try:
            said = each.recv(1000)
        except ConnectionResetError:
            said = b""
        assert b" 200 " not in said
    assert time.monotonic() - begun_s < 40
    for each in idle + slow:
        each.close()
    assert gateway.send().status == 200


def test_a_worker_that_is_killed_is_replaced(gateway: Running, engine: Engine) -> None:
    """A kill -9 costs at most the messages under way; all that were answered are kept."""
    workers = gateway.workers()
    taken = 0
    for number in range(60):
        if number == 20:
            for each in workers:
                each.kill()
        try:
            taken += gateway.send().status == 200
        except OSError:
            time.sleep(0.2)
    assert taken >= 40
    assert readings(engine) >= taken


def test_it_goes_when_it_is_told(gateway: Running) -> None:
    """SIGTERM ends it and its workers, idle connections or not."""
    workers = gateway.workers()
    held = gateway.connect()
    kept = HTTPConnection(HOST, gateway.port, timeout=10)
    kept.request("GET", "/health")
    kept.getresponse().read()
    gateway.process.send_signal(signal.SIGTERM)
    gateway.process.wait(30)
    gone, _ = psutil.wait_procs(workers, timeout=10)
    assert set(gone) == set(workers)
    held.close()
    kept.close()
