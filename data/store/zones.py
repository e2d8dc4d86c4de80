"""Zones and pairs as the judge needs them: every version, with the activations it binds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, text

# A zone binds every activation of its case's offender, past ones included: late data is judged
# by the activation it came from.
_VERSIONS = """
select v.zone_version_id, v.zone_id, z.case_id, z.kind, st_asbinary(v.shape) as shape,
    v.buffer_m, v.schedule, v.valid_from, v.valid_to,
    array_agg(a.activation_id order by a.activation_id) as activation_ids
from vigil.zone_version v
join vigil.zone z using (zone_id)
join vigil."case" c using (case_id)
join vigil.activation a on a.person_id = c.offender_id
where z.kind <> 'neutral'
group by v.zone_version_id, z.zone_id order by v.zone_version_id
"""

_PAIRS = """
select p.pair_id, p.case_id, p.warn_m, p.alarm_m, p.valid_from, p.valid_to,
    o.activation_id as offender_activation_id, v.activation_id as victim_activation_id
from vigil.pair p
join vigil.activation o on o.person_id = p.offender_id
join vigil.activation v on v.person_id = p.victim_id
order by p.pair_id, o.activation_id, v.activation_id
"""

_PLANS = """
select a.activation_id, a.report_every_s, a.started_at, a.ended_at, p.role, d.kind,
    (select min(c.case_id) from vigil."case" c where c.offender_id = a.person_id) as case_id
from vigil.activation a join vigil.person p using (person_id) join vigil.device d using (device_id)
order by a.activation_id
"""

_EDITION = """
select (select count(*) from vigil.zone_version),
    (select max(zone_version_id) from vigil.zone_version),
    (select max(valid_to) from vigil.zone_version),
    (select count(*) from vigil.activation), (select max(activation_id) from vigil.activation),
    (select max(ended_at) from vigil.activation),
    (select count(*) from vigil.pair), (select max(pair_id) from vigil.pair),
    (select max(valid_to) from vigil.pair), (select max(policy_id) from vigil.policy)
"""


def find_versions(connection: Connection) -> Sequence[Row]:
    """Every zone version there ever was that binds somebody, shapes as WKB."""
    return connection.execute(text(_VERSIONS)).all()


def find_pairs(connection: Connection) -> Sequence[Row]:
    """Every pair there ever was, one row for each two activations of the two people."""
    return connection.execute(text(_PAIRS)).all()


def find_plans(connection: Connection) -> Sequence[Row]:
    """Every activation with its reporting plan, role, device kind and case."""
    return connection.execute(text(_PLANS)).all()


def find_active_ids(connection: Connection) -> list[int]:
    """Activations that are on somebody now, by id."""
    query = "select activation_id from vigil.activation where ended_at is null order by 1"
    return list(connection.scalars(text(query)))


def get_edition(connection: Connection) -> tuple[Any, ...]:
    """Changes whenever anything changes that the judge goes by; compare, do not read."""
    return tuple(connection.execute(text(_EDITION)).one())
