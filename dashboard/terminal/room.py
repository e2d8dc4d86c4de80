"""The whole room as one program: the database and every process, until it is told to stop."""

from __future__ import annotations

import contextlib
import signal
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import FrameType

import psutil
from sqlalchemy import Engine

from dashboard.terminal.house import House
from data.errors import Unavailable
from data.processes import Job, Supervisor

_LOOK_EVERY_S = 0.2
_printing = threading.Lock()


def say(line: str) -> None:
    """One whole line on the terminal, whoever else is writing."""
    with _printing:
        print(line, flush=True)


def keep_room(
    house: House,
    commands: Sequence[str],
    *,
    prepare: Callable[[Engine], Mapping[str, str]],
    as_owner: bool = False,
) -> int:
    """Runs these commands of ours until Ctrl-C or SIGTERM; 0 when it ended in good order.

    Args:
        house: the program.
        commands: in the order of starting.
        prepare: brings the database to where the commands can start; gives what they find in
            their environment besides ours.
        as_owner: whether `prepare` gets the database as its tables' owner.
    """
    settings = house.settings
    need_free_port(settings.web_host, settings.web_port, "VIGIL_WEB_PORT")
    need_free_port(settings.gateway_host, settings.gateway_port, "VIGIL_GATEWAY_PORT")
    with _stopping_on_signals(), contextlib.suppress(KeyboardInterrupt), house.engine() as engine:
        with house.owner_engine() if as_owner else contextlib.nullcontext(engine) as prepared:
            extra = prepare(prepared)
        url = engine.url.render_as_string(hide_password=False)
        engine.dispose()
        env = {**house.env, **extra, "VIGIL_DATABASE_URL": url, "PYTHONUNBUFFERED": "1"}
        # What only migrations need is nothing for a process that the network can reach.
        env.pop("VIGIL_OWNER_DATABASE_URL", None)
        jobs = [
            Job(name, (sys.executable, str(house.app_path), command))
            for name, command in _named(commands, settings.judge_workers)
        ]
        supervisor = Supervisor(jobs, env, say)
        try:
            supervisor.start()
            _look_after(supervisor, f"http://{_reachable(settings.web_host)}:{settings.web_port}")
        finally:
            say("Stopping.")
            supervisor.stop()
    return 0


def _named(commands: Sequence[str], judges: int) -> list[tuple[str, str]]:
    # Several judges share the work; of everything else there is one.
    return [
        (f"{each} {n + 1}" if each == "judge" else each, each)
        for each in commands
        for n in range(judges if each == "judge" else 1)
    ]


def need_free_port(host: str, port: int, setting: str) -> None:
    """Returns when nobody listens there.

    Raises:
        Unavailable: somebody does; says who, where the system tells, and what to set instead.
    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Unavailable(
                f"Port {port} on {host} cannot be had{_holder(port)}: stop what uses it, "
                f"or choose another with {setting}"
            ) from error


def _holder(port: int) -> str:
    with contextlib.suppress(psutil.Error, OSError):
        for found in psutil.net_connections("tcp"):
            if found.status == psutil.CONN_LISTEN and found.laddr.port == port and found.pid:
                return f" ({psutil.Process(found.pid).name()}, process {found.pid}, has it)"
    return ""


def _look_after(supervisor: Supervisor, address: str) -> None:
    is_announced = False
    while True:
        supervisor.tend()
        if not is_announced and _answers(address):
            is_announced = True
            say(f"\nThe room is open: {address}   (Ctrl-C ends it)\n")
        time.sleep(_LOOK_EVERY_S)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2):  # noqa: S310 - our own address
            return True
    except urllib.error.HTTPError:
        return True  # a refusal is an answer, and without sign-in the right one
    except OSError:
        return False


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104 - a word, no bind


@contextlib.contextmanager
def _stopping_on_signals() -> Iterator[None]:
    """SIGTERM as good as Ctrl-C; also where a shell started us with Ctrl-C ignored (`&`)."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {sign: signal.signal(sign, stop) for sign in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)
