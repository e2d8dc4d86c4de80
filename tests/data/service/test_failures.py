"""Failures are counted by peer; too many in a minute are held back, none is forgotten."""

from __future__ import annotations

from data.service.failures import Failure, Failures


def test_the_limit_itself_is_still_answered() -> None:
    """The limit is a number of tries, so the one after it is the first to wait."""
    failures = Failures(limit=3, window_s=60)
    assert [failures.fail("p", 0.0) for _ in range(3)] == [Failure(0, 1)] * 3
    assert failures.fail("p", 0.0).wait_s == 60
    assert failures.is_limited("p", 59.9)
    assert not failures.is_limited("p", 60.0)
    # The one that was held back is written with the next.
    assert failures.fail("p", 60.0) == Failure(0, 2)


def test_every_failure_is_written_down_in_the_end() -> None:
    """A limited peer costs one line a second, and the line says how many there were."""
    failures = Failures(limit=2, window_s=60)
    found = [failures.fail("p", n / 100).to_write for n in range(301)]
    assert sum(each > 0 for each in found) <= 6
    assert sum(found) + failures.fail("p", 10.0).to_write == 302


def test_peers_do_not_share_a_count() -> None:
    """One that guesses does not silence another."""
    failures = Failures(limit=1)
    failures.fail("p", 0.0)
    failures.fail("p", 0.0)
    assert failures.fail("q", 0.0).wait_s == 0


def test_memory_is_bounded() -> None:
    """Whoever comes from many addresses only makes us forget the oldest."""
    failures = Failures(limit=1, peers=10)
    for n in range(1000):
        failures.fail(f"peer {n}", 0.0)
    assert not failures.is_limited("peer 0", 0.0)
    assert failures.is_limited("peer 999", 0.0)
