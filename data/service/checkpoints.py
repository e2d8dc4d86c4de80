"""Signed checkpoints of the audit trail, written every minute to a place outside the database.

No chain notices that its own end was cut off, and whoever owns the database can write a chain
anew. A checkpoint says how long the chain was and how it ended, and is signed; kept on another
machine, it cannot be written anew. One line of JSON each in `checkpoints.jsonl`: number, at,
count, last_hash, previous (SHA-256 of the line before), signature (Ed25519 over the rest).
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from data.clock import Clock
from data.errors import BadInput, Refused, VigilError
from data.store import audit

log = logging.getLogger(__name__)

EVERY_S = 60.0
FILE = "checkpoints.jsonl"
PUBLIC_KEY_FILE = "checkpoint.pub"
FIRST = "0" * 64
"""What the first checkpoint names as the hash of the line before."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One line, as it was read."""

    number: int
    at: datetime
    count: int
    last_hash: bytes
    line_hash: bytes


def signing_key(path: Path) -> Ed25519PrivateKey:
    """The key in this file, made with rights for its owner only when there is none.

    Raises:
        BadInput: others than its owner may read the file, or it holds no such key.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        made = Ed25519PrivateKey.generate()
        pem = made.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(pem)
        return made
    if path.stat().st_mode & 0o077:
        raise BadInput("VIGIL_CHECKPOINT_KEY_FILE", "a file that only its owner may read (0600)")
    found = serialization.load_pem_private_key(path.read_bytes(), None)
    if not isinstance(found, Ed25519PrivateKey):
        raise BadInput("VIGIL_CHECKPOINT_KEY_FILE", "an Ed25519 key in PEM")
    return found


def public_pem(key: Ed25519PrivateKey) -> bytes:
    """The public half, for whoever verifies."""
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def read_public_key(path: Path) -> Ed25519PublicKey:
    """The public key in this file.

    Raises:
        BadInput: there is none.
    """
    try:
        found = serialization.load_pem_public_key(path.read_bytes())
    except (OSError, ValueError) as error:
        raise BadInput("--public-key", "a file with a public key in PEM", path.name) from error
    if not isinstance(found, Ed25519PublicKey):
        raise BadInput("--public-key", "an Ed25519 key", path.name)
    return found


class CheckpointWriter:
    """Appends checkpoints to the file of one folder."""

    def __init__(self, engine: Engine, clock: Clock, folder: Path, key: Ed25519PrivateKey) -> None:
        self._engine = engine
        self._clock = clock
        self._folder = folder
        self._key = key

    def write(self) -> Checkpoint:
        """One checkpoint of the chain as it stands: first on disk, then noted in the database.

        Raises:
            Refused: the file is not the one this database was signed in before, or the chain no
                longer holds what the last checkpoint was signed over.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / PUBLIC_KEY_FILE).write_bytes(public_pem(self._key))
        last = _last_line(self._folder / FILE)
        self._check_place(last)
        with self._engine.connect() as connection:
            head = audit.get_head(connection)
            signed = json.loads(last) if last else {"count": 0}
            kept = audit.find_hash(connection, signed["count"])
        if signed["count"] and (kept is None or kept.hex() != signed["last_hash"]):
            # Signing on would lend a changed trail the weight of a signature.
            raise Refused(
                f"entry {signed['count']} of the audit trail is not the one that was signed last: "
                "the trail was cut or written anew. Ask app.py verify audit."
            )
        said = {
            "number": json.loads(last)["number"] + 1 if last else 1,
            "at": self._clock.now().isoformat(),
            "count": head.last_id,
            "last_hash": bytes(head.last_hash).hex(),
            "previous": hashlib.sha256(last).hexdigest() if last else FIRST,
        }
        signature = self._key.sign(_canonical(said)).hex()
        line = json.dumps({**said, "signature": signature}).encode()
        _append(self._folder / FILE, line)
        made = _checkpoint(said, line)
        with self._engine.begin() as connection:
            audit.append_checkpoint(connection, made.number, made.at, made.line_hash)
        return made

    def _check_place(self, last: bytes) -> None:
        with self._engine.begin() as connection:
            noted = audit.find_last_checkpoint(connection)
            number, line_hash = noted if noted else (0, b"")
            found = _checkpoint(json.loads(last), last) if last else None
            if found and found.number == number + 1:
                # Written, but whoever wrote it was killed before it was noted.
                audit.append_checkpoint(connection, found.number, found.at, found.line_hash)
            elif (found.number if found else 0) != number or (
                found and found.line_hash != line_hash
            ):
                raise Refused(
                    f"{FILE} does not end where this database's checkpoints end: lines are "
                    "missing, or it belongs to another database. Look before you move it away."
                )

    def keep_writing(self, stop: threading.Event, alarm: Callable[[], None]) -> None:
        """Writes one every minute until told to stop; `alarm` is called when one fails."""
        while not stop.is_set():
            try:
                self.write()
            except (OSError, ValueError, DBAPIError, VigilError) as error:
                said = error if isinstance(error, VigilError) else type(error).__name__
                log.warning("no checkpoint was written: %s", said)
                alarm()
            stop.wait(EVERY_S)


def read_checkpoints(folder: Path, key: Ed25519PublicKey) -> list[Checkpoint]:
    """Every checkpoint of this folder, each one's signature and place in the row checked.

    Raises:
        BadInput: one is forged, changed, missing or cut; names its line.
    """
    try:
        lines = (folder / FILE).read_bytes().split(b"\n")
    except OSError as error:
        raise BadInput("--checkpoints", f"a folder that holds {FILE}", folder.name) from error
    if lines[-1]:
        raise BadInput(f"{FILE} line {len(lines)}", "a whole line")
    found: list[Checkpoint] = []
    previous = FIRST
    for n, line in enumerate(lines[:-1], 1):
        made = _read_line(n, line, previous, key)
        if found and (made.count < found[-1].count or made.at < found[-1].at):
            raise BadInput(f"{FILE} line {n}", "a chain no shorter and no older than before")
        found.append(made)
        previous = made.line_hash.hex()
    return found


def _read_line(n: int, line: bytes, previous: str, key: Ed25519PublicKey) -> Checkpoint:
    try:
        said = json.loads(line)
        key.verify(bytes.fromhex(said.pop("signature")), _canonical(said))
        made = _checkpoint(said, line)
    except (ValueError, KeyError, AttributeError, TypeError, InvalidSignature) as error:
        raise BadInput(f"{FILE} line {n}", "a checkpoint signed with this key") from error
    if made.number != n or said["previous"] != previous:
        raise BadInput(f"{FILE} line {n}", f"checkpoint {n}, following the line before it")
    return made


def _checkpoint(said: dict, line: bytes) -> Checkpoint:
    return Checkpoint(
        said["number"],
        datetime.fromisoformat(said["at"]),
        said["count"],
        bytes.fromhex(said["last_hash"]),
        hashlib.sha256(line).digest(),
    )


def _canonical(said: dict) -> bytes:
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()


def _last_line(path: Path) -> bytes:
    if not path.exists():
        return b""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 4096))
        lines = file.read().split(b"\n")
    # A line that was not finished when the power went: what follows begins after the last whole.
    return lines[-2] if len(lines) > 1 else b""


def _append(path: Path, line: bytes) -> None:
    size = path.stat().st_size if path.exists() else 0
    with path.open("ab") as file:
        if size and not _ends_whole(path):
            # Never signed for anybody: the write of this line did not return.
            file.truncate(_end_of_last_whole(path))
        file.write(line + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _ends_whole(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def _end_of_last_whole(path: Path) -> int:
    return path.read_bytes().rfind(b"\n") + 1


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check of the whole trail found. `bad` "" is a trail in which nothing was changed."""

    entries: int
    checkpoints: int
    bad: str
    noted: int = 0  # checkpoints that the database knows of, whether or not they were given


def check_trail(engine: Engine, checkpoints: Iterable[Checkpoint] | None = None) -> Finding:
    """Recomputes every hash of the trail and holds it against the checkpoints, when given.

    The first thing that is wrong is named: a changed or missing entry by its number.
    """
    signed = list(checkpoints or ())
    by_count: dict[int, list[Checkpoint]] = {}
    for each in signed:
        by_count.setdefault(each.count, []).append(each)
    previous, entries = audit.FIRST_HASH, 0
    bad = ""
    with engine.connect() as connection:
        connection = connection.execution_options(isolation_level="REPEATABLE READ")
        head = audit.get_head(connection)
        for row, expected in audit.find_all(connection):
            bad = _bad_entry(row, expected, entries + 1, previous, by_count)
            if bad:
                return Finding(entries, len(signed), bad)
            entries, previous = entries + 1, bytes(row.hash)
        noted = audit.find_checkpoints(connection)
    if (head.last_id, bytes(head.last_hash)) != (entries, previous):
        bad = f"entry {entries + 1}: missing; the head says there are {head.last_id}"
    elif signed and signed[-1].count > entries:
        first = next(each for each in signed if each.count > entries)
        bad = (
            f"entry {entries + 1}: missing; checkpoint {first.number} counted {first.count} "
            "entries: the end of the trail was cut off"
        )
    elif checkpoints is not None:
        bad = _bad_notes(signed, noted)
    return Finding(entries, len(signed), bad, len(noted))


def _bad_entry(row: object, expected: bytes, number: int, previous: bytes, by_count: dict) -> str:
    if row.audit_entry_id != number:  # type: ignore[attr-defined]
        return f"entry {number}: missing"
    if bytes(row.previous_hash) != previous:  # type: ignore[attr-defined]
        return f"entry {number}: does not follow the one before it"
    if bytes(row.hash) != expected:  # type: ignore[attr-defined]
        return f"entry {number}: changed after it was written"
    for each in by_count.get(number, ()):
        if each.last_hash != expected:
            return f"entry {number}: not the one that checkpoint {each.number} was signed over"
    return ""


def _bad_notes(signed: list[Checkpoint], noted: dict[int, bytes]) -> str:
    by_number = {each.number: each.line_hash for each in signed}
    for number in sorted(noted):
        if number not in by_number:
            return f"checkpoint {number}: noted in the database, missing in the file"
        if by_number[number] != noted[number]:
            return f"checkpoint {number}: not the one that is noted in the database"
    return ""
