"""Zones put into force from a file, and taken out of force, until they are drawn in the room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine

from data.clock import Clock
from data.errors import BadInput, Clash, NotFound, Refused
from data.feeds.zone_features import ZoneFeature
from data.model.schedule import to_json
from data.service.approvals import PROTECTING
from data.store import audit, cases, outbox, zones


@dataclass(frozen=True, slots=True)
class Zones:
    """What can be done with zones from the command line.

    Args:
        engine: the database.
        clock: the deployment's clock.
    """

    engine: Engine
    clock: Clock

    def add(
        self,
        case_code: str,
        features: Sequence[ZoneFeature],
        *,
        valid_from: datetime | None = None,
        reason: str,
    ) -> list[int]:
        """Puts these zones into force for a case and gives their ids; all of them or none.

        Args:
            case_code: whose offender they bind.
            features: as read from a file; `zone_id` becomes the zone's name. `activations` is
                not used: a zone binds every device of the offender.
            valid_from: None means from now on; an earlier moment serves imported history.
            reason: kept with the version and in the audit trail.

        Raises:
            NotFound: no such case.
            BadInput: there is no zone, or no reason.
        """
        if not features:
            raise BadInput("features", "at least one zone")
        if not reason.strip():
            raise BadInput("reason", "why these zones are put into force")
        now = self.clock.now()
        with self.engine.begin() as connection:
            case = cases.find_case(connection, case_code)
            if case is None:
                raise NotFound(f"No case {case_code}. Add the offender's device first.")
            zone_ids = []
            for feature in features:
                zone_id = zones.append(
                    connection,
                    case_id=case.case_id,
                    kind=feature.kind,
                    name=str(feature.zone_id),
                )
                zones.append_version(
                    connection,
                    zone_id=zone_id,
                    shape=feature.shape,
                    buffer_m=feature.buffer_m,
                    schedule=None if feature.schedule is None else to_json(feature.schedule),
                    valid_from=valid_from or now,
                    recorded_at=now,
                    reason=reason,
                )
                _record(connection, now, "zone.add", zone_id, reason)
                zone_ids.append(zone_id)
            outbox.append(connection, "zone", zone_ids, now)
        return zone_ids

    def retire(self, zone_id: int, *, reason: str) -> None:
        """Takes a zone out of force from now on; its past stays.

        Raises:
            NotFound: no such zone.
            Refused: it protects a victim, which one person alone does not end.
            Clash: it is out of force already.
        """
        if not reason.strip():
            raise BadInput("reason", "why this zone is taken out of force")
        now = self.clock.now()
        with self.engine.begin() as connection:
            if zones.get(connection, zone_id).kind == PROTECTING:
                raise Refused(
                    f"Zone {zone_id} protects a victim: two people take it out of force, in the "
                    "room, under Signatures."
                )
            if not zones.end_version(connection, zone_id, now):
                raise Clash(f"Zone {zone_id} is not in force.")
            _record(connection, now, "zone.retire", zone_id, reason)
            outbox.append(connection, "zone", [zone_id], now)

    def list(self) -> Sequence[zones.ZoneLine]:
        """Every zone with its case, newest version and validity, by case and name."""
        with self.engine.connect() as connection:
            return zones.find_lines(connection)


def _record(connection: Connection, at: datetime, action: str, zone_id: int, why: str) -> None:
    audit.append(
        connection,
        at=at,
        user_id=None,
        action=action,
        record_kind="zone",
        record_id=zone_id,
        peer="command line",
        detail={"reason_length": len(why)},
    )
