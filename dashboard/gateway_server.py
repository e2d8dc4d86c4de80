"""Runs the gateway: gunicorn, with threads that no slow or idle sender can hold for long."""

from __future__ import annotations

import errno
import socket
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.workers.gthread import TConn, ThreadWorker

from data.settings import Settings

_REQUEST_WITHIN_S = 10.0
WORKERS = 2
_THREADS = 256


class PatientSocket(socket.socket):
    """A connection whose reads all have to be done by one moment, however the bytes trickle."""

    deadline_s = float("inf")

    def recv(self, size: int, flags: int = 0) -> bytes:
        """The next bytes; a reset once the moment has passed."""
        left_s = self.deadline_s - time.monotonic()
        if left_s <= 0:
            raise ConnectionResetError(errno.ECONNRESET, "too slow")
        if left_s != float("inf"):
            self.settimeout(left_s)
        try:
            return super().recv(size, flags)
        except TimeoutError as error:
            raise ConnectionResetError(errno.ECONNRESET, "too slow") from error


class PatientWorker(ThreadWorker):
    """gunicorn's threaded worker, where a connection costs a thread only while it speaks.

    As it comes, a new connection takes a thread before it has sent a byte, a request may trickle
    in for ever, and a connection is closed by the loop that accepts all others.
    """

    def accept(self, listener: socket.socket) -> None:
        """Takes a connection and waits for its first bytes without a thread."""
        try:
            plain, address = listener.accept()
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK):
                raise
            return
        self.nr_conns += 1
        conn = TConn(
            self.cfg, PatientSocket(fileno=plain.detach()), address, listener.getsockname()
        )
        conn.timeout = time.monotonic() + self.cfg.keepalive
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, 1, partial(self.on_pending_socket_readable, conn))

    def handle_exit(self, sig: int, frame: Any) -> None:
        """Stops without waiting for those who have not said anything yet."""
        super().handle_exit(sig, frame)
        for conn in self.pending_conns:
            conn.timeout = 0.0

    def handle(self, conn: TConn) -> Any:
        """One request, within the time a request may take; closes here what is not kept."""
        conn.sock.deadline_s = time.monotonic() + _REQUEST_WITHIN_S
        outcome = super().handle(conn)
        if outcome is False:
            conn.sock.deadline_s = float("inf")
            conn.close(graceful=True)
            conn.close = lambda graceful=False: None
        return outcome


class GatewayServer(BaseApplication):
    """The gateway under gunicorn.

    Args:
        make: builds the application; called in each worker process, after it was forked.
    """

    def __init__(self, settings: Settings, make: Callable[[], Flask]) -> None:
        self._settings = settings
        self._make = make
        super().__init__()

    def load_config(self) -> None:
        """What gunicorn is told; nothing comes from its own files or environment."""
        host = self._settings.gateway_host
        chosen = {
            "bind": f"[{host}]:{self._settings.gateway_port}"
            if ":" in host
            else f"{host}:{self._settings.gateway_port}",
            "worker_class": PatientWorker,
            "workers": WORKERS,
            "threads": _THREADS,
            "worker_connections": 2000,
            "keepalive": 15,
            "graceful_timeout": 2,
            "timeout": 30,
            # An access log would hold keys and places: both travel in addresses.
            "accesslog": None,
            "errorlog": "-",
            "loglevel": "warning",
            # Else a socket shared by every gunicorn of this account appears in its home.
            "control_socket_disable": True,
            "proc_name": "vigil-gateway",
        }
        for name, value in chosen.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """The application of one worker."""
        return self._make()
