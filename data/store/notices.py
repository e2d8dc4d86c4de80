"""Messages to people outside the room: ordered once, and how far each has come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert

from data.errors import NotFound
from data.model.desk_policy import Recipient
from data.store.tables import alert, notice, user


def append(
    connection: Connection,
    alert_id: int,
    recipient: Recipient,
    *,
    key: str,
    at: datetime,
    user_id: int | None,
) -> int | None:
    """Orders a notice and gives its id; None when this key has ordered one already."""
    return connection.execute(
        insert(notice)
        .values(
            idempotency_key=key,
            alert_id=alert_id,
            recipient=recipient.value,
            asked_at=at,
            asked_by=user_id,
        )
        .on_conflict_do_nothing(index_elements=["idempotency_key"])
        .returning(notice.c.notice_id)
    ).scalar_one_or_none()


def find(connection: Connection, alert_id: int) -> Sequence[Row]:
    """Notices about an alert, oldest first, with the login of who asked."""
    query = (
        select(notice, user.c.login)
        .outerjoin(user, user.c.user_id == notice.c.asked_by)
        .where(notice.c.alert_id == alert_id)
        .order_by(notice.c.notice_id)
    )
    return connection.execute(query).all()


def find_delivered(connection: Connection, limit: int) -> Sequence[Row]:
    """The newest notices that have arrived, the newest first."""
    query = (
        select(notice)
        .where(notice.c.delivered_at.is_not(None))
        .order_by(notice.c.delivered_at.desc(), notice.c.notice_id.desc())
        .limit(limit)
    )
    return connection.execute(query).all()


def get(connection: Connection, notice_id: int) -> Row:
    """One notice, locked until the transaction ends.

    Raises:
        NotFound: there is none.
    """
    query = select(notice).where(notice.c.notice_id == notice_id).with_for_update()
    found = connection.execute(query).one_or_none()
    if found is None:
        raise NotFound(f"There is no notice {notice_id}")
    return found


def claim(connection: Connection, now: datetime) -> Row | None:
    """The oldest notice that is due, locked until the transaction ends; None: nothing to send.

    Who else is sending passes over it. Should the sender die with it, it is there again.
    """
    query = (
        select(notice)
        .where(
            notice.c.sent_at.is_(None),
            notice.c.failed_at.is_(None),
            or_(notice.c.try_after.is_(None), notice.c.try_after <= now),
        )
        .order_by(notice.c.notice_id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return connection.execute(query).one_or_none()


def save(connection: Connection, notice_id: int, alert_id: int, **values: Any) -> None:
    """Writes down how far a notice has come, and counts its alert's version up for the screens."""
    connection.execute(update(notice).where(notice.c.notice_id == notice_id).values(**values))
    connection.execute(
        update(alert).where(alert.c.alert_id == alert_id).values(version=alert.c.version + 1)
    )


_TELEPHONES = text(
    """
    select distinct detail.words
    from vigil.alert
    left join vigil.breach using (breach_id)
    left join vigil.pair on pair.pair_id = breach.pair_id
    left join vigil.zone on zone.zone_id = alert.zone_id
    join vigil.victim_detail detail
        on detail.person_id = coalesce(pair.victim_id, zone.victim_id)
        or (pair.victim_id is null and zone.victim_id is null and detail.person_id in (
            select p.victim_id from vigil.pair p where p.case_id = alert.case_id))
    where alert.alert_id = :alert_id and detail.kind = 'telephone'
      and detail.valid_from <= :now and (detail.valid_to is null or detail.valid_to > :now)
    order by 1
    """
)


def find_telephones(connection: Connection, alert_id: int, now: datetime) -> list[str]:
    """Telephone numbers, as written, of the victim an alert is about, or of its case's victims."""
    return list(connection.scalars(_TELEPHONES, {"alert_id": alert_id, "now": now}))


# A notice that a person has rung by hand is told: its step has words of what came of it.
_UNTOLD = text(
    """
    select notice.notice_id, notice.alert_id, notice.recipient, notice.asked_at, alert.case_id,
           (notice.sent_at is not null and notice.failed_at is null) or alert.closed_at is not null
           or exists (
               select from vigil.alert_entry entry
               where entry.alert_id = notice.alert_id and entry.note <> ''
                 and entry.at >= notice.asked_at and entry.action in ('notified', 'step_skipped')
                 and entry.detail ->> 'step' = split_part(notice.idempotency_key, ':', 4)
           ) as is_told,
           own.alert_id as own_alert_id
    from vigil.notice
    join vigil.alert using (alert_id)
    left join vigil.alert own
        on own.condition_key = 'notice:' || notice.notice_id and own.cleared_at is null
    where own.alert_id is not null
       or ((notice.sent_at is null or notice.failed_at is not null)
           and (notice.asked_at <= :before or notice.failed_at is not null)
           and not exists (select from vigil.alert said
                           where said.condition_key = 'notice:' || notice.notice_id))
    """
)


def find_untold(connection: Connection, before: datetime) -> Sequence[Row]:
    """Notices that should have gone out by now, and those that an alert of their own is about.

    Returns:
        notice_id, alert_id, recipient, asked_at, case_id; is_told: sent, rung by hand or closed;
        own_alert_id: the uncleared alert about this notice, None where there is none.
    """
    return connection.execute(_UNTOLD, {"before": before}).all()
