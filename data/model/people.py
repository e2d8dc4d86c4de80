"""Words for people and the hardware on them."""

from __future__ import annotations

from enum import StrEnum


class PersonRole(StrEnum):
    """Which side of a pair a person is on."""

    OFFENDER = "offender"
    VICTIM = "victim"


class DeviceKind(StrEnum):
    """What the hardware is: a tag strapped on, or a handset carried."""

    TAG = "tag"
    HANDSET = "handset"
