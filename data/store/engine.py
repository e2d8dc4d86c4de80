"""Makes the connection pool a process works with."""

from __future__ import annotations

import time

from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import OperationalError

from data.errors import Unavailable


def make_engine(url: str, *, pool_size: int = 5, name: str = "vigil") -> Engine:
    """An engine over psycopg 3; nothing connects until it is used.

    A connection that died with a restarted server is noticed and replaced before it is handed
    out. Error messages never carry parameters: those hold places and names.

    Args:
        url: `postgresql+psycopg://...`; a plain `postgresql://` means the same driver.
        pool_size: connections kept; as many again may be opened in a rush.
        name: shown in pg_stat_activity.
    """
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        pool_recycle=1800,
        hide_parameters=True,
        connect_args={
            "application_name": name,
            "connect_timeout": 5,
            # Whatever the server's own zone is: moments come back as aware UTC.
            "options": "-c timezone=UTC",
        },
    )


def wait_until_ready(engine: Engine, within_s: float = 30.0) -> None:
    """Returns once the database answers: it may just be starting, or starting again.

    Raises:
        Unavailable: it did not answer in time; says what the driver said last.
    """
    end_s = time.monotonic() + within_s
    while True:
        try:
            with engine.connect():
                return
        except OperationalError as error:
            if time.monotonic() > end_s:
                said = str(error.orig).strip().splitlines()
                raise Unavailable(
                    f"The database at {engine.url.render_as_string()} does not answer: "
                    f"{said[-1] if said else error}"
                ) from error
        time.sleep(0.2)
