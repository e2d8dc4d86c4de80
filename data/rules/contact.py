"""Offender and victim: how far apart, how soon together, and who closed the distance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from data.model.judging import PairLink


class PairSet:
    """Pairs as columns; made once and used for many batches."""

    @classmethod
    def of(cls, links: Sequence[PairLink]) -> Self:
        """From pair links in any order."""
        raise NotImplementedError
