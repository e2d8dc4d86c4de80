"""What was written down lately, so that a screen that draws itself anew is one look and not ten."""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime, timedelta

AGAIN_AFTER = timedelta(minutes=10)
_MOST = 10_000


class Noted:
    """Who was shown which record, and when it was last written down."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._at: OrderedDict[tuple[int, int], datetime] = OrderedDict()

    def is_due(self, session_id: int, record_id: int, now: datetime) -> bool:
        """Whether this look is to be written down: the first, and each ten minutes later."""
        with self._lock:
            last = self._at.get((session_id, record_id))
        # Exactly ten minutes later is a new look; so is one from before, where a clock was set.
        return last is None or not timedelta(0) <= now - last < AGAIN_AFTER

    def note(self, session_id: int, record_id: int, now: datetime) -> None:
        """Remembers a look that is on record now; the oldest is forgotten above ten thousand."""
        with self._lock:
            self._at[session_id, record_id] = now
            self._at.move_to_end((session_id, record_id))
            while len(self._at) > _MOST:
                self._at.popitem(last=False)
