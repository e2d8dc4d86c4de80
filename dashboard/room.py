"""What the pages and panels of one running room share."""

from __future__ import annotations

from dataclasses import dataclass

from data.clock import Clock
from data.service.alerts import Alerts
from data.settings import Settings


@dataclass(frozen=True, slots=True)
class Room:
    """Handed to every page and panel; nothing of it is global."""

    settings: Settings
    clock: Clock
    alerts: Alerts

    @property
    def time_zone_name(self) -> str:
        """The room's wall time as browsers name it."""
        return self.settings.time_zone.key
