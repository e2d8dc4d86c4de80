"""Putting a draft into force, now or on its day, and ending an emergency's zone after its own.

Called inside somebody's transaction, after every question of who may. The outbox comes last.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from geoalchemy2.shape import to_shape
from sqlalchemy import Connection, Row

from data.clock import microseconds
from data.errors import BadInput, Clash
from data.model import schedule as schedules
from data.model.alert import AlertKind, Priority
from data.model.schedule import Schedule
from data.model.zone import ZoneKind
from data.model.zone_draft import DraftContent, DraftState
from data.rules.permissions import permitted
from data.rules.schedules import is_open as is_open_at
from data.rules.zone_drawing import content_from_json
from data.store import outbox, rehearsals, victims, zone_drafts, zones
from data.store.alert_conditions import Condition, raise_alert

EMERGENCY_FOR = timedelta(hours=24)


def content_of(row: Row[Any]) -> DraftContent:
    """What a draft on record holds."""
    return content_from_json(row.content, DraftContent(ZoneKind.EXCLUSION))


def hours_of(content: DraftContent, time_zone: ZoneInfo) -> Schedule | None:
    """The hours the judge will go by: those drawn, less the times in which he may be there."""
    return permitted(content.schedule, content.permissions, time_zone.key)


def is_open(stored: Any, now: datetime) -> bool:
    """Whether hours on record run at this moment; None: always."""
    hours = None if stored is None else schedules.from_json(stored)
    return bool(is_open_at(hours, np.array([microseconds(now)], np.int64))[0])


def need_base(connection: Connection, draft: Row[Any]) -> Row[Any] | None:
    """The version in force of the draft's zone, which is the one the draft was begun on.

    Raises:
        Clash: it is another one by now.
    """
    if draft.zone_id is None:
        return None
    stands = zones.find_in_force(connection, draft.zone_id)
    if (stands.zone_version_id if stands else None) != draft.base_version_id:
        number = f"version {stands.number}" if stands else "no version"
        raise Clash(
            f"The zone has {number} in force by now, and this draft was begun on another. "
            "Compare the two, then take it on."
        )
    return stands


def put_in_force(
    connection: Connection,
    draft: Row[Any],
    now: datetime,
    time_zone: ZoneInfo,
    *,
    recorded_by: int,
    signed_by: int | None = None,
    is_emergency: bool = False,
    checks: list[dict[str, Any]] | None = None,
    rehearsal_id: int | None = None,
) -> tuple[int, int]:
    """Makes the draft the version in force from now on; gives (zone_id, zone_version_id).

    Raises:
        BadInput: nothing is drawn.
        Clash: the zone has another version by now than the draft was begun on.
    """
    if draft.shape is None:
        raise BadInput("parts", "something drawn")
    content = content_of(draft)
    stands = need_base(connection, draft)
    zone_id = draft.zone_id or _new_zone(connection, draft, content)
    if stands is not None and not zones.end_version(connection, zone_id, now):
        raise Clash(f"Zone {zone_id} was changed this very moment. Try again.")
    hours = hours_of(content, time_zone)
    tried = rehearsals.find(connection, rehearsal_id) if rehearsal_id else None
    version_id = zones.append_version(
        connection,
        zone_id=zone_id,
        shape=to_shape(draft.shape),
        buffer_m=content.buffer_m,
        schedule=None if hours is None else schedules.to_json(hours),
        valid_from=now,
        recorded_at=now,
        reason=content.reason,
        recorded_by=recorded_by,
        signed_by=signed_by,
        order_reference=content.order_ref,
        drawn_as={**draft.content, "name": ""},
        checks=checks or [],
        rehearsal=tried.result if tried else None,
        **(_emergency(stands, now) if is_emergency else {}),
    )
    state = DraftState.EDITING if is_emergency else DraftState.SIGNED
    zone_drafts.move(
        connection,
        draft.zone_draft_id,
        state=state.value,
        zone_id=zone_id,
        base_version_id=version_id,
        content={**draft.content, "name": ""},  # it is the zone's by now
        approval_id=draft.approval_id,
    )
    return zone_id, version_id


def begins_later(draft: Row[Any], now: datetime) -> bool:
    """Whether a draft, signed now, waits for a stated moment."""
    begins = content_of(draft).valid_from
    return begins is not None and begins > now


def begin_due(connection: Connection, now: datetime, time_zone: ZoneInfo) -> list[int]:
    """Puts signed drafts into force whose moment has come; gives the zones that changed.

    It holds from now on, not from a moment that has gone by unjudged. Where the zone has another
    version by now than was signed over, the draft goes back, and the room is told.
    """
    changed, found = [], zone_drafts.find_due(connection, now)
    for draft in found:
        told = draft.payload["told"].get(str(draft.zone_draft_id), {})
        try:
            with connection.begin_nested():
                zone_id, _ = put_in_force(
                    connection, draft, now, time_zone,
                    recorded_by=draft.asked_by, signed_by=draft.decided_by, **told,
                )  # fmt: skip
            changed.append(zone_id)
        except Clash:
            zone_drafts.move(connection, draft.zone_draft_id, state=DraftState.EDITING.value)
            _tell(connection, "zone_not_begun", draft.zone_draft_id, now, draft.case_id)
    outbox.append(connection, "zone", changed, now)
    outbox.append(connection, "draft", [draft.zone_draft_id for draft in found], now)
    return changed


def end_emergencies(connection: Connection, now: datetime) -> list[int]:
    """Ends emergency versions whose day is over; gives the zones that changed.

    What such a version had replaced holds again. The room is told by an alert: from here on
    somebody is protected less than a moment ago.
    """
    changed = []
    for row in zones.find_expired(connection, now):
        if not zones.end_version(connection, row.zone_id, now):
            continue
        again = None
        if row.replaced_version_id is not None:
            before = zone_drafts.find_version(connection, row.replaced_version_id)
            assert before is not None
            again = zones.append_version(
                connection,
                zone_id=row.zone_id,
                shape=to_shape(before.shape),
                buffer_m=before.buffer_m,
                schedule=before.schedule,
                valid_from=now,
                recorded_at=now,
                reason=f"The emergency is over: version {before.number} again.",
                recorded_by=before.recorded_by,
                signed_by=before.signed_by,
                order_reference=before.order_reference,
                drawn_as=before.drawn_as,
                checks=before.checks,
                rehearsal=before.rehearsal,
            )
        for draft in zone_drafts.find_open(connection, row.zone_id):
            if draft.base_version_id == row.zone_version_id:
                zone_drafts.move(connection, draft.zone_draft_id, base_version_id=again)
        tell(connection, row.zone_id, row.case_id, row.zone_version_id, now, is_over=True)
        changed.append(row.zone_id)
    outbox.append(connection, "zone", changed, now)
    return changed


def tell(
    connection: Connection,
    zone_id: int,
    case_id: int,
    version_id: int,
    now: datetime,
    *,
    is_over: bool = False,
) -> None:
    """Raises the alert that says an emergency's zone began, or is over."""
    word = "zone_emergency_over" if is_over else "zone_emergency"
    _tell(connection, word, version_id, now, case_id, zone_id)


def _tell(
    connection: Connection,
    word: str,
    record_id: int,
    now: datetime,
    case_id: int,
    zone_id: int | None = None,
) -> None:
    alert_id = raise_alert(
        connection,
        Condition(
            key=f"{word}:{record_id}",
            kind=AlertKind.OTHER,
            priority=Priority.P2,
            began_at=now,
            case_id=case_id,
            zone_id=zone_id,
            facts={word: True},
        ),
        now,
    )
    outbox.append(connection, "alert", [alert_id] if alert_id else [], now)


def _new_zone(connection: Connection, draft: Row[Any], content: DraftContent) -> int:
    hers = victims.find_ids(connection, draft.case_id)
    is_hers = content.kind is ZoneKind.EXCLUSION and len(hers) == 1
    return zones.append(
        connection,
        case_id=draft.case_id,
        kind=content.kind.value,
        name=content.name or f"Zone of draft {draft.zone_draft_id}",
        victim_id=hers[0] if is_hers else None,
    )


def _emergency(stands: Row[Any] | None, now: datetime) -> dict[str, Any]:
    if stands is not None and stands.expires_at is not None:
        # One emergency after the other is still the same day: it is not made longer alone.
        return {
            "expires_at": stands.expires_at,
            "replaced_version_id": stands.replaced_version_id,
        }
    return {
        "expires_at": now + EMERGENCY_FOR,
        "replaced_version_id": stands.zone_version_id if stands else None,
    }
