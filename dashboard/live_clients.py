"""The open sockets of this process, and letting go of those that no longer read.

An unread socket costs memory by the second: its queue has no limit of its own, and its writer is
a thread stuck in a send. So who falls behind is spared frames first, and cut off soon after.
"""

from __future__ import annotations

import logging
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_socketio import SocketIO

from data.model.user import Viewer
from data.rules.reach import Reach

log = logging.getLogger(__name__)

BACKLOG_PACKETS = 64
"""Unread packets before a client is dropped: half a minute of frames. It comes back by cursor."""

BACKLOG_BYTES = 2_000_000
"""The same in bytes: a few full pictures of 20,000 tags."""

KERNEL_BUFFER_BYTES = 524_288
"""What the system may hold for a client: a full picture of 20,000 tags, and no minutes of it."""

SKIP_BACKLOG = 6
"""Unread packets from which frames are left out until the client has caught up."""

BEHIND_S = 2.0
"""How long a client may be that far behind before it is dropped."""


@dataclass(slots=True)
class Client:
    """One open socket."""

    sid: str
    viewer: Viewer
    wire: socket.socket | None  # the connection itself, to cut one that no longer reads
    reach: Reach  # as of the last second
    wants_full: bool = True
    sent_bytes: int = 0  # since its queue was last seen empty
    behind_since_s: float | None = None  # on the monotonic clock
    sent_at: list[float] = field(default_factory=list)  # its own messages in the last second
    looks_at: int | None = None  # the alert that is open there
    looks_since: datetime | None = None
    sound: str = "none"
    has_pace: bool = False  # it was told how busy the room is
    room_told: dict[str, Any] | None = None  # what it was last told of the other desks


class Clients:
    """Who listens. Safe in threads.

    Args:
        most: sockets beyond this are refused: each holds a thread, and pages need some.
    """

    def __init__(self, socketio: SocketIO, most: int) -> None:
        self._socketio = socketio
        self._most = most
        self._clients: dict[str, Client] = {}
        self._lock = threading.Lock()

    def all(self) -> list[Client]:
        """Everybody, as of now."""
        with self._lock:
            return list(self._clients.values())

    def find(self, sid: str) -> Client | None:
        """The client of this socket; None once it is gone."""
        with self._lock:
            return self._clients.get(sid)

    def add(self, client: Client) -> bool:
        """Takes a new client in; False when every seat is taken."""
        with self._lock:
            if len(self._clients) >= self._most:
                return False
            self._clients[client.sid] = client
        if client.wire is not None:
            client.wire.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BUFFER_BYTES)
        return True

    def forget(self, sid: str) -> None:
        """Strikes off a socket that has ended by itself."""
        with self._lock:
            client = self._clients.pop(sid, None)
        if client is not None:
            _cut_soon(client)

    def drop(self, client: Client) -> None:
        """Closes a socket, also one that does not read what we would say in farewell."""
        channel = self._channel(client)
        with suppress(Exception):
            self._socketio.server.disconnect(client.sid)
        with self._lock:
            self._clients.pop(client.sid, None)
        if channel is not None:
            with suppress(Exception):
                channel.close(wait=False, abort=True)
        _cut_soon(client)

    def is_stuck(self, client: Client) -> bool:
        """Whether more waits for this client than we keep for anybody; it is dropped then."""
        backlog = self.backlog(client)
        if backlog == 0:
            client.sent_bytes = 0
        if backlog <= BACKLOG_PACKETS and client.sent_bytes <= BACKLOG_BYTES:
            return False
        self._drop_unread(client)
        return True

    def is_behind(self, client: Client) -> bool:
        """Whether this client shall get no frame now; dropped when that lasts."""
        if self.backlog(client) <= SKIP_BACKLOG:
            client.behind_since_s = None
            return False
        now_s = time.monotonic()
        if client.behind_since_s is None:
            client.behind_since_s = now_s
        if not self.is_stuck(client) and now_s - client.behind_since_s > BEHIND_S:
            self._drop_unread(client)
        return True

    def backlog(self, client: Client) -> int:
        """Packets that wait to be sent to this client."""
        channel = self._channel(client)
        return 0 if channel is None else channel.queue.qsize()

    def _channel(self, client: Client) -> Any:
        """The engine's own end of this socket; None once it is closed, and in its test client."""
        server = self._socketio.server
        with suppress(KeyError):
            eio_sid = server.manager.eio_sid_from_sid(client.sid, "/")
            return server.eio.sockets.get(eio_sid)
        return None

    def _drop_unread(self, client: Client) -> None:
        log.warning("dropped a screen of user %s that stopped reading", client.viewer.user_id)
        self.drop(client)


def _cut_soon(client: Client) -> None:
    """Ends the connection below the socket, after a moment for the farewell to leave.

    Its writer may be stuck in a send to somebody who does not read; only the end of the
    connection frees that thread, and what it holds.
    """
    wire = client.wire
    if wire is None:
        return

    def cut() -> None:
        with suppress(OSError):
            wire.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(0.5, cut)
    timer.daemon = True
    timer.start()
