"""What goes into the judge and what comes out: columns, thresholds, changes.

Moments are whole microseconds since 1970-01-01 UTC (`_us`), places degrees in EPSG:4326,
distances metres on the ground. Columns of one object are equally long.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import IntEnum, StrEnum
from functools import lru_cache
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from data.errors import BadInput
from data.model.alert import AlertKind, Priority
from data.model.breach import BreachCause, BreachKind, Channel, Grade
from data.model.fix import fingerprints
from data.model.schedule import Schedule
from data.model.zone import ZoneKind

_INTS = NDArray[np.int64]
_FLOATS = NDArray[np.float64]


# ---- what goes in


@dataclass(frozen=True, slots=True)
class FixColumns:
    """Fixes as columns, shape (n,) each, in any order; the judge puts them into its own."""

    activation_id: _INTS
    records: NDArray[np.void]  # data.model.fix.FIX_DTYPE
    received_at_us: _INTS  # for an imported history: the fix's own moment
    fingerprint: _INTS

    @classmethod
    def of(cls, activation_id: _INTS, records: NDArray[np.void], received_at_us: _INTS) -> Self:
        """Columns with the fingerprints worked out."""
        return cls(activation_id, records, received_at_us, fingerprints(records))

    def __len__(self) -> int:
        """How many fixes there are."""
        return len(self.activation_id)

    def take(self, rows: NDArray[Any] | slice) -> Self:
        """These rows only: positions, a mask, or a slice."""
        return type(self)(
            self.activation_id[rows],
            self.records[rows],
            self.received_at_us[rows],
            self.fingerprint[rows],
        )


@dataclass(frozen=True, slots=True)
class ZoneVersion:
    """A zone's shape, hours and buffer for the period [valid_from_us, valid_to_us)."""

    zone_id: int
    zone_version_id: int
    case_id: int
    kind: ZoneKind
    shape: BaseGeometry  # polygon or multipolygon, EPSG:4326
    buffer_m: float
    schedule: Schedule | None  # None: always in force
    valid_from_us: int
    valid_to_us: int | None  # None: until further notice
    activation_ids: tuple[int, ...]  # whom it binds


@dataclass(frozen=True, slots=True)
class PairLink:
    """Two tracks that must stay apart, for the period [valid_from_us, valid_to_us)."""

    pair_id: int
    case_id: int
    offender_activation_id: int
    victim_activation_id: int
    warn_m: float
    alarm_m: float
    valid_from_us: int
    valid_to_us: int | None = None


STILL_WORN = int(np.iinfo(np.int64).max)


@dataclass(frozen=True, slots=True)
class Plans:
    """What is known of activations beforehand, shape (k,) each, by ascending activation."""

    activation_id: _INTS
    report_every_s: _INTS
    started_at_us: _INTS  # 0: unknown
    ended_at_us: _INTS  # STILL_WORN while it is

    @classmethod
    def of(
        cls, plans: Mapping[int, tuple[int, int]], ended: Mapping[int, int] | None = None
    ) -> Self:
        """From activation id to (report_every_s, started_at_us), and to its end if it has one."""
        ids = sorted(plans)
        return cls(
            np.array(ids, np.int64),
            np.array([plans[each][0] for each in ids], np.int64),
            np.array([plans[each][1] for each in ids], np.int64),
            np.array([(ended or {}).get(each, STILL_WORN) for each in ids], np.int64),
        )

    def report_every_of(self, activation_ids: _INTS) -> _INTS:
        """Seconds between reports as planned, one an activation; 60 where none is known."""
        return self._of(self.report_every_s, activation_ids, 60)

    def started_of(self, activation_ids: _INTS) -> _INTS:
        """When each activation began; 0 where unknown."""
        return self._of(self.started_at_us, activation_ids, 0)

    def ended_of(self, activation_ids: _INTS) -> _INTS:
        """When each activation ended; STILL_WORN where it has not, or is unknown."""
        return self._of(self.ended_at_us, activation_ids, STILL_WORN)

    def _of(self, column: _INTS, activation_ids: _INTS, unknown: int) -> _INTS:
        if len(self.activation_id) == 0:
            return np.full(len(activation_ids), unknown, np.int64)
        at = np.searchsorted(self.activation_id, activation_ids)
        at = np.minimum(at, len(self.activation_id) - 1)
        return np.where(self.activation_id[at] == activation_ids, column[at], unknown)


@dataclass(frozen=True, slots=True)
class Policy:
    """Every threshold of the judge. `data/rules/README.md` gives the reason for each.

    Chances are 0 to 1, ages in the unit of the name. Stored as JSON, versioned and audited;
    a breach names the policy it was judged by.
    """

    # Grades of one fix.
    certain: float = 0.95
    probable: float = 0.5
    possible: float = 0.2
    # The confirmed channel: the filtered track.
    confirm_once: float = 0.92
    confirm_two_of_three: float = 0.9
    # End of a visit.
    leave_below: float = 0.1
    leave_fixes: int = 3
    leave_s: float = 180.0
    return_s: float = 600.0
    fold_possible_s: float = 3600.0
    flapping_s: float = 300.0
    # Inclusion zones: a single fix suspects absence at this chance.
    possible_absence: float = 0.5
    # Between fixes.
    gap_plans: float = 3.0
    gap_least_s: float = 300.0
    foot_mps: float = 3.0
    car_mps: float = 40.0
    # Quality of a fix.
    impossible_mps: float = 70.0
    coarse_m: float = 100.0
    future_s: float = 120.0
    stale_clock_days: float = 30.0
    frozen_fixes: int = 8
    frozen_s: float = 600.0
    least_radius_m: float = 1.0
    radius_unknown_m: float = 50.0
    radius_gnss_m: float = 25.0
    radius_wifi_m: float = 60.0
    radius_cell_m: float = 1500.0
    radius_rf_m: float = 30.0
    metres_a_hdop: float = 8.7
    # The filter.
    still_m_per_min: float = 0.5
    moving_m_per_min: float = 70.0
    start_moving_per_min: float = 0.03
    stop_moving_per_min: float = 0.08
    error_minutes: float = 5.0
    error_share: float = 0.9
    white_share: float = 0.44
    burst_m: float = 60.0
    start_burst_per_min: float = 0.005
    stop_burst_per_min: float = 0.05
    forget_s: float = 1800.0
    jump_mps: float = 2.5
    standing_share: float = 0.9
    # Pairs.
    partner_age_plans: float = 3.0
    partner_age_least_s: float = 300.0
    approach_minutes: float = 5.0
    approach_least_m: float = 20.0
    approach_share: float = 0.7
    passing_share: float = 0.3
    partner_least_mps: float = 0.5
    # Device conditions.
    battery_low_pct: float = 20.0
    battery_low_clear_pct: float = 25.0
    battery_critical_pct: float = 8.0
    battery_critical_clear_pct: float = 12.0
    silent_plans: float = 3.0
    silent_least_s: float = 180.0
    silent_again_s: float = 1800.0
    silent_near_zone_m: float = 2000.0
    no_fix_moving_s: float = 600.0
    never_reported_s: float = 1800.0
    twin_swaps: int = 3
    twin_s: float = 900.0
    # Order of the queue.
    least_speed_mps: float = 1.4

    @classmethod
    def default(cls) -> Self:
        """The thresholds Vigil starts with."""
        return cls()

    def row(self) -> NDArray[np.void]:
        """The thresholds as one record for compiled rules, shape (1,)."""
        return _policy_row(self)

    def to_json(self) -> dict[str, float]:
        """Every threshold by its name; `from_json` gives an equal policy back."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """The policy this JSON means; thresholds left out keep their default.

        Raises:
            BadInput: names an unknown threshold, or one that is not a number above zero.
        """
        known = {field.name: field for field in fields(cls)}
        for name, number in value.items():
            if name not in known:
                raise BadInput(f"policy.{name}", "a threshold of the judge", name)
            whole = known[name].type == "int"
            if isinstance(number, bool) or not isinstance(number, int if whole else (int, float)):
                raise BadInput(f"policy.{name}", "a whole number" if whole else "a number", number)
            if not 0 < number < 1e9:
                raise BadInput(f"policy.{name}", "a number above zero", number)
        return cls(**value)


@lru_cache(maxsize=16)
def _policy_row(policy: Policy) -> NDArray[np.void]:
    names = [field.name for field in fields(policy)]
    dtype = np.dtype([(name, "<f8") for name in names])
    row = np.array([tuple(float(getattr(policy, name)) for name in names)], dtype)
    row.setflags(write=False)
    return row


# ---- what comes out


class Happened(StrEnum):
    """What became of a breach."""

    OPENED = "opened"
    CONFIRMED = "confirmed"  # a possible breach is borne out by the filtered track
    REPEATED = "repeated"  # he came back, or goes in and out: same visit, same breach
    AMENDED = "amended"  # the same breach, known better
    LEFT = "left"
    WITHDRAWN = "withdrawn"  # only by late data: it never was


@dataclass(frozen=True, slots=True)
class BreachKey:
    """Names a breach before it has an id: one activation cannot open two alike at a moment."""

    kind: BreachKind
    activation_id: int  # the offender's
    zone_id: int | None
    pair_id: int | None
    opened_at_us: int  # as first found; `BreachChange.entered_at_us` may be known better


@dataclass(frozen=True, slots=True)
class BreachChange:
    """One addition to what is known of a breach: all a revision on record needs.

    The figures are those of the visit up to and including `at_us`.
    """

    key: BreachKey
    breach_id: int  # 0: has no id on record yet
    happened: Happened
    at_us: int  # the moment in the history that brought the change
    case_id: int
    zone_version_id: int | None
    channel: Channel
    grade: Grade
    cause: BreachCause
    entered_at_us: int
    confirmed_at_us: int | None
    left_at_us: int | None
    p_inside_max: float
    radius_95_m: float | None  # of the fix with p_inside_max
    edge_m: float | None  # least distance to the edge, negative inside
    fixes: int
    crossings: int
    priority: Priority
    minutes_to_contact: float | None
    proof: Mapping[str, Any]  # JSON: numbers and ids, never a place


class ConditionHappened(StrEnum):
    """What became of a device condition."""

    BEGAN = "began"
    ROSE = "rose"  # the same condition, now worse: see the new priority
    CLEARED = "cleared"


@dataclass(frozen=True, slots=True)
class ConditionChange:
    """A device condition began, rose or cleared."""

    key: str  # "strap_open:4:1763769600000000": the same in every re-judging
    kind: AlertKind
    activation_id: int
    happened: ConditionHappened
    at_us: int
    began_at_us: int
    priority: Priority
    facts: Mapping[str, Any]  # JSON: numbers, never a place


class Seen(IntEnum):
    """What a stretch of the coverage ledger says of one activation and zone."""

    OUTSIDE = 1
    INSIDE = 2
    NOT_OBSERVABLE = 3


class Unseen(IntEnum):
    """Why a stretch is not observable."""

    NONE = 0  # it is observable
    SILENT = 1  # nothing came
    NO_FIX = 2  # the device reported, but knew no place
    COARSE = 3  # the error is too large to tell
    DOUBTFUL = 4  # fixes came, all flagged as not to be believed
    NOT_YET = 5  # before the first believable fix


COVERAGE_DTYPE = np.dtype(
    [
        ("activation_id", "<i8"),
        ("zone_id", "<i8"),
        ("from_us", "<i8"),
        ("to_us", "<i8"),  # half-open; together the stretches leave no moment out
        ("seen", "u1"),  # Seen
        ("cause", "u1"),  # Unseen
        # For a stretch not observable: could the zone have been reached and left meanwhile?
        ("reachable_on_foot", "?"),
        ("reachable_by_car", "?"),
    ]
)


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What was decided about a batch.

    The first group has one entry a fix, in the order the fixes were given. The second has one
    entry a fix and zone version where the fix counts: near the zone or part of a visit.
    """

    flags: NDArray[np.int32]  # (n,) data.model.fix.FixFlag
    tag_state: NDArray[np.uint8]  # (n,) data.model.live.TagState
    radius_95_m: _FLOATS  # (n,) as used; NaN without a place
    moment_us: _INTS  # (n,) when the fix counts: fixed_at, or received_at where the clock is wrong
    believable: NDArray[np.bool_]  # (n,) has a place that nothing speaks against

    fix_index: _INTS  # (m,)
    zone_version_id: _INTS  # (m,)
    p_inside: _FLOATS  # (m,) of the fix alone
    p_filtered: _FLOATS  # (m,) of the filtered track
    edge_m: _FLOATS  # (m,) negative inside
    grade: NDArray[np.uint8]  # (m,)

    breach_changes: tuple[BreachChange, ...]  # by moment
    conditions: tuple[ConditionChange, ...]  # by moment
    coverage: NDArray[np.void]  # (c,) COVERAGE_DTYPE; stretches that ended
