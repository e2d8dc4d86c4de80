"""Counts failures by peer and says when there have been too many.

Only failures are held back. Many devices may share one address, and one that guesses must not
silence the others.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass


@dataclass(slots=True)
class _Tally:
    window_ends_s: float
    failures: int = 0
    unwritten: int = 0
    written_at_s: float = float("-inf")


@dataclass(frozen=True, slots=True)
class Failure:
    """What to do about one failure: how long the peer must wait, and how many to write down."""

    wait_s: int  # 0: not limited
    to_write: int  # 0: kept back, a later failure will carry it


class Failures:
    """At most `limit` failures a peer in each window of `window_s` seconds.

    Args:
        peers: remembered at once; the one seen longest ago is forgotten first.
    """

    def __init__(self, *, limit: int = 20, window_s: float = 60.0, peers: int = 10_000) -> None:
        self._limit = limit
        self._window_s = window_s
        self._peers = peers
        self._tallies: OrderedDict[str, _Tally] = OrderedDict()
        self._lock = threading.Lock()

    def is_limited(self, peer: str, now_s: float) -> bool:
        """Whether this peer has failed too often just now."""
        with self._lock:
            tally = self._tallies.get(peer)
            return (
                tally is not None and tally.failures >= self._limit and now_s < tally.window_ends_s
            )

    def fail(self, peer: str, now_s: float) -> Failure:
        """Counts one failure. Those of a limited peer are written once a second, together."""
        with self._lock:
            tally = self._tallies.pop(peer, None) or _Tally(now_s + self._window_s)
            if now_s >= tally.window_ends_s:
                tally.window_ends_s, tally.failures = now_s + self._window_s, 0
            self._tallies[peer] = tally
            while len(self._tallies) > self._peers:
                self._tallies.popitem(last=False)
            tally.failures += 1
            tally.unwritten += 1
            is_over = tally.failures > self._limit
            to_write = 0
            if not is_over or now_s - tally.written_at_s >= 1.0:
                to_write, tally.unwritten = tally.unwritten, 0
                tally.written_at_s = now_s
            wait_s = max(1, round(tally.window_ends_s - now_s)) if is_over else 0
            return Failure(wait_s, to_write)
