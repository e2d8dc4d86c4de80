"""The private PostGIS cluster: made, started, watched and stopped with the programs that need it.

Reached through a unix socket only; who may connect is decided by the operating system's account
(`peer`), so there is no password to keep. The server lives as long as anybody uses it and never
longer, however its users end: see data.store.keeper.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

import psutil
import psycopg

from data.errors import MissingPart, Unavailable
from data.store.binaries import Binaries, find_binaries
from data.store.keeper import identity_of
from data.store.privileges import APP_ROLE

DATABASE = "vigil"
_ROLE = "vigil"
_START_WITHIN_S = 60.0
_STOP_WITHIN_S = 20.0
_LONGEST_SOCKET_DIR = 90  # bytes; the kernel's sun_path holds 108 (macOS 104) with the file name

_CONF = """\
# Written by Vigil at each start; changes here are lost.
listen_addresses = ''
port = 5432
unix_socket_directories = '{socket_dir}'
unix_socket_permissions = 0700
max_connections = 200
shared_buffers = 256MB
work_mem = 16MB
maintenance_work_mem = 128MB
effective_cache_size = 1GB
max_wal_size = 2GB
checkpoint_timeout = 10min
wal_compression = on
fsync = on
full_page_writes = on
synchronous_commit = on
random_page_cost = 1.1
jit = off
# A container's /dev/shm is often 64 MB, which parallel workers overrun; the cores are taken anyway.
max_parallel_workers_per_gather = 0
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %a '
log_checkpoints = off
{by_system}# Statements and parameters hold places and names: never in a log.
log_statement = 'none'
log_min_error_statement = panic
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
"""


class Cluster:
    """One private server below `home`, shared by every process of this project.

    The first process that needs it starts it, the others join, and the last that stops, or dies,
    takes it along. Call `tend` now and then: it starts the server again when it has died.

    Args:
        home: the folder to keep it in, made when missing. Where the server's account cannot
            reach it (a project below /root), /var/lib/vigil is used instead.
        env: the environment, for finding the binaries.
        extra_settings: lines for the server's configuration that win over ours.
    """

    def __init__(
        self, home: Path, env: Mapping[str, str], extra_settings: Mapping[str, str] | None = None
    ) -> None:
        self._wish = home.absolute()
        self._env = env
        self._extra = "".join(f"{k} = '{v}'\n" for k, v in (extra_settings or {}).items())
        self._account = _service_account()
        self._home: Path | None = None
        self._socket_dir: Path | None = None
        self._users: IO[bytes] | None = None
        self._keeper: subprocess.Popen[bytes] | None = None

    @property
    def home(self) -> Path:
        """The folder it is kept in: the one asked for, or the one its account can reach."""
        return self._find_home()

    @property
    def postmaster_pid(self) -> int | None:
        """The server's process id; None when it does not run."""
        return self._running_pid(self._data_dir())

    def url(self, database: str = DATABASE, role: str = APP_ROLE) -> str:
        """The SQLAlchemy address of a database in this cluster, for the program."""
        folder = quote(str(self._find_socket_dir()), safe="/")
        return f"postgresql+psycopg://{role}@/{database}?host={folder}&port=5432"

    def owner_url(self, database: str = DATABASE) -> str:
        """The same for migrations, and whatever else only the tables' owner may do."""
        return self.url(database, _ROLE)

    def start(self) -> bool:
        """Sees to it that the server runs and holds the database; False when it ran already.

        Raises:
            MissingPart: no PostgreSQL with PostGIS, or no account to run it under.
            Unavailable: it does not come up; the message holds the end of the server's log.
        """
        with self._only_one():
            self._join()
            end = time.monotonic() + _START_WITHIN_S
            was_running = self._wait_for_others(end)
            if not was_running:
                self._make_data_dir()
                self._launch(end)
            self._make_database()
            return not was_running

    def tend(self) -> bool:
        """Starts the server again where it died; True when that was needed. Cheap otherwise."""
        if self._running_pid(self._data_dir()) is not None:
            return False
        return self.start()

    def stop(self) -> None:
        """Uses the server no longer; returns when it has ended, or when others go on using it."""
        if self._users is None:
            return
        self._users.close()
        self._users = None
        began_s = time.monotonic()
        while self._running_pid(self._data_dir()) is not None:
            waited_s = time.monotonic() - began_s
            # Without users it takes no more connections by now.
            if waited_s > _STOP_WITHIN_S or (waited_s > 1.0 and self._is_answering()):
                return
            time.sleep(0.02)
        if self._keeper is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._keeper.wait(2)

    def connect(self, database: str = DATABASE) -> psycopg.Connection:
        """A plain autocommit connection of the owner's, for what cannot run in a transaction."""
        return psycopg.connect(
            host=str(self._find_socket_dir()),
            port=5432,
            user=_ROLE,
            dbname=database,
            autocommit=True,
            connect_timeout=5,
        )

    # ---- places

    def _find_home(self) -> Path:
        if self._home is None:
            self._home = self._settle_home()
        return self._home

    def _settle_home(self) -> Path:
        for home in (self._wish, Path("/var/lib/vigil") / _short_hash(self._wish)):
            home.mkdir(parents=True, exist_ok=True)
            owner = home.stat().st_uid
            if self._account is not None:
                os.chown(home, self._account.pw_uid, self._account.pw_gid)
            elif owner != os.getuid():
                raise Unavailable(
                    f"The database in {home} belongs to account {owner}: start Vigil as the user "
                    "who made it, or point VIGIL_DATABASE_URL at a server"
                )
            home.chmod(0o700)
            if self._can_enter(home):
                return home
        raise Unavailable(f"The account that runs PostgreSQL cannot reach {self._wish}")

    def _can_enter(self, folder: Path) -> bool:
        # Asked as that account: rights of every folder above count, and root sees none of them.
        # Not by Python: its own files may lie where the account cannot go.
        test = shutil.which("test") or "/usr/bin/test"
        done = subprocess.run([test, "-w", folder, "-a", "-x", folder], **self._as_account())
        return done.returncode == 0

    def _data_dir(self) -> Path:
        return self._find_home() / "data"

    def _find_socket_dir(self) -> Path:
        if self._socket_dir is None:
            folder = self._find_home() / "socket"
            if len(bytes(folder)) > _LONGEST_SOCKET_DIR:
                folder = Path(tempfile.gettempdir()) / f"vigil-{_short_hash(folder)}"
            self._make_private(folder)
            self._socket_dir = folder
        return self._socket_dir

    def _make_private(self, folder: Path) -> None:
        owner = self._account.pw_uid if self._account else os.getuid()
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
            if self._account:
                os.chown(folder, self._account.pw_uid, self._account.pw_gid)
        found = folder.lstat()
        # In /tmp anybody may have made it first, and would then own the door.
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or found.st_mode & 0o077:
            raise Unavailable(f"{folder} is not a private folder of the server's account")

    @contextlib.contextmanager
    def _only_one(self) -> Iterator[None]:
        with (self._find_home() / "lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    # ---- making

    def _binaries(self) -> Binaries:
        version = self._data_dir() / "PG_VERSION"
        major = int(version.read_text()) if version.exists() else None
        return find_binaries(self._env, major)

    def _make_data_dir(self) -> None:
        data_dir = self._data_dir()
        if not (data_dir / "PG_VERSION").exists():
            # Made beside and then renamed: killed half way, the next start begins afresh.
            draft = self._find_home() / "data.init"
            shutil.rmtree(draft, ignore_errors=True)
            done = subprocess.run(
                [
                    *(self._binaries().initdb, "-D", draft, "-U", _ROLE, "-E", "UTF8"),
                    *("--locale=C.UTF-8", "--data-checksums", "--no-instructions"),
                    *("--auth-local=peer", "--auth-host=reject"),
                ],
                **self._as_account(stdout=subprocess.PIPE, stderr=subprocess.STDOUT),
            )
            if done.returncode:
                raise Unavailable(f"initdb failed: {done.stdout.decode(errors='replace')[-800:]}")
            with (draft / "postgresql.conf").open("a") as conf:
                conf.write("\ninclude_if_exists = 'vigil.conf'\n")
            draft.rename(data_dir)
        self._write_settings(data_dir)

    def _write_settings(self, data_dir: Path) -> None:
        known = {pwd.getpwuid(os.getuid()).pw_name}
        if self._account:
            known.add(self._account.pw_name)
        lines = "".join(
            f"{_ROLE} {name} {role}\n" for name in sorted(known) for role in (_ROLE, APP_ROLE)
        )
        # After a crash every file is synced one by one unless the whole file system may be at once.
        by_system = "recovery_init_sync_method = syncfs\n" if sys.platform == "linux" else ""
        conf = _CONF.format(socket_dir=self._find_socket_dir(), by_system=by_system)
        self._write(data_dir / "vigil.conf", conf + self._extra)
        self._write(data_dir / "pg_ident.conf", lines)
        rule = f"local all all peer map={_ROLE}\n"
        self._write(data_dir / "pg_hba.conf", rule + rule.replace("all all", "replication all"))

    def _write(self, path: Path, words: str) -> None:
        path.write_text(words)
        path.chmod(0o600)
        if self._account:
            os.chown(path, self._account.pw_uid, self._account.pw_gid)

    # ---- running

    def _join(self) -> None:
        if self._users is None:
            self._users = (self._find_home() / "users").open("ab")
        # Waits while a keeper brings the server down: it has this lock for itself till then.
        fcntl.flock(self._users, fcntl.LOCK_SH)

    def _wait_for_others(self, end: float) -> bool:
        """Whether a server answers; one on its way up or down gets there by itself."""
        while self._running_pid(self._data_dir()) is not None:
            if self._is_answering():
                return True
            if time.monotonic() > end:
                raise Unavailable(f"PostgreSQL runs but does not answer.\n{self._log_tail()}")
            time.sleep(0.02)
        return False

    def _launch(self, end: float) -> None:
        home, name = self._find_home(), self._account.pw_name if self._account else ""
        server = [self._binaries().postgres, "-D", str(self._data_dir())]
        while True:
            self._clear_the_way()
            self._keeper = subprocess.Popen(
                [
                    *(sys.executable, "-m", "data.store.keeper"),
                    *(str(home / "users"), str(home / "server.log"), name, *server),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                # Its own session: Ctrl-C goes to the programs, which then stop using the server.
                start_new_session=True,
                cwd=Path(__file__).parents[2],
            )
            while self._keeper.poll() is None:
                if self._is_answering():
                    return
                if time.monotonic() > end:
                    self._keeper.kill()
                time.sleep(0.02)
            if time.monotonic() > end:
                raise Unavailable(f"PostgreSQL does not start.\n{self._log_tail()}")
            time.sleep(0.1)

    def _clear_the_way(self) -> None:
        """Removes what a killed server left and what would keep the next one from starting."""
        data_dir = self._data_dir()
        for orphan in _servers_in(data_dir):
            # A busy backend does not notice that its postmaster died and holds the shared memory.
            with contextlib.suppress(psutil.Error):
                orphan.send_signal(signal.SIGQUIT)
        pid = _noted_pid(data_dir)
        # A dead pid postgres judges by itself; one that now belongs to a stranger it obeys.
        if pid is not None and psutil.pid_exists(pid) and self._running_pid(data_dir) is None:
            (data_dir / "postmaster.pid").unlink(missing_ok=True)

    def _running_pid(self, data_dir: Path) -> int | None:
        pid = _noted_pid(data_dir)
        if pid is None:
            return None
        if self._keeper is not None:
            self._keeper.poll()  # so that none of ours stays a zombie
        with contextlib.suppress(psutil.Error):
            if _is_server_in(psutil.Process(pid), data_dir):
                return pid
        return None

    def _is_answering(self) -> bool:
        try:
            with self.connect("postgres") as connection:
                connection.execute("select 1")
        except psycopg.OperationalError:
            return False
        return True

    def _make_database(self) -> None:
        with self.connect("postgres") as connection:
            query = "select 1 from pg_database where datname = %s"
            if connection.execute(query, [DATABASE]).fetchone() is None:
                connection.execute(f"create database {DATABASE} template template0")
            # Every database of this cluster has its own rights for it (data.store.privileges).
            present = "select 1 from pg_roles where rolname = %s"
            if connection.execute(present, [APP_ROLE]).fetchone() is None:
                connection.execute(f"create role {APP_ROLE} login")
            # The role bears our schema's name, so by default that would come first unnoticed, and
            # a statement that forgot to name the schema would fail only on another's server.
            connection.execute(f"alter role {_ROLE} set search_path = public")
        with self.connect() as connection:
            connection.execute("create extension if not exists postgis")

    def _as_account(self, **rest: object) -> dict[str, Any]:
        # The account often cannot enter the folder we were started in.
        identity = identity_of(self._account.pw_name if self._account else "")
        return {"cwd": "/", "check": False, "stdin": subprocess.DEVNULL, **identity, **rest}

    def _log_tail(self) -> str:
        with contextlib.suppress(OSError):
            return (self._find_home() / "server.log").read_text(errors="replace")[-800:]
        return ""


def _service_account() -> pwd.struct_passwd | None:
    """The account to run the server under; None where we are nobody special ourselves."""
    if os.getuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError as error:
        raise MissingPart(
            "PostgreSQL refuses to run as root and this machine has no account 'postgres': "
            "install PostgreSQL from the system's packages, or start Vigil as another user"
        ) from error


def _short_hash(path: Path) -> str:
    return hashlib.sha256(bytes(path)).hexdigest()[:12]


def _noted_pid(data_dir: Path) -> int | None:
    try:
        return int((data_dir / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def _is_server_in(process: psutil.Process, data_dir: Path) -> bool:
    # A zombie has no folder any more: whoever should reap it has not come round to it yet.
    return process.name() in {"postgres", "postmaster"} and process.cwd() == str(data_dir.resolve())


def _servers_in(data_dir: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if _is_server_in(process, data_dir):
                found.append(process)
    return found
