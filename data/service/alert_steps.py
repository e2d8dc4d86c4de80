"""The protocol of an alert: its steps, what has been done of each, and how far its notice is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row

from data.errors import BadInput
from data.model.alert import AlertAction, AlertRow, Priority
from data.model.desk_policy import DeskPolicy, Recipient, Step
from data.store import alerts, notices


@dataclass(frozen=True, slots=True)
class StepDone:
    """One step of an alert's protocol and how far it is."""

    step: Step
    at: datetime | None = None
    by: str | None = None
    is_skipped: bool = False
    note: str = ""
    notice: NoticeState | None = None


@dataclass(frozen=True, slots=True)
class NoticeState:
    """How far a notice has come; each moment is None until then."""

    recipient: Recipient
    asked_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None
    failed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Work:
    """An alert with its steps and what the policy allows of it."""

    row: AlertRow
    steps: tuple[StepDone, ...]
    shelve_at_most_min: float  # of the people's own time


def protocol_of(policy: DeskPolicy, priority: Priority, case_id: int | None) -> tuple[Step, ...]:
    """The steps of this priority; none without a case, where there is nobody to call or tell."""
    return policy.steps.get(priority, ()) if case_id is not None else ()


def step_of(policy: DeskPolicy, row: AlertRow, key: str) -> Step:
    """The step of this alert's protocol that is called so.

    Raises:
        BadInput: the protocol has none.
    """
    for step in protocol_of(policy, row.priority, row.case_id):
        if step.key == key:
            return step
    raise BadInput("step", "a step of this alert's protocol", key)


def steps_of(connection: Connection, row: AlertRow, policy: DeskPolicy) -> tuple[StepDone, ...]:
    """The protocol of the alert's priority, each step with its newest word on record."""
    newest: dict[str, Row] = {}
    for entry in alerts.find_entries(connection, row.alert_id):
        if (entry.detail or {}).get("step"):
            newest[entry.detail["step"]] = entry
    told = {each.recipient: each for each in notices.find(connection, row.alert_id)}
    return tuple(
        _step_done(step, newest.get(step.key), told)
        for step in protocol_of(policy, row.priority, row.case_id)
    )


def _step_done(step: Step, entry: Row | None, told: Mapping[str, Row]) -> StepDone:
    if entry is None:
        return StepDone(step)
    is_skipped = entry.action == AlertAction.STEP_SKIPPED
    sent = told.get(step.notifies) if step.notifies and not is_skipped else None
    return StepDone(
        step,
        entry.at,
        entry.login,
        is_skipped,
        entry.note,
        None
        if sent is None
        else NoticeState(
            Recipient(sent.recipient),
            sent.asked_at,
            sent.sent_at,
            sent.delivered_at,
            sent.read_at,
            sent.failed_at,
        ),
    )
