"""People and screens that may sign in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
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
    session_id: int = 0
    peer: str = ""
    stepped_up_at: datetime | None = None  # last proved who they are; None: not in this session
    # The session, if nothing more is done in it; None: a wall's. It moves, and the viewer stays.
    ends_at: datetime | None = field(default=None, compare=False)
