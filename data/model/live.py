"""Words for the live picture."""

from __future__ import annotations

from enum import IntEnum


class TagState(IntEnum):
    """How a marker is drawn; the judge sets it with each newest fix."""

    CLEAR = 0
    IN_BUFFER = 1
    POSSIBLY_INSIDE = 2
    INSIDE = 3
