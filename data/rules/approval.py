"""What takes two people, and when the second may sign.

Whatever takes protection from a victim is asked for by one person and signed by another. What
only adds protection is done at once: it must not wait for anybody.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from shapely.geometry.base import BaseGeometry

from data.model.schedule import Schedule
from data.rules.access import Decision

EXPIRES_AFTER = timedelta(hours=24)
"""What nobody signed in a day was perhaps not needed; at its end it can no longer be signed."""


class What(StrEnum):
    """The kinds of act that need a second signature."""

    ACTIVATE_ZONE = "activate_zone"
    RETIRE_ZONE = "retire_zone"
    CHANGE_CONTACT = "change_contact"
    PURGE_DETAILS = "purge_details"


WHAT_WORDS: dict[What, str] = {
    What.ACTIVATE_ZONE: "put a drawn zone into force",
    What.RETIRE_ZONE: "take a zone out of force",
    What.CHANGE_CONTACT: "change how a victim is reached",
    What.PURGE_DETAILS: "forget a victim's details for good",
}


def is_shrink(
    old_shape: BaseGeometry,
    new_shape: BaseGeometry,
    *,
    old_buffer_m: float,
    new_buffer_m: float,
    old_hours: Schedule | None,
    new_hours: Schedule | None,
) -> bool:
    """Whether a changed zone protects any place or moment less than before.

    Shapes are of one CRS. Hours None mean always. Other hours than before count as fewer: a
    comparison clever enough to say otherwise could also be wrong.
    """
    # Covers, not contains: sharing an edge is no loss.
    has_lost_ground = not new_shape.covers(old_shape)
    has_lost_hours = new_hours is not None and new_hours != old_hours
    return has_lost_ground or has_lost_hours or new_buffer_m < old_buffer_m


def may_sign(*, asked_by: int, signer: int, expires_at: datetime, now: datetime) -> Decision:
    """Whether this person may be the second one, now."""
    if signer == asked_by:
        return Decision(False, "You asked for this yourself. Another person has to sign.")
    # Half-open: at its end it has expired.
    if now >= expires_at:
        return Decision(False, "This has expired. It has to be asked for again.")
    return Decision(True, "two people")
