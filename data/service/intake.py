"""The one door for what devices send: recognised, read, kept, and only then answered.

A reading is kept as it came before anybody judges it. What a known device sends and nobody can
read goes to quarantine, so nothing a device says is lost; what unknown callers send is counted.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, text

from data.clock import Clock, microseconds
from data.errors import BadInput, TooManyTries, Unauthorised, Unavailable
from data.feeds.wire import Decoded
from data.service.failures import Failures
from data.service.roll import Roll, Speaker
from data.store import devices, partitions, quarantine, readings
from data.store.quarantine import KEPT_BYTES, Rejection
from data.store.readings import Reading
from data.store.timely import Group, Timely

Decoder = Callable[[datetime], Decoded]
"""Reads an arrival, given when it came; raises BadInput."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message as it came, with the key taken out.

    `size_bytes` is more than `raw` holds where it was too long to be read whole.
    """

    protocol: str
    peer: str
    content_type: str
    target: str
    raw: bytes
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who somebody says they are, and their proof; empty where they said nothing."""

    serial: str
    key: str


class Intake:
    """Takes what devices send. One for each process; its threads start with it.

    Args:
        engine: of its own: it is used from several threads.
        clock: gives `received_at`.
        patience_s: after so long without the database a device hears "not now".
    """

    def __init__(self, engine: Engine, clock: Clock, *, patience_s: float = 1.5) -> None:
        self._clock = clock
        self._timely = Timely(engine, patience_s=patience_s)
        self._group: Group[Reading] = Group(engine, _write, patience_s=patience_s)
        self._roll = Roll(self._timely)
        self._failures = Failures()
        self._days: set[date] = set()
        self._making_days = threading.Lock()

    def accept(self, arrival: Arrival, credentials: Credentials, decode: Decoder) -> Decoded:
        """Keeps one message; when this returns, it is on disk.

        Raises:
            Unauthorised: no known device, not its key, or a payload about another device.
            TooManyTries: the same, too often.
            BadInput: nobody can read it; it is in quarantine.
            Unavailable: the database does not answer; the device must send it again.
        """
        speaker = self.recognise(arrival, credentials)
        received_at = self._clock.now()
        try:
            decoded = decode(received_at)
        except BadInput as error:
            self._quarantine(speaker, arrival, error.field, str(error))
            raise
        except Exception as error:
            # Our own mistake. The message is kept all the same, and whoever looks finds it here.
            self._quarantine(speaker, arrival, "", f"decoder failed: {type(error).__name__}")
            raise
        if decoded.identity not in (None, speaker.serial):
            self._quarantine(speaker, arrival, "id", "names another device than its key")
            raise Unauthorised("The key is not that device's.")
        self.keep(speaker, arrival, received_at, decoded.records)
        return decoded

    def refuse(self, arrival: Arrival, credentials: Credentials, error: BadInput) -> None:
        """Keeps a message that is not even to be read, such as one that is too long.

        Raises:
            Unauthorised, TooManyTries, Unavailable: as in `accept`.
        """
        speaker = self.recognise(arrival, credentials)
        self._quarantine(speaker, arrival, error.field, str(error))

    def recognise(self, arrival: Arrival, credentials: Credentials) -> Speaker:
        """The device that is speaking.

        Raises:
            Unauthorised, TooManyTries, Unavailable: as in `accept`.
        """
        now_s = time.monotonic()
        speaker = self._roll.find(
            credentials.serial,
            credentials.key,
            may_ask=not self._failures.is_limited(arrival.peer, now_s),
        )
        if speaker is not None:
            return speaker
        failure = self._failures.fail(arrival.peer, now_s)
        if failure.to_write:
            self._count_stranger(arrival, credentials, failure.to_write)
        if failure.wait_s:
            raise TooManyTries(failure.wait_s)
        raise Unauthorised("Unknown device or wrong key.")

    def keep(
        self,
        speaker: Speaker,
        arrival: Arrival,
        received_at: datetime,
        records: NDArray[np.void],
    ) -> None:
        """Commits a reading, or several where its fixes belong to several activations.

        Raises:
            Unavailable: as in `accept`.
        """
        self._ensure_day(received_at)
        for activation_id, share in self._shares(speaker, records):
            self._group.commit(
                Reading(
                    received_at=received_at,
                    device_id=speaker.device_id,
                    activation_id=activation_id,
                    protocol=arrival.protocol,
                    peer=arrival.peer,
                    content_type=arrival.content_type,
                    target=arrival.target,
                    raw=arrival.raw,
                    records=share,
                )
            )

    def is_ready(self) -> bool:
        """Whether the database answers just now."""
        try:
            self._timely.run(lambda connection: connection.execute(text("select 1")))
        except Unavailable:
            return False
        return True

    def close(self) -> None:
        """Ends the threads; what was answered is committed already."""
        self._group.close()
        self._timely.close()

    def _shares(
        self, speaker: Speaker, records: NDArray[np.void]
    ) -> Sequence[tuple[int | None, NDArray[np.void]]]:
        # A device that kept its fixes for days may have been on somebody else when it took them.
        early = records["fixed_at"] < speaker.started_at_us
        if speaker.activation_id is None or not early.any():
            return [(speaker.activation_id, records)]
        runs = self._timely.run(
            lambda connection: devices.find_activations(connection, speaker.device_id)
        )
        owner = np.full(len(records), speaker.activation_id, np.int64)
        for run in runs:
            if run.ended_at is not None:
                owner[
                    (records["fixed_at"] >= microseconds(run.started_at))
                    & (records["fixed_at"] < microseconds(run.ended_at))
                ] = run.activation_id
        # What nobody's period covers stays with whoever has the device: it may be a wrong clock.
        return [(int(each), records[owner == each]) for each in np.unique(owner)]

    def _ensure_day(self, received_at: datetime) -> None:
        today = received_at.date()
        if today in self._days:
            return
        with self._making_days:
            if today in self._days:
                return
            days = {today, today + timedelta(days=1)}
            self._timely.run(lambda connection: partitions.ensure_days(connection, "reading", days))
            self._days = self._days | {today}

    def _quarantine(self, speaker: Speaker, arrival: Arrival, field: str, reason: str) -> None:
        rejection = _rejection(arrival, self._clock.now())
        rejection = replace(
            rejection, device_id=speaker.device_id, field=_plain(field), reason=_plain(reason)
        )
        self._timely.run(lambda connection: quarantine.append(connection, rejection))

    def _count_stranger(self, arrival: Arrival, credentials: Credentials, times: int) -> None:
        at = self._clock.now()
        serial = _plain(credentials.serial)[:64]
        rejection = replace(
            _rejection(arrival, at),
            field="id",
            reason=f"unknown device or wrong key: {serial!r}",
            repeat_key=f"{at:%Y-%m-%d} {arrival.protocol} {arrival.peer} {serial}",
            times=times,
        )
        self._timely.run(lambda connection: quarantine.append(connection, rejection))


def _rejection(arrival: Arrival, at: datetime) -> Rejection:
    # Parameters in the target are the message of a GET: they are what has to be kept.
    raw = arrival.raw if arrival.raw else arrival.target.encode()
    return Rejection(
        received_at=at,
        device_id=None,
        protocol=arrival.protocol,
        peer=arrival.peer,
        field="",
        reason="",
        raw=raw[:KEPT_BYTES],
        size_bytes=max(arrival.size_bytes, len(raw)),
    )


def _plain(words: str) -> str:
    # PostgreSQL's text holds no NUL, and a log line is one line.
    return "".join(each if each.isprintable() else "�" for each in words)


def _write(connection: Connection, group: Sequence[Reading]) -> None:
    readings.append(connection, group)
