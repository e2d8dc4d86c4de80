"""The demo's telephones: what victim, police and others would read, and that they have read it.

Only a demo has them. They hold what a notice says and nothing else, as a locked screen would.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from data.clock import Clock
from data.model.desk_policy import Recipient
from data.model.user import Viewer
from data.rules.access import Action
from data.rules.sending import words
from data.service.alerts import Alerts, is_for, row_of
from data.service.reach import Reaches
from data.store import alerts, notices, outbox
from data.store.reading import reading

MOST = 40
"""Messages that the telephones keep."""


@dataclass(frozen=True, slots=True)
class PhoneMessage:
    """One message on one telephone."""

    notice_id: int
    alert_id: int
    to: Recipient
    words: str
    arrived_at: datetime
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class DemoPhones:
    """What the demo's telephones show."""

    engine: Engine
    clock: Clock
    seen: Alerts
    reaches: Reaches

    def messages(self, viewer: Viewer) -> list[PhoneMessage]:
        """The newest first, about alerts this viewer may know of."""
        now, reach = self.clock.now(), self.reaches.of(viewer)
        with reading(self.engine) as connection:
            found = notices.find_delivered(connection, MOST)
            ids = sorted({each.alert_id for each in found})
            rows = [row_of(each, now) for each in alerts.find(connection, ids)]
        known = {row.alert_id for row in rows if is_for(reach, row)}
        return [
            PhoneMessage(
                each.notice_id,
                each.alert_id,
                Recipient(each.recipient),
                words(Recipient(each.recipient), each.alert_id),
                each.delivered_at,
                each.read_at,
            )
            for each in found
            if each.alert_id in known
        ]

    def read(self, viewer: Viewer, notice_id: int) -> None:
        """Somebody plays the recipient and reads it; a second reading changes nothing.

        Raises:
            NotFound: no such message, or none this viewer may know of.
            Refused: not for this viewer.
        """
        now = self.clock.now()
        with self.engine.begin() as connection:
            found = notices.get(connection, notice_id)
            (row,) = alerts.find(connection, [found.alert_id])
            self.seen.check(connection, viewer, Action.SEE_CASE, row_of(row, now))
            if found.delivered_at is None or found.read_at is not None:
                return
            notices.save(connection, notice_id, found.alert_id, read_at=now)
            outbox.append(connection, "alert", [found.alert_id], now)
