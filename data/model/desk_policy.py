"""How the desk works: how long things may wait, and the steps of each priority."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum
from typing import Any, Self

from data.errors import BadInput
from data.model.alert import Priority


class Recipient(StrEnum):
    """Whom a notice goes to. The words of a notice name nobody and no place."""

    POLICE = "police"
    VICTIM = "victim"
    SUPERVISOR = "supervisor"  # by a second channel, should the screens not do
    ON_CALL = "on_call"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a protocol. `notifies`: doing it sends a notice to them; None: a person acts."""

    key: str  # names the step in the record; never reused for another
    words: str
    notifies: Recipient | None = None


_POLICE = Step("police", "Police control room", Recipient.POLICE)
_VICTIM = Step("victim", "Victim", Recipient.VICTIM)
_OFFENDER = Step("offender", "Call the offender")
_DEVICE = Step("device", "Check the device")


def _steps() -> dict[Priority, tuple[Step, ...]]:
    return {
        Priority.P1: (_POLICE, _VICTIM, _OFFENDER),
        Priority.P2: (_OFFENDER, _VICTIM),
        Priority.P3: (_DEVICE,),
    }


def _escalate_s() -> dict[Priority, tuple[float, ...]]:
    # Rungs: the supervisor's screens, a second channel, the telephone on call.
    return {Priority.P1: (60.0, 120.0, 180.0), Priority.P2: (300.0,), Priority.P3: ()}


@dataclass(frozen=True, slots=True)
class DeskPolicy:
    """Every figure of the desk, in seconds of the people who work there (`at_rate`)."""

    hold_s: float = 120.0
    shelve_at_most_s: float = 3600.0
    overdue_s: float = 600.0
    flood_alerts: int = 10
    flood_s: float = 600.0
    escalate_s: Mapping[Priority, tuple[float, ...]] = field(default_factory=_escalate_s)
    steps: Mapping[Priority, tuple[Step, ...]] = field(default_factory=_steps)

    def at_rate(self, rate: float) -> Self:
        """The same in seconds of a clock that runs `rate` times as fast, as a demo's may."""
        return replace(
            self,
            hold_s=self.hold_s * rate,
            shelve_at_most_s=self.shelve_at_most_s * rate,
            overdue_s=self.overdue_s * rate,
            flood_s=self.flood_s * rate,
            escalate_s={
                priority: tuple(each * rate for each in rungs)
                for priority, rungs in self.escalate_s.items()
            },
        )

    def check(self) -> Self:
        """The policy itself, if it lets no alert wait for ever and no step be taken for another.

        Raises:
            BadInput: it says which figure.
        """
        for name in ("hold_s", "shelve_at_most_s", "overdue_s", "flood_s", "flood_alerts"):
            if not 0 < getattr(self, name) <= 86_400:
                raise BadInput(name, "more than 0 and at most a day", getattr(self, name))
        first = self.escalate_s.get(Priority.P1, ())
        if not first or first[0] > 60.0:
            # A first alert that nobody takes must leave the room within a minute.
            raise BadInput("escalate_s.1", "a first rung of at most 60 s", first)
        for priority in Priority:
            rungs = self.escalate_s.get(priority, ())
            if list(rungs) != sorted(set(rungs)) or any(each <= 0 for each in rungs):
                raise BadInput(f"escalate_s.{int(priority)}", "rising seconds above 0", rungs)
            keys = [step.key for step in self.steps.get(priority, ())]
            if len(keys) != len(set(keys)):
                raise BadInput(f"steps.{int(priority)}", "each step once", keys)
        return self

    def to_json(self) -> dict[str, Any]:
        """As it is stored and audited."""
        found = asdict(self)
        for name in ("escalate_s", "steps"):
            found[name] = {str(int(key)): list(value) for key, value in found[name].items()}
        return found

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """What `to_json` gave; figures that are missing are Vigil's own.

        Raises:
            BadInput: a figure nobody knows, or one that makes no sense.
        """
        unknown = set(stored) - {each.name for each in fields(cls)}
        if unknown:
            raise BadInput(sorted(unknown)[0], "a figure of the desk's policy")
        found: dict[str, Any] = dict(stored)
        try:
            if "escalate_s" in found:
                found["escalate_s"] = {
                    Priority(int(key)): tuple(float(each) for each in value)
                    for key, value in found["escalate_s"].items()
                }
            if "steps" in found:
                found["steps"] = {
                    Priority(int(key)): tuple(_step(each) for each in value)
                    for key, value in found["steps"].items()
                }
            return cls(**found).check()
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            raise BadInput("policy", "the figures as `app.py policy show` prints them") from error


def _step(stored: Mapping[str, Any]) -> Step:
    notifies = stored.get("notifies")
    return Step(
        str(stored["key"]), str(stored["words"]), None if notifies is None else Recipient(notifies)
    )
