"""Which program is running: a name that changes with anything a screen is made of.

A page that was loaded from another one goes on talking to this one, in words that may have
changed. It is told the name with its layout and again over the socket, so that it can notice.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

_MADE_OF = (
    "dashboard/*.py",
    "dashboard/[!b]*/**/*",  # not the browser's sources: what is built of them counts
    "dashboard/browser/*.py",
    "dashboard/browser/dist/**/*",
    "data/**/*.py",
    "layers/**/*.py",
)


def build_of(project: Path) -> str:
    """Twelve hex digits over the files that make a screen; the same on every machine."""
    digest = hashlib.sha256()
    for pattern in _MADE_OF:
        for path in sorted(project.glob(pattern)):
            if path.is_file() and path.suffix != ".pyc":
                digest.update(f"{path.relative_to(project).as_posix()}\0".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]
