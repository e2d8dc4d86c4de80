"""Words for zones."""

from __future__ import annotations

from enum import StrEnum


class ZoneKind(StrEnum):
    """What a zone means to the offender it binds."""

    EXCLUSION = "exclusion"
    INCLUSION = "inclusion"
    NEUTRAL = "neutral"
