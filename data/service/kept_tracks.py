"""Tracks read a moment ago: a page that opens asks for four things of one track at once."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from data.model.track import StoredTrack
from data.store import tracks

KEPT_FOR_S = 10.0
"""So long a fix that has just come may be missing from a replay."""

MOST = 6

_Key = tuple[int, datetime, datetime]


class KeptTracks:
    """Reads a track once for everybody who asks for it within a few seconds. Safe in threads.

    Who may have it is asked before, each time. Nothing of it is written anywhere.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """Keeps nothing yet; `now` is in seconds and never goes back."""
        self._now = now
        self._lock = threading.Lock()
        self._read: OrderedDict[_Key, tuple[float, StoredTrack]] = OrderedDict()
        self._reading: dict[_Key, threading.Lock] = {}

    def get(
        self, connection: Connection, activation_id: int, first: datetime, last: datetime
    ) -> StoredTrack:
        """As `data.store.tracks.get`; who asks while it is being read waits for that reading."""
        key = activation_id, first, last
        with self._lock:
            turn = self._reading.setdefault(key, threading.Lock())
        with turn:
            found = self._find(key)
            if found is None:
                found = tracks.get(connection, activation_id, first, last)
                self._keep(key, found)
        return found

    def _find(self, key: _Key) -> StoredTrack | None:
        with self._lock:
            for old, (read_at, _) in list(self._read.items()):
                if self._now() - read_at >= KEPT_FOR_S:
                    del self._read[old]
            found = self._read.get(key)
        return None if found is None else found[1]

    def _keep(self, key: _Key, track: StoredTrack) -> None:
        with self._lock:
            self._read[key] = self._now(), track
            while len(self._read) > MOST:
                self._read.popitem(last=False)
            self._reading.pop(key, None)
