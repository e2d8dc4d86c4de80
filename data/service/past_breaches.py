"""One past breach as an investigator reads it: its proof, its alerts' lives, the zone of then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, Row

from data.clock import Clock
from data.model.alert import AlertLine
from data.model.user import Viewer
from data.rules.access import Action
from data.service.noted import Noted
from data.service.reach import Reaches, not_there
from data.store import alerts, audit, past_breaches
from data.store.reading import reading


@dataclass(frozen=True, slots=True)
class AlertLifeTold:
    """An alert about the breach, from raised to closed."""

    row: Row[Any]  # of `alert`
    history: tuple[AlertLine, ...]


@dataclass(frozen=True, slots=True)
class PastBreach:
    """What is known of one breach now."""

    row: Row[Any]  # data.store.past_breaches.find
    alerts: tuple[AlertLifeTold, ...]


@dataclass(frozen=True, slots=True)
class PastBreaches:
    """Reads; only that it was read is written.

    Args:
        engine: the database.
        clock: the room's.
        reaches: how far a viewer's business goes.
    """

    engine: Engine
    clock: Clock
    reaches: Reaches
    noted: Noted = field(default_factory=Noted)

    def of(self, viewer: Viewer, breach_id: int) -> PastBreach:
        """One breach; that it was shown is written down, once in ten minutes for a session.

        Raises:
            NotFound: there is none, or none that this viewer may know of.
        """
        now = self.clock.now()
        reach = self.reaches.of(viewer)
        is_due = self.noted.is_due(viewer.session_id, breach_id, now)
        with self.engine.begin() if is_due else reading(self.engine) as connection:
            row = past_breaches.find(connection, breach_id)
            if row is None:
                raise not_there("breach", breach_id)
            if not reach.may(Action.SEE_HISTORY, row.case_id, row.area).allowed:
                self.reaches.note_refusal(viewer, Action.SEE_HISTORY, "breach", breach_id)
                raise not_there("breach", breach_id)
            told = tuple(
                AlertLifeTold(each, _history(connection, each.alert_id))
                for each in past_breaches.find_alerts(connection, breach_id)
            )
            if is_due:
                audit.append(
                    connection,
                    at=now,
                    user_id=viewer.user_id,
                    action="breach_shown",
                    record_kind="breach",
                    record_id=breach_id,
                    peer=viewer.peer,
                    session_id=viewer.session_id or None,
                    shown={"case": [row.case_id], "activation": [row.activation_id]},
                )
        if is_due:
            self.noted.note(viewer.session_id, breach_id, now)
        return PastBreach(row, told)

    def zones_of(self, viewer: Viewer, case_code: str) -> Sequence[tuple[int, str]]:
        """Zones of a case by number and label; none where the case is not for this viewer."""
        reach = self.reaches.of(viewer)
        with reading(self.engine) as connection:
            found = past_breaches.find_zones(connection, case_code)
        return [
            (each.zone_id, each.label)
            for each in found
            if reach.may(Action.SEE_HISTORY, each.case_id, each.area).allowed
        ]


def _history(connection: Connection, alert_id: int) -> tuple[AlertLine, ...]:
    return tuple(
        AlertLine(each.at, each.action, each.login, each.note, each.detail or {})
        for each in alerts.find_entries(connection, alert_id)
    )
