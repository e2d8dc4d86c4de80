"""Sends the notices that were ordered, one at a time, until each has gone or is given up.

A notice is claimed, sent and written down in one transaction. Should the sender die in between,
it is sent again under the same key: twice at most once in a great while, never not at all.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Engine, Row
from sqlalchemy.exc import DBAPIError

from data.clock import Clock
from data.model.desk_policy import Recipient
from data.rules.sending import is_given_up, wait_s, words
from data.service.channels import Channel, Sent
from data.store import heartbeats, notices, outbox

_log = logging.getLogger(__name__)
_EVERY_S = 0.5


@dataclass(frozen=True, slots=True)
class Notifier:
    """Sends by one channel. `rate`: how fast the clock runs, as a demo's may."""

    engine: Engine
    clock: Clock
    channel: Channel
    rate: float = 1.0

    def send_next(self) -> bool:
        """Tries the oldest notice that is due; False when there is none."""
        with self.engine.begin() as connection:
            found = notices.claim(connection, self.clock.now())
            if found is None:
                return False
            to = Recipient(found.recipient)
            telephones = []
            if to is Recipient.VICTIM:
                telephones = notices.find_telephones(connection, found.alert_id, self.clock.now())
            done = self._try(to, found, telephones)
            now = self.clock.now()
            tries = found.tries + 1
            values: dict[str, object] = {"tries": tries, "failure": done.failure}
            if not done.failure:
                values |= {"sent_at": now, "delivered_at": now if done.is_delivered else None}
            elif is_given_up(tries):
                values["failed_at"] = now
            else:
                values["try_after"] = now + timedelta(seconds=wait_s(tries) * self.rate)
            notices.save(connection, found.notice_id, found.alert_id, **values)
            outbox.append(connection, "alert", [found.alert_id], now)
        return True

    def _try(self, to: Recipient, found: Row, telephones: list[str]) -> Sent:
        try:
            return self.channel.send(
                to, words(to, found.alert_id), telephones, found.idempotency_key
            )
        except Exception as error:  # any service may raise anything; the notice must not be lost
            # The class only: a message may hold an address.
            _log.warning("notice %d: a channel failed (%s)", found.notice_id, type(error).__name__)
            return Sent(f"the channel failed ({type(error).__name__})")


def keep_sending(notifier: Notifier, goes_on: Callable[[], bool]) -> None:
    """Sends until `goes_on` says no; when the database is away, until it is back."""
    while goes_on():
        try:
            with notifier.engine.begin() as connection:
                heartbeats.beat(connection, "notify", notifier.clock.now())
            if notifier.send_next():
                continue
        except DBAPIError as error:
            _log.warning("the database is away (%s), trying again", type(error).__name__)
        time.sleep(_EVERY_S)
