"""Stands between the private server and those who use it, and ends it when the last is gone.

A process of its own, started by data.store.cluster. Users hold a shared lock on one file; the
kernel lets go of it however they end, so a killed user counts as gone. So short a command as
`device add` may start the server and leave it to the room that came after.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from data.processes import die_with_parent

_LOOK_EVERY_S = 0.1


def identity_of(account: str) -> dict[str, Any]:
    """What makes `subprocess` run a program as this account; "" stands for who we are."""
    if not account:
        return {}
    found = pwd.getpwnam(account)
    groups = os.getgrouplist(account, found.pw_gid)
    return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": groups}


def keep(users: Path, log: Path, account: str, command: Sequence[str]) -> int:
    """Runs the server until nobody uses it or it ends by itself; gives its exit status.

    Args:
        users: the file whose shared lock each user holds.
        log: where the server writes.
        account: whom the server runs as.
        command: the server.
    """
    with log.open("ab") as out, users.open("ab") as lock:
        server = subprocess.Popen(
            command,
            stdout=out,
            stderr=out,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            # A fast shutdown, should we be killed ourselves.
            preexec_fn=die_with_parent(signal.SIGINT),
            cwd="/",
            **identity_of(account),
        )
        while server.poll() is None:
            if _is_unused(lock):
                # Held until we end: who comes now waits, and then starts the server anew.
                _stop(server)
            time.sleep(_LOOK_EVERY_S)
        return server.returncode


def _is_unused(lock: IO[bytes]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _stop(server: subprocess.Popen[bytes]) -> None:
    for sign, patience_s in ((signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
        server.send_signal(sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(patience_s)
            return


if __name__ == "__main__":
    sys.exit(keep(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4:]))
