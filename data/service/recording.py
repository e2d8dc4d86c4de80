"""What the rules found, put on record: breaches by addition, alerts by condition.

Called inside the transaction of a judging round; it opens none of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row

from data.clock import microseconds, moment_of
from data.model.alert import AlertKind, Priority
from data.model.breach import BreachCause, BreachKind, Channel, Grade
from data.model.fix import FixFlag
from data.model.judging import (
    BreachChange,
    BreachKey,
    ConditionChange,
    ConditionHappened,
    Happened,
)
from data.rules.contact import worth_telling
from data.service.rulebook import Rulebook
from data.store import breaches, past_breaches
from data.store import fixes as fix_store
from data.store.alert_conditions import (
    Condition,
    clear_alert,
    find_standing,
    raise_alert,
    update_alert,
)
from data.store.judging import Batch

ENDED = frozenset({Happened.LEFT, Happened.WITHDRAWN})


def record_breaches(
    connection: Connection,
    changes: Sequence[BreachChange],
    book: Rulebook,
    now: datetime,
    is_backfill: Callable[[BreachChange], bool],
) -> tuple[dict[BreachKey, int], list[int]]:
    """Adds these changes to the record and brings their alerts up to them.

    Args:
        changes: in the order they happened.
        is_backfill: whether a breach that opens now was found too late to act upon.

    Returns:
        The ids of breaches that got one, and the alerts that changed.
    """
    ids: dict[BreachKey, int] = {}
    touched: list[int] = []
    alerts: list[int] = []
    for change in changes:
        breach_id = change.breach_id or ids.get(change.key, 0)
        if not breach_id:
            breach_id = _append(connection, change, now, is_backfill(change))
            ids[change.key] = breach_id
        touched.append(breach_id)
        revision = breaches.append_revision(
            connection, breach_id, now, **_revision(change, book.policy_id)
        )
        alert_id = _tell_breach(connection, change, breach_id, revision, now, is_backfill)
        if alert_id is not None:
            alerts.append(alert_id)
    past_breaches.keep(connection, touched)
    return ids, alerts


def _append(connection: Connection, change: BreachChange, now: datetime, late: bool) -> int:
    return breaches.append(
        connection,
        breaches.BreachIdentity(
            kind=change.key.kind,
            case_id=change.case_id,
            activation_id=change.key.activation_id,
            zone_id=change.key.zone_id,
            pair_id=change.key.pair_id,
            entered_at=moment_of(change.entered_at_us),
            found_on_backfill=late,
        ),
        now,
    )


def _revision(change: BreachChange, policy_id: int | None) -> dict[str, Any]:
    return {
        "zone_version_id": change.zone_version_id,
        "channel": int(change.channel),
        "grade": int(change.grade),
        "cause": change.cause,
        "entered_at": moment_of(change.entered_at_us),
        "confirmed_at": _moment_or_none(change.confirmed_at_us),
        "left_at": _moment_or_none(change.left_at_us),
        "p_inside_max": change.p_inside_max,
        "radius_95_m": change.radius_95_m,
        "edge_m": change.edge_m,
        "fixes": change.fixes,
        "crossings": change.crossings,
        "withdrawn": change.happened is Happened.WITHDRAWN,
        "policy_id": policy_id,
        "proof": {
            **change.proof,
            "happened": change.happened,
            "opened_at_us": change.key.opened_at_us,
            "at_us": change.at_us,
            "priority": int(change.priority),
        },
    }


def _moment_or_none(us: int | None) -> datetime | None:
    return None if us is None else moment_of(us)


def _tell_breach(
    connection: Connection,
    change: BreachChange,
    breach_id: int,
    revision: int,
    now: datetime,
    is_backfill: Callable[[BreachChange], bool],
) -> int | None:
    condition = Condition(
        key=f"breach:{breach_id}",
        kind=AlertKind.BREACH,
        priority=change.priority,
        began_at=moment_of(change.entered_at_us),
        case_id=change.case_id,
        activation_id=change.key.activation_id,
        zone_id=change.key.zone_id,
        breach_id=breach_id,
        found_on_backfill=is_backfill(change),
        minutes_to_contact=change.minutes_to_contact,
        facts={
            "breach_kind": change.key.kind,
            "channel": change.channel.name.lower(),
            "grade": change.grade.name.lower(),
            "cause": change.cause,
            "p_inside": round(change.p_inside_max, 3),
            "radius_95_m": _rounded(change.radius_95_m),
            "edge_m": _rounded(change.edge_m),
            "fixes": change.fixes,
            "crossings": change.crossings,
            **{
                name: change.proof[name]
                for name in ("flapping", "attribution", "distance_m")
                if name in change.proof
            },
        },
    )
    if change.happened in ENDED:
        ended_at = moment_of(change.left_at_us or change.at_us)
        if revision == 1:  # found over and done with: still work for somebody
            alert_id = raise_alert(connection, condition, now)
            clear_alert(connection, condition, now, ended_at)
            return alert_id
        return clear_alert(connection, condition, now, ended_at)
    repeated = change.happened is Happened.REPEATED
    if revision > 1:
        alert_id = update_alert(connection, condition, now, repeated=repeated)
        if alert_id is not None or change.happened is Happened.AMENDED:
            return alert_id
        # Closed meanwhile by a person; what happens after that is new work.
        condition = replace(condition, key=f"{condition.key}:{revision}")
    return raise_alert(connection, condition, now)


def _rounded(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else round(float(value), 1)


def record_conditions(
    connection: Connection,
    changes: Sequence[ConditionChange],
    book: Rulebook,
    now: datetime,
) -> list[int]:
    """Raises, raises in priority and clears the alerts of device conditions; gives their ids."""
    alerts = []
    for change in worth_telling(changes):
        condition = Condition(
            key=change.key,
            kind=change.kind,
            priority=change.priority,
            began_at=moment_of(change.began_at_us),
            case_id=book.case_of.get(change.activation_id),
            activation_id=change.activation_id,
            facts=dict(change.facts),
        )
        if change.happened is ConditionHappened.CLEARED:
            alert_id = clear_alert(connection, condition, now, moment_of(change.at_us))
        elif change.happened is ConditionHappened.ROSE:
            alert_id = update_alert(connection, condition, now)
        else:
            alert_id = raise_alert(connection, condition, now)
        if alert_id is not None:
            alerts.append(alert_id)
    return alerts


def clear_unfounded(
    connection: Connection,
    activation_ids: Sequence[int],
    found: set[str],
    since: datetime,
    now: datetime,
) -> list[int]:
    """Clears device conditions on record that a re-judging since then did not find again.

    A silence that late fixes fill never was: its alert stays, cleared, for somebody to close.
    """
    alerts = []
    for row in find_standing(connection, activation_ids):
        if row.began_at >= since and row.condition_key not in found:
            condition = Condition(row.condition_key, row.kind, row.priority, row.began_at)
            alert_id = clear_alert(connection, condition, now, now)
            if alert_id is not None:
                alerts.append(alert_id)
    return alerts


def change_on_record(row: Row[Any]) -> BreachChange:
    """The last word on record of a breach (data.store.breaches.find_since), as the rules say it."""
    return BreachChange(
        key=BreachKey(
            kind=BreachKind(row.kind),
            activation_id=row.activation_id,
            zone_id=row.zone_id,
            pair_id=row.pair_id,
            opened_at_us=row.proof["opened_at_us"],
        ),
        breach_id=row.breach_id,
        happened=Happened(row.proof["happened"]),
        at_us=row.proof["at_us"],
        case_id=row.case_id,
        zone_version_id=row.zone_version_id,
        channel=Channel(row.channel),
        grade=Grade(row.grade),
        cause=BreachCause(row.cause),
        entered_at_us=microseconds(row.entered_at),
        confirmed_at_us=None if row.confirmed_at is None else microseconds(row.confirmed_at),
        left_at_us=None if row.left_at is None else microseconds(row.left_at),
        p_inside_max=row.p_inside_max,
        radius_95_m=row.radius_95_m,
        edge_m=row.edge_m,
        fixes=row.fixes,
        crossings=row.crossings,
        priority=Priority(row.proof["priority"]),
        minutes_to_contact=None,
        proof=_own_proof(row.proof),
    )


_ADDED_PROOF = frozenset({"happened", "opened_at_us", "at_us", "priority"})


def _own_proof(proof: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in proof.items() if name not in _ADDED_PROOF}


def keep_unjudged(connection: Connection, batch: Batch, now: datetime) -> None:
    """Keeps the fixes of a reading that the rules failed on, without a verdict."""
    fix_store.append(
        connection,
        fix_store.Positions(
            batch.activation_id,
            batch.fingerprint,
            batch.received_at_us,
            np.full(len(batch.records), FixFlag.UNJUDGED, np.int32),
            batch.records,
        ),
        batch.reading_id,
        now,
    )
