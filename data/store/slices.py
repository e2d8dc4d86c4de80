"""Which worker judges which slice of the activations.

A slice belongs to the database session that holds its advisory lock, so a worker that dies
loses its slices the moment its connection ends, and nobody has to notice. Ownership only
spreads the work: what keeps two workers from deciding about one track is the lock on the
track's state (data.store.judging).
"""

from __future__ import annotations

from sqlalchemy import Connection, text

from data.store.judging import SLICES

_PRESENCE = 6999
_SLICE = 7000


def enter(connection: Connection) -> None:
    """Counts this session among the workers until it ends."""
    connection.execute(text("select pg_advisory_lock_shared(:space, 0)"), {"space": _PRESENCE})
    connection.commit()


def settle(connection: Connection, owned: frozenset[int]) -> frozenset[int]:
    """Takes free slices up to this session's fair share, or gives up what is above it.

    Args:
        connection: the worker's own session, kept open as long as it works.
        owned: what it owned after the last call; empty at first.

    Returns:
        The slices it owns now. With n workers nobody holds more than ceil(64 / n).
    """
    workers = connection.execute(
        text(
            "select count(distinct pid) from pg_locks where locktype = 'advisory' and granted "
            "and classid = :space and database = "
            "(select oid from pg_database where datname = current_database())"
        ),
        {"space": _PRESENCE},
    ).scalar_one()
    share = -(-SLICES // max(1, workers))
    kept = sorted(owned)
    for slice_ in kept[share:]:
        connection.execute(
            text("select pg_advisory_unlock(:space, :slice)"), {"space": _SLICE, "slice": slice_}
        )
    kept = kept[:share]
    for slice_ in range(SLICES):
        if len(kept) >= share:
            break
        if (
            slice_ not in owned
            and connection.execute(
                text("select pg_try_advisory_lock(:space, :slice)"),
                {"space": _SLICE, "slice": slice_},
            ).scalar_one()
        ):
            kept.append(slice_)
    connection.commit()
    return frozenset(kept)
