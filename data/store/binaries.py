"""Where this machine keeps a PostgreSQL that has PostGIS."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from data.errors import MissingPart

_PLACES = (
    "/usr/lib/postgresql/*/bin",  # Debian, Ubuntu
    "/usr/pgsql-*/bin",  # the PostgreSQL project's own packages
    "/usr/bin",  # Fedora, Arch
    "/usr/libexec/postgresql*",  # Alpine
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
)
_OLDEST = 15


@dataclass(frozen=True, slots=True)
class Binaries:
    """One PostgreSQL installation with PostGIS."""

    folder: Path
    major: int
    postgis: str

    @property
    def initdb(self) -> str:
        """The program that makes a data folder."""
        return str(self.folder / "initdb")

    @property
    def postgres(self) -> str:
        """The server program."""
        return str(self.folder / "postgres")


def find_binaries(env: Mapping[str, str], major: int | None = None) -> Binaries:
    """The newest PostgreSQL with PostGIS on this machine.

    Args:
        env: the environment; `PG_BINDIR` names a folder to look at first, `PATH` is searched too.
        major: only this major version will do, because a data folder of that version exists.

    Raises:
        MissingPart: there is none; says what to install.
    """
    found = [each for folder in _folders(env) if (each := _installation(folder)) is not None]
    if major is not None:
        found = [each for each in found if each.major == major]
    if env.get("PG_BINDIR"):
        found = found[:1]
    if not found:
        which = f"PostgreSQL {major}" if major else f"PostgreSQL {_OLDEST} or newer"
        raise MissingPart(
            f"{which} with PostGIS is not on this machine. On Debian or Ubuntu: "
            "apt-get install postgresql postgresql-postgis; elsewhere install both from your "
            "package manager, or point VIGIL_DATABASE_URL at a server"
        )
    return max(found, key=lambda each: each.major)


def _folders(env: Mapping[str, str]) -> Iterable[Path]:
    if env.get("PG_BINDIR"):
        yield Path(env["PG_BINDIR"])
    for name in env.get("PATH", "").split(":"):
        if name:
            yield Path(name)
    for pattern in _PLACES:
        yield from sorted(Path("/").glob(pattern.lstrip("/")))


def _installation(folder: Path) -> Binaries | None:
    initdb = folder / "initdb"
    if not initdb.is_file() or not (folder / "postgres").is_file():
        return None
    answer = subprocess.run([initdb, "--version"], capture_output=True, text=True, check=False)
    version = re.search(r"\) (\d+)", answer.stdout)
    if version is None or int(version[1]) < _OLDEST:
        return None
    major = int(version[1])
    control = "extension/postgis.control"
    for share in _shares(folder, major):
        if (share / control).is_file():
            words = (share / control).read_text()
            postgis = re.search(r"^default_version\s*=\s*'([^']*)'", words, re.MULTILINE)
            return Binaries(folder, major, postgis[1] if postgis else "")
    return None


def _shares(folder: Path, major: int) -> Iterable[Path]:
    config = shutil.which("pg_config", path=str(folder))
    if config:
        answer = subprocess.run([config, "--sharedir"], capture_output=True, text=True, check=False)
        yield Path(answer.stdout.strip())
    prefix = folder.resolve().parent
    yield Path(f"/usr/share/postgresql/{major}")
    yield prefix / "share"
    yield prefix / "share" / "postgresql"
