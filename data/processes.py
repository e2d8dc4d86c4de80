"""Runs several programs as one: starts them, restarts what dies, and takes them all along.

No child outlives the process that started it, not even after kill -9: the kernel ends them.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

_STEADY_S = 10.0
"""A child that lived this long is started again at once."""
_FIRST_DELAY_S = 0.2
_LONGEST_DELAY_S = 15.0
_STOP_WITHIN_S = 6.0


@dataclass(frozen=True, slots=True)
class Job:
    """A program to keep running; `name` stands before each of its lines."""

    name: str
    command: tuple[str, ...]


@dataclass(slots=True)
class _Child:
    job: Job
    process: subprocess.Popen[str] | None = None
    started_s: float = 0.0
    delay_s: float = _FIRST_DELAY_S
    start_at_s: float = 0.0


@dataclass(slots=True)
class Supervisor:
    """Keeps jobs running until it is stopped.

    Call `tend` a few times a second, always from the same thread, and from one that lives as
    long as the process: the kernel ends a child when the *thread* that started it ends.

    Args:
        jobs: in the order of starting; stopped in reverse.
        env: the environment the children get.
        say: takes one finished line; called from several threads.
    """

    jobs: Sequence[Job]
    env: Mapping[str, str]
    say: Callable[[str], None]
    _children: list[_Child] = field(default_factory=list)

    @property
    def pids(self) -> dict[str, int]:
        """The process id of each job that runs just now."""
        return {
            child.job.name: child.process.pid
            for child in self._children
            if child.process is not None and child.process.poll() is None
        }

    def start(self) -> None:
        """Starts every job once."""
        self._children = [_Child(job) for job in self.jobs]
        for child in self._children:
            self._launch(child)

    def tend(self) -> None:
        """Starts again what died; at once if it had run well, else after a growing pause."""
        now_s = time.monotonic()
        for child in self._children:
            if child.process is not None:
                code = child.process.poll()
                if code is None:
                    continue
                self._note_death(child, code, now_s)
            if child.process is None and now_s >= child.start_at_s:
                self._launch(child)

    def stop(self) -> None:
        """Ends every child in reverse order, the deaf ones by force."""
        for child in reversed(self._children):
            _signal_group(child.process, signal.SIGTERM)
        end_s = time.monotonic() + _STOP_WITHIN_S
        for child in reversed(self._children):
            if child.process is None:
                continue
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.05, end_s - time.monotonic()))
            # Also after a good end: a grandchild may have stayed.
            _signal_group(child.process, signal.SIGKILL)
            child.process.wait()
        self._children = []

    def _launch(self, child: _Child) -> None:
        child.process = subprocess.Popen(
            child.job.command,
            env=dict(self.env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            # Its own session: Ctrl-C reaches us alone, and we stop them in order.
            start_new_session=True,
            # SIGKILL: we died badly, so nothing of ours may be left, whatever it is waiting for.
            preexec_fn=die_with_parent(signal.SIGKILL),
        )
        child.started_s = time.monotonic()
        threading.Thread(
            target=self._tell, args=(child.job.name, child.process), daemon=True
        ).start()

    def _note_death(self, child: _Child, code: int, now_s: float) -> None:
        _signal_group(child.process, signal.SIGKILL)
        child.process = None
        if now_s - child.started_s >= _STEADY_S:
            child.delay_s = _FIRST_DELAY_S
        child.start_at_s = now_s + child.delay_s
        cause = f"by signal {-code}" if code < 0 else f"with status {code}"
        self.say(f"{child.job.name} ended {cause}; starting it again in {child.delay_s:.1f} s")
        child.delay_s = min(child.delay_s * 2, _LONGEST_DELAY_S)

    def _tell(self, name: str, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                self.say(f"{name:<9} | {line.rstrip()}")


def die_with_parent(sign: int) -> Callable[[], None] | None:
    """What a child runs before its program (`preexec_fn`) so that it is signalled when we die.

    It runs after a change of account, which would clear the wish. None where the kernel offers
    no such thing (macOS): there children end only when the program ends in good order.
    """
    if sys.platform != "linux":
        return None
    # Loaded here: between fork and exec nothing may take a lock.
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def ask() -> None:
        set_parent_death_signal = 1
        prctl(set_parent_death_signal, int(sign), 0, 0, 0)
        if os.getppid() != parent:  # it died before we could ask
            os._exit(1)

    return ask


def _signal_group(process: subprocess.Popen[str] | None, sign: int) -> None:
    if process is not None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, sign)
