"""A zone that is being drawn: what a case officer decides before anybody signs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from data.model.schedule import Schedule
from data.model.zone import ZoneKind

Part = Mapping[str, Any]
"""One drawn piece as JSON: `how` with rings, centre and radius_m, or line and width_m."""


class DraftState(StrEnum):
    """Where a draft stands."""

    EDITING = "editing"
    WAITING = "waiting"  # for a second person's signature; locked meanwhile
    DUE = "due"  # signed, and in force from a stated moment on
    SIGNED = "signed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Permission:
    """A time in which the zone does not hold, half-open; both moments are aware UTC."""

    from_at: datetime
    to_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class DraftContent:
    """Everything of a draft that somebody chooses."""

    kind: ZoneKind
    parts: tuple[Part, ...] = ()
    buffer_m: float = 0.0
    schedule: Schedule | None = None  # None: always
    permissions: tuple[Permission, ...] = ()
    valid_from: datetime | None = None  # None: with the signature
    reason: str = ""
    order_ref: str = ""
    template: str | None = None
    name: str = ""  # often her street: masked like a zone's own name
