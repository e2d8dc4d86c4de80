"""Connections as the rest of Vigil gets them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from data.store.cluster import Cluster

pytestmark = pytest.mark.db


def test_moments_come_back_in_utc(connection: Connection) -> None:
    """Whatever the machine's zone is, a moment read from the database is aware UTC."""
    moment = connection.scalar(text("select now()"))
    assert moment.utcoffset() == timedelta(0)


def test_errors_do_not_tell_what_was_written(connection: Connection) -> None:
    """A failing statement's message holds no parameter: it might be somebody's place."""
    with pytest.raises(DBAPIError) as caught:
        connection.execute(text("select 1 / (:place - :place)"), {"place": 574711})
    assert "574711" not in str(caught.value)


def test_a_restart_of_the_server_is_not_noticed(engine: Engine, cluster: Cluster) -> None:
    """A pooled connection that died is replaced before anybody gets it."""
    with engine.connect() as connection:
        pid = connection.scalar(text("select pg_backend_pid()"))
    with cluster.connect("postgres") as killer:
        killer.execute("select pg_terminate_backend(%s)", [pid])
    with engine.connect() as connection:
        assert connection.scalar(text("select 1")) == 1
