"""Whoever changes the audit trail, be it the database's owner, is found out."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine

from data.clock import FixedClock
from data.errors import BadInput, Refused
from data.service.checkpoints import (
    FILE,
    PUBLIC_KEY_FILE,
    CheckpointWriter,
    check_trail,
    read_checkpoints,
    read_public_key,
    signing_key,
)
from data.store import audit
from tests.stage import NOON

pytestmark = pytest.mark.db


def act(engine: Engine, times: int = 1) -> None:
    """So many entries, one after the other."""
    with engine.begin() as connection:
        for n in range(times):
            audit.append(
                connection,
                at=NOON,
                user_id=1,
                action="looked",
                record_kind="case",
                record_id=n,
                session_id=4 if n % 2 else None,
                shown={"person": [n, n + 1]},
                detail={"share": 0.1, "whole": 1.0},
            )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The other machine."""
    return tmp_path / "elsewhere"


@pytest.fixture
def writer(engine: Engine, clock: FixedClock, folder: Path, tmp_path: Path) -> CheckpointWriter:
    """Signs with a key of the test's own."""
    return CheckpointWriter(engine, clock, folder, signing_key(tmp_path / "key"))


@pytest.fixture
def found(engine: Engine, folder: Path) -> Callable[[], str]:
    """What a check finds wrong, on the machine that keeps the checkpoints; "" for nothing."""

    def find() -> str:
        try:
            signed = read_checkpoints(folder, read_public_key(folder / PUBLIC_KEY_FILE))
        except BadInput as error:
            return str(error)
        return check_trail(engine, signed).bad

    return find


def test_what_nobody_touched_is_good(
    engine: Engine, writer: CheckpointWriter, found: Callable[[], str]
) -> None:
    """From the empty trail on, with numbers, sessions and what was shown."""
    assert check_trail(engine).bad == ""
    writer.write()
    act(engine, 7)
    writer.write()
    writer.write()
    assert found() == ""


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ("update vigil.audit_entry set peer = 'x' where audit_entry_id = 5", "entry 5: changed"),
        (
            "update vigil.audit_entry set detail = jsonb_set(detail, '{shown,person,0}', '99') "
            "where audit_entry_id = 5",
            "entry 5: changed",
        ),
        ("update vigil.audit_entry set session_id = 5 where audit_entry_id = 4", "entry 4"),
        ("update vigil.audit_entry set at = at - interval '1 us'", "entry 1: changed"),
        ("delete from vigil.audit_entry where audit_entry_id = 5", "entry 5: missing"),
        ("delete from vigil.audit_entry where audit_entry_id > 5", "entry 6: missing"),
        ("update vigil.audit_head set last_id = 9", "the head says"),
    ],
)
def test_the_owner_s_change_is_named(
    engine: Engine,
    owner_engine: Engine,
    writer: CheckpointWriter,
    found: Callable[[], str],
    change: str,
    word: str,
) -> None:
    """One byte or one row: the first entry that is not as it was written."""
    act(engine, 10)
    writer.write()
    with owner_engine.begin() as connection:
        connection.exec_driver_sql(change)
    assert word in found()
    assert word in check_trail(engine).bad, "the chain by itself shows it too"


def test_a_cut_end_is_found_by_checkpoints_only(
    engine: Engine, owner_engine: Engine, writer: CheckpointWriter, found: Callable[[], str]
) -> None:
    """500 rows gone and the head repaired: the chain alone is content, the checkpoint is not."""
    act(engine, 700)
    writer.write()
    with owner_engine.begin() as connection:
        connection.exec_driver_sql("delete from vigil.audit_entry where audit_entry_id > 200")
        connection.exec_driver_sql(
            "update vigil.audit_head set (last_id, last_hash) = (select audit_entry_id, hash "
            "from vigil.audit_entry order by 1 desc limit 1)"
        )
    assert check_trail(engine).bad == ""
    assert "entry 201: missing" in found()
    with pytest.raises(Refused, match="entry 700"):
        writer.write()
    act(engine, 600)
    with pytest.raises(Refused, match="entry 700"):
        writer.write()


def test_a_history_written_anew_is_found(
    engine: Engine, owner_engine: Engine, writer: CheckpointWriter, found: Callable[[], str]
) -> None:
    """A whole chain, every hash right, that is not the one that was signed."""
    act(engine, 5)
    writer.write()
    with owner_engine.begin() as connection:
        connection.exec_driver_sql("delete from vigil.audit_entry where audit_entry_id > 2")
        connection.exec_driver_sql(
            "update vigil.audit_head set (last_id, last_hash) = (select audit_entry_id, hash "
            "from vigil.audit_entry order by 1 desc limit 1)"
        )
    act(engine, 8)
    assert check_trail(engine).bad == ""
    assert "entry 5: not the one that checkpoint 1" in found()


def test_a_cut_file_is_found(
    engine: Engine, writer: CheckpointWriter, folder: Path, found: Callable[[], str]
) -> None:
    """Lines missing at its end are missed in the database; half a line is no line."""
    for _ in range(3):
        act(engine)
        writer.write()
    whole = (folder / FILE).read_bytes()
    (folder / FILE).write_bytes(b"".join(whole.splitlines(keepends=True)[:2]))
    assert "checkpoint 3: noted in the database" in found()
    with pytest.raises(Refused, match="does not end where"):
        writer.write()
    (folder / FILE).write_bytes(whole[:-20])
    assert "whole line" in found()
    (folder / FILE).write_bytes(b"".join(whole.splitlines(keepends=True)[1:]))
    assert "line 1" in found()


def test_a_forged_checkpoint_is_found(
    engine: Engine, writer: CheckpointWriter, folder: Path, found: Callable[[], str]
) -> None:
    """Changed words, or words signed with another key."""
    act(engine)
    writer.write()
    line = (folder / FILE).read_bytes()
    (folder / FILE).write_bytes(line.replace(b'"count": 1', b'"count": 0'))
    assert "signed with this key" in found()
    said = json.loads(line)
    said.pop("signature")
    body = json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
    said["signature"] = Ed25519PrivateKey.generate().sign(body).hex()
    (folder / FILE).write_bytes(json.dumps(said).encode() + b"\n")
    assert "signed with this key" in found()


def test_a_killed_writer_leaves_no_gap(
    engine: Engine, writer: CheckpointWriter, folder: Path, found: Callable[[], str]
) -> None:
    """Killed half way through a line, or between the file and the database: the next goes on."""
    act(engine)
    writer.write()
    with (folder / FILE).open("ab") as file:
        file.write(b'{"number": 2, "at": "20')
    writer.write()
    assert found() == ""
    shutil.copy(folder / FILE, folder / "before")
    made = writer.write()
    with engine.connect() as connection:
        assert audit.find_last_checkpoint(connection) == (made.number, made.line_hash)


def test_the_key_is_its_owner_s_alone(tmp_path: Path) -> None:
    """Made once with 0600; read by others it is not used."""
    path = tmp_path / "key"
    made = signing_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert signing_key(path).private_bytes_raw() == made.private_bytes_raw()
    path.chmod(0o640)
    with pytest.raises(BadInput, match="0600"):
        signing_key(path)


def test_the_hash_before_is_the_line_before(
    engine: Engine, writer: CheckpointWriter, folder: Path
) -> None:
    """Anybody can check it with sha256sum and openssl."""
    writer.write()
    writer.write()
    first, second = (folder / FILE).read_bytes().splitlines()
    assert json.loads(second)["previous"] == hashlib.sha256(first).hexdigest()
