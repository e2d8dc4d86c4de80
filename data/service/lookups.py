"""Who looked at whom, what was unusual about it, and the same as a file for an inspector."""

from __future__ import annotations

import csv
import io
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, Row

from data.clock import Clock
from data.errors import Refused, StepUpNeeded
from data.model.user import Viewer
from data.rules.access import Action, decide, needs_step_up
from data.rules.reach import Reach
from data.rules.reasons import WHY_WORDS, Why
from data.rules.unusual import Look, Mark, marks, shares_surname
from data.store import audit, lookups
from data.store.reading import reading

SHOWN_DAYS = 90
"""How far back the screens go; the trail itself goes back to the beginning."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One look, as a reviewer reads it. No victim's name: who was looked at is a case code."""

    at: datetime
    login: str
    role: str
    case_code: str
    why: str
    words: str
    marks: frozenset[Mark]


@dataclass(frozen=True, slots=True)
class Lookups:
    """Reads; only an export writes, that it was made.

    Args:
        engine: the database.
        clock: that of sessions.
        time_zone: the room's, for what a day is.
    """

    engine: Engine
    clock: Clock
    time_zone: ZoneInfo

    def seen(self, viewer: Viewer, *, case_code: str = "", login: str = "") -> list[Seen]:
        """Looks of the last 90 days, newest first: at one case's victims, or by one user, or all.

        Raises:
            Refused: not for this viewer.
        """
        _need(viewer, Action.SEE_ACCESS)
        since = self.clock.now() - timedelta(days=SHOWN_DAYS)
        with reading(self.engine) as connection:
            rows = lookups.find(connection, since)
            names = lookups.find_names(connection, sorted({row.case_id for row in rows}))
        found = marks([_look(row, names) for row in rows], self.time_zone)
        reach = Reach(viewer)
        return [
            Seen(
                row.at,
                row.login,
                row.role,
                row.case_code,
                WHY_WORDS[Why(row.code)],
                row.words,
                found[row.reveal_id],
            )
            for row in rows
            if reach.record(row.case_id, row.area).is_in_area
            and case_code.strip() in ("", row.case_code)
            and login.strip() in ("", row.login)
        ]

    def refusals(self, viewer: Viewer) -> Sequence[Row]:
        """Who tried what they may not, newest first; by whoever keeps no area, all of it.

        Raises:
            Refused: not for this viewer.
        """
        _need(viewer, Action.SEE_ACCESS)
        if viewer.area:
            return []  # a refusal names records of any area
        with reading(self.engine) as connection:
            since = self.clock.now() - timedelta(days=SHOWN_DAYS)
            return lookups.find_refusals(connection, since)

    def export(self, viewer: Viewer) -> tuple[str, bytes]:
        """The export's number, and its bytes: a CSV whose first lines say who made it, and when.

        Raises:
            Refused, StepUpNeeded: not for this viewer, or not without a fresh proof.
        """
        _need(viewer, Action.EXPORT_ACCESS)
        now = self.clock.now()
        if needs_step_up(Action.EXPORT_ACCESS, viewer.stepped_up_at, now):
            raise StepUpNeeded("An export needs a fresh proof that it is you.")
        found = self.seen(viewer)
        export_id = secrets.token_hex(8)
        with self.engine.begin() as connection:
            audit.append(
                connection,
                at=now,
                user_id=viewer.user_id,
                action="access_exported",
                record_kind="export",
                record_id=None,
                peer=viewer.peer,
                detail={"export_id": export_id, "rows": len(found)},
            )
        file = io.StringIO()
        writer = csv.writer(file, lineterminator="\r\n")
        mark = f"Vigil export {export_id}, made by {viewer.login} at {now.isoformat()}"
        writer.writerow([mark])
        writer.writerow(
            ["at (UTC)", "user", "role", "case", "reason", "words", "unusual", "export"]
        )
        for each in found:
            writer.writerow(
                safe_cell(cell)
                for cell in (
                    each.at.isoformat(),
                    each.login,
                    each.role,
                    each.case_code,
                    each.why,
                    each.words,
                    ", ".join(sorted(each.marks)),
                    export_id,
                )
            )
        return export_id, file.getvalue().encode("utf-8-sig")


def safe_cell(text: str) -> str:
    """The text as a spreadsheet shows it, and never as a formula that it works out."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\0")) else text


def _look(row: Row, names: Sequence[Row]) -> Look:
    return Look(
        reveal_id=row.reveal_id,
        user_id=row.user_id,
        at=row.at,
        is_through_glass=row.is_through_glass,
        has_own_surname=shares_surname(
            row.login, [each.name for each in names if each.case_id == row.case_id]
        ),
        signed_in_at=row.signed_in_at,
    )


def _need(viewer: Viewer, action: Action) -> None:
    decision = decide(viewer.role, action)
    if not decision.allowed:
        raise Refused(decision.reason)
