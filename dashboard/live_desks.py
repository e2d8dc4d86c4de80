"""What the desks of a room know of each other: who is there, who looks at what, who can hear.

Kept in this process only, as the sockets themselves are: after a restart each desk says it anew.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from dashboard.live_clients import Client, Clients
from data.clock import Clock
from data.errors import Unavailable
from data.model.desk_policy import DeskPolicy
from data.model.user import Role, Viewer
from data.rules.access import Action, decide
from data.service.live import LiveFeed
from data.store import sound_log
from data.store.desk_policies import get_desk_policy
from data.store.reading import reading

log = logging.getLogger(__name__)

SOUNDS = frozenset({"armed", "off", "none"})
"""`armed`: tested and running; `off`: it was, or should be; `none`: nobody has armed it yet."""

STOPPED_AFTER_S = {"watch": 30.0, "notify": 90.0}
"""Who has to go round whether or not anything happens, and after how many real seconds without a
round they count as stopped. The watch takes five; a notice waits fifteen for each way it tries."""

WARN_BEFORE_MIN = 5
"""So long before its end a session's page says so."""

_MOST_ALERTS = 50

FLOOD_EVERY_S = 5.0
"""A changed policy is known to every desk after so long."""


class Desks:
    """Presence and hearing of the open sockets of this process."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        clients: Clients,
        people_now: Callable[[], datetime],
        *,
        rate: float = 1.0,
        build: str = "",
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._clients = clients
        self._people_now = people_now  # sessions run on real time, also in a demo
        self._feed = LiveFeed(engine)
        self._rate = rate
        self._build = build
        own = DeskPolicy().at_rate(rate)
        self._flood = {"alerts": own.flood_alerts, "within_s": own.flood_s}
        self._flood_read_s = float("-inf")

    def events(self) -> list[tuple[str, Action, Callable[[Client, Any], None]]]:
        """What a page may say about itself: event, action, and what is done with it."""
        return [
            ("look", Action.SEE_CASE, self.look),
            ("sound", Action.SEE_ALERTS, self.sound),
            ("sounded", Action.SEE_ALERTS, self.sounded),
        ]

    def look(self, client: Client, message: Any) -> None:
        """Somebody has opened an alert, or none."""
        alert_id = message.get("alert_id") if isinstance(message, dict) else None
        is_number = isinstance(alert_id, int) and not isinstance(alert_id, bool)
        client.looks_at = alert_id if is_number else None
        client.looks_since = self._clock.now()

    def sound(self, client: Client, message: Any) -> None:
        """A screen says whether it can sound; a change is written down."""
        state = message.get("state") if isinstance(message, dict) else None
        if state not in SOUNDS or state == client.sound:
            return
        client.sound = state
        self._log(client.viewer, state)

    def sounded(self, client: Client, message: Any) -> None:
        """A screen has sounded for these alerts: who could have heard it is on record."""
        if not isinstance(message, dict):
            return
        ids = message.get("alert_ids")
        if not isinstance(ids, list):
            return
        found = [each for each in ids[:_MOST_ALERTS] if type(each) is int and 0 < each < 2**63]
        if found and message.get("priority") in (1, 2, 3):
            self._log(client.viewer, "burst", message["priority"], found)

    def _log(
        self, viewer: Viewer, kind: str, priority: int | None = None, ids: list[int] | None = None
    ) -> None:
        try:
            with self._engine.begin() as connection:
                sound_log.append(
                    connection,
                    at=self._clock.now(),
                    login=viewer.login,
                    kind=kind,
                    priority=priority,
                    alert_ids=ids or [],
                )
        except SQLAlchemyError as error:
            # The room must go on sounding while its database is away.
            log.warning("a sound was not written down (%s)", type(error).__name__)

    def tell(self, send: Callable[[Client, str, Any], None]) -> None:
        """Tells each desk what has changed in the room since it was last told."""
        everybody = self._clients.all()
        stopped = self._stopped()
        flood = self._flood_now()
        for client in everybody:
            message = {
                "desks": self._desks_for(client, everybody),
                "deaf": _deaf_for(client, everybody),
                "stopped": stopped,
                "session_ends_in_min": self._session_ends_in_min(client.viewer),
                "flood": flood,
                "build": self._build,
                "whose": whose(client.viewer),
            }
            if message != client.room_told:
                client.room_told = message
                send(client, "room", message)

    def _session_ends_in_min(self, viewer: Viewer) -> int | None:
        """Whole minutes of this session, told from five on; None while it has longer."""
        if viewer.ends_at is None:
            return None
        minutes = math.ceil((viewer.ends_at - self._people_now()).total_seconds() / 60)
        return max(0, minutes) if minutes <= WARN_BEFORE_MIN else None

    def _flood_now(self) -> dict[str, float]:
        """From how many new alerts within how many seconds of the room's clock on it is a flood."""
        if time.monotonic() - self._flood_read_s > FLOOD_EVERY_S:
            self._flood_read_s = time.monotonic()
            try:
                with reading(self._engine) as connection:
                    policy = get_desk_policy(connection).at_rate(self._rate)
                self._flood = {"alerts": policy.flood_alerts, "within_s": policy.flood_s}
            except Unavailable:
                log.warning("the desk's policy could not be read; the last one holds")
        return self._flood

    def _stopped(self) -> list[str]:
        beats, now = self._feed.beats_of(list(STOPPED_AFTER_S)), self._clock.now()
        return [
            name
            for name, after_s in STOPPED_AFTER_S.items()
            if name not in beats or (now - beats[name]).total_seconds() > after_s * self._rate
        ]

    def _desks_for(self, client: Client, everybody: list[Client]) -> list[dict[str, Any]]:
        """One line a desk: who sits there, and what they look at where both watch one area."""
        if not decide(client.viewer.role, Action.SEE_DESK).allowed:
            # A wall counts desks; who sits there is not for visitors.
            return [{"login": ""} for each in everybody if _is_desk(each)]
        return [
            {
                "login": each.viewer.login,
                "alert_id": each.looks_at if _is_of_one_area(client, each) else None,
                "since": None if each.looks_since is None else each.looks_since.isoformat(),
                "is_me": each.sid == client.sid,
            }
            for each in everybody
            if _is_desk(each)
        ]


def whose(viewer: Viewer) -> str:
    """Who a page or a link is of, for a page to notice that its browser has changed hands."""
    return f"{viewer.login} {viewer.role.value}"


def _is_desk(client: Client) -> bool:
    return decide(client.viewer.role, Action.ACKNOWLEDGE_ALERT).allowed


def _is_of_one_area(here: Client, there: Client) -> bool:
    areas = {here.viewer.area, there.viewer.area} - {""}
    return len(areas) < 2


def _deaf_for(client: Client, everybody: list[Client]) -> list[str]:
    """Who sits at a desk that cannot sound; for the supervisor, who answers for it."""
    if client.viewer.role is not Role.SUPERVISOR:
        return []
    hearing = {each.viewer.login for each in everybody if each.sound == "armed"}
    desks = {each.viewer.login for each in everybody if _is_desk(each)}
    return sorted(desks - hearing - {client.viewer.login})
