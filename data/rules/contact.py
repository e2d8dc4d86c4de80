"""Conditions of a device: strap, case, battery, silence, fixes that fail, a second place.

Each begins, may rise, and clears by itself; clearing is not closing. Silence runs on the
moments of arrival, because it asks whether the device speaks, not when it knew its place; all
others run on the moments of the fixes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.model.alert import AlertKind
from data.model.fix import DeviceEvent, FixFlag
from data.model.judging import ConditionChange, ConditionHappened, Plans, Policy
from data.rules.alerting import condition_priority
from data.rules.compiled import compiled
from data.rules.geofence import signed_edge_m
from data.rules.presence import Batch
from data.rules.state import CONDITIONS, NEVER, GroupKind, JudgeState
from data.rules.zones import ZoneSet, in_force

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Rows = NDArray[np.void]

KINDS = (
    AlertKind.STRAP_OPEN,
    AlertKind.CASE_OPEN,
    AlertKind.BATTERY_LOW,
    AlertKind.BATTERY_CRITICAL,
    AlertKind.SILENT,
    AlertKind.MOVING_WITHOUT_FIX,
    AlertKind.NEVER_REPORTED,
    AlertKind.TWIN_POSITION,
)
assert len(KINDS) == CONDITIONS
_STRAP, _CASE, _LOW, _CRITICAL, _SILENT, _UNPLACED, _NEVER_HEARD, _TWIN = range(CONDITIONS)
_HAPPENED = list(ConditionHappened)
_BEGAN, _ROSE, _CLEARED = range(3)

NEWS_DTYPE = np.dtype(
    [
        ("track", "<i8"),
        ("kind", "<i8"),
        ("happened", "<i8"),
        ("us", "<i8"),
        ("began_us", "<i8"),
        ("level", "<i8"),
        ("value", "<f8"),  # per cent of battery, or minutes
        ("place_us", "<i8"),
        ("lon", "<f8"),  # last place, to tell what is near; never given out
        ("lat", "<f8"),
    ]
)

_STRAP_OPEN, _STRAP_KNOWN = int(DeviceEvent.STRAP_OPEN), int(DeviceEvent.STRAP_KNOWN)
_CASE_OPEN, _CASE_KNOWN = int(DeviceEvent.CASE_OPEN), int(DeviceEvent.CASE_KNOWN)
_MOVING, _MOVING_KNOWN = int(DeviceEvent.MOVING), int(DeviceEvent.MOVING_KNOWN)
_NOWHERE = int(FixFlag.NO_FIX | FixFlag.NULL_ISLAND)
_SEEN_TO = frozenset({AlertKind.NEVER_REPORTED, AlertKind.BATTERY_LOW, AlertKind.BATTERY_CRITICAL})
_MOST_A_FIX = 2 * CONDITIONS


def conditions(
    batch: Batch, state: JudgeState, zones: ZoneSet, plans: Plans, policy: Policy
) -> list[ConditionChange]:
    """The device conditions that began, rose or cleared, by moment.

    Args:
        batch: the fixes, taken into their tracks.
        state: `tracks` is changed in place.
        zones: to tell whether somebody fell silent near one.
        plans: how often each device should report, and since when.
        policy: the thresholds.
    """
    ids = state.tracks["activation_id"]
    every_us = plans.report_every_of(ids) * 1_000_000
    silent_us = np.maximum(policy.silent_plans * every_us, policy.silent_least_s * 1e6)
    unheard_us = np.maximum(policy.silent_plans * every_us, policy.never_reported_s * 1e6)
    limits = (silent_us.astype(np.int64), unheard_us.astype(np.int64), plans.started_of(ids))
    thresholds = policy.row()[0]
    size = 256
    news: list[Rows] = []
    held = batch.before.copy()  # where each was last seen, as the fixes go by
    at, n = 0, len(batch.fixes)
    while at < n:
        part = np.zeros(size, NEWS_DTYPE)
        at, found = _listen(
            at, state.tracks, held, batch.track_of, batch.fixes.records, batch.moment_us,
            batch.fixes.received_at_us, batch.course.flags, batch.course.believed,
            batch.course.speed_mps, batch.course.twin, *limits, thresholds, part,
        )  # fmt: skip
        news.append(part[:found])
    if batch.up_to_us is not None:
        part = np.zeros(3 * len(ids) + 1, NEWS_DTYPE)
        # A device in a drawer is silent to nobody's surprise.
        up_to_us = np.minimum(batch.up_to_us, plans.ended_of(ids))
        found = _pass_time(state.tracks, held, up_to_us, *limits, thresholds, part)
        news.append(part[:found])
    told = np.concatenate(news) if news else np.zeros(0, NEWS_DTYPE)
    near = _near_a_zone(told, ids, zones, policy)
    changes = [
        _change(each, int(ids[each["track"]]), is_near)
        for each, is_near in zip(told, near.tolist(), strict=True)
    ]
    return sorted(changes, key=lambda change: (change.at_us, change.activation_id))


def worth_telling(changes: Sequence[ConditionChange]) -> list[ConditionChange]:
    """These changes without the beginnings that nobody is to be told of: they are over by now.

    A battery or a first word asks somebody to see to a device. Known only when it is over, in a
    file of last year or behind a tunnel, there is nothing to see to. An open strap or a silence
    stays news.
    """
    cleared = ConditionHappened.CLEARED
    over = {each.key for each in changes if each.kind in _SEEN_TO and each.happened is cleared}
    return [
        each
        for each in changes
        if each.happened is not ConditionHappened.BEGAN or each.key not in over
    ]


def _change(news: Any, activation_id: int, is_near: bool) -> ConditionChange:
    kind = KINDS[news["kind"]]
    facts: dict[str, Any] = {}
    if kind in (AlertKind.BATTERY_LOW, AlertKind.BATTERY_CRITICAL):
        facts["battery_pct"] = round(float(news["value"]), 1)
    if kind is AlertKind.SILENT:
        facts["minutes"] = round(float(news["value"]), 1)
        facts["near_zone"] = is_near
    is_moving = bool(news["level"] > 1)
    return ConditionChange(
        key=f"{kind}:{activation_id}:{int(news['began_us'])}",
        kind=kind,
        activation_id=activation_id,
        happened=_HAPPENED[news["happened"]],
        at_us=int(news["us"]),
        began_at_us=int(news["began_us"]),
        priority=condition_priority(kind, is_moving=is_moving, is_near_zone=is_near),
        facts=facts,
    )


def _near_a_zone(news: Rows, ids: Ints, zones: ZoneSet, policy: Policy) -> NDArray[np.bool_]:
    """Whether somebody who fell silent was last seen near an exclusion zone in force for him."""
    near = np.zeros(len(news), np.bool_)
    silent = np.flatnonzero((news["kind"] == _SILENT) & (news["place_us"] > NEVER))
    if len(silent) == 0 or len(zones.group_key) == 0:
        return near
    who = ids[news["track"][silent]]
    first = np.searchsorted(zones.group_activation, who)
    count = np.searchsorted(zones.group_activation, who, side="right") - first
    row = np.repeat(silent, count)
    group = np.repeat(first - np.cumsum(count) + count, count) + np.arange(count.sum())
    zone, us = zones.group_zone[group], news["us"][row]
    hours = zones.hours(int(news["us"][silent].min()), int(news["us"][silent].max()))
    version = in_force(hours.first, hours.start_us, hours.end_us, hours.version, zone, us)
    holds = (version >= 0) & (zones.kind[zone] == GroupKind.EXCLUSION)
    row, version = row[holds], version[holds]
    edges = signed_edge_m(zones.shapes, version, news["lon"][row], news["lat"][row])
    near[row[edges <= policy.silent_near_zone_m]] = True
    return near


@compiled
def _listen(
    at: int, tracks: Rows, held: Rows, track_of: Ints, records: Rows, moment_us: Ints,
    received_at_us: Ints, flags: NDArray[np.int32], believed: NDArray[np.bool_], speed: Floats,
    twin: NDArray[np.bool_], silent_us: Ints, unheard_us: Ints, started_us: Ints, policy: Any,
    news: Rows,
) -> tuple[int, int]:  # fmt: skip
    n = 0
    for i in range(at, len(track_of)):
        if n + _MOST_A_FIX > len(news):
            return i, n
        row = track_of[i]
        track = tracks[row]
        here = held[row]
        fix = records[i]
        t, arrived = moment_us[i], received_at_us[i]
        n = _time(
            track,
            here,
            row,
            arrived,
            silent_us[row],
            unheard_us[row],
            started_us[row],
            policy,
            news,
            n,
        )
        if arrived > track.heard_us:
            if track.level[_SILENT]:
                gone = (arrived - track.heard_us) / 60e6
                n = _say(track, here, row, _SILENT, 0, arrived, gone, news, n)
            if track.level[_NEVER_HEARD]:
                n = _say(track, here, row, _NEVER_HEARD, 0, arrived, 0.0, news, n)
            track.heard_us = arrived

        moving = speed[i] > policy.least_speed_mps
        if fix.events & _MOVING_KNOWN:
            moving = (fix.events & _MOVING) != 0
        if fix.events & (_STRAP_KNOWN | _STRAP_OPEN):
            level = 0
            if fix.events & _STRAP_OPEN:
                # Once he has moved with the strap open it stays as bad as that.
                level = 2 if moving or track.level[_STRAP] == 2 else 1
            n = _say(track, here, row, _STRAP, level, t, 0.0, news, n)
        if fix.events & (_CASE_KNOWN | _CASE_OPEN):
            n = _say(track, here, row, _CASE, 1 if fix.events & _CASE_OPEN else 0, t, 0.0, news, n)
        charge = fix.battery_pct
        if charge == charge:
            n = _battery(
                track, here, row, _LOW, t, charge, policy.battery_low_pct,
                policy.battery_low_clear_pct, news, n,
            )  # fmt: skip
            n = _battery(
                track, here, row, _CRITICAL, t, charge, policy.battery_critical_pct,
                policy.battery_critical_clear_pct, news, n,
            )  # fmt: skip
        if believed[i]:
            here.place_us, here.lon, here.lat = t, fix.lon, fix.lat
        n = _unplaced(track, here, row, t, flags[i], believed[i], fix.events, policy, news, n)
        if twin[i]:
            track.twin_us = t
            n = _say(track, here, row, _TWIN, 1, t, 0.0, news, n)
        elif track.level[_TWIN] and t - track.twin_us >= policy.twin_s * 1e6:
            n = _say(track, here, row, _TWIN, 0, t, 0.0, news, n)
    return len(track_of), n


@compiled
def _pass_time(
    tracks: Rows, held: Rows, up_to_us: Ints, silent_us: Ints, unheard_us: Ints, started_us: Ints,
    policy: Any, news: Rows,
) -> int:  # fmt: skip
    n = 0
    for row in range(len(tracks)):
        n = _time(
            tracks[row], held[row], row, up_to_us[row], silent_us[row], unheard_us[row],
            started_us[row], policy, news, n,
        )  # fmt: skip
    return n


@compiled
def _time(
    track: Any, held: Any, row: int, now_us: int, silent_us: int, unheard_us: int, started_us: int,
    policy: Any, news: Rows, n: int,
) -> int:  # fmt: skip
    """Silence that has grown long enough by `now_us`; exactly the limit is long enough."""
    if track.heard_us == NEVER:
        if started_us > 0 and not track.level[_NEVER_HEARD] and now_us >= started_us + unheard_us:
            n = _say(track, held, row, _NEVER_HEARD, 1, started_us + unheard_us, 0.0, news, n)
        return n
    if not track.level[_SILENT] and now_us >= track.heard_us + silent_us:
        at_us = track.heard_us + silent_us
        n = _say(track, held, row, _SILENT, 1, at_us, silent_us / 60e6, news, n)
    again_us = int(policy.silent_again_s * 1e6)
    if again_us < silent_us:
        again_us = silent_us
    if track.level[_SILENT] == 1 and now_us >= track.heard_us + again_us:
        at_us = track.heard_us + again_us
        n = _say(track, held, row, _SILENT, 2, at_us, again_us / 60e6, news, n)
    return n


@compiled
def _battery(
    track: Any, held: Any, row: int, kind: int, t: int, charge: float, below: float, clear: float,
    news: Rows, n: int,
) -> int:  # fmt: skip
    # Exactly 20 % is not low yet; between the two levels nothing changes.
    if charge < below:
        return _say(track, held, row, kind, 1, t, charge, news, n)
    if charge >= clear:
        return _say(track, held, row, kind, 0, t, charge, news, n)
    return n


@compiled
def _unplaced(
    track: Any, held: Any, row: int, t: int, flags: int, believed: bool, events: int, policy: Any,
    news: Rows, n: int,
) -> int:  # fmt: skip
    if believed:
        track.unplaced_since_us = NEVER
        return _say(track, held, row, _UNPLACED, 0, t, 0.0, news, n)
    if not flags & _NOWHERE or not events & _MOVING_KNOWN:
        return n
    if not events & _MOVING:
        track.unplaced_since_us = NEVER
        return n
    if track.unplaced_since_us == NEVER:
        track.unplaced_since_us = t
    if t - track.unplaced_since_us >= policy.no_fix_moving_s * 1e6:
        return _say(track, held, row, _UNPLACED, 1, t, 0.0, news, n)
    return n


@compiled
def _say(
    track: Any,
    held: Any,
    row: int,
    kind: int,
    level: int,
    us: int,
    value: float,
    news: Rows,
    n: int,
) -> int:
    """Moves a condition to a level; says so if that is news."""
    was = track.level[kind]
    if level == was:
        return n
    if was == 0:
        track.began_us[kind] = us
    each = news[n]
    each.track = row
    each.kind = kind
    each.happened = _CLEARED if level == 0 else (_BEGAN if was == 0 else _ROSE)
    each.us = us
    each.began_us = track.began_us[kind]
    each.level = max(level, was)
    each.value = value
    each.place_us = held.place_us
    each.lon, each.lat = held.lon, held.lat
    track.level[kind] = level
    return n + 1
