"""Slices of activations belong to the session that holds their lock."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from data.store import slices
from data.store.judging import SLICES

pytestmark = pytest.mark.db

NOTHING: frozenset[int] = frozenset()


def test_one_worker_owns_every_slice(engine: Engine) -> None:
    """A worker that is alone judges everything."""
    with engine.connect() as only:
        slices.enter(only)
        assert slices.settle(only, NOTHING) == frozenset(range(SLICES))


def test_two_workers_share_and_never_own_the_same(engine: Engine) -> None:
    """A second worker takes over half; no slice is with both, none with neither."""
    with engine.connect() as first, engine.connect() as second:
        slices.enter(first)
        firsts = slices.settle(first, NOTHING)
        slices.enter(second)
        seconds = slices.settle(second, NOTHING)
        assert not firsts & seconds
        firsts = slices.settle(first, firsts)
        seconds = slices.settle(second, seconds)
        assert len(firsts) == len(seconds) == SLICES // 2
        assert firsts | seconds == frozenset(range(SLICES))


def test_slices_of_a_dead_worker_move(engine: Engine) -> None:
    """When a worker's session ends, another gets its slices at the next settling."""
    with engine.connect() as first:
        slices.enter(first)
        with engine.connect() as second:
            slices.enter(second)
            firsts = slices.settle(first, NOTHING)
            seconds = slices.settle(second, NOTHING)
            assert len(seconds) == SLICES // 2
            second.invalidate()  # as a kill does: the connection is gone, nothing was given back
        assert slices.settle(first, firsts) == frozenset(range(SLICES))
