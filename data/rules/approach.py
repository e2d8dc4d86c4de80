"""Offender and victim: how far apart, how soon together, and who closed the distance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from data.model.judging import PairLink


@dataclass(frozen=True, slots=True)
class PairSet:
    """Pairs, by key and validity; made once and used for many batches."""

    links: tuple[PairLink, ...]

    @classmethod
    def of(cls, links: Sequence[PairLink]) -> Self:
        """From pair links in any order."""
        return cls(
            tuple(
                sorted(
                    links,
                    key=lambda link: (
                        link.pair_id,
                        link.offender_activation_id,
                        link.victim_activation_id,
                        link.valid_from_us,
                    ),
                )
            )
        )
