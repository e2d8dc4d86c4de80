"""The live socket: who listens, what each may hear, and what goes out to them.

Two threads. One follows the outbox by cursor and tells of alerts and changed layers within
milliseconds of their commit; the other sends a frame of tags each second and closes the sockets
of sessions that have ended. Both read the database, so a restart of either loses nothing.

A client never says which room it wants: what it hears follows from its session.
"""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from flask import request
from flask_socketio import ConnectionRefusedError, SocketIO
from sqlalchemy import Engine

from dashboard.format import alert_json
from dashboard.guard import Gate
from data.clock import Clock
from data.errors import Unavailable
from data.model.alert import AlertRow
from data.model.user import Viewer
from data.rules.access import Action, decide
from data.service.alerts import Alerts, is_for
from data.service.live import CATCH_UP_LIMIT, Change, LiveFeed, Pulse
from data.service.sign_in import SignIn
from data.store.bell import Bell
from layers.frames import Frames

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

EVENTS_PER_S = 10
"""What a client may send; a page sends one in minutes."""

INBOUND_LIMIT = 16_384
"""Bytes of one inbound message. Ours are below a hundred."""

CHANGED_LAYERS = {
    "zone": "zones",
    "pair": "tags",
    "tag": "tags",
    "activation": "tags",
    "device": "tags",
    "person": "tags",
    "basemap": "basemap",
}
"""Which layer a browser must fetch again when a record of this topic has changed."""


@dataclass(slots=True)
class Client:
    """One open socket."""

    sid: str
    viewer: Viewer
    wire: socket.socket | None  # the connection itself, to cut one that no longer reads
    wants_full: bool = True
    sent_bytes: int = 0  # since its queue was last seen empty
    behind_since_s: float | None = None  # on the monotonic clock
    sent_at: list[float] = field(default_factory=list)  # its own messages in the last second


class Live:
    """Everything about the open sockets of this process.

    Args:
        most_clients: sockets beyond this are refused: each holds a thread, and pages need some.
    """

    def __init__(
        self,
        socketio: SocketIO,
        engine: Engine,
        clock: Clock,
        gate: Gate,
        door: SignIn,
        alerts: Alerts,
        *,
        most_clients: int,
    ) -> None:
        self._socketio = socketio
        self._engine = engine
        self._clock = clock
        self._gate = gate
        self._door = door
        self._alerts = alerts
        self._most_clients = most_clients
        self._feed = LiveFeed(engine)
        self._frames = Frames(engine)
        self._pulse = Pulse()
        self._clients: dict[str, Client] = {}
        self._lock = threading.Lock()
        self._telling = threading.Lock()
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._cursor = 0
        socketio.on("connect")(self._connect)
        socketio.on("disconnect")(self._disconnect)
        self._on("resume", Action.SEE_ALERTS, self._resume)

    def start(self) -> None:
        """Starts both threads; they end with the process, or with `stop`."""
        for work in (self._follow, self._tick):
            thread = threading.Thread(target=work, name=f"live{work.__name__}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Ends both threads; open sockets stay until the server closes them."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(timeout=5)

    def clients(self) -> list[Client]:
        """Who listens now."""
        with self._lock:
            return list(self._clients.values())

    # ---- what comes in

    def _connect(self, auth: Any = None) -> None:
        viewer = self._gate.viewer_of(request.cookies, request.remote_addr or "")
        if viewer is None:
            raise ConnectionRefusedError("sign in first")
        if not decide(viewer.role, Action.SEE_ALERTS).allowed:
            raise ConnectionRefusedError("not for this role")
        with self._lock:
            if len(self._clients) >= self._most_clients:
                raise ConnectionRefusedError("too many screens")
            sid = request.sid  # type: ignore[attr-defined]
            wire = request.environ.get("gunicorn.socket") or request.environ.get("werkzeug.socket")
            if wire is not None:
                wire.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BUFFER_BYTES)
            self._clients[sid] = Client(sid, viewer, wire)

    def _disconnect(self, reason: Any = None) -> None:
        with self._lock:
            client = self._clients.pop(request.sid, None)  # type: ignore[attr-defined]
        if client is not None:
            _cut_soon(client)

    def _on(self, event: str, action: Action, answer: Callable[[Client, Any], None]) -> None:
        """Registers an event with its action; session, role and rate are checked each time."""

        @wraps(answer)
        def asked(message: Any = None) -> None:
            with self._lock:
                client = self._clients.get(request.sid)  # type: ignore[attr-defined]
            if client is None:
                return
            now_s = time.monotonic()
            client.sent_at = [at for at in client.sent_at if now_s - at < 1] + [now_s]
            holding = self._door.find_holding([client.viewer.session_hash])
            viewer = holding.get(client.viewer.session_hash)
            if len(client.sent_at) > EVENTS_PER_S or viewer is None:
                self._drop(client)
                return
            client.viewer = viewer
            if decide(viewer.role, action).allowed:
                answer(client, message)

        asked.vigil_action = action  # type: ignore[attr-defined]
        self._socketio.on(event)(asked)

    def _resume(self, client: Client, message: Any) -> None:
        """Sends what came after the client's number; without one, everything that is open."""
        last = message.get("outbox_id") if isinstance(message, dict) else None
        client.wants_full = True
        # One teller at a time: a client takes a number that goes back for another past.
        with self._telling:
            newest = self._feed.last_id()
            if isinstance(last, int) and not isinstance(last, bool) and 0 <= last <= newest:
                changes = self._feed.changes_after(last)
                if len(changes) < CATCH_UP_LIMIT:
                    rows = self._alerts.rows(_alert_ids(changes))
                    self._send_alerts(client, rows, changes[-1].outbox_id if changes else last)
                    return
            self._send_alerts(client, self._alerts.open_rows(), newest, is_all=True)

    # ---- what goes out

    def _follow(self) -> None:
        """Follows the outbox until the process stops, whatever happens to the database."""
        is_started = False
        with Bell(self._engine) as bell:
            while not self._stopping.is_set():
                try:
                    if not is_started:
                        self._cursor = self._feed.last_id()
                        is_started = True
                    elif bell.wait(1.0) or bell.is_listening():
                        self.tell_changes()
                    else:
                        self._stopping.wait(1.0)
                        self.tell_changes()
                except Unavailable:
                    self._stopping.wait(1.0)
                except Exception:
                    # A follower that dies in silence would leave every screen without alerts.
                    log.exception("telling of changes failed; trying again")
                    self._stopping.wait(1.0)

    def tell_changes(self) -> None:
        """Tells every client what changed since the last time; one round of the follower."""
        with self._telling:
            while changes := self._feed.changes_after(self._cursor):
                self._tell(changes)
                self._cursor = changes[-1].outbox_id

    def _tell(self, changes: list[Change]) -> None:
        alert_ids = _alert_ids(changes)
        rows = self._alerts.rows(alert_ids) if alert_ids else []
        topics = {change.topic for change in changes}
        layers = sorted({CHANGED_LAYERS[topic] for topic in topics if topic in CHANGED_LAYERS})
        for client in self.clients():
            if rows:
                self._send_alerts(client, rows, changes[-1].outbox_id)
            if layers and decide(client.viewer.role, Action.SEE_MAP).allowed:
                self._send(client, "changed", {"layers": layers})

    def _tick(self) -> None:
        """A frame each second, on the second hand of this process and not of its work."""
        next_at = time.monotonic()
        while not self._stopping.wait(max(0.0, next_at - time.monotonic())):
            next_at = max(next_at + 1.0, time.monotonic() + 0.2)
            try:
                self.close_ended()
            except Exception:
                log.exception("checking sessions failed; trying again")
            try:
                self.send_frames()
            except Exception:
                log.exception("sending a frame failed; trying again")

    def close_ended(self) -> None:
        """Disconnects the sockets whose sessions have ended, and keeps roles up to date."""
        clients = self.clients()
        try:
            holding = self._door.find_holding({each.viewer.session_hash for each in clients})
        except Unavailable:
            return  # nobody can have been signed out while the database is away
        for client in clients:
            viewer = holding.get(client.viewer.session_hash)
            if viewer is None or not decide(viewer.role, Action.SEE_ALERTS).allowed:
                self._drop(client)
            else:
                if viewer != client.viewer:
                    client.wants_full = True
                client.viewer = viewer

    def send_frames(self) -> None:
        """Sends one frame to each client: the full picture to new ones, changes to the others.

        While the database is away the frames go on without tags and with the old pulse, so that
        screens count up the age instead of guessing.
        """
        clients = self.clients()
        if not clients:
            return
        try:
            self._pulse = self._feed.pulse()
            self._frames.read()
        except Unavailable:
            self._frames.forget_changes()
        now = self._clock.now()
        for client in clients:
            if self._backlog(client) > SKIP_BACKLOG:
                client.wants_full = True
                if not self._drop_if_stuck(client):
                    self._drop_if_behind(client)
                continue
            client.behind_since_s = None
            is_full = client.wants_full or self._frames.has_removed
            client.wants_full = False
            frame = self._frames.frame(
                client.viewer,
                is_full=is_full,
                now=now,
                judged_at=self._pulse.judged_at,
                newest_fixed_at=self._pulse.newest_fixed_at,
            )
            self._send(client, "tags", frame)

    def _send_alerts(
        self, client: Client, rows: Iterable[AlertRow], outbox_id: int, *, is_all: bool = False
    ) -> None:
        shown = [alert_json(row) for row in rows if is_for(client.viewer, row)]
        message = {"outbox_id": outbox_id, "alerts": shown, "is_all": is_all}
        self._send(client, "alerts", message, size=400 * len(shown))

    def _send(self, client: Client, event: str, message: Any, *, size: int = 0) -> None:
        if self._drop_if_stuck(client):
            return
        client.sent_bytes += len(message) if isinstance(message, bytes) else size + 100
        self._socketio.emit(event, message, to=client.sid)

    def _drop_if_behind(self, client: Client) -> None:
        now_s = time.monotonic()
        if client.behind_since_s is None:
            client.behind_since_s = now_s
        elif now_s - client.behind_since_s > BEHIND_S:
            self._drop_unread(client)

    def _drop_unread(self, client: Client) -> None:
        log.warning("dropped a screen of user %s that stopped reading", client.viewer.user_id)
        self._drop(client)

    def _drop_if_stuck(self, client: Client) -> bool:
        backlog = self._backlog(client)
        if backlog == 0:
            client.sent_bytes = 0
        if backlog <= BACKLOG_PACKETS and client.sent_bytes <= BACKLOG_BYTES:
            return False
        self._drop_unread(client)
        return True

    def _backlog(self, client: Client) -> int:
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

    def _drop(self, client: Client) -> None:
        """Closes the socket, also one that does not read what we would say in farewell."""
        channel = self._channel(client)
        with suppress(Exception):
            self._socketio.server.disconnect(client.sid)
        with self._lock:
            self._clients.pop(client.sid, None)
        if channel is not None:
            with suppress(Exception):
                channel.close(wait=False, abort=True)
        _cut_soon(client)


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


def _alert_ids(changes: Iterable[Change]) -> list[int]:
    return sorted({change.record_id for change in changes if change.topic == "alert"})
