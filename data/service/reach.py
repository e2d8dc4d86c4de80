"""Finds out how far a viewer's business reaches, and writes down who tried to go further."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine

from data.clock import Clock
from data.errors import NotFound
from data.model.user import Viewer
from data.rules.access import Action
from data.rules.reach import Reach
from data.store import assignments, audit
from data.store.reading import reading


def reach_of(connection: Connection, viewer: Viewer, now: datetime) -> Reach:
    """What this viewer may reach at this moment."""
    return reaches_of(connection, [viewer], now)[viewer]


def reaches_of(
    connection: Connection, viewers: Iterable[Viewer], now: datetime
) -> dict[Viewer, Reach]:
    """The same for many at once; two queries whatever their number."""
    wanted = set(viewers)
    held = assignments.find_held(connection, [each.user_id for each in wanted], now)
    people: dict[int, set[int]] = {}
    if held:
        cases = sorted({row.case_id for row in held})
        for row in assignments.find_activations(connection, cases):
            people.setdefault(row.case_id, set()).add(row.activation_id)
    found = {}
    for viewer in wanted:
        by_way: dict[str, set[int]] = {"assigned": set(), "glass": set(), "revealed": set()}
        for row in held:
            # A case that moved to another area is not held from outside it.
            is_in_area = not viewer.area or row.area in ("", viewer.area)
            if row.user_id == viewer.user_id and is_in_area:
                by_way[row.how].add(row.case_id)
        cases_of = by_way["assigned"] | by_way["glass"]
        found[viewer] = Reach(
            viewer,
            frozenset(by_way["assigned"]),
            frozenset(by_way["glass"]),
            frozenset().union(*(people.get(case_id, ()) for case_id in cases_of)),
            # A case taken back in the middle of the minute ends the minute.
            frozenset().union(
                *(people.get(case_id, ()) for case_id in by_way["revealed"] & cases_of)
            ),
            frozenset(by_way["revealed"] & cases_of),
        )
    return found


@dataclass(frozen=True, slots=True)
class Reaches:
    """The same for whoever holds no connection.

    Args:
        engine: the database.
        clock: that of sessions, which keeps people's time also where a demo runs faster.
    """

    engine: Engine
    clock: Clock

    def of(self, viewer: Viewer) -> Reach:
        """What this viewer may reach now."""
        return self.of_all([viewer])[viewer]

    def of_all(self, viewers: Iterable[Viewer]) -> dict[Viewer, Reach]:
        """What each of these may reach now.

        Raises:
            Unavailable: the database does not answer.
        """
        with reading(self.engine) as connection:
            return reaches_of(connection, viewers, self.clock.now())

    def note_refusal(
        self, viewer: Viewer, action: Action, record_kind: str = "", record_id: int | None = None
    ) -> None:
        """Writes down that somebody asked for what they may not have.

        In a transaction of its own: what was asked for is rolled back, this is not.
        """
        with self.engine.begin() as connection:
            audit.append(
                connection,
                at=self.clock.now(),
                user_id=viewer.user_id or None,
                action="refused",
                record_kind=record_kind or "room",
                record_id=record_id,
                peer=viewer.peer,
                session_id=viewer.session_id or None,
                detail={"asked": action.value, "role": viewer.role.value},
            )


def not_there(kind: str, record_id: object) -> NotFound:
    """The one answer for what does not exist and what is not for this viewer to know of."""
    return NotFound(f"There is no {kind} {record_id}.")
