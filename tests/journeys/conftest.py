"""The real program on ports of its own, with an empty database behind it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True, slots=True)
class Program:
    """A running `app.py run`."""

    room: str  # address of the control room
    gateway: str  # address that devices send to


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


@pytest.fixture
def program(database_url: str, project_dir: Path, tmp_path: Path) -> Iterator[Program]:
    """Every process of the room, ended with the test; its output is shown when it dies."""
    ports = _free_port(), _free_port()
    env = {
        **os.environ,
        "VIGIL_DATABASE_URL": database_url,
        "VIGIL_WEB_PORT": str(ports[0]),
        "VIGIL_GATEWAY_PORT": str(ports[1]),
        "VIGIL_TIME_ZONE": "Europe/London",
    }
    found = Program(f"http://127.0.0.1:{ports[0]}", f"http://127.0.0.1:{ports[1]}")
    output = tmp_path / "program.txt"
    with output.open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "app.py", "run"],
            cwd=project_dir,
            env=env,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        until = time.monotonic() + 120
        while not (_answers(f"{found.room}/health") and _answers(f"{found.gateway}/health")):
            if process.poll() is not None or time.monotonic() > until:
                pytest.fail(f"The program did not open:\n{output.read_text()}")
            time.sleep(0.25)
        yield found
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        print(output.read_text()[-4000:])
