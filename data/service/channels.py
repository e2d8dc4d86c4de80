"""The ways out of the room: an operator's words to a telephone, a mailbox or another program.

Addresses hold passwords, so they are in a file of their own and in no message, log or error.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote

from data.errors import BadInput
from data.model.desk_policy import Recipient

if TYPE_CHECKING:
    from apprise import Apprise

WITHIN_S = 15.0
"""A channel that has not answered by then has failed: the next try, or the next channel."""

_TELEPHONE = "{telephone}"
_WEBHOOKS = ("json://", "jsons://", "form://", "forms://", "xml://", "xmls://")


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of one try. `failure` says why in words that hold no address; empty: it went."""

    failure: str = ""
    is_delivered: bool = False  # the other side has it, and not only the provider


class Channel(Protocol):
    """One way out."""

    def send(self, to: Recipient, words: str, telephones: Sequence[str], key: str) -> Sent:
        """Sends these words once; `key` is the same at each try, so nobody need read them twice."""
        ...


class NoChannel:
    """Nothing is set up: a person has to ring, and is told so."""

    def send(self, to: Recipient, words: str, telephones: Sequence[str], key: str) -> Sent:
        """Says why nothing goes out."""
        return Sent("no channel is set up for this recipient")


class DemoPhone:
    """The demo's telephones are a screen of the room: what is sent to them has arrived."""

    def send(self, to: Recipient, words: str, telephones: Sequence[str], key: str) -> Sent:
        """Always arrives: the row of the notice is what the screen shows."""
        return Sent(is_delivered=True)


class Outward:
    """Apprise's services, by recipient, in the order in which they are tried."""

    def __init__(self, addresses: Mapping[Recipient, Sequence[str]]) -> None:
        self._addresses = addresses

    def send(self, to: Recipient, words: str, telephones: Sequence[str], key: str) -> Sent:
        """Sends by the first way that takes it."""
        ways = [
            each.replace(_TELEPHONE, quote(_digits(number), safe="+"))
            for each in self._addresses.get(to, ())
            # A way without a number in it is tried once, however many numbers there are.
            for number in (telephones if _TELEPHONE in each else [""])
        ]
        if not ways:
            return Sent("no channel is set up for this recipient")
        failed = 0
        for address in ways:
            if _service(_with_key(address, key)).notify(body=words, timeout=WITHIN_S):
                return Sent()
            failed += 1
        return Sent(f"none of {failed} channels took it")


def read_addresses(path: Path) -> Outward:
    """The ways out that a file names: JSON, {"police": ["jsons://..."], "victim": [...], ...}.

    Raises:
        BadInput: no such file, a recipient nobody knows, or an address no service understands.
            It says which, and never the address.
    """
    field = "VIGIL_NOTIFY_FILE"
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(field, "a readable JSON file of recipients and addresses") from error
    if not isinstance(stored, dict):
        raise BadInput(field, "an object of recipients and addresses")
    found: dict[Recipient, list[str]] = {}
    for name, addresses in stored.items():
        if name not in set(Recipient) or not isinstance(addresses, list):
            raise BadInput(f"{field}: {str(name)[:20]}", f"one of {', '.join(Recipient)}, a list")
        for number, address in enumerate(addresses):
            if not isinstance(address, str) or not len(_service(_with_number(address))):
                raise BadInput(f"{field}: {name}[{number}]", "an address that apprise understands")
        found[Recipient(name)] = list(addresses)
    return Outward(found)


def _service(address: str) -> Apprise:
    from apprise import Apprise  # loaded by who sends only: it knows a hundred services

    # What it logs may hold an address; what came of it is written with the notice.
    logging.getLogger("apprise").setLevel(logging.CRITICAL)
    made = Apprise()
    made.add(address)
    return made


def _with_key(address: str, key: str) -> str:
    """A webhook is told the key as a header, and is not followed to another host."""
    if not address.startswith(_WEBHOOKS):
        return address
    return f"{address}{'&' if '?' in address else '?'}redirect=no&+Idempotency-Key={quote(key)}"


def _with_number(address: str) -> str:
    return address.replace(_TELEPHONE, "+15005550006")


def _digits(number: str) -> str:
    return re.sub(r"[^\d+]", "", number)
