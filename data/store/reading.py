"""Opens a connection to read with, and says in Vigil's words when there is no database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from data.errors import Unavailable


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection whose work is rolled back at the end.

    Raises:
        Unavailable: the database does not answer, or every connection is in use.
    """
    try:
        with engine.connect() as connection:
            yield connection
    except (OperationalError, InterfaceError, PoolTimeoutError) as error:
        raise Unavailable("The database does not answer. Try again in a moment.") from error
