"""What the pages and panels of one running room share."""

from __future__ import annotations

from dataclasses import dataclass

from data.clock import Clock
from data.service.alert_work import AlertWork
from data.service.alerts import Alerts
from data.service.approvals import Approvals
from data.service.assignments import Assignments
from data.service.choices import Choices
from data.service.desk_policy import DeskPolicies
from data.service.encounters import Encounters
from data.service.figures import RoomFigures
from data.service.hand_over import HandOvers
from data.service.lookups import Lookups
from data.service.past_breaches import PastBreaches
from data.service.reach import Reaches
from data.service.rehearsal import Rehearsals
from data.service.reveals import Reveals
from data.service.routines import Routines
from data.service.zone_drafts import ZoneDrafts
from data.service.zone_export import ZoneExports
from data.settings import Settings


@dataclass(frozen=True, slots=True)
class Room:
    """Handed to every page and panel; nothing of it is global."""

    settings: Settings
    clock: Clock
    alerts: Alerts
    work: AlertWork
    reaches: Reaches
    reveals: Reveals
    hand_overs: HandOvers
    assignments: Assignments
    approvals: Approvals
    lookups: Lookups
    past_breaches: PastBreaches
    drafts: ZoneDrafts
    choices: Choices
    rehearsals: Rehearsals
    zone_exports: ZoneExports
    routines: Routines
    encounters: Encounters
    figures: RoomFigures
    desk_policies: DeskPolicies
    build: str  # of the program that runs; `dashboard/build.py`

    @property
    def time_zone_name(self) -> str:
        """The room's wall time as browsers name it."""
        return self.settings.time_zone.key
