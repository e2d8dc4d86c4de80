"""The one tree of errors. A message says what was tried and what to do: ids, no names or places."""

from __future__ import annotations

from datetime import datetime


class VigilError(Exception):
    """Anything Vigil raises on purpose."""


class BadInput(VigilError):
    """Something from outside is not what was expected.

    Args:
        field: the field as the sender calls it, such as `timestamp` or `fixes[3].lat`.
        expected: what would have been right, in words a person can act on.
        found: a short echo of what came; never a place, a name or a key.
    """

    def __init__(self, field: str, expected: str, found: object = None) -> None:
        self.field = field
        self.expected = expected
        self.found = found
        tail = "" if found is None else f", found {str(found)[:60]!r}"
        super().__init__(f"{field}: expected {expected}{tail}")


class Unauthorised(VigilError):
    """Nobody known is asking: the device key, the session or the password is missing or wrong."""


class StepUpNeeded(Unauthorised):
    """Somebody known asked for what needs a fresh proof that it is still them; ask again after."""


class Refused(VigilError):
    """Somebody known asked for what they may not do; the reason is for them to read."""


class NotFound(VigilError):
    """The record asked for by id does not exist, or not for the one who asks."""


class Clash(VigilError):
    """Somebody else changed the record first; the message says who has it now."""


class AlertTaken(Clash):
    """Somebody else has this alert; who and since when, for the screen to say in its own time."""

    def __init__(self, owner: str, since: datetime) -> None:
        self.owner = owner
        self.since = since
        super().__init__(f"{owner} has it since {since:%H:%M:%S} UTC")


class TooManyTries(VigilError):
    """Asked too often; the message says how long to wait."""

    def __init__(self, wait_s: int) -> None:
        self.wait_s = wait_s
        super().__init__(f"Too many tries. Wait {wait_s} s and try again.")


class Unavailable(VigilError):
    """A part Vigil needs (the database, most often) does not answer just now; try again."""


class MissingPart(VigilError):
    """The machine lacks a program Vigil needs; the message says what to install."""
