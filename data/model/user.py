"""People and screens that may sign in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What somebody may do follows from this alone, and from the records assigned to them."""

    OPERATOR = "operator"
    CASE_OFFICER = "case_officer"
    INVESTIGATOR = "investigator"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"
    WALL = "wall"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whoever asks: the user behind a session that has just been checked."""

    user_id: int
    login: str
    role: Role
    area: str  # empty: every area
    session_hash: bytes = b""
    peer: str = ""
