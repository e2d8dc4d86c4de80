"""People and screens that may sign in."""

from __future__ import annotations

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
