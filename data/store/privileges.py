"""What the program may do to its own tables: read, add, change some, and hardly ever delete.

The tables belong to a role that only migrations use. The program signs in to the database as
`vigil_app` (or a member of it), which owns nothing: it cannot alter or drop a table, and cannot
touch what was once written to those that are append-only.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from data.errors import BadInput, MissingPart
from data.store.tables import SCHEMA, metadata

APP_ROLE = "vigil_app"

APPEND_ONLY = (
    "alert_entry",
    "audit_checkpoint",
    "audit_entry",
    "bookmark",
    "breach",
    "breach_revision",
    "desk_policy",
    "fix",
    "fix_verdict",
    "outbox",
    "policy",
    "reading",
    "sound_entry",
    "reveal",
)
"""Kept as written: no right to change or delete, and a trigger besides."""

DELETABLE = (
    "basemap_source",
    "door",
    "heartbeat",
    "judge_snapshot",
    "pair_snapshot",
    "pending",
    "routine_location",
    "routine_version",
    "sign_in_failure",
    "victim_detail",
)
"""The only tables from which the program takes rows: queues, caches and what it can
make anew; counts that run out; and a victim's details, which two people may have
forgotten for good."""

CHANGEABLE_COLUMNS = {
    "approval": (
        "decided_by",
        "decided_at",
        "is_approved",
        "remark",
        "payload",
        "withdrawn_at",
    ),
    "assignment": ("valid_to", "ended_by"),
    "audit_head": ("last_id", "last_hash"),
    "door": ("valid_to",),
    "hand_over": ("taken_at", "taken_by"),
    "handset_consent": ("withdrawn_at", "withdrawn_by"),
    "notice": (
        "sent_at",
        "delivered_at",
        "read_at",
        "failed_at",
        "failure",
        "tries",
        "try_after",
    ),
    "sign_in_failure": ("login_mark",),
    "glass": ("reviewed_by", "reviewed_at", "is_justified", "remark"),
    "routine_version": ("valid_to",),
    "user_choice": ("value", "changed_at"),
    "security_key": ("sign_count", "used_at", "removed_at"),
    "zone_version": ("valid_to",),
}
"""Tables of which only these columns may change; every other one that is not append-only may."""

_SQL = Path(__file__).parent / "privileges.sql"


def grant(connection: Connection) -> bool:
    """Gives the program's role what it may do, as the owner; False when all was so already.

    Raises:
        MissingPart: there is no such role and the owner may not make one.
    """
    statements = _statements()
    digest = hashlib.sha256("\n".join([_SQL.read_text(), *statements]).encode()).hexdigest()
    noted = "select obj_description(to_regprocedure('vigil.refuse_change()'), 'pg_proc')"
    _ensure_role(connection)
    if connection.scalar(text(noted)) == digest:
        return False
    statements.append(f"comment on function vigil.refuse_change() is '{digest}'")
    # To the driver itself: SQLAlchemy takes one statement at a time and a % for a parameter.
    cursor = connection.connection.cursor()
    cursor.execute(";\n".join([_SQL.read_text(), *statements]))
    return True


def need_least(connection: Connection) -> None:
    """Returns when whoever is connected cannot change Vigil's tables.

    Raises:
        BadInput: they own them, or are a superuser.
    """
    query = """
        select current_user, rolsuper or pg_has_role(nspowner, 'usage')
        from pg_roles, pg_namespace where rolname = current_user and nspname = :schema
    """
    name, can_alter = connection.execute(text(query), {"schema": SCHEMA}).one()
    if can_alter:
        raise BadInput(
            "VIGIL_DATABASE_URL",
            f"a role that does not own Vigil's tables, such as {APP_ROLE}; the owner belongs in "
            "VIGIL_OWNER_DATABASE_URL and is used for migrations only",
            name,
        )


def _ensure_role(connection: Connection) -> None:
    present = text("select 1 from pg_roles where rolname = :name")
    if connection.scalar(present, {"name": APP_ROLE}):
        return
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(f"create role {APP_ROLE} login")
    except ProgrammingError as error:
        raise MissingPart(
            f"The database server has no role {APP_ROLE}. As its administrator run: "
            f"create role {APP_ROLE} login password '...'"
        ) from error


def _statements() -> list[str]:
    tables = {table.name for table in metadata.sorted_tables}
    made = [
        f"grant usage on schema {SCHEMA} to {APP_ROLE}",
        f"revoke all on all tables in schema {SCHEMA} from {APP_ROLE}",
        f"grant select on {SCHEMA}.alembic_version to {APP_ROLE}",
        f"grant execute on all functions in schema {SCHEMA} to {APP_ROLE}",
    ]
    for name in sorted(tables):
        rights = ["select"] if name == "audit_head" else ["select", "insert"]
        if name in CHANGEABLE_COLUMNS:
            columns = ", ".join(CHANGEABLE_COLUMNS[name])
            rights.append(f"update ({columns})")
        elif name not in APPEND_ONLY:
            rights.append("update")
        if name in DELETABLE:
            rights.append("delete")
        # "user" and "case" are words of SQL's own.
        made.append(f'grant {", ".join(rights)} on {SCHEMA}."{name}" to {APP_ROLE}')
    for name in APPEND_ONLY:
        made.append(
            f"create or replace trigger refuse_change before update or delete on {SCHEMA}.{name} "
            "for each row execute function vigil.refuse_change()"
        )
        made.append(
            f"create or replace trigger refuse_truncate before truncate on {SCHEMA}.{name} "
            "for each statement execute function vigil.refuse_change()"
        )
    return made
