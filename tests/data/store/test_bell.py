"""The bell of the outbox: it rings at commit, and heals when its connection is killed."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import Engine, text

from data.store import outbox
from data.store.bell import Bell
from data.store.engine import make_engine
from tests.stage import NOON

pytestmark = pytest.mark.db


def test_it_rings_at_commit(engine: Engine) -> None:
    """Waiting ends with the commit of a change, not with the end of the wait."""
    with Bell(engine) as bell:
        assert bell.wait(0.01) is False
        with engine.begin() as connection:
            outbox.append(connection, "alert", [1], NOON)
        started_s = time.monotonic()
        assert bell.wait(5) is True
        assert time.monotonic() - started_s < 4


def test_it_heals(engine: Engine) -> None:
    """A killed connection counts as no ring, and the next wait listens again."""
    with Bell(engine) as bell:
        bell.wait(0.01)
        with engine.begin() as connection:
            connection.execute(
                text(
                    "select pg_terminate_backend(pid) from pg_stat_activity "
                    "where application_name = 'vigil web bell' and datname = current_database()"
                )
            )
        assert bell.wait(1) is False
        assert not bell.is_listening()
        assert bell.wait(0.01) is False
        assert bell.is_listening()
        with engine.begin() as connection:
            outbox.append(connection, "alert", [1], NOON)
        assert bell.wait(5) is True


def test_without_a_server_it_only_waits() -> None:
    """No server is no ring, and no error: the follower's own read will say what is wrong."""
    with Bell(make_engine("postgresql+psycopg://vigil@/vigil?host=/nowhere")) as bell:
        assert bell.wait(0.1) is False
        assert not bell.is_listening()
