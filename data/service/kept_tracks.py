"""Tracks read a moment ago: a page that opens asks for four things of one track at once."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from data.model.track import StoredTrack
from data.rules.replay import Drawn, drawn
from data.rules.stays import Stay, stays_of
from data.store import tracks

KEPT_FOR_S = 10.0
"""So long a fix that has just come may be missing from a replay."""

MOST = 6

_Key = tuple[int, datetime, datetime]


class KeptTrack:
    """A track, and what more than one answer works out of it: once, by whoever asks first."""

    def __init__(self, track: StoredTrack) -> None:
        """Works out nothing yet."""
        self.track = track
        self._lock = threading.RLock()
        self._drawn: Drawn | None = None
        self._halts: list[Stay] | None = None

    @property
    def drawn(self) -> Drawn:
        """Which of its fixes are places."""
        with self._lock:
            if self._drawn is None:
                self._drawn = drawn(self.track)
            return self._drawn

    @property
    def halts(self) -> list[Stay]:
        """Its halts, in order of time."""
        with self._lock:
            if self._halts is None:
                self._halts = stays_of(self.drawn)
            return self._halts


class KeptTracks:
    """Reads a track once for everybody who asks for it within a few seconds. Safe in threads.

    Who may have it is asked before, each time. Nothing of it is written anywhere.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """Keeps nothing yet; `now` is in seconds and never goes back."""
        self._now = now
        self._lock = threading.Lock()
        self._read: OrderedDict[_Key, tuple[float, KeptTrack]] = OrderedDict()
        self._reading: dict[_Key, threading.Lock] = {}

    def get(
        self, connection: Connection, activation_id: int, first: datetime, last: datetime
    ) -> KeptTrack:
        """As `data.store.tracks.get`; who asks while it is being read waits for that reading."""
        key = activation_id, first, last
        with self._lock:
            turn = self._reading.setdefault(key, threading.Lock())
        with turn:
            found = self._find(key)
            if found is None:
                found = KeptTrack(tracks.get(connection, activation_id, first, last))
                self._keep(key, found)
        return found

    def _find(self, key: _Key) -> KeptTrack | None:
        with self._lock:
            for old, (read_at, _) in list(self._read.items()):
                if self._now() - read_at >= KEPT_FOR_S:
                    del self._read[old]
            found = self._read.get(key)
        return None if found is None else found[1]

    def _keep(self, key: _Key, track: KeptTrack) -> None:
        with self._lock:
            self._read[key] = self._now(), track
            while len(self._read) > MOST:
                self._read.popitem(last=False)
            self._reading.pop(key, None)
