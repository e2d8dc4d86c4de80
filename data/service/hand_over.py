"""The end of a shift: a sheet made from what stands open, signed by who goes and who comes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine

from data.clock import Clock
from data.errors import BadInput, Clash, NotFound, Refused
from data.model.alert import AlertKind, AlertRow, AlertState
from data.model.user import Viewer
from data.service.alerts import Alerts, is_for
from data.service.reach import Reaches
from data.store import audit, hand_overs
from data.store.reading import reading

WORDS_LIMIT = 2000
"""Characters of what the next shift is told."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands open in front of one viewer, the oldest first, with its numbers."""

    made_at: datetime
    rows: tuple[AlertRow, ...]

    @property
    def numbers(self) -> dict[str, int]:
        """How many of each kind; one alert may count in several."""
        rows = self.rows
        return {
            "open": len(rows),
            "p1": sum(row.priority == 1 for row in rows),
            "p2": sum(row.priority == 2 for row in rows),
            "p3": sum(row.priority == 3 for row in rows),
            "untaken": sum(row.state is AlertState.NEW for row in rows),
            "shelved": sum(row.state is AlertState.SHELVED for row in rows),
            "cleared": sum(row.cleared_at is not None for row in rows),
            "flapping": sum(row.is_flapping for row in rows),
            "silent": sum(row.kind is AlertKind.SILENT for row in rows),
        }

    def to_json(self) -> dict[str, Any]:
        """The sheet as it is kept: numbers, and one line an alert without names or places."""
        return {
            "numbers": self.numbers,
            "alerts": [
                {
                    "alert_id": row.alert_id,
                    "case_code": row.case_code,
                    "priority": int(row.priority),
                    "title": row.title,
                    "state": row.state.value,
                    "owner": row.owner,
                    "raised_at": row.raised_at.isoformat(),
                    "is_cleared": row.cleared_at is not None,
                }
                for row in self.rows
            ],
        }


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A sheet that one person signed, and another, or nobody yet."""

    hand_over_id: int
    made_at: datetime
    giver: str
    taken_at: datetime | None
    taker: str | None
    numbers: Mapping[str, int]
    words: str


@dataclass(frozen=True, slots=True)
class HandOvers:
    """The use cases at the end of a shift. Who may is the gate's question, what they see ours."""

    engine: Engine
    clock: Clock
    alerts: Alerts
    reaches: Reaches

    def sheet(self, viewer: Viewer) -> Sheet:
        """Everything open that this viewer may see, the oldest first, shelved included."""
        reach = self.reaches.of(viewer)
        rows: Sequence[AlertRow] = [row for row in self.alerts.open_rows() if is_for(reach, row)]
        return Sheet(
            self.clock.now(), tuple(sorted(rows, key=lambda row: (row.raised_at, row.alert_id)))
        )

    def newest(self) -> HandedOver | None:
        """The newest hand-over; None: there has never been one."""
        with reading(self.engine) as connection:
            found = hand_overs.find_newest(connection)
        if found is None:
            return None
        return HandedOver(
            found.hand_over_id,
            found.made_at,
            found.giver,
            found.taken_at,
            found.taker,
            found.sheet["numbers"],
            found.words,
        )

    def give(self, viewer: Viewer, words: str) -> int:
        """The one who goes signs the sheet as it stands this moment; gives its number.

        Raises:
            BadInput: too many words.
        """
        words = words.strip()
        if len(words) > WORDS_LIMIT:
            raise BadInput("words", f"at most {WORDS_LIMIT} characters", len(words))
        sheet = self.sheet(viewer)
        with self.engine.begin() as connection:
            number = hand_overs.append(
                connection,
                at=sheet.made_at,
                user_id=viewer.user_id,
                sheet=sheet.to_json(),
                words=words,
            )
            self._note(connection, viewer, "hand_over_given", number)
        return number

    def take(self, viewer: Viewer, hand_over_id: int) -> None:
        """The one who comes signs the newest sheet.

        Raises:
            NotFound: it is not the newest: what stands open has been written down anew since.
            Refused: the same person cannot sign twice.
            Clash: somebody has signed already.
        """
        with self.engine.begin() as connection:
            found = hand_overs.find_newest(connection)
            if found is None or found.hand_over_id != hand_over_id:
                raise NotFound("There is a newer hand-over. Look again.")
            if found.given_by == viewer.user_id:
                raise Refused("Somebody else has to take over. One person cannot sign twice.")
            at = self.clock.now()
            if not hand_overs.sign(connection, hand_over_id, at=at, user_id=viewer.user_id):
                raise Clash(f"{found.taker} has taken over already.")
            self._note(connection, viewer, "hand_over_taken", hand_over_id)

    def _note(self, connection: Connection, viewer: Viewer, action: str, number: int) -> None:
        audit.append(
            connection,
            at=self.clock.now(),
            user_id=viewer.user_id,
            action=action,
            record_kind="hand_over",
            record_id=number,
            peer=viewer.peer,
        )
