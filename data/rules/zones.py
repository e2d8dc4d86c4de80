"""Zones made ready to be judged against: shapes, buffers, whom they bind, when they hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from data.model.judging import ZoneVersion


class ZoneSet:
    """Zones as arrays; made once and used for many batches."""

    @classmethod
    def of(cls, versions: Sequence[ZoneVersion]) -> Self:
        """From zone versions in any order. Versions of one zone must not overlap in time."""
        raise NotImplementedError
