"""The private cluster against what happens to real machines. Each test runs real processes."""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from data.errors import MissingPart, Unavailable
from data.store.binaries import find_binaries
from data.store.cluster import Cluster

pytestmark = [pytest.mark.db, pytest.mark.slow]

_USER = """
import os, sys, time
from pathlib import Path
from data.store.cluster import Cluster
cluster = Cluster(Path(sys.argv[1]), os.environ)
print("started" if cluster.start() else "joined", flush=True)
while True:
    if cluster.tend():
        print("started", flush=True)
    time.sleep(0.05)
"""


class Program:
    """Another process that starts the cluster in this folder, or joins it."""

    def __init__(self, home: Path, project_dir: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", _USER, str(home)],
            cwd=project_dir,
            stdout=subprocess.PIPE,
            text=True,
        )

    def said(self) -> str:
        """Waits for its next word: whether it had to start the server."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def kill(self) -> None:
        """What the kernel does when memory runs out."""
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


@contextlib.contextmanager
def _reachable_folder(project_dir: Path) -> Iterator[Path]:
    """A folder the server's account can reach, as a project's folder is; pytest's own it cannot."""
    (project_dir / ".var").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=project_dir / ".var", prefix="cluster-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture(scope="module")
def made_once() -> Iterator[Path]:
    """A data folder that was made, started and stopped well."""
    with _reachable_folder(Path(__file__).parents[3]) as folder:
        cluster = Cluster(folder / "postgres", os.environ)
        cluster.start()
        cluster.stop()
        yield cluster.home / "data"


@pytest.fixture
def empty_home(project_dir: Path) -> Iterator[Path]:
    """Where no cluster has ever been."""
    with _reachable_folder(project_dir) as folder:
        yield folder / "postgres"


@pytest.fixture
def home(empty_home: Path, made_once: Path) -> Path:
    """Where a cluster was made before; that takes the longest."""
    empty_home.mkdir()
    subprocess.run(["cp", "-a", made_once, empty_home / "data"], check=True)
    return empty_home


@pytest.fixture
def start(empty_home: Path, project_dir: Path) -> Iterator[Callable[[], Program]]:
    """Starts programs that share the cluster and ends them, however they do."""
    programs: list[Program] = []

    def start() -> Program:
        programs.append(Program(empty_home, project_dir))
        return programs[-1]

    yield start
    for program in programs:
        if program.process.returncode is None:
            program.kill()
    assert _no_server_within(empty_home, seconds=10)


def _no_server_within(home: Path, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while _servers(home):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def _servers(home: Path) -> list[int]:
    found = []
    for process in psutil.process_iter(["pid", "name"]):
        try:
            if process.info["name"] == "postgres" and process.cwd().startswith(str(home)):
                found.append(process.pid)
        except psutil.Error:
            continue
    return found


def _answers_within(cluster: Cluster, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            with cluster.connect() as connection:
                return connection.execute("select postgis_lib_version()").fetchone() is not None
        except psycopg.OperationalError:
            time.sleep(0.02)
    return False


def test_kill_9_of_the_only_user_takes_the_server_along_and_loses_nothing(
    home: Path, start: Callable[[], Program]
) -> None:
    """No server is left behind, and what was committed is there after the next start."""
    user = start()
    assert user.said() == "started"
    cluster = Cluster(home, os.environ)
    with cluster.connect() as connection:
        connection.execute("create table kept (number int)")
        connection.execute("insert into kept values (1)")
    user.kill()
    assert _no_server_within(home, seconds=5)
    assert start().said() == "started"
    with cluster.connect() as connection:
        assert connection.execute("select number from kept").fetchall() == [(1,)]


def test_kill_9_of_a_busy_server_is_mended_by_its_user(
    home: Path, start: Callable[[], Program]
) -> None:
    """Back within seconds, although a busy backend does not notice that its server died."""
    user = start()
    user.said()
    cluster = Cluster(home, os.environ)
    pid = cluster.postmaster_pid
    assert pid is not None
    busy = cluster.connect()
    # One long computation without a wait: the backend looks at nothing else meanwhile.
    busy.pgconn.send_query(b"select count(*) from generate_series(1, 20000000000)")
    busy.pgconn.flush()
    time.sleep(0.2)
    os.kill(pid, signal.SIGKILL)
    assert user.said() == "started"
    assert _answers_within(cluster, seconds=5)
    assert cluster.postmaster_pid != pid
    busy.close()


def test_two_that_start_at_once_share_one_server(start: Callable[[], Program]) -> None:
    """On nothing at all, one makes the cluster and the other finds it made."""
    one, other = start(), start()
    assert sorted([one.said(), other.said()]) == ["joined", "started"]


def test_the_server_stays_while_anybody_uses_it(home: Path, start: Callable[[], Program]) -> None:
    """Whoever started it may go or be killed: the others do not even lose a connection."""
    first = start()
    assert first.said() == "started"
    cluster = Cluster(home, os.environ)
    assert not cluster.start()
    with cluster.connect() as connection:
        first.kill()
        time.sleep(1.0)
        assert connection.execute("select 1").fetchone() == (1,)
    cluster.stop()
    assert _servers(home) == []


def test_kill_9_of_the_keeper_is_mended(home: Path, start: Callable[[], Program]) -> None:
    """The process between the server and its users is no more immortal than the others."""
    user = start()
    assert user.said() == "started"
    (keeper,) = psutil.Process(user.process.pid).children()
    keeper.kill()
    assert user.said() == "started"
    assert _answers_within(Cluster(home, os.environ), seconds=5)


def test_killed_while_making_the_cluster(empty_home: Path, start: Callable[[], Program]) -> None:
    """A half-made data folder is thrown away by the next start."""
    victim = start()
    draft = empty_home / "data.init"
    end = time.monotonic() + 20
    while not (draft / "base").exists():
        assert time.monotonic() < end
        time.sleep(0.01)
    victim.kill()
    for process in psutil.process_iter(["name", "cmdline"]):
        # initdb's own children: the kernel ends the server with us, initdb is only a moment's.
        if str(draft) in " ".join(process.info["cmdline"] or []):
            process.kill()
    assert start().said() == "started"


def test_a_pid_file_whose_number_now_belongs_to_a_stranger(home: Path) -> None:
    """In a container numbers come round quickly: the file is not believed."""
    cluster = Cluster(home, os.environ)
    cluster.start()
    noted = (home / "data" / "postmaster.pid").read_text()
    cluster.stop()
    stranger = noted.split("\n", 1)[1]
    (home / "data" / "postmaster.pid").write_text(f"{os.getpid()}\n{stranger}")
    started_s = time.monotonic()
    assert cluster.start()
    assert time.monotonic() - started_s < 5
    cluster.stop()


def test_a_path_too_long_for_a_socket(home: Path) -> None:
    """The kernel allows 107 bytes for a socket's path; the door then stands in /tmp, private."""
    deep = home.parent / ("deep" * 25)
    home.rename(deep)
    cluster = Cluster(deep, os.environ)
    cluster.start()
    try:
        with cluster.connect() as connection:
            assert connection.execute("show data_checksums").fetchone() == ("on",)
    finally:
        cluster.stop()


def test_nothing_listens_on_the_network(cluster: Cluster) -> None:
    """The server is reached through its socket only, by the accounts that may."""
    with cluster.connect() as connection:
        assert connection.execute("show listen_addresses").fetchone() == ("",)
        rules = connection.execute("select distinct auth_method from pg_hba_file_rules").fetchall()
    assert rules == [("peer",)]


def test_no_postgis_says_what_to_install(tmp_path: Path) -> None:
    """The message is for the person who just typed the first command."""
    with pytest.raises(MissingPart, match="apt-get install postgresql postgresql-postgis"):
        find_binaries({"PATH": str(tmp_path)}, major=3)


def test_a_socket_folder_that_somebody_else_made_is_refused(
    empty_home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In /tmp anybody could have made it first and would own the door."""
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    cluster = Cluster(empty_home / ("deep" * 25) / "postgres", os.environ)
    digest = hashlib.sha256(bytes(cluster.home / "socket")).hexdigest()
    (tmp_path / f"vigil-{digest[:12]}").mkdir(mode=0o777)
    with pytest.raises(Unavailable, match="not a private folder"):
        cluster.url()
