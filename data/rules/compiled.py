"""Turns arithmetic over arrays into machine code on first use, kept on disk for the next start.

numba keeps a function until its own file changes, and would go on using one whose *callees* or
constants in other files have changed. A judge must not run yesterday's rules, so what is kept
lies in a folder named by everything the function's module is made from.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.core import caching, config

_caching: Any = caching  # they ship no types
_config: Any = config

_Function = TypeVar("_Function", bound=Callable[..., Any])

_PROJECT = Path(__file__).parents[2]
_IMPORTED = re.compile(r"^from (data\.(?:rules|model)\.\w+) import", re.MULTILINE)
_FOLDERS_KEPT = 60


def compiled(function: _Function) -> _Function:
    """The same function, compiled when first called; other threads may run meanwhile.

    Division by zero gives inf or NaN, as in numpy. Strict arithmetic: results do not depend
    on how the compiler orders sums.
    """
    made: Any = numba.njit(nogil=True, error_model="numpy")(function)
    # What `cache=True` does, but on the first call: importing a rule writes nothing.
    made._cache = _Kept(function)
    return cast(_Function, made)


class _Kept:
    """Numba's store of one function, opened when first asked for anything."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._store: Any = None

    def __getattr__(self, name: str) -> Any:
        if self._store is None:
            self._store = _store(self._function)
        return getattr(self._store, name)


def _store(function: Callable[..., Any]) -> Any:
    folder = _folder(Path(function.__code__.co_filename))
    if folder is None:
        return _caching.NullCache()
    before, _config.CACHE_DIR = _config.CACHE_DIR, folder
    try:
        return _caching.FunctionCache(function)
    finally:
        _config.CACHE_DIR = before


@cache
def _folder(module: Path) -> str | None:
    """Where this module's machine code is kept; None where nothing can be: compiled each time."""
    digest = hashlib.sha256()
    for path in sorted(_sources(module)):
        digest.update(path.read_bytes())
    base = Path(os.environ.get("NUMBA_CACHE_DIR") or _PROJECT / ".var" / "compiled")
    folder = base / f"{module.stem}-{digest.hexdigest()[:16]}"
    try:
        if not folder.exists():
            folder.mkdir(parents=True, exist_ok=True)
            by_age = sorted(base.iterdir(), key=lambda each: each.stat().st_mtime)
            for stale in by_age[:-_FOLDERS_KEPT]:
                shutil.rmtree(stale, ignore_errors=True)
    except OSError:
        return None
    return str(folder) if os.access(folder, os.W_OK) else None


@cache
def _sources(module: Path) -> frozenset[Path]:
    """The module's file and those of the rules and words it imports, on to the last."""
    found = {module}
    pending = [module]
    while pending:
        for name in _IMPORTED.findall(pending.pop().read_text(encoding="utf-8")):
            path = (_PROJECT / name.replace(".", "/")).with_suffix(".py")
            if path not in found:
                found.add(path)
                pending.append(path)
    return frozenset(found)
