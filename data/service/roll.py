"""The roll of devices that may speak, held in memory and read anew every other second.

At thousands of requests a second nobody can ask the database who is calling. The price is that
a retired device or an old key is heard for up to `life_s` longer.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest

from sqlalchemy import Connection, Row

from data.clock import microseconds
from data.errors import Unavailable
from data.service.devices import hash_of_key
from data.store import devices
from data.store.timely import Timely

_NOBODY_HASH = bytes(32)
_TOO_OLD = 5
"""So many lives without a new reading, and the roll is believed no more."""
_WAIT_FOR_ANOTHER_S = 0.3


@dataclass(frozen=True, slots=True)
class Speaker:
    """A device that may send, and whose positions it sends; None for a device on nobody."""

    serial: str
    device_id: int
    key_hash: bytes
    activation_id: int | None
    started_at_us: int

    @staticmethod
    def of(row: Row) -> Speaker:
        """From a row of data.store.devices.find_speakers."""
        started_at: datetime | None = row.started_at
        return Speaker(
            serial=row.serial,
            device_id=row.device_id,
            key_hash=row.key_hash,
            activation_id=row.activation_id,
            started_at_us=0 if started_at is None else microseconds(started_at),
        )


class Roll:
    """Who may speak.

    Args:
        timely: how the database is asked.
        life_s: after so long the roll is read again.
    """

    def __init__(self, timely: Timely, *, life_s: float = 2.0) -> None:
        self._timely = timely
        self._life_s = life_s
        self._speakers: dict[str, Speaker] = {}
        self._read_at = float("-inf")
        self._reading = threading.Lock()

    def find(self, serial: str, key: str, *, may_ask: bool = True) -> Speaker | None:
        """The device with this serial, if the key is its own; None for anybody else.

        A device that is not on the roll may have been added a moment ago and is asked for by
        itself, unless `may_ask` is False (the caller has guessed too often).

        Raises:
            Unavailable: the database does not answer.
        """
        self._refresh()
        found = self._speakers.get(serial)
        # A device on nobody is asked for each time: it may just have been put on somebody, and
        # what it sends would stay unjudged.
        if may_ask and (found is None or found.activation_id is None or not _opens(found, key)):
            found = self._ask(serial)
        if found is None:
            compare_digest(hash_of_key(key), _NOBODY_HASH)
            return None
        return found if _opens(found, key) else None

    def _ask(self, serial: str) -> Speaker | None:
        rows = self._timely.run(lambda connection: devices.find_speakers(connection, serial))
        if not rows:
            return None
        self._speakers[serial] = Speaker.of(rows[0])
        return self._speakers[serial]

    def _refresh(self) -> None:
        age_s = time.monotonic() - self._read_at
        if age_s < self._life_s:
            return
        # Read behind the callers' backs: nobody waits for it while what we have will do.
        is_too_old = age_s >= _TOO_OLD * self._life_s
        if self._reading.acquire(timeout=_WAIT_FOR_ANOTHER_S if is_too_old else 0):
            reading = self._timely.start(self._read)
            reading.add_done_callback(lambda _: self._reading.release())
            if is_too_old:
                self._timely.wait(reading)
        elif is_too_old:
            raise Unavailable("The database does not answer. Send it again later.")

    def _read(self, connection: Connection) -> None:
        begun_at = time.monotonic()
        rows = devices.find_speakers(connection)
        self._speakers = {row.serial: Speaker.of(row) for row in rows}
        self._read_at = begun_at


def _opens(speaker: Speaker, key: str) -> bool:
    return compare_digest(hash_of_key(key), speaker.key_hash)
