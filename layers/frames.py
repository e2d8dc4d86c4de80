"""The picture of tags kept between two reads, and the frame each viewer gets of it.

Read once a second for all viewers. A frame is made once for all who may see the same.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine

from data.rules.reach import Reach
from data.store.reading import reading
from layers import tags

WHOLE_EVERY = 30
"""Reads between two of the whole picture, which also finds tags that were taken off."""

OVERLAP = 10
"""Reads a later one reaches back: fixes of one round can be committed after those of the next."""


class Frames:
    """Not for several threads: one reads and makes frames, once a second."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._picture = tags.Live(np.zeros(0, tags.RECORD), np.zeros(0, object), None)
        self._changed = np.zeros(0, bool)
        self._newest: deque[datetime] = deque(maxlen=OVERLAP)
        self._reads = 0
        self._danger: dict[int, frozenset[str]] = {}
        self._made: dict[tuple[object, ...], bytes] = {}
        self.has_removed = False  # since the last read: changes alone would leave them standing

    def read(self) -> None:
        """Brings the picture up to date.

        Raises:
            Unavailable: the database does not answer. The picture stays, with no changes.
        """
        self.forget_changes()
        is_whole = self._reads % WHOLE_EVERY == 0 or not self._newest
        # Counted only when it succeeds: what was missed comes with the next whole read.
        reads, self._reads = self._reads, 0
        with reading(self._engine) as connection:
            danger = tags.read_danger(connection)
            found = tags.read_live(connection, None if is_whole else self._newest[0])
        self._reads = reads + 1
        if found.newest_judged_at is not None:
            self._newest.append(found.newest_judged_at)
        self._take(found, is_whole=is_whole)
        self._take_danger(danger)

    def _take_danger(self, danger: dict[int, frozenset[str]]) -> None:
        """Lets victims come into the frames with their danger and leave them with it."""
        before, self._danger = self._danger, danger
        come = [number for number in danger if danger[number] != before.get(number)]
        self._changed = self._changed | np.isin(self._picture.records["tag_id"], come)
        if any(not areas <= danger.get(number, frozenset()) for number, areas in before.items()):
            self.has_removed = True

    def forget_changes(self) -> None:
        """Lets the next frames carry no tags: their picture is old, only the clock goes on."""
        self._made.clear()
        self._changed = np.zeros(len(self._picture.records), bool)
        self.has_removed = False

    def frame(
        self,
        reach: Reach,
        *,
        is_full: bool,
        now: datetime,
        judged_at: datetime | None,
        newest_fixed_at: datetime | None,
    ) -> bytes:
        """The bytes for this viewer: the whole picture, or what the last read changed.

        The moments are those of `layers.tags.frame`, and one round's for all viewers.
        """
        viewer = reach.viewer
        # Everything that decides what is visible, so that no two share a frame that may not.
        key = (viewer.role, viewer.area, reach.activations, reach.revealed, is_full)
        if key not in self._made:
            picture = self._picture
            if not is_full:
                picture = tags.Live(
                    picture.records[self._changed], picture.area[self._changed], None
                )
            kind = tags.FrameKind.FULL if is_full else tags.FrameKind.CHANGES
            self._made[key] = tags.frame(
                tags.visible(picture, reach, self._danger),
                kind,
                now=now,
                judged_at=judged_at,
                newest_fixed_at=newest_fixed_at,
            )
        return self._made[key]

    def _take(self, found: tags.Live, *, is_whole: bool) -> None:
        """Puts what was read into the picture, which is sorted by tag."""
        here, news = self._picture.records, found.records
        if is_whole:
            self.has_removed = not np.isin(here["tag_id"], news["tag_id"]).all()
            same = _same_as(news, here)
            order = np.argsort(news["tag_id"], kind="stable")
            self._picture = tags.Live(news[order], found.area[order], None)
            self._changed = ~same[order]
            return
        stays = ~np.isin(here["tag_id"], news["tag_id"])
        records = np.concatenate([here[stays], news])
        area = np.concatenate([self._picture.area[stays], found.area])
        changed = np.concatenate([np.zeros(int(stays.sum()), bool), ~_same_as(news, here)])
        order = np.argsort(records["tag_id"], kind="stable")
        self._picture = tags.Live(records[order], area[order], None)
        self._changed = changed[order]


def _same_as(news: NDArray[np.void], here: NDArray[np.void]) -> NDArray[np.bool_]:
    """Which of the new records say what the picture, sorted by tag, says already; shape (n,)."""
    if not len(here):
        return np.zeros(len(news), bool)
    place = np.minimum(np.searchsorted(here["tag_id"], news["tag_id"]), len(here) - 1)
    # A tag's record names the tag, so an equal record is the same tag.
    return here[place] == news
