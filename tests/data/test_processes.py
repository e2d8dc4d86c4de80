"""The supervisor: what dies comes back, and nothing outlives it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from data.processes import Job, Supervisor

_SLEEPER = Job("sleeper", (sys.executable, "-c", "import time; print('up'); time.sleep(600)"))
_QUITTER = Job("quitter", (sys.executable, "-c", "raise SystemExit(3)"))
_DEAF = Job(
    "deaf",
    (
        sys.executable,
        "-c",
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)",
    ),
)


@pytest.fixture
def said() -> list[str]:
    """What the supervisor said."""
    return []


@pytest.fixture
def supervise(said: list[str]) -> Iterator[Callable[..., Supervisor]]:
    """Starts a supervisor over these jobs."""
    made: list[Supervisor] = []

    def supervise(*jobs: Job) -> Supervisor:
        env = {**os.environ, "PYTHONUNBUFFERED": "1"}
        made.append(Supervisor(jobs, env, said.append))
        made[-1].start()
        return made[-1]

    yield supervise
    for each in made:
        each.stop()


def _wait_for(condition: Callable[[], object], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.02)


def test_a_killed_child_comes_back(supervise: Callable[..., Supervisor], said: list[str]) -> None:
    """Kill -9 of a part costs that part a moment, and is told."""
    supervisor = supervise(_SLEEPER)
    pid = supervisor.pids["sleeper"]
    os.kill(pid, signal.SIGKILL)

    def is_back() -> bool:
        supervisor.tend()
        return supervisor.pids.get("sleeper", pid) != pid

    _wait_for(is_back)
    assert "sleeper ended by signal 9; starting it again in 0.2 s" in said


def test_a_child_that_cannot_live_is_tried_ever_more_slowly(
    supervise: Callable[..., Supervisor], said: list[str]
) -> None:
    """A part with a wrong setting does not eat the machine by restarting."""
    supervisor = supervise(_QUITTER)

    def has_ended_thrice() -> bool:
        supervisor.tend()
        return len(said) >= 3

    _wait_for(has_ended_thrice)
    assert [line.rsplit(" ", 2)[-2] for line in said] == ["0.2", "0.4", "0.8"]
    assert said[0].startswith("quitter ended with status 3")


def test_lines_bear_the_name_of_who_said_them(
    supervise: Callable[..., Supervisor], said: list[str]
) -> None:
    """One terminal, several parts: each line says whose it is."""
    supervise(_SLEEPER)
    _wait_for(lambda: said)
    assert said == ["sleeper   | up"]


def test_stopping_ends_the_deaf_as_well(supervise: Callable[..., Supervisor]) -> None:
    """A child that ignores SIGTERM is ended by force."""
    supervisor = supervise(_SLEEPER, _DEAF)
    pids = list(supervisor.pids.values())
    time.sleep(0.3)  # long enough for it to have become deaf
    supervisor.stop()
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_kill_9_of_the_supervisor_leaves_no_child(project_dir: Path) -> None:
    """However the supervisor ends, nothing it started goes on alone."""
    code = """
import os, sys, time
from data.processes import Job, Supervisor
job = Job("child", (sys.executable, "-c", "import time; time.sleep(600)"))
supervisor = Supervisor([job], os.environ, print)
supervisor.start()
print(*supervisor.pids.values(), flush=True)
time.sleep(600)
"""
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=project_dir, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        assert psutil.pid_exists(pid)
        process.kill()
    _wait_for(lambda: not _is_alive(pid))


def _is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
