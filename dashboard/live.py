"""The live socket: who listens, what each may hear, and what goes out to them.

Two threads. One follows the outbox by cursor and tells of alerts and changed layers within
milliseconds of their commit; the other sends a frame of tags each second and closes the sockets
of sessions that have ended. Both read the database, so a restart of either loses nothing.

A client never says which room it wants: what it hears follows from its session.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from flask import request
from flask_socketio import ConnectionRefusedError, SocketIO
from sqlalchemy import Engine

from dashboard.format import alert_json, glass_json, pace_json, wall_alert_json
from dashboard.guard import Gate
from dashboard.live_clients import Client, Clients
from dashboard.live_desks import Desks
from dashboard.live_drafts import tell_drafts
from data.clock import Clock
from data.errors import Unavailable
from data.model.alert import AlertRow
from data.model.user import Role, Viewer
from data.rules.access import Action, decide
from data.rules.reach import Reach
from data.service.alerts import Alerts, is_for
from data.service.live import CATCH_UP_LIMIT, Change, LiveFeed, Pulse
from data.service.pace import pace
from data.service.reach import Reaches
from data.service.reveals import Reveals
from data.store.bell import Bell
from layers.frames import Frames

log = logging.getLogger(__name__)

EVENTS_PER_S = 10
"""What a client may send; a page sends one in minutes."""

INBOUND_LIMIT = 16_384
"""Bytes of one inbound message. Ours are below a hundred."""

PACE_EVERY_S = 10.0
"""Real seconds between two looks at how busy the room is; a picture of ten-minute steps."""

CHANGED_LAYERS = {
    "zone": "zones",
    "pair": "tags",
    "tag": "tags",
    "activation": "tags",
    "device": "tags",
    "person": "tags",
    "basemap": "basemap",
    "approval": "signatures",
}
"""Which layer or list a browser must fetch again when a record of this topic has changed."""


class Live:
    """Everything about the open sockets of this process.

    Args:
        most_clients: sockets beyond this are refused: each holds a thread, and pages need some.
        rate: how many seconds the clock runs in a real one; 1 but in a demo.
        build: of the program that runs; a page of another one learns so.
    """

    def __init__(
        self,
        socketio: SocketIO,
        engine: Engine,
        clock: Clock,
        gate: Gate,
        alerts: Alerts,
        reaches: Reaches,
        reveals: Reveals,
        *,
        most_clients: int,
        rate: float = 1.0,
        build: str = "",
    ) -> None:
        self._socketio = socketio
        self._engine = engine
        self._clock = clock
        self._gate = gate
        self._alerts = alerts
        self._reaches = reaches
        self._reveals = reveals
        self._feed = LiveFeed(engine)
        self._frames = Frames(engine)
        self._pulse = Pulse()
        self._clients = Clients(socketio, most_clients)
        self._telling = threading.Lock()
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._pace_due_s = 0.0  # on the monotonic clock
        self._cursor: int | None = None  # the last change told; None: nobody has asked yet
        socketio.on("connect")(self._connect)
        socketio.on("disconnect")(self._disconnect)
        self._on("resume", Action.SEE_ALERTS, self._resume)
        self._desks = Desks(engine, clock, self._clients, gate.now, rate=rate, build=build)
        for event, action, answer in self._desks.events():
            self._on(event, action, answer)

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

    # ---- what comes in

    def _connect(self, auth: Any = None) -> None:
        viewer = self._gate.viewer_of(request.cookies, request.remote_addr or "")
        if viewer is None:
            raise ConnectionRefusedError("sign in first")
        if not decide(viewer.role, Action.SEE_ALERTS).allowed:
            raise ConnectionRefusedError("not for this role")
        sid = request.sid  # type: ignore[attr-defined]
        wire = request.environ.get("gunicorn.socket") or request.environ.get("werkzeug.socket")
        reach = self._reaches.of(viewer)
        if not self._clients.add(Client(sid, viewer, wire, reach)):
            raise ConnectionRefusedError("too many screens")

    def _disconnect(self, reason: Any = None) -> None:
        self._clients.forget(request.sid)  # type: ignore[attr-defined]

    def _on(self, event: str, action: Action, answer: Callable[[Client, Any], None]) -> None:
        """Registers an event with its action; session, role and rate are checked each time."""

        @wraps(answer)
        def asked(message: Any = None) -> None:
            client = self._clients.find(request.sid)  # type: ignore[attr-defined]
            if client is None:
                return
            now_s = time.monotonic()
            client.sent_at = [at for at in client.sent_at if now_s - at < 1] + [now_s]
            holding = self._gate.find_holding([client.viewer.session_id])
            viewer = holding.get(client.viewer.session_id)
            if len(client.sent_at) > EVENTS_PER_S or viewer is None:
                self._clients.drop(client)
                return
            client.viewer, client.reach = viewer, self._reaches.of(viewer)
            if decide(viewer.role, action).allowed:
                answer(client, message)

        asked.vigil_action = action  # type: ignore[attr-defined]
        self._socketio.on(event)(asked)

    def _resume(self, client: Client, message: Any) -> None:
        """Sends what came after the client's number; without one, everything that is open."""
        last = message.get("outbox_id") if isinstance(message, dict) else None
        client.wants_full = True
        self._send_glass(client)
        # One teller at a time: a client takes a number that goes back for another past.
        with self._telling:
            newest = self._feed.last_id()
            if self._cursor is None:
                # Or what commits before the follower's first look would be told to nobody.
                self._cursor = newest
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
        with Bell(self._engine) as bell:
            while not self._stopping.is_set():
                try:
                    self.tell_changes()
                    if not bell.wait(1.0) and not bell.is_listening():
                        self._stopping.wait(1.0)
                except Unavailable:
                    self._stopping.wait(1.0)
                except Exception:
                    # A follower that dies in silence would leave every screen without alerts.
                    log.exception("telling of changes failed; trying again")
                    self._stopping.wait(1.0)

    def tell_changes(self) -> None:
        """Tells every client what changed since the last time; one round of the follower."""
        with self._telling:
            if self._cursor is None:
                self._cursor = self._feed.last_id()
            while changes := self._feed.changes_after(self._cursor):
                self._tell(changes)
                self._cursor = changes[-1].outbox_id

    def _tell(self, changes: list[Change]) -> None:
        alert_ids = _alert_ids(changes)
        rows = self._alerts.rows(alert_ids) if alert_ids else []
        topics = {change.topic for change in changes}
        layers = sorted({CHANGED_LAYERS[topic] for topic in topics if topic in CHANGED_LAYERS})
        for client in self._clients.all():
            if rows:
                self._send_alerts(client, rows, changes[-1].outbox_id)
            if topics & {"glass", "assignment"}:
                self._send_glass(client)
            if layers and decide(client.viewer.role, Action.SEE_MAP).allowed:
                self._send(client, "changed", {"layers": layers})
        tell_drafts(self._engine, changes, self._clients.all(), self._send)

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
            try:
                self.tell_desks()
                self.tell_pace()
            except Unavailable:
                continue  # the frames' age says so already
            except Exception:
                log.exception("telling of the desks failed; trying again")

    def tell_desks(self) -> None:
        """Tells each desk who else is there, and who cannot hear."""
        self._desks.tell(self._send)

    def tell_pace(self) -> None:
        """Tells each wall how busy the room is, and a new one at once."""
        walls = [each for each in self._clients.all() if each.viewer.role is Role.WALL]
        is_due = time.monotonic() >= self._pace_due_s
        if not any(is_due or not each.has_pace for each in walls):
            return
        self._pace_due_s = time.monotonic() + PACE_EVERY_S
        found = pace(self._engine, self._clock.now())
        for client in walls:
            client.has_pace = True
            self._send(client, "pace", pace_json(found, client.viewer.area))

    def close_ended(self) -> None:
        """Disconnects the sockets whose sessions have ended, and keeps roles up to date."""
        clients = self._clients.all()
        try:
            holding = self._gate.find_holding({each.viewer.session_id for each in clients})
            reaches = self._reaches.of_all(holding.values())
        except Unavailable:
            return  # nobody can have been signed out while the database is away
        for client in clients:
            viewer = holding.get(client.viewer.session_id)
            if viewer is None or not decide(viewer.role, Action.SEE_ALERTS).allowed:
                self._clients.drop(client)
            else:
                self._follow_reach(client, viewer, reaches[viewer])

    def _follow_reach(self, client: Client, viewer: Viewer, reach: Reach) -> None:
        """Lets a client hear from now on what its viewer may hear by now, and no more."""
        is_other = reach != client.reach
        client.viewer, client.reach = viewer, reach
        if is_other:
            client.wants_full = True
            # The queue as a whole: what is no longer theirs leaves the screen.
            with self._telling:
                self._send_alerts(
                    client, self._alerts.open_rows(), self._feed.last_id(), is_all=True
                )
            self._send(client, "changed", {"layers": ["tags", "zones"]})

    def send_frames(self) -> None:
        """Sends one frame to each client: the full picture to new ones, changes to the others.

        While the database is away the frames go on without tags and with the old pulse, so that
        screens count up the age instead of guessing.
        """
        clients = self._clients.all()
        if not clients:
            return
        try:
            self._pulse = self._feed.pulse()
            self._frames.read()
        except Unavailable:
            self._frames.forget_changes()
        now = self._clock.now()
        for client in clients:
            if self._clients.is_behind(client):
                client.wants_full = True
                continue
            is_full = client.wants_full or self._frames.has_removed
            client.wants_full = False
            frame = self._frames.frame(
                client.reach,
                is_full=is_full,
                now=now,
                judged_at=self._pulse.judged_at,
                newest_fixed_at=self._pulse.newest_fixed_at,
            )
            self._send(client, "tags", frame)

    def _send_glass(self, client: Client) -> None:
        """Tells who shall know at once that somebody looked at a case that is not theirs."""
        if decide(client.viewer.role, Action.HEAR_OF_GLASS).allowed:
            found = [glass_json(row) for row in self._reveals.told(client.viewer, client.reach)]
            self._send(client, "glass", {"glasses": found}, size=200 * len(found))

    def _send_alerts(
        self, client: Client, rows: Iterable[AlertRow], outbox_id: int, *, is_all: bool = False
    ) -> None:
        write = wall_alert_json if client.viewer.role is Role.WALL else alert_json
        shown = [write(row) for row in rows if is_for(client.reach, row)]
        message = {"outbox_id": outbox_id, "alerts": shown, "is_all": is_all}
        self._send(client, "alerts", message, size=400 * len(shown))

    def _send(self, client: Client, event: str, message: Any, *, size: int = 0) -> None:
        if self._clients.is_stuck(client):
            return
        client.sent_bytes += len(message) if isinstance(message, bytes) else size + 100
        self._socketio.emit(event, message, to=client.sid)


def _alert_ids(changes: Iterable[Change]) -> list[int]:
    return sorted({change.record_id for change in changes if change.topic == "alert"})
