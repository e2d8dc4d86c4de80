"""Importing Vigil does nothing: no file, no socket, no thread, no setting."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

# Runs in a process of its own, because an audit hook cannot be taken away again.
_PROBE = """
import importlib, os, sys, threading
sys.path.insert(0, sys.argv[1])
# The libraries first: what they do is not ours to judge.
libraries = (
    "dash flask flask_socketio sqlalchemy geoalchemy2 alembic.command psycopg numpy scipy.special "
    "shapely geopandas pyproj numba orjson osmium argon2 tqdm psutil plotly.graph_objects "
    "dash_mantine_components dash_ag_grid simple_websocket zoneinfo gunicorn.app.base"
)
for name in libraries.split():
    try:
        importlib.import_module(name)
    except ModuleNotFoundError:
        pass
project, found = sys.argv[1], []

def watch(event, arguments):
    if event in {"socket.connect", "socket.bind", "subprocess.Popen", "os.mkdir", "os.remove"}:
        if "__pycache__" not in str(arguments[0]):
            found.append((event, str(arguments)[:80]))
    elif event == "open" and isinstance(arguments[0], str) and arguments[0].startswith(project):
        mode, is_ours = arguments[1] or "r", "/.venv/" not in arguments[0]
        # Python keeps what it compiled in __pycache__, and so does numba.
        code = arguments[0].endswith(".py") or "__pycache__" in arguments[0]
        if is_ours and not code:
            found.append((event, arguments[0], mode))

sys.addaudithook(watch)
before = threading.active_count()
importlib.import_module(sys.argv[2])
if threading.active_count() > before:
    found.append(("thread", [each.name for each in threading.enumerate()]))
print(*found, sep="\\n", end="")
"""


def _modules(project_dir: Path) -> list[str]:
    return sorted(
        ".".join(path.relative_to(project_dir).with_suffix("").parts)
        for package in ("data", "layers", "dashboard")
        for path in (project_dir / package).rglob("*.py")
        if "node_modules" not in path.parts
        and "migrations" not in path.parts  # alembic runs these; nobody imports them
        and path.name != "__init__.py"
    )


def test_importing_opens_nothing(project_dir: Path, tmp_path: Path) -> None:
    """In an empty environment every module can be imported, and none acts on it."""
    every = tmp_path / "every.py"
    names = _modules(project_dir)
    every.write_text("\n".join(f"import {name}" for name in ["app", *names]))
    done = subprocess.run(
        [sys.executable, "-c", _PROBE, str(project_dir), "every"],
        env={"PYTHONPATH": str(tmp_path), "PATH": "/nowhere"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout == ""


@pytest.mark.parametrize("package", ["data", "layers", "dashboard"])
def test_every_folder_is_a_package(project_dir: Path, package: str) -> None:
    """A folder of modules without __init__.py is found by some tools and not by others."""
    for path in (project_dir / package).rglob("*.py"):
        if not {"node_modules", "migrations"} & set(path.parts):
            assert (path.parent / "__init__.py").exists(), path.parent
