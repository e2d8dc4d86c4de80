"""Database work that answers in time, even where the server hangs instead of failing.

A device must hear "not now" within two seconds, so that it keeps its data and tries again. A
stopped server does not time anything out by itself; so the work is done by threads of our own,
and who waits for them waits only so long.
"""

from __future__ import annotations

import queue
import select
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from contextlib import contextmanager
from typing import Generic, TypeVar

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from data.errors import Unavailable

T = TypeVar("T")

# A commit that is not on disk is no commit, whatever the server's default says.
_PREPARE = text(
    "select set_config('synchronous_commit', 'on', :for_transaction), "
    "set_config('statement_timeout', :patience_ms, :for_transaction), "
    "set_config('lock_timeout', :patience_ms, :for_transaction)"
)
_NOT_NOW = "The database does not answer. Keep what you have and send it again."


class Timely:
    """Runs single transactions with a deadline.

    Args:
        engine: where the transactions run.
        patience_s: how long a caller waits, at most.
        threads: how many transactions may run at once.
    """

    def __init__(self, engine: Engine, *, patience_s: float = 1.5, threads: int = 4) -> None:
        self.patience_s = patience_s
        self._engine = engine
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="timely")

    def run(self, work: Callable[[Connection], T]) -> T:
        """What `work` gives, committed.

        Raises:
            Unavailable: the database failed or did not answer in time. What was begun may still
                commit later; doing it again must be harmless.
        """
        return self.wait(self.start(work))

    def start(self, work: Callable[[Connection], T]) -> Future[T]:
        """Begins a transaction; `wait` gives what comes of it, or nobody waits for it."""
        return self._threads.submit(_transact, self._engine, work, self.patience_s)

    def wait(self, begun: Future[T]) -> T:
        """As `run`, of what was begun before."""
        return _wait(begun, self.patience_s)

    def close(self) -> None:
        """Ends the threads once what they are at is done."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class Group(Generic[T]):
    """Commits what many callers bring at once in one statement: one flush for all of them.

    While one statement runs, the next callers gather; nobody waits for company. If a group
    fails for a reason of its content, each item is tried alone, so that one cannot spoil others.

    Args:
        engine: gives the one connection that is kept.
        write: keeps the items of one group in a single statement, which commits by itself: each
            further trip to the server would cost every caller a wait for the interpreter.
        limit: items in one statement, at most.
        waiting: callers that may wait at once; those above it hear "not now" at once.
    """

    def __init__(
        self,
        engine: Engine,
        write: Callable[[Connection, Sequence[T]], None],
        *,
        patience_s: float = 1.5,
        limit: int = 256,
        waiting: int = 4000,
    ) -> None:
        self.patience_s = patience_s
        self._engine = engine
        self._write = write
        self._limit = limit
        self._connection: Connection | None = None
        self._queue: queue.Queue[tuple[T, Future[None]] | None] = queue.Queue(waiting)
        self._thread = threading.Thread(target=self._work, name="group-commit", daemon=True)
        self._thread.start()

    def commit(self, item: T) -> None:
        """Returns once the item is committed.

        Raises:
            Unavailable: as in `Timely.run`.
        """
        future: Future[None] = Future()
        try:
            self._queue.put_nowait((item, future))
        except queue.Full as error:
            raise Unavailable(_NOT_NOW) from error
        _wait(future, self.patience_s)

    def close(self) -> None:
        """Commits what waits and ends the thread."""
        self._queue.put(None)
        self._thread.join(self.patience_s)

    def _work(self) -> None:
        is_open = True
        while is_open:
            taken = [self._queue.get()]
            while len(taken) < self._limit:
                try:
                    taken.append(self._queue.get_nowait())
                except queue.Empty:
                    break
            is_open = None not in taken
            # Who has stopped waiting was told "not now": his item must not be kept after all.
            group = [each for each in taken if each and each[1].set_running_or_notify_cancel()]
            if group:
                self._commit(group)
        self._disconnect()

    def _commit(self, group: list[tuple[T, Future[None]]]) -> None:
        try:
            with _failing_as_unavailable():
                self._write(self._connected(), [item for item, _ in group])
        except Exception as error:  # whatever it is, those who wait must hear of it
            self._disconnect()
            if len(group) > 1 and not isinstance(error, Unavailable):
                for alone in group:
                    self._commit([alone])
                return
            for _, future in group:
                future.set_exception(error)
        else:
            for _, future in group:
                future.set_result(None)

    def _connected(self) -> Connection:
        # Nothing is ever sent to us unasked: a connection with something to read has ended.
        # Found out before it is used, so that nobody has to be told "not now" for it.
        if self._connection is not None and _has_something_to_read(self._connection):
            self._disconnect()
        if self._connection is None:
            connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            self._connection = connection
            _prepare(connection, self.patience_s, for_transaction=False)
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None


def _has_something_to_read(connection: Connection) -> bool:
    driver = connection.connection.driver_connection
    return driver is None or bool(select.select([driver.fileno()], [], [], 0)[0])


def _prepare(connection: Connection, patience_s: float, *, for_transaction: bool) -> None:
    # The server gives up a little before the caller does, so that "not now" mostly means "not".
    patience = {"patience_ms": str(int(patience_s * 750)), "for_transaction": for_transaction}
    connection.execute(_PREPARE, patience)


@contextmanager
def _failing_as_unavailable() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeoutError) as error:
        raise Unavailable(_NOT_NOW) from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise Unavailable(_NOT_NOW) from error
        raise


def _transact(engine: Engine, work: Callable[[Connection], T], patience_s: float) -> T:
    with _failing_as_unavailable(), engine.begin() as connection:
        _prepare(connection, patience_s, for_transaction=True)
        return work(connection)


def _wait(future: Future[T], patience_s: float) -> T:
    try:
        return future.result(patience_s)
    except TookTooLong as error:
        future.cancel()
        raise Unavailable(_NOT_NOW) from error
