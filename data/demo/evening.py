"""Opening the demo: a world where there is none, and a new evening in it when the last is over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import Engine

from data.clock import Clock
from data.demo.settlement import settle
from data.errors import Refused
from data.service.basemap import ensure_demo_city
from data.store import demo_evening
from data.store.migrate import migrate

LONGEST_PAUSE = timedelta(minutes=3)
"""A demo that was away longer begins anew: a hundred silent tags are no way to greet anybody."""

_AHEAD = timedelta(minutes=1)

Progress = Callable[[str, int, int | None], None]


def open_evening(
    engine: Engine, clock: Clock, seed: int, progress: Progress, *, is_fresh: bool = False
) -> str:
    """Brings the database to where the demo can start; gives what was done, for people to read.

    Args:
        engine: a migrated database.
        clock: the demo's.
        seed: which story; another one than last time builds another world.
        progress: told how far the import of the streets is.
        is_fresh: forget also what the visitors added.

    Raises:
        Refused: the database holds real people.
    """
    now = clock.now()
    with engine.begin() as connection:
        last_seed = demo_evening.get_seed(connection)
        if last_seed is None and demo_evening.has_people(connection):
            raise Refused(
                "This database holds people, and not the demo's: it will not be mixed with "
                "invented ones. If nothing in it is worth keeping, remove .var (the private "
                "database); else name another for the demo in VIGIL_DATABASE_URL"
            )
        begins_anew = last_seed is not None and (is_fresh or last_seed != seed)
        if begins_anew:
            demo_evening.drop_everything(connection)
    migrate(engine)
    ensure_demo_city(engine, clock, progress)
    settle(engine, clock, seed)
    with engine.begin() as connection:
        demo_evening.save_seed(connection, seed)
        newest = demo_evening.find_newest_fix(connection)
        if newest is None:
            return "A new world."
        # A demo that ran faster than time left fixes that are still to come.
        if now - LONGEST_PAUSE <= newest <= now + _AHEAD:
            return "The evening goes on where it was."
        demo_evening.forget_what_happened(connection, now)
        return "A new evening in the same world; what happened in the last one is forgotten."


def need_no_demo(engine: Engine) -> None:
    """Returns when the database holds no demo.

    Raises:
        Refused: it does; real people do not go among invented ones.
    """
    with engine.begin() as connection:
        if demo_evening.get_seed(connection) is not None:
            raise Refused(
                "This database holds the demo's invented people. Name another in "
                "VIGIL_DATABASE_URL, or remove .var to begin with an empty one"
            )
