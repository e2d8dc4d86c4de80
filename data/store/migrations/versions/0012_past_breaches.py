"""What holds of each breach now, one row each with its place: for history maps and lists."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"

# Against a zone: the fix surest inside; deepest, then first, among equals. Against a person: the
# offender's own fix nearest to the moment, because no verdict of a fix is kept for pairs.
# 79 are the flags of places nobody was at: no fix, future, stale clock, impossible speed, 0/0.
_KNOWN = """
create function vigil.breach_known(ids bigint[]) returns setof vigil.breach_now
language sql stable as $$
select b.breach_id,
    case when p.position is null then -1 else
        least(floor((st_x(p.position) + 180) / 360 * 1073741824), 1073741823)::integer end,
    case when p.position is null then -1 else
        least(greatest(floor((0.5 - ln(tan(pi() / 4 + radians(st_y(p.position)) / 2)) / (2 * pi()))
            * 1073741824), 0), 1073741823)::integer end,
    r.channel, r.grade, r.withdrawn, r.entered_at, b.case_id, b.activation_id, b.kind,
    (select a.finding from vigil.alert a where a.breach_id = b.breach_id and a.finding is not null
        order by a.closed_at desc, a.alert_id desc limit 1),
    b.zone_id, b.pair_id, r.zone_version_id, r.confirmed_at, r.left_at, r.p_inside_max::real,
    r.radius_95_m::real, p.position
from unnest(ids) wanted
join vigil.breach b on b.breach_id = wanted
join lateral (
    select * from vigil.breach_revision known where known.breach_id = b.breach_id
    order by known.revision desc limit 1
) r on true
left join lateral (
    select f.position from vigil.fix_verdict v
    join vigil.fix f using (activation_id, fixed_at, fingerprint)
    where v.activation_id = b.activation_id
        and v.zone_version_id in
            (select z.zone_version_id from vigil.zone_version z where z.zone_id = b.zone_id)
        and v.fixed_at between r.entered_at and coalesce(r.left_at, 'infinity')
        and f.fixed_at between r.entered_at and coalesce(r.left_at, 'infinity')
        and f.position is not null and f.flags & 79 = 0
    order by v.p_inside desc, v.edge_m, v.fixed_at limit 1
) surest on true
left join lateral (
    select f.position from vigil.fix f
    where f.activation_id = b.activation_id
        and f.fixed_at between coalesce(r.confirmed_at, r.entered_at) - interval '10 minutes'
            and coalesce(r.confirmed_at, r.entered_at) + interval '10 minutes'
        and f.position is not null and f.flags & 79 = 0
    order by abs(extract(epoch from f.fixed_at - coalesce(r.confirmed_at, r.entered_at))),
        f.fixed_at limit 1
) nearest on surest.position is null
cross join lateral (select coalesce(surest.position, nearest.position) as position) p
$$
"""


def upgrade() -> None:
    op.execute(
        """
        create table vigil.breach_now (
            breach_id bigint not null
                constraint pk_breach_now primary key
                constraint fk_breach_now_breach_id references vigil.breach,
            web_x integer not null,
            web_y integer not null,
            channel smallint not null,
            grade smallint not null,
            withdrawn boolean not null,
            entered_at timestamptz not null,
            case_id bigint not null,
            activation_id bigint not null,
            kind text not null,
            finding text,
            zone_id bigint,
            pair_id bigint,
            zone_version_id bigint,
            confirmed_at timestamptz,
            left_at timestamptz,
            p_inside_max real not null,
            radius_95_m real,
            position geometry(point, 4326)
        )
        """
    )
    op.execute(_KNOWN)
    op.execute(
        "insert into vigil.breach_now "
        "select * from vigil.breach_known(array(select breach_id from vigil.breach))"
    )
    # After the rows: an index is built faster than it grows.
    op.execute("create index idx_breach_now_position on vigil.breach_now using gist (position)")
    op.execute(
        "create index ix_breach_now_case_id_entered_at on vigil.breach_now (case_id, entered_at)"
    )
    op.execute("create index ix_breach_now_entered_at on vigil.breach_now (entered_at)")


def downgrade() -> None:
    # Forward only: evidence must not depend on undoing a schema.
    raise NotImplementedError
