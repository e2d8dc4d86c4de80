"""Fixes are kept once, in bulk, and come back as they went in."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import Connection, text

from data.model.fix import empty_fixes, fingerprints
from data.store import fixes
from tests.makers import START, track

pytestmark = pytest.mark.db
NOW = START + timedelta(hours=1)


def positions(records: np.ndarray, activation_id: int = 1) -> fixes.Positions:
    """These records as judged fixes of one activation."""
    n = len(records)
    return fixes.Positions(
        activation_id=np.full(n, activation_id, np.int64),
        fingerprint=fingerprints(records),
        received_at_us=records["fixed_at"] + 2_000_000,
        flags=np.zeros(n, np.int32),
        records=records,
    )


def keep(connection: Connection, records: np.ndarray, now: datetime = NOW) -> int:
    """Keeps them and says how many were new."""
    judged = positions(records)
    return fixes.append(connection, judged, np.ones(len(records), np.int64), now)


def test_a_fix_comes_back_bit_for_bit(connection: Connection) -> None:
    """What was kept is what is read, unknown numbers and a report without a place included."""
    records = track("0s 53.40,-2.98 | 30s 53.41,-2.97 r60")
    nowhere = empty_fixes(1)
    nowhere["fixed_at"] = records["fixed_at"][1] + 1
    records = np.concatenate([records, nowhere])
    assert keep(connection, records) == 3
    back = fixes.get_track(connection, [1], START, NOW)
    assert back.records.tobytes() == records.tobytes()
    assert (fingerprints(back.records) == back.fingerprint).all()


def test_the_same_fix_twice_is_one(connection: Connection) -> None:
    """A fix that is delivered again changes nothing."""
    records = track("0s 53.40,-2.98 | 30s 53.41,-2.97")
    assert keep(connection, records) == 2
    assert keep(connection, records) == 0
    assert len(fixes.get_track(connection, [1], START, NOW)) == 2


def test_two_places_at_one_instant_are_two_fixes(connection: Connection) -> None:
    """A device that claims two places at one moment is not believed less by losing one."""
    assert keep(connection, track("0s 53.40,-2.98 | 0s 53.50,-2.98")) == 2


def test_known_fixes_are_recognised(connection: Connection) -> None:
    """Exactly the keys on record are known."""
    records = track("0s 53.40,-2.98 | 30s 53.41,-2.97 | 60s 53.42,-2.97")
    keep(connection, records[[0, 2]])
    asked = positions(records)
    known = fixes.find_known(
        connection, asked.activation_id, records["fixed_at"], asked.fingerprint
    )
    assert known.tolist() == [True, False, True]


def test_a_mad_clock_makes_no_partition(connection: Connection) -> None:
    """A fix from long ago is kept in the shared partition, however many such days there are."""
    assert keep(connection, track("0s 53.40,-2.98", start=NOW - timedelta(days=4000))) == 1
    assert keep(connection, track("0s 53.40,-2.98", start=NOW - timedelta(days=399))) == 1
    names = connection.scalars(
        text("select distinct tableoid::regclass::text from vigil.fix order by 1")
    ).all()
    assert len(names) == 2
    assert "vigil.fix_other" in names


def test_the_end_of_a_period_is_open(connection: Connection) -> None:
    """A track holds the fix at its first moment and not the one at its last."""
    keep(connection, track("0s 53.40,-2.98 | 30s 53.41,-2.97"))
    half_open = fixes.get_track(connection, [1], START, START + timedelta(seconds=30))
    assert len(half_open) == 1
