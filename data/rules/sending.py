"""How a notice goes out: what it says, how long it waits between tries, when it is given up. Pure.

The words name nobody and no place: they may be read on a locked screen by whoever holds it.
"""

from __future__ import annotations

from data.model.desk_policy import Recipient

MOST_TRIES = 6
"""About a minute of trying; by then somebody has long been asked to ring."""

NO_TICK_S = 20.0
"""Seconds after which a notice that has not gone out is work for a person."""

_FIRST_WAIT_S = 1.0
_LONGEST_WAIT_S = 20.0

WHOM: dict[str, str] = {
    Recipient.POLICE: "the police",
    Recipient.VICTIM: "the victim",
    Recipient.SUPERVISOR: "the supervisor",
    Recipient.ON_CALL: "who is on call",
}


def wait_s(tries: int) -> float:
    """Seconds until the next try after so many: 1, 2, 4, and never more than 20."""
    return float(min(_FIRST_WAIT_S * 2 ** (tries - 1), _LONGEST_WAIT_S))


def is_given_up(tries: int) -> bool:
    """Whether a notice that has failed so often is left to people."""
    return tries >= MOST_TRIES


def words(recipient: Recipient, alert_id: int) -> str:
    """What a notice says."""
    reference = f"reference {alert_id}"
    match recipient:
        case Recipient.VICTIM:
            return f"Please call the monitoring centre now, {reference}."
        case Recipient.POLICE:
            return f"Monitoring centre: urgent, call us, {reference}."
        case _:
            return f"Vigil: an urgent alert waits and nobody has taken it, {reference}."
