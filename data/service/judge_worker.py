"""One worker of the judge: owns slices, judges what is queued in them, says that it lives.

Outlives the database: when that goes away the worker tries again until it is back. Nothing is
lost by its own death either: a round is one transaction, and its slices move to the others.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from data.clock import Clock, moment_of
from data.service.judging import Judging
from data.service.warm_up import warm_up
from data.store import judging as queue
from data.store import slices

_log = logging.getLogger(__name__)
_SETTLE_EVERY_S = 1.0
_WAIT_S = 0.5
_AWAY_S = 0.3
_GONE = (OperationalError, InterfaceError, DBAPIError)


def work(engine: Engine, clock: Clock, goes_on: Callable[[], bool]) -> None:
    """Judges until `goes_on` says no.

    Args:
        engine: needs two connections: one for the slices and one for the rounds.
        clock: the deployment's clock.
        goes_on: asked between two rounds.
    """
    warm_up()
    judging = Judging(engine, clock)
    while goes_on():
        try:
            with engine.connect() as session:
                _with_slices(session, judging, clock, goes_on)
        except _GONE as error:
            # The message of a database error may hold a place or a name; its class does not.
            _log.warning("the database is away (%s), trying again", type(error).__name__)
            time.sleep(_AWAY_S)


def _with_slices(
    session: Connection, judging: Judging, clock: Clock, goes_on: Callable[[], bool]
) -> None:
    # Thousands of zones take seconds to make ready; only then does it ask for work.
    judging.rulebook()
    slices.enter(session)
    queue.listen(session)
    owned: frozenset[int] = frozenset()
    settled_s = float("-inf")
    newest_us: int | None = None
    while goes_on():
        if time.monotonic() - settled_s > _SETTLE_EVERY_S:
            owned = slices.settle(session, owned)
            settled_s = time.monotonic()
        done = judging.round(owned)
        newest_us = max(filter(None, (newest_us, done.newest_us)), default=None)
        queue.beat(session, clock.now(), moment_of(newest_us) if newest_us else None)
        session.commit()
        if done.readings == 0:
            queue.wait(session, _WAIT_S)
