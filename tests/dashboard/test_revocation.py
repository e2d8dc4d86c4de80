"""Who loses their right loses their socket: the real web process, while alerts flow."""

from __future__ import annotations

import itertools
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from simple_websocket import Client, ConnectionClosed
from sqlalchemy import Engine

from data.clock import SystemClock
from data.model.user import Role
from data.service.sign_in import SignIn
from data.store import outbox
from tests.stage import PASSWORD, QUICK_HASHER, a_stage, an_alert

pytestmark = [pytest.mark.db, pytest.mark.slow]

LEAVERS = 20
LIMIT_S = 2.0
ALERT_EVERY_S = 0.1


@dataclass
class Seat:
    """One person's open socket, and when it brought alerts and when it fell."""

    address: str
    login: str
    cookie: str
    alerts_at_s: list[float] = field(default_factory=list)
    fell_at_s: float | None = None

    def __post_init__(self) -> None:
        self._socket = Client(
            self.address.replace("http", "ws", 1) + "/socket.io/?EIO=4&transport=websocket",
            headers={"Cookie": f"vigil={self.cookie}", "Sec-Fetch-Site": "same-origin"},
        )
        self._socket.send("40")  # the namespace of the room; then its first question
        self._socket.send('42["resume",{"outbox_id":null}]')
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        try:
            while True:
                message = self._socket.receive()
                if isinstance(message, str) and message.startswith('42["alerts"'):
                    self.alerts_at_s.append(time.monotonic())
                elif message == "2":
                    self._socket.send("3")
        except ConnectionClosed:
            self.fell_at_s = time.monotonic()

    def close(self) -> None:
        """Hangs up, if nobody has."""
        if self.fell_at_s is None:
            self._socket.close()
        self._reader.join(5)


@pytest.fixture
def web(database_url: str, project_dir: Path, tmp_path: Path) -> Iterator[str]:
    """The address of a real `app.py web`, ended with the test."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    env = {
        **os.environ,
        "VIGIL_DATABASE_URL": database_url,
        "VIGIL_CHECKPOINT_DIR": str(tmp_path / "checkpoints"),
        "VIGIL_CHECKPOINT_KEY_FILE": str(tmp_path / "checkpoint.key"),
        "VIGIL_SECRET_KEY_FILE": str(tmp_path / "secret.key"),
        "VIGIL_WEB_PORT": str(port),
    }
    output = tmp_path / "web.txt"
    with output.open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "app.py", "web"], cwd=project_dir, env=env, stdout=log, stderr=log
        )
    address = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 90
        while not _answers(f"{address}/sign-in"):
            if process.poll() is not None or time.monotonic() > until:
                pytest.fail(f"The web process did not open:\n{output.read_text()}")
            time.sleep(0.25)
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        print(output.read_text()[-4000:])


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2):
            return True
    except OSError:
        return False


@pytest.fixture
def alerts_flow(engine: Engine) -> Iterator[None]:
    """An alert changes ten times a second until the test is over."""
    with engine.begin() as connection:
        alert_id = an_alert(connection, a_stage(connection))
    stop = threading.Event()

    def tell() -> None:
        while not stop.wait(ALERT_EVERY_S):
            with engine.begin() as connection:
                outbox.append(connection, "alert", [alert_id], SystemClock().now())

    teller = threading.Thread(target=tell)
    teller.start()
    yield
    stop.set()
    teller.join()


def _sign_out(seat: Seat) -> None:
    asked = urllib.request.Request(
        f"{seat.address}/sign-out",
        data=b"{}",
        headers={
            "Cookie": f"vigil={seat.cookie}",
            "Content-Type": "application/json",
            "Origin": seat.address,
        },
    )
    with urllib.request.urlopen(asked, timeout=10) as answer:
        assert answer.status == 200


def _wait(until: Callable[[], bool], patience_s: float) -> None:
    ends_s = time.monotonic() + patience_s
    while not until() and time.monotonic() < ends_s:
        time.sleep(0.05)
    assert until()


@pytest.mark.usefixtures("alerts_flow")
def test_twenty_leave_while_alerts_flow(web: str, engine: Engine) -> None:
    """Signed out, closed or in another role: within two seconds no alert comes, and no socket."""
    door = SignIn(engine, SystemClock(), QUICK_HASHER)
    ways: list[Callable[[Seat], object]] = [
        _sign_out,
        lambda seat: door.disable_user(seat.login),
        lambda seat: door.change_role(seat.login, Role.CASE_OFFICER),
        lambda seat: door.change_role(seat.login, Role.ADMINISTRATOR),
        lambda seat: door.reset_factor(seat.login),
    ]
    seats: list[Seat] = []
    try:
        for number in range(LEAVERS + 1):
            door.add_user(f"op{number}", PASSWORD, Role.OPERATOR)
            cookie, _ = door.sign_in(f"op{number}", PASSWORD, "127.0.0.1")
            seats.append(Seat(web, f"op{number}", cookie))
        *leaving, staying = seats
        _wait(lambda: all(len(seat.alerts_at_s) >= 3 for seat in seats), 20)
        left_at_s = {}
        for seat, leave in zip(leaving, itertools.cycle(ways), strict=False):
            assert seat.fell_at_s is None  # until now nothing was amiss
            leave(seat)
            left_at_s[seat.login] = time.monotonic()
            time.sleep(0.15)  # at any point of the server's second
        time.sleep(LIMIT_S + 1)
        late = [
            (seat.login, at_s - left_at_s[seat.login])
            for seat in leaving
            for at_s in seat.alerts_at_s
            if at_s > left_at_s[seat.login] + LIMIT_S
        ]
        assert late == []
        open_for_s = {
            seat.login: (seat.fell_at_s or float("inf")) - left_at_s[seat.login] for seat in leaving
        }
        assert max(open_for_s.values()) <= LIMIT_S, open_for_s
        # They did flow: whoever stayed has heard them to the end.
        assert staying.fell_at_s is None
        assert staying.alerts_at_s[-1] > max(left_at_s.values()) + LIMIT_S
    finally:
        for seat in seats:
            seat.close()
