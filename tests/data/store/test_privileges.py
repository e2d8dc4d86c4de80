"""What was written stays written: the program's own role cannot change, drop or disguise it."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Connection, Engine, insert, text
from sqlalchemy.exc import DBAPIError

from data.store import audit, partitions, tables
from data.store.privileges import APP_ROLE, APPEND_ONLY
from tests.stage import NOON, a_stage

pytestmark = pytest.mark.db

_REFUSED = r"permission denied|must be owner|must be able to SET ROLE|without day partitions"
FORBIDDEN = [
    *(f"update vigil.{table} set {column} = {column}" for table, column in (
        ("audit_entry", "peer"), ("reading", "raw"), ("fix", "position"), ("breach", "kind"),
        ("breach_revision", "cause"), ("alert_entry", "note"), ("policy", "reason"),
    )),
    *(f"delete from vigil.{table}" for table in APPEND_ONLY),
    *(f"truncate vigil.{table}" for table in APPEND_ONLY),
    *(f"alter table vigil.{table} disable trigger all" for table in APPEND_ONLY),
    "delete from vigil.audit_head",
    "insert into vigil.audit_head values (true, 0, '')",
    "update vigil.zone_version set shape = shape",
    "delete from vigil.alert",
    'delete from vigil."user"',
    "set session_replication_role = replica",
    "drop table vigil.audit_entry",
    "drop trigger refuse_change on vigil.audit_entry",
    "drop schema vigil cascade",
    "create table vigil.mine (x int)",
    "create table public.mine (x int)",
    "create or replace function vigil.refuse_change() returns trigger language sql as 'select 1'",
    "alter table vigil.audit_entry owner to vigil_app",
    "update vigil.alembic_version set version_num = 'x'",
    "select vigil.make_day('audit_entry', '2026-11-21')",
]  # fmt: skip


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_program_may_not(connection: Connection, statement: str) -> None:
    """The database itself refuses; no line of ours has to remember."""
    with pytest.raises(DBAPIError, match=_REFUSED):
        connection.exec_driver_sql(statement)


def test_the_program_cannot_help_itself_to_more(connection: Connection) -> None:
    """Granting oneself a right changes nothing."""
    connection.exec_driver_sql("grant update on vigil.audit_entry to vigil_app")
    with pytest.raises(DBAPIError, match=_REFUSED):
        connection.exec_driver_sql("update vigil.audit_entry set peer = ''")


def test_days_are_no_side_door(engine: Engine) -> None:
    """A partition is a table too, made as days come: nobody but the owner reaches it directly."""
    with engine.begin() as connection:
        partitions.ensure_days(connection, "reading", [date(2026, 11, 21)])
    for act in (
        "update vigil.reading_p20261121 set peer = ''",
        "delete from vigil.reading_p20261121",
        "drop table vigil.reading_p20261121",
        "alter table vigil.reading detach partition vigil.reading_p20261121",
    ):
        with engine.connect() as connection, pytest.raises(DBAPIError, match=_REFUSED):
            connection.exec_driver_sql(act)


@pytest.mark.parametrize("table", ["audit_entry", "reading", "breach"])
def test_a_right_given_by_mistake_is_not_enough(
    engine: Engine, owner_engine: Engine, table: str
) -> None:
    """Behind the missing right stands a trigger that asks who it is."""
    with engine.begin() as connection:
        a_stage(connection)
        audit.append(connection, at=NOON, user_id=None, action="x", record_kind="user", record_id=1)
        partitions.ensure_days(connection, "reading", [NOON.date()])
        connection.execute(
            insert(tables.reading).values(
                received_at=NOON, device_id=1, protocol="x", raw=b"", fix_count=0, fixes=b""
            )
        )
    with owner_engine.begin() as connection:
        connection.exec_driver_sql(f"grant update, delete, truncate on vigil.{table} to {APP_ROLE}")
    changes = f"update vigil.{table} set {table}_id = {table}_id"
    if table != "audit_entry":
        changes = f"update vigil.{table} set activation_id = activation_id"
    for act in (changes, f"delete from vigil.{table}", f"truncate vigil.{table} cascade"):
        with engine.connect() as connection, pytest.raises(DBAPIError, match=r"append-only|denied"):
            connection.exec_driver_sql(act)


def test_every_table_is_decided(engine: Engine) -> None:
    """The program reads every table, adds to all but two, and owns nothing."""
    query = """
        select relname, has_table_privilege(oid, 'select') as reads,
            has_table_privilege(oid, 'insert') as adds, pg_get_userbyid(relowner) as owner
        from pg_class where relnamespace = 'vigil'::regnamespace and relkind in ('r', 'p')
            and not relispartition
    """
    with engine.connect() as connection:
        rows = connection.execute(text(query)).all()
        assert connection.scalar(text("select current_user")) == APP_ROLE
    assert {row.relname for row in rows if not row.reads} == set()
    assert {row.relname for row in rows if not row.adds} == {"alembic_version", "audit_head"}
    assert {row.owner for row in rows} != {APP_ROLE}
    assert len(rows) > 30
