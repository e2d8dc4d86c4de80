"""What the judge decided about fixes, in bulk: verdicts by zone, the live picture, coverage."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from data.clock import microseconds
from data.store.fixes import copy_in, own_days, pg_moment
from data.store.partitions import ensure_days


def append(connection: Connection, columns: dict[str, NDArray], judged_at: datetime) -> None:
    """Keeps one row for each fix and zone version where the fix counts.

    Args:
        columns: activation_id, fixed_at (microseconds), fingerprint, zone_version_id, p_inside,
            p_filtered, edge_m, grade; equally long. Rows there already are left alone.
        judged_at: the moment of judging, UTC.
    """
    if len(columns["activation_id"]) == 0:
        return
    ensure_days(connection, "fix_verdict", own_days(columns["fixed_at"], judged_at))
    _through_staging(
        connection,
        "fix_verdict",
        {
            "activation_id": columns["activation_id"].astype(np.int64),
            "fixed_at": pg_moment(columns["fixed_at"]),
            "fingerprint": columns["fingerprint"].astype(np.int64),
            "zone_version_id": columns["zone_version_id"].astype(np.int64),
            "p_inside": columns["p_inside"].astype(np.float32),
            "p_filtered": columns["p_filtered"].astype(np.float32),
            "edge_m": columns["edge_m"].astype(np.float32),
            "grade": columns["grade"].astype(np.int16),
        },
        "on conflict do nothing",
    )


def update_live(connection: Connection, columns: dict[str, NDArray], judged_at: datetime) -> None:
    """Brings the live picture up to these fixes, one an activation; an older one changes nothing.

    Args:
        columns: activation_id, fixed_at, received_at (microseconds), lon, lat, radius_95_m,
            speed_mps, heading_deg, battery_pct (NaN unknown), mechanism, flags, state.
        judged_at: the moment of judging, UTC; readers of the live picture go by it.
    """
    if len(columns["activation_id"]) == 0:
        return
    n = len(columns["activation_id"])
    _through_staging(
        connection,
        "live_fix",
        {
            "activation_id": columns["activation_id"].astype(np.int64),
            "fixed_at": pg_moment(columns["fixed_at"]),
            "received_at": pg_moment(columns["received_at"]),
            "judged_at": pg_moment(np.full(n, microseconds(judged_at), np.int64)),
            "lon": columns["lon"].astype(np.float64),
            "lat": columns["lat"].astype(np.float64),
            **{
                name: columns[name].astype(np.float32)
                for name in ("radius_95_m", "speed_mps", "heading_deg", "battery_pct")
            },
            "mechanism": columns["mechanism"].astype(np.int16),
            "flags": columns["flags"].astype(np.int32),
            "state": columns["state"].astype(np.int16),
        },
        "on conflict (activation_id) do update set fixed_at = excluded.fixed_at, "
        "received_at = excluded.received_at, judged_at = excluded.judged_at, "
        "lon = excluded.lon, lat = excluded.lat, radius_95_m = excluded.radius_95_m, "
        "speed_mps = excluded.speed_mps, heading_deg = excluded.heading_deg, "
        "battery_pct = excluded.battery_pct, mechanism = excluded.mechanism, "
        "flags = excluded.flags, state = excluded.state "
        "where live_fix.fixed_at <= excluded.fixed_at",
        unknown=("speed_mps", "heading_deg", "battery_pct"),
    )


def append_coverage(connection: Connection, stretches: NDArray[np.void], edition: int) -> None:
    """Adds stretches (data.model.judging.COVERAGE_DTYPE) to the ledger under this edition."""
    if len(stretches) == 0:
        return
    _through_staging(
        connection,
        "coverage",
        {
            "activation_id": stretches["activation_id"],
            "zone_id": stretches["zone_id"],
            "from_at": pg_moment(stretches["from_us"]),
            "edition": np.full(len(stretches), edition, np.int32),
            "to_at": pg_moment(stretches["to_us"]),
            "seen": stretches["seen"].astype(np.int16),
            "cause": stretches["cause"].astype(np.int16),
            "reachable_on_foot": stretches["reachable_on_foot"].astype(np.uint8),
            "reachable_by_car": stretches["reachable_by_car"].astype(np.uint8),
        },
        "on conflict (activation_id, zone_id, from_at, edition) do update set "
        "to_at = excluded.to_at, seen = excluded.seen, cause = excluded.cause, "
        "reachable_on_foot = excluded.reachable_on_foot, "
        "reachable_by_car = excluded.reachable_by_car",
    )


def get_last_edition(connection: Connection, activation_ids: Sequence[int]) -> int:
    """The highest edition in the ledger of these activations; 0 where they have no row."""
    return connection.execute(
        text(
            "select coalesce(max(edition), 0) from vigil.coverage where activation_id = any(:ids)"
        ),
        {"ids": list(activation_ids)},
    ).scalar_one()


def _through_staging(
    connection: Connection,
    table: str,
    columns: dict[str, NDArray],
    on_conflict: str,
    unknown: tuple[str, ...] = (),
) -> None:
    # The columns in `unknown` hold NaN where nothing is known; the table holds null there.
    names = ", ".join(columns)
    values = ", ".join(f"nullif({name}, 'NaN')" if name in unknown else name for name in columns)
    staged = f"staged_{table}"
    connection.execute(
        text(
            f"create temp table if not exists {staged} on commit delete rows as "
            f"select {names} from vigil.{table} limit 0"
        )
    )
    copy_in(connection, staged, columns)
    connection.execute(
        text(f"insert into vigil.{table} ({names}) select {values} from {staged} {on_conflict}")
    )
    connection.execute(text(f"truncate {staged}"))
