"""The program as people start it: one command, and everything it started ends with it."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from app import main, make_parser
from dashboard.terminal.room import need_free_port
from data.errors import Unavailable


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def run_app(
    project_dir: Path, database_url: str, tmp_path: Path
) -> Iterator[Callable[..., tuple[subprocess.Popen[str], str]]]:
    """Starts `app.py` on ports and a database of the test's own; gives it and its address."""
    started: list[subprocess.Popen[str]] = []

    def run(*arguments: str) -> tuple[subprocess.Popen[str], str]:
        port = free_port()
        env = {
            **os.environ,
            "VIGIL_DATABASE_URL": database_url,
            "VIGIL_CHECKPOINT_DIR": str(tmp_path / "checkpoints"),
            "VIGIL_WEB_PORT": str(port),
            "VIGIL_GATEWAY_PORT": str(free_port()),
            "VIGIL_JUDGE_WORKERS": "1",
        }
        with (tmp_path / "said.txt").open("w") as said:
            process = subprocess.Popen(
                [sys.executable, "app.py", *arguments],
                cwd=project_dir,
                env=env,
                stdout=said,
                stderr=said,
                text=True,
            )
        started.append(process)
        return process, f"http://127.0.0.1:{port}/"

    yield run
    for process in started:
        if process.poll() is None:
            process.kill()
            process.wait()


def _wait_for(what: str, condition: Callable[[], object], said: Path, seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"{what} did not come; it said:\n{said.read_text()[-3000:]}"
        time.sleep(0.1)


def _answers(address: str) -> bool:
    try:
        urllib.request.urlopen(address, timeout=5).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


@pytest.mark.db
@pytest.mark.slow
def test_the_room_opens_mends_itself_and_leaves_nothing(
    run_app: Callable[..., tuple[subprocess.Popen[str], str]], tmp_path: Path
) -> None:
    """It answers, a killed judge comes back, and SIGTERM ends every process of it in good order."""
    process, address = run_app("run")
    said = tmp_path / "said.txt"
    _wait_for("the page", lambda: _answers(address), said)
    _wait_for("the invitation", lambda: "The room is open" in said.read_text(), said)

    parts = _parts(process)
    assert sorted(parts) == ["gateway", "judge", "notify", "watch", "web"]
    everybody = psutil.Process(process.pid).children(recursive=True)
    os.kill(parts["judge"], signal.SIGKILL)
    _wait_for(
        "the next judge",
        lambda: _parts(process).get("judge", parts["judge"]) != parts["judge"],
        said,
    )

    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    assert not any(each.is_running() for each in everybody)
    assert not _answers(address)


@pytest.mark.db
@pytest.mark.slow
def test_kill_9_of_the_room_leaves_nothing(
    run_app: Callable[..., tuple[subprocess.Popen[str], str]], tmp_path: Path
) -> None:
    """Whatever ends the program, no part of it goes on alone."""
    process, address = run_app("run")
    said = tmp_path / "said.txt"
    _wait_for("the page", lambda: _answers(address), said)
    everybody = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait()
    _wait_for("the end of all", lambda: not any(_lives(each) for each in everybody), said, 15)


def _parts(process: subprocess.Popen[str]) -> dict[str, int]:
    found = {}
    for each in psutil.Process(process.pid).children():
        # A zombie has no command line any more: an error, or an empty one.
        with contextlib.suppress(psutil.Error):
            if command := each.cmdline():
                found[command[-1]] = each.pid
    return found


def _lives(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def test_a_taken_port_is_told_with_its_holder_and_the_setting() -> None:
    """The message says who has it and what to set, before anything else is started."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        with pytest.raises(Unavailable) as caught:
            need_free_port("127.0.0.1", port, "VIGIL_WEB_PORT")
    assert re.search(rf"Port {port} .*process {os.getpid()}.*VIGIL_WEB_PORT", str(caught.value))


def test_what_is_wrong_is_one_line_and_a_status(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No traceback for what the person at the terminal can mend."""
    monkeypatch.setenv("VIGIL_WEB_PORT", "eighty")
    assert main(["run"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("vigil: VIGIL_WEB_PORT: expected a number from 1 to 65535")
    assert said.count("\n") == 1


def test_a_command_loads_only_what_it_needs(project_dir: Path) -> None:
    """Judging files needs no web server and no database, and loads neither."""
    code = (
        "import sys, app; app.make_parser(['judge-files']);"
        "print([each for each in ('dash', 'flask', 'sqlalchemy') if each in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=project_dir, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """`app.py --help` is the list of what can be done."""
    from app import COMMANDS

    with pytest.raises(SystemExit):
        make_parser(COMMANDS).parse_args(["--help"])
    said = capsys.readouterr().out
    assert all(command in said for command in COMMANDS)
