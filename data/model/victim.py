"""What a reveal shows of the victims of one case; it exists in the answer to that alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class DetailKind(StrEnum):
    """What is kept about where a victim is and how she is reached."""

    ADDRESS = "address"
    TELEPHONE = "telephone"
    ROUTINE = "routine"


@dataclass(frozen=True, slots=True)
class Victim:
    """One victim, with the fields the viewer may see; a field they may not is empty."""

    person_id: int
    name: str = ""
    addresses: tuple[str, ...] = ()
    telephones: tuple[str, ...] = ()
    routines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Revealed:
    """What was shown, and until when it may stay on a screen."""

    case_code: str
    until: datetime
    victims: tuple[Victim, ...]
    zones: tuple[tuple[str, str], ...]  # label, own name


@dataclass(frozen=True, slots=True)
class Standing:
    """How a viewer stands to the victims of one case, before anything of them is shown."""

    case_id: int
    case_code: str
    may_reveal: bool
    may_break: bool
    reason: str  # why not, or why
    glass_until: datetime | None
