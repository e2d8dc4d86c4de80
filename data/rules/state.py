"""Where judging stands: one row an activation, one a zone it is bound by, one a pair."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from data.model.judging import BreachChange, BreachKey

PairKey = tuple[int, int, int]
"""(pair_id, offender_activation_id, victim_activation_id)."""


class JudgeState:
    """State of some activations and pairs, as arrays. Values in `judge` are never changed."""

    @classmethod
    def empty(cls) -> Self:
        """Nothing judged yet."""
        raise NotImplementedError

    @classmethod
    def unpack(
        cls, activations: Mapping[int, bytes], pairs: Mapping[PairKey, bytes] | None = None
    ) -> Self:
        """State from what `pack` and `pack_pairs` gave; b"" is an activation not judged yet."""
        raise NotImplementedError

    def pack(self) -> dict[int, tuple[int, bytes]]:
        """Activation to (as_of_us, bytes). A fix before as_of_us is late; at it, it may be."""
        raise NotImplementedError

    def pack_pairs(self) -> dict[PairKey, tuple[int, bytes]]:
        """Pair to (as_of_us, bytes), for the pairs judged in the last batch or unpacked."""
        raise NotImplementedError

    def name(self, ids: Mapping[BreachKey, int]) -> Self:
        """The same state with these open breaches knowing their id on record."""
        raise NotImplementedError

    def open_breaches(self) -> tuple[BreachChange, ...]:
        """Every breach still going on, with its figures as they stand."""
        raise NotImplementedError
