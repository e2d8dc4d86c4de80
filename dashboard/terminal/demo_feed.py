"""`app.py demo-feed`: the demo's devices, talking to the gateway over HTTP as real ones do."""

from __future__ import annotations

import argparse
import http.client
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

from data.clock import Clock
from data.demo.people import Person
from data.demo.reports import Request, moments, report, requests
from data.demo.scenarios import Stage
from data.demo.settlement import find_entries, fit_keys, has_history, opened_at, read_world
from data.errors import BadInput, Unavailable
from data.rules.access import Action

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from dashboard.terminal.house import House

NAME = "demo-feed"
HELP = "let the demo's people walk about and their devices report (part of: app.py demo)"
ACTION = Action.RUN_PROCESS

_TRAIL_S = 360.0
"""How far back a fresh demo's devices send what they stored, so that trails are there at once."""

_STORED_S = 6 * 3600.0
"""What a device can store while the gateway is away."""

_BEAT_S = 0.5
_BEAT_BY_SPEED_S = 1 / 30  # where time runs fast, fewer messages with more in them
_CUES_EVERY_S = 2.0
_LINES = 4
_PAUSE_S = 1.0
_ONE_BY_ONE = 6
_ASK_AGAIN = (HTTPStatus.UNAUTHORIZED, HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)
_TIMEOUT_S = 10.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing: the demo's start, seed and speed come from its supervisor."""


def run(arguments: argparse.Namespace, house: House) -> int:
    """Feeds until it is stopped."""
    settings = house.settings
    if settings.demo_started_at is None:
        raise BadInput("VIGIL_DEMO_STARTED_AT", "a demo that runs; start it with: app.py demo")
    with house.engine(pool_size=1) as engine:
        world = read_world(engine, settings.demo_seed)
        keys = fit_keys(engine, settings.var_dir / "demo" / "keys.json")
        stage = Stage(world, house.clock.now().timestamp())
        stage.rehearse(stage.opened_s)
        note = settings.var_dir / "demo" / "opened.json"
        opened = opened_at(settings.demo_started_at, house.clock.now(), note)
        stage.opened_s = opened.timestamp()
        beat_s = max(_BEAT_S, settings.demo_speed * _BEAT_BY_SPEED_S)
        feed = Feed(stage, keys, house.clock, settings.gateway_host, settings.gateway_port, beat_s)
        stored_s = 0.0 if has_history(engine) else _TRAIL_S
        feed.start(house.clock.now().timestamp() - stored_s)
        try:
            _follow_cues(engine, house, stage)
        finally:
            feed.stop()
    return 0


def _follow_cues(engine: Engine, house: House, stage: Stage) -> None:
    """Tells the stage when somebody came in; who looks shall see something happen."""
    settings = house.settings
    started_at = settings.demo_started_at
    assert started_at is not None
    while True:
        try:
            entries = find_entries(engine, started_at)
        except Unavailable:
            pass  # the database is being started again; the devices go on without it
        else:
            # Sessions keep real time; the stage plays in the demo's.
            stage.cues_s = [
                (started_at + (each - started_at) * settings.demo_speed).timestamp()
                for each in entries
            ]
        time.sleep(_CUES_EVERY_S)


@dataclass(slots=True)
class Feed:
    """All devices of the stage, on a few keep-alive lines to the gateway.

    A device that is not answered keeps what it has and sends it, in order, when it is.
    """

    stage: Stage
    keys: dict[str, str]
    clock: Clock
    host: str
    port: int
    beat_s: float = _BEAT_S
    sent: int = 0
    refused: int = 0
    _stopping: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self, began_s: float) -> None:
        """Every device begins with its first report after this moment of demo time."""
        for number in range(_LINES):
            people = self.stage.world.people[number::_LINES]
            thread = threading.Thread(target=self._feed, args=(people, began_s), daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Ends all lines; what was not sent is forgotten with the demo."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(timeout=_TIMEOUT_S)

    def _feed(self, people: Sequence[Person], began_s: float) -> None:
        line = _Line(self.host, self.port)
        told_s = dict.fromkeys((person.number for person in people), began_s)
        while not self._stopping.is_set():
            began = time.monotonic()
            for person in people:
                if self._stopping.is_set():
                    break
                now_s = self.clock.now().timestamp()
                if not self.stage.is_reachable(person, now_s):
                    continue
                try:
                    told_s[person.number] = self._tell(line, person, told_s[person.number], now_s)
                except OSError:
                    # Nobody answers, or not with yes. All of it stays stored; the next round
                    # tries again.
                    line.close()
                    self._stopping.wait(_PAUSE_S)
            self._stopping.wait(max(0.0, self.beat_s - (time.monotonic() - began)))

    def _tell(self, line: _Line, person: Person, after_s: float, now_s: float) -> float:
        """Sends what the device has to say, and gives the moment up to which it is told."""
        world = self.stage.world
        serial = world.serial(person.number)
        due = moments(person, max(after_s, now_s - _STORED_S), now_s)
        if not due:
            return after_s
        found = [report(self.stage, person, at_s) for at_s in due]
        seen = [each for each in found if each is not None]
        if person.protocol == "owntracks" and len(seen) > _ONE_BY_ONE:
            # The app drops all but some of a long backlog; the newest always goes.
            seen = seen[:: -(-len(seen) // _ONE_BY_ONE)] + seen[-1:]
        for request in requests(person, serial, self.keys[serial], seen):
            status = line.send(request)
            if status == HTTPStatus.OK:
                self.sent += request.reports
            elif status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _ASK_AGAIN:
                raise ConnectionError(f"The gateway answered {status}")
            else:
                # Sending it again would not make it better.
                self.refused += request.reports
        return due[-1]


class _Line:
    """One keep-alive connection to the gateway."""

    def __init__(self, host: str, port: int) -> None:
        self._connection = http.client.HTTPConnection(host, port, timeout=_TIMEOUT_S)

    def send(self, request: Request) -> int:
        """The status of the answer.

        Raises:
            OSError: there was none.
        """
        try:
            self._connection.request(
                request.method, request.target, request.body or None, request.headers
            )
            answer = self._connection.getresponse()
            answer.read()
            return answer.status
        except http.client.HTTPException as error:
            raise ConnectionError("The gateway hung up") from error

    def close(self) -> None:
        """Hangs up; the next message dials again."""
        self._connection.close()
