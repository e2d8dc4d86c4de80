"""Late data: which fixes are late, and what a re-judging changes of what is on record.

A late fix is judged by starting from a snapshot before it and judging everything known since
again, with the late fixes in their place. `amend` compares; nothing on record is rewritten.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.model.judging import BreachChange, BreachKey, FixColumns, Policy, Plans
from data.rules.contact import PairSet
from data.rules.state import JudgeState


@dataclass(frozen=True, slots=True)
class Amendment:
    """What a re-judging adds to the record."""

    additions: tuple[BreachChange, ...]  # newly found: to be marked found on back-fill
    amendments: tuple[BreachChange, ...]  # known, but now otherwise; `breach_id` is set
    withdrawals: tuple[BreachChange, ...]  # on record, but not found again; `breach_id` is set
    ids: dict[BreachKey, int]  # found breaches that are on record: for `JudgeState.name`


def late_fixes(
    state: JudgeState, fixes: FixColumns, pairs: PairSet, plans: Plans, policy: Policy
) -> NDArray[np.bool_]:
    """Which fixes lie before what their activation or pair has been judged up to, shape (n,)."""
    raise NotImplementedError


def latest(changes: Sequence[BreachChange]) -> tuple[BreachChange, ...]:
    """The last word on each breach among these changes, by moment of entry."""
    raise NotImplementedError


def amend(stored: Sequence[BreachChange], found: Sequence[BreachChange]) -> Amendment:
    """Compares breaches on record with those that a re-judging found.

    Args:
        stored: the last word on record of each breach of the re-judged activations that was
            open or opened after the snapshot; `breach_id` set.
        found: the last word on each breach found again (`latest` of the changes, and
            `JudgeState.open_breaches` for those still going on).
    """
    raise NotImplementedError
