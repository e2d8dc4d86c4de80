"""How far somebody's business reaches at one moment: their area, and the cases that are theirs."""

from __future__ import annotations

from dataclasses import dataclass

from data.model.user import Viewer
from data.rules.access import Action, Decision, Record, decide, is_by_assignment


@dataclass(frozen=True, slots=True)
class Reach:
    """Read once for an answer, then asked for each record in it."""

    viewer: Viewer
    assigned: frozenset[int] = frozenset()  # cases
    glass: frozenset[int] = frozenset()  # cases opened by breaking the glass, for now
    activations: frozenset[int] = frozenset()  # of everybody in these cases
    revealed: frozenset[int] = frozenset()  # activations of those whose minute of reveal runs
    revealed_cases: frozenset[int] = frozenset()  # the cases of these

    @property
    def cases(self) -> frozenset[int]:
        """The cases this viewer has business with by name."""
        return self.assigned | self.glass

    @property
    def is_by_assignment(self) -> bool:
        """Whether these cases are all that this viewer may know of."""
        return is_by_assignment(self.viewer.role)

    def record(
        self,
        case_id: int | None,
        area: str,
        *,
        is_own: bool = True,
        is_revealed: bool = False,
    ) -> Record:
        """What is true of a record of this case for this viewer; `case_id` None: of no case."""
        return Record(
            # A viewer without an area watches all; a record without one is everybody's.
            is_in_area=not self.viewer.area or not area or self.viewer.area == area,
            is_own=is_own,
            is_assigned=case_id in self.assigned,
            is_glass_broken=case_id in self.glass,
            is_revealed=is_revealed,
        )

    def may(self, action: Action, case_id: int | None, area: str) -> Decision:
        """Whether this viewer may do this to a record of this case."""
        return decide(self.viewer.role, action, self.record(case_id, area))
