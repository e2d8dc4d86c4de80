"""A swim-lane of a replay: stretches and marks in time, with the rule they come from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stretch:
    """Half-open [from_us, to_us), microseconds UTC; equal ends are a single fix.

    `level` 1 to 3 is how dark it is drawn: possible, probable, certain.
    """

    from_us: int
    to_us: int
    words: str = ""
    level: int = 3


@dataclass(frozen=True, slots=True)
class Mark:
    """One moment, with a kind that chooses its sign: breach, left, strap, case, charge, note."""

    at_us: int
    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class Lane:
    """One row under the map. `rule` is what the pointer reads: how it was worked out."""

    key: str
    title: str
    rule: str
    stretches: tuple[Stretch, ...] = ()
    marks: tuple[Mark, ...] = ()
