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
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest


@dataclass(frozen=True, slots=True)
class Program:
    """A running `app.py run`."""

    room: str  # address of the control room
    gateway: str  # address that devices send to
    pid: int  # of the program that keeps all others running

    def process(self, command: str) -> psutil.Process:
        """A process that runs this command of the program just now."""
        return next(
            each
            for each in psutil.Process(self.pid).children()
            if each.status() != psutil.STATUS_ZOMBIE and each.cmdline()[-1:] == [command]
        )


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
    with _running("run", database_url, project_dir, tmp_path) as found:
        yield found


@pytest.fixture
def web(database_url: str, project_dir: Path, tmp_path: Path) -> Iterator[Program]:
    """The same for the web process alone: for what is looked at, and judged nowhere."""
    with _running("web", database_url, project_dir, tmp_path) as found:
        yield found


@contextmanager
def _running(
    command: str, database_url: str, project_dir: Path, tmp_path: Path
) -> Iterator[Program]:
    ports = _free_port(), _free_port()
    env = {
        **os.environ,
        "VIGIL_DATABASE_URL": database_url,
        "VIGIL_CHECKPOINT_DIR": str(tmp_path / "checkpoints"),
        "VIGIL_SECRET_KEY_FILE": str(tmp_path / "secret.key"),
        "VIGIL_WEB_PORT": str(ports[0]),
        "VIGIL_GATEWAY_PORT": str(ports[1]),
        "VIGIL_TIME_ZONE": "Europe/London",
    }
    output = tmp_path / "program.txt"
    with output.open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "app.py", command],
            cwd=project_dir,
            env=env,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    found = Program(f"http://127.0.0.1:{ports[0]}", f"http://127.0.0.1:{ports[1]}", process.pid)
    try:
        until = time.monotonic() + 120
        doors = [found.room] if command == "web" else [found.room, found.gateway]
        while not all(_answers(f"{door}/health") for door in doors):
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
