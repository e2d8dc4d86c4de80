"""Writes down who opened which track, and keeps bookmarks. Reading and packing are the layers'.

A bookmark keeps the address of its view as it stands, and that holds ids and moments only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine

from data.clock import Clock
from data.errors import BadInput
from data.model.user import Viewer
from data.service.noted import Noted
from data.store import audit, bookmarks

MOST_WORDS = 1000

# Keys and values as src/replay/address.ts writes them; a name or a sentence does not fit.
_ADDRESS = re.compile(r"\?[a-z]+=[\w,.:+-]*(&[a-z]+=[\w,.:+-]*)*", re.ASCII)
_LONGEST_ADDRESS = 600


@dataclass(frozen=True, slots=True)
class Replays:
    """What a replay leaves behind.

    Args:
        engine: the database.
        clock: that of sessions.
    """

    engine: Engine
    clock: Clock
    _noted: Noted = field(default_factory=Noted)

    def note_opened(
        self,
        viewer: Viewer,
        activation_id: int,
        first: datetime,
        last: datetime,
        *,
        fixes: int,
        dataset: str,
    ) -> None:
        """Writes down that this track was put before somebody: once in ten minutes a dataset."""
        now = self.clock.now()
        look = hash((activation_id, dataset))
        if not self._noted.is_due(viewer.session_id, look, now):
            return
        with self.engine.begin() as connection:
            audit.append(
                connection,
                at=now,
                user_id=viewer.user_id or None,
                action="replay.opened",
                record_kind="activation",
                record_id=activation_id,
                peer=viewer.peer,
                session_id=viewer.session_id or None,
                detail={
                    "from": first.isoformat(),
                    "to": last.isoformat(),
                    "fixes": fixes,
                    "dataset": dataset,
                },
            )
        self._noted.note(viewer.session_id, look, now)

    def note_hers(
        self, viewer: Viewer, shown: dict[int, list[int]], first: datetime, last: datetime
    ) -> None:
        """Writes down which of a victim's places were put before somebody: each time, by case."""
        with self.engine.begin() as connection:
            for case_id, locations in shown.items():
                audit.append(
                    connection,
                    at=self.clock.now(),
                    user_id=viewer.user_id or None,
                    action="encounters_seen",
                    record_kind="case",
                    record_id=case_id,
                    peer=viewer.peer,
                    session_id=viewer.session_id or None,
                    shown={"routine_location": locations} if locations else None,
                    detail={"from": first.isoformat(), "to": last.isoformat()},
                )

    def keep_bookmark(
        self, viewer: Viewer, activation_id: int, at: datetime, words: str, address: str
    ) -> int:
        """Keeps an instant of a track with words, and gives its number.

        Raises:
            BadInput: no words or too many, or an address that is none of a replay.
        """
        words = words.strip()
        if not 0 < len(words) <= MOST_WORDS:
            raise BadInput("words", f"1 to {MOST_WORDS} signs")
        if len(address) > _LONGEST_ADDRESS or not _ADDRESS.fullmatch(address):
            raise BadInput("address", "the address of a replay's view")
        now = self.clock.now()
        with self.engine.begin() as connection:
            bookmark_id = bookmarks.append(
                connection,
                activation_id=activation_id,
                at=at,
                words=words,
                address=address,
                made_at=now,
                made_by=viewer.user_id,
            )
            audit.append(
                connection,
                at=now,
                user_id=viewer.user_id,
                action="replay.bookmarked",
                record_kind="activation",
                record_id=activation_id,
                peer=viewer.peer,
                session_id=viewer.session_id or None,
                detail={"bookmark_id": bookmark_id, "at": at.isoformat()},
            )
        return bookmark_id
