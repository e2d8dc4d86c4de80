"""Judging files without a database: zones as GeoJSON and fixes as CSV in, breaches out.

The same judge as the live one, fed with one activation's whole history after another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.clock import Clock, microseconds, moment_of
from data.errors import BadInput
from data.feeds.fix_columns import RowFault, read_fix_columns
from data.feeds.zone_features import ZoneFeature, read_zone_features
from data.model.judging import (
    BreachChange,
    BreachKey,
    FixColumns,
    Happened,
    Plans,
    Policy,
    ZoneVersion,
)
from data.rules.approach import PairSet
from data.rules.judge import judge
from data.rules.late import amend, latest
from data.rules.state import JudgeState
from data.rules.zones import ZoneSet

_FIXES_AT_ONCE = 400_000
_LEAST_PLAN_S, _UNKNOWN_PLAN_S, _LONGEST_PLAN_S = 1, 60, 3600


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of the files."""

    zones: int
    activations: int
    fixes: int  # judged
    repeated: int  # said again, word for word
    refused: int  # rows with a fault
    breaches: int


def judge_files(
    zones_path: Path,
    fixes_path: Path,
    clock: Clock,
    *,
    write: Callable[[dict[str, Any]], None],
    complain: Callable[[RowFault], None],
    policy: Policy | None = None,
) -> Judged:
    """Judges every fix of a file against the zones of another.

    Args:
        zones_path: GeoJSON (data.feeds.zone_features).
        fixes_path: CSV (data.feeds.fix_columns), in any order.
        clock: a fix more than a day ahead of it is refused.
        write: is given each breach, by activation in order of the file and moment of entry.
        complain: is given each row that was refused; the others are judged.
        policy: the thresholds; None takes those Vigil starts with.

    Raises:
        BadInput: a file as a whole, or a zone, cannot be used.
    """
    features = read_zone_features(_content(zones_path))
    names, fixes, refused = _read(fixes_path, clock, complain)
    said = len(fixes)
    fixes = _in_order(fixes)
    zones = _zone_set(features, names)
    breaches = 0
    for group in _groups(fixes):
        for change, is_late in _breaches(group, zones, policy or Policy.default()):
            write(_line(change, names, features, found_on_backfill=is_late))
            breaches += 1
    return Judged(len(features), len(names), len(fixes), said - len(fixes), refused, breaches)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(path.name, f"a file that can be read ({error.strerror})") from error


def _read(
    path: Path, clock: Clock, complain: Callable[[RowFault], None]
) -> tuple[list[str], FixColumns, int]:
    number_of: dict[str, int] = {}
    columns: list[FixColumns] = []
    refused = 0
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            for table in read_fix_columns(stream, microseconds(clock.now())):
                refused += len(table.faults)
                for fault in table.faults:
                    complain(fault)
                known, place = np.unique(table.activation.astype(str), return_inverse=True)
                numbers = np.array(
                    [number_of.setdefault(str(name), len(number_of) + 1) for name in known],
                    np.int64,
                )
                columns.append(
                    FixColumns.of(
                        numbers[place] if len(place) else np.empty(0, np.int64),
                        table.records,
                        table.received_at_us,
                    )
                )
    except UnicodeDecodeError as error:
        raise BadInput(path.name, "a text file in UTF-8") from error
    except OSError as error:
        raise BadInput(path.name, f"a file that can be read ({error.strerror})") from error
    return list(number_of), _joined(columns), refused


def _joined(columns: Sequence[FixColumns]) -> FixColumns:
    if not columns:
        raise BadInput("fixes", "at least the names of the columns")
    return FixColumns(
        np.concatenate([each.activation_id for each in columns]),
        np.concatenate([each.records for each in columns]),
        np.concatenate([each.received_at_us for each in columns]),
        np.concatenate([each.fingerprint for each in columns]),
    )


def _in_order(fixes: FixColumns) -> FixColumns:
    """By activation, moment and first arrival; what was said twice, once."""
    fixed_at = fixes.records["fixed_at"]
    order = np.lexsort((fixes.received_at_us, fixes.fingerprint, fixed_at, fixes.activation_id))
    fixes, fixed_at = fixes.take(order), fixed_at[order]
    again = np.zeros(len(fixes), np.bool_)
    again[1:] = (
        (np.diff(fixes.activation_id) == 0)
        & (np.diff(fixed_at) == 0)
        & (np.diff(fixes.fingerprint) == 0)
    )
    return fixes.take(~again)


def _zone_set(features: Sequence[ZoneFeature], names: Sequence[str]) -> ZoneSet:
    number_of = {name: number for number, name in enumerate(names, start=1)}
    return ZoneSet.of(
        [
            ZoneVersion(
                zone_id=place,
                zone_version_id=place,
                case_id=1,
                kind=feature.kind,
                shape=feature.shape,
                buffer_m=feature.buffer_m,
                schedule=feature.schedule,
                valid_from_us=0,
                valid_to_us=None,
                activation_ids=tuple(
                    number_of[name]
                    for name in (names if feature.activations is None else feature.activations)
                    if name in number_of
                ),
            )
            for place, feature in enumerate(features, start=1)
        ]
    )


def _groups(fixes: FixColumns) -> Iterator[FixColumns]:
    """Whole activations, some hundred thousand fixes together."""
    ends = np.flatnonzero(np.diff(fixes.activation_id)) + 1
    start = 0
    for end in [*ends.tolist(), len(fixes)]:
        if end - start >= _FIXES_AT_ONCE or end == len(fixes):
            if end > start:
                yield fixes.take(slice(start, end))
            start = end


def _breaches(
    fixes: FixColumns, zones: ZoneSet, policy: Policy
) -> Iterator[tuple[BreachChange, bool]]:
    """The last word on each breach, and whether it took late fixes to find it."""
    plans = _plans(fixes)
    found = _judged(fixes, zones, plans, policy)
    late = _is_late(fixes)
    added: set[BreachKey] = set()
    if late.any():
        # What would have been found without the late ones is not found on back-fill.
        in_time = _judged(fixes.take(~late), zones, plans, policy)
        on_record = [replace(each, breach_id=row) for row, each in enumerate(in_time, start=1)]
        added = {change.key for change in amend(on_record, found).additions}
    for change in sorted(found, key=lambda each: (each.key.activation_id, each.entered_at_us)):
        yield change, change.key in added


def _judged(
    fixes: FixColumns, zones: ZoneSet, plans: Plans, policy: Policy
) -> tuple[BreachChange, ...]:
    _, verdicts = judge(JudgeState.empty(), fixes, zones, PairSet.of(()), plans, policy)
    changes = latest(verdicts.breach_changes)
    return tuple(change for change in changes if change.happened is not Happened.WITHDRAWN)


def _is_late(fixes: FixColumns) -> NDArray[np.bool_]:
    """Whether a later fix of the same activation had come before, shape (n,)."""
    late = np.zeros(len(fixes), np.bool_)
    ends = [*(np.flatnonzero(np.diff(fixes.activation_id)) + 1).tolist(), len(fixes)]
    start = 0
    for end in ends:
        received = fixes.received_at_us[start:end]
        soonest = np.minimum.accumulate(received[::-1])[::-1]
        late[start : end - 1] = received[:-1] > soonest[1:]
        start = end
    return late


def _plans(fixes: FixColumns) -> Plans:
    """How often each activation reports, as far as its fixes tell: the median step."""
    plans = {}
    ends = [*(np.flatnonzero(np.diff(fixes.activation_id)) + 1).tolist(), len(fixes)]
    start = 0
    for end in ends:
        if end > start:
            moments = fixes.records["fixed_at"][start:end]
            steps = np.diff(np.unique(moments))
            every_s = round(float(np.median(steps)) / 1e6) if len(steps) else _UNKNOWN_PLAN_S
            every_s = min(_LONGEST_PLAN_S, max(_LEAST_PLAN_S, every_s))
            plans[int(fixes.activation_id[start])] = (every_s, 0)
        start = end
    return Plans.of(plans)


def _line(
    change: BreachChange,
    names: Sequence[str],
    features: Sequence[ZoneFeature],
    *,
    found_on_backfill: bool,
) -> dict[str, Any]:
    zone_id = change.key.zone_id
    return {
        "activation": names[change.key.activation_id - 1],
        "zone_id": None if zone_id is None else features[zone_id - 1].zone_id,
        "kind": change.key.kind.value,
        # Earlier than the entry where the same breach began as a suspicion.
        "suspected_at": _iso(min(change.key.opened_at_us, change.entered_at_us)),
        "entered_at": _iso(change.entered_at_us),
        "left_at": None if change.left_at_us is None else _iso(change.left_at_us),
        "grade": change.grade.name.lower(),
        "p_inside_max": round(change.p_inside_max, 6),
        "fixes": change.fixes,
        "found_on_backfill": found_on_backfill,
        "channel": change.channel.name.lower(),
        "cause": change.cause.value,
        "confirmed_at": None if change.confirmed_at_us is None else _iso(change.confirmed_at_us),
    }


def _iso(us: int) -> str:
    return moment_of(us).isoformat().replace("+00:00", "Z")
