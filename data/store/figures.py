"""How the room does, counted in the database: alerts of a period, and what became of them.

Every question takes the same parameters: `since` and `until` (raised at or after, and before),
`area` ("" counts every area; alerts of no case are everybody's) and `zone` (the room's IANA time
zone). Nothing here names a person of a case; sources are case codes and serial numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text


@dataclass(frozen=True, slots=True)
class Period:
    """What is counted: alerts raised in [since, until) that somebody of this area may see."""

    since: datetime
    until: datetime
    area: str
    zone: str


_RAISED = """
    raised as (
        select a.*, c.code, coalesce(c.area, '') as area
        from vigil.alert a left join vigil."case" c using (case_id)
        where a.raised_at >= :since and a.raised_at < :until
            and (:area = '' or coalesce(c.area, '') in ('', :area))
    )
"""


def by_ten_minutes(connection: Connection, period: Period) -> Sequence[Row[Any]]:
    """Alerts raised in each ten minutes by the clock (at, raised, desks), without a hole.

    `desks` is how many operators were signed in and looking; one alone may be 0 desks' work.
    """
    return _rows(
        connection,
        f"""
        with {_RAISED},
        ten as (
            select generate_series(
                date_bin('10 minutes', :since, 'epoch'),
                cast(:until as timestamptz) - interval '1 microsecond', interval '10 minutes'
            ) as at
        ),
        counted as (
            select date_bin('10 minutes', raised_at, 'epoch') as at, count(*) as n
            from raised group by 1
        ),
        seated as (
            select ten.at, count(distinct s.user_id) as n
            from ten
            join vigil.session s
                on s.started_at < ten.at + interval '10 minutes' and s.seen_at >= ten.at
            join vigil."user" u on u.user_id = s.user_id
            where u.role = 'operator' and not s.is_half
                and (:area = '' or u.area in ('', :area))
            group by 1
        )
        select ten.at, coalesce(counted.n, 0) as raised, coalesce(seated.n, 0) as desks
        from ten left join counted using (at) left join seated using (at)
        order by ten.at
        """,
        period,
    )


def by_priority(connection: Connection, period: Period) -> Sequence[Row[Any]]:
    """How many of each priority (priority, n); a priority without any is left out."""
    return _rows(
        connection,
        f"with {_RAISED} select priority, count(*) as n from raised group by 1 order by 1",
        period,
    )


def until_taken(connection: Connection, period: Period) -> Sequence[Row[Any]]:
    """Seconds from raised to first taken, by hour of the room's day, and for all (hour None).

    Columns: hour, n (taken), p50_s, p90_s, untaken (nobody has had it, or only afterwards).
    What was found on back-fill asks nobody to hurry and is left out.
    """
    return _rows(
        connection,
        f"""
        with {_RAISED},
        taken as (
            select date_part('hour', r.raised_at at time zone :zone)::integer as hour,
                (select extract(epoch from min(e.at) - r.raised_at)::float8
                 from vigil.alert_entry e
                 where e.alert_id = r.alert_id and e.action in ('acknowledged', 'taken_over')
                ) as after_s
            from raised r where not r.found_on_backfill
        )
        select hour, count(after_s) as n,
            percentile_cont(0.5) within group (order by after_s) as p50_s,
            percentile_cont(0.9) within group (order by after_s) as p90_s,
            count(*) - count(after_s) as untaken
        from taken group by grouping sets ((hour), ()) order by hour nulls last
        """,
        period,
    )


def top_cases(connection: Connection, period: Period) -> Sequence[Row[Any]]:
    """The ten cases that raised most (source, n)."""
    return _rows(
        connection,
        f"""
        with {_RAISED} select code as source, count(*) as n from raised
        where code is not null group by 1 order by n desc, source limit 10
        """,
        period,
    )


def top_devices(connection: Connection, period: Period) -> Sequence[Row[Any]]:
    """The ten devices that raised most (source: the serial number, n)."""
    return _rows(
        connection,
        f"""
        with {_RAISED} select d.serial as source, count(*) as n
        from raised join vigil.activation using (activation_id)
        join vigil.device d using (device_id) group by 1 order by n desc, source limit 10
        """,
        period,
    )


def troubles(connection: Connection, period: Period) -> Row[Any]:
    """Of the alerts raised: flapping, chattering, shelved, escalated, late (counts each).

    Chattering is three times raised or repeated within a minute.
    """
    return _rows(
        connection,
        f"""
        with {_RAISED},
        again as (
            select e.alert_id, e.at - lag(e.at, 2) over (
                partition by e.alert_id order by e.at, e.alert_entry_id
            ) as within
            from vigil.alert_entry e join raised using (alert_id)
            where e.action in ('raised', 'repeated')
        )
        select count(*) filter (where facts ->> 'flapping' = 'true') as flapping,
            (select count(distinct alert_id) from again where within <= interval '1 minute')
                as chattering,
            count(*) filter (where shelves > 0) as shelved,
            count(*) filter (where escalated_at is not null) as escalated,
            count(*) filter (where found_on_backfill) as late
        from raised
        """,
        period,
    )[0]


def findings(connection: Connection, period: Period) -> Sequence[Row[Any]]:
    """What people decided about alerts closed in the period (finding, n), the most first."""
    return _rows(
        connection,
        """
        select a.finding, count(*) as n
        from vigil.alert a left join vigil."case" c using (case_id)
        where a.closed_at >= :since and a.closed_at < :until and a.finding is not null
            and (:area = '' or coalesce(c.area, '') in ('', :area))
        group by 1 order by n desc, 1
        """,
        period,
    )


def _rows(connection: Connection, query: str, period: Period) -> Sequence[Row[Any]]:
    return connection.execute(text(query), asdict(period)).all()
