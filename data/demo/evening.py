"""Opening the demo: a world where there is none, and a new evening in it when the last is over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import Engine

from data.clock import Clock
from data.demo.history import bring_in, settle_routines
from data.demo.settlement import read_world, settle
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
        engine: a migrated database, as the owner of its tables.
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
    is_new_world = begins_anew or last_seed is None
    migrate(engine)
    ensure_demo_city(engine, clock, progress)
    settle(engine, clock, seed)
    world = read_world(engine, seed)
    with engine.begin() as connection:
        demo_evening.save_seed(connection, seed)
        settle_routines(connection, world, now)
        newest = demo_evening.find_newest_fix(connection)
        # A demo that ran faster than time left fixes that are still to come.
        if newest is not None and now - LONGEST_PAUSE <= newest <= now + _AHEAD:
            return "The evening goes on where it was."
        # Also a world that was left before anything was judged has a trail, which goes on.
        if not is_new_world:
            demo_evening.forget_what_happened(connection, now)
    bring_in(engine, clock, world)
    if is_new_world:
        return "A new world."
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
