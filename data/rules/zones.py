"""Zones made ready to be judged against: shapes, buffers, whom they bind, when they hold.

A zone is in force where one of its versions is valid and that version's hours are open; for an
inclusion zone (curfew) the hours are shortened by their grace at either end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from data.model.judging import ZoneVersion
from data.model.zone import ZoneKind
from data.rules.compiled import compiled
from data.rules.geofence import ZoneShapes
from data.rules.schedules import open_stretches
from data.rules.shapes import buffer_of
from data.rules.state import GroupKind

Ints = NDArray[np.int64]

FOREVER = 2**62
_DAY_US = 86_400_000_000
_SPANS_KEPT = 4
_KINDS = {ZoneKind.EXCLUSION: GroupKind.EXCLUSION, ZoneKind.INCLUSION: GroupKind.INCLUSION}


@dataclass(frozen=True, slots=True)
class Hours:
    """When each zone is in force between two moments: stretches, in order, zone after zone."""

    from_us: int
    to_us: int
    first: Ints  # (zones + 1,) rows of the stretches of each zone
    start_us: Ints
    end_us: Ints
    version: Ints  # place in `ZoneSet.versions`


@dataclass(slots=True)
class ZoneSet:
    """Zones as arrays; made once and used for many batches. Neutral zones are left out."""

    versions: tuple[ZoneVersion, ...]  # by zone, then validity
    zone_first: Ints  # (zones + 1,) rows of each zone's versions
    zone_id: Ints  # (zones,)
    zone_version_id: Ints  # (versions,)
    case_id: Ints  # (versions,)
    buffer_m: NDArray[np.float64]  # (versions,)
    kind: Ints  # (zones,) GroupKind
    shapes: ZoneShapes  # the versions' shapes, then their buffers
    outer: Ints  # (versions,) place of the buffer in `shapes`; -1: none
    group_activation: Ints  # (groups,) whom a zone binds, by (activation, zone)
    group_zone: Ints  # (groups,) place of the zone
    binds_first: Ints  # (groups,) place in `binds` of the group's zone's first version
    binds: NDArray[np.bool_]  # whether that version binds that activation
    activations: Ints  # whom any zone binds, in order
    group_key: Ints  # (groups,) one number an activation and zone, ascending
    _spans: list[Hours] = field(default_factory=list)

    @classmethod
    def of(cls, versions: Sequence[ZoneVersion]) -> Self:
        """From zone versions in any order. Versions of one zone must not overlap in time.

        Raises:
            BadInput: a shape is not an area, or a buffer is out of range.
        """
        kept = sorted(
            (each for each in versions if each.kind in _KINDS),
            key=lambda each: (each.zone_id, each.valid_from_us, each.zone_version_id),
        )
        zone_ids, first = np.unique([each.zone_id for each in kept], return_index=True)
        buffered = [
            row
            for row, each in enumerate(kept)
            if each.kind is ZoneKind.EXCLUSION and each.buffer_m > 0
        ]
        outer = np.full(len(kept), -1, np.int64)
        outer[buffered] = len(kept) + np.arange(len(buffered))
        rings = [buffer_of(kept[row].shape, kept[row].buffer_m) for row in buffered]
        zone_first = np.append(first, len(kept)).astype(np.int64)
        bound = sorted(
            {
                (activation_id, zone)
                for zone in range(len(zone_ids))
                for each in kept[zone_first[zone] : zone_first[zone + 1]]
                for activation_id in each.activation_ids
            }
        )
        binds: list[bool] = []
        binds_first: list[int] = []
        for activation_id, zone in bound:
            binds_first.append(len(binds))
            of_zone = kept[zone_first[zone] : zone_first[zone + 1]]
            binds += [activation_id in each.activation_ids for each in of_zone]
        group_activation = np.array([each for each, _ in bound], np.int64)
        group_zone = np.array([zone for _, zone in bound], np.int64)
        activations = np.unique(group_activation)
        rank = np.searchsorted(activations, group_activation)
        return cls(
            versions=tuple(kept),
            zone_first=zone_first,
            zone_id=zone_ids.astype(np.int64),
            zone_version_id=np.array([each.zone_version_id for each in kept], np.int64),
            case_id=np.array([each.case_id for each in kept], np.int64),
            buffer_m=np.array([each.buffer_m for each in kept], np.float64),
            kind=np.array([int(_KINDS[kept[row].kind]) for row in first], np.int64),
            shapes=ZoneShapes.of([each.shape for each in kept] + rings),
            outer=outer,
            group_activation=group_activation,
            group_zone=group_zone,
            binds_first=np.array(binds_first, np.int64),
            binds=np.array(binds, np.bool_),
            activations=activations,
            group_key=rank * len(zone_ids) + group_zone,
        )

    def groups_of(self, activation_ids: Ints) -> Ints:
        """Places of all groups of these activations, in their order."""
        first = np.searchsorted(self.group_activation, activation_ids)
        count = np.searchsorted(self.group_activation, activation_ids, side="right") - first
        return np.repeat(first - np.cumsum(count) + count, count) + np.arange(count.sum())

    def place_of(self, activation_ids: Ints, zone: Ints) -> Ints:
        """Place of the group of each activation and zone (its place); -1: not bound by it."""
        if len(self.group_key) == 0:
            return np.full(len(zone), -1, np.int64)
        rank = np.searchsorted(self.activations, activation_ids)
        at = np.searchsorted(self.group_key, rank * len(self.zone_id) + zone)
        at = np.minimum(at, len(self.group_key) - 1)
        found = (self.group_activation[at] == activation_ids) & (self.group_zone[at] == zone)
        return np.where(found, at, -1)

    def hours(self, from_us: int, to_us: int) -> Hours:
        """The stretches in force from `from_us` to `to_us`, both included, and around them."""
        for span in self._spans:
            if span.from_us < from_us and to_us < span.to_us:
                return span
        # Wider than asked: the next batches need no work, and the ends, which are cut and not
        # true, lie outside of what anybody asks about.
        from_us = (from_us // _DAY_US - 1) * _DAY_US
        to_us = (to_us // _DAY_US + 9) * _DAY_US
        found = self._hours(from_us, to_us)
        self._spans = [found, *self._spans[: _SPANS_KEPT - 1]]
        return found

    def _hours(self, from_us: int, to_us: int) -> Hours:
        stretches, counts = [], []
        for row, version in enumerate(self.versions):
            open_us = self._open(version, from_us, to_us)
            valid_to = FOREVER if version.valid_to_us is None else version.valid_to_us
            open_us = open_us.clip(version.valid_from_us, valid_to)
            open_us = open_us[open_us[:, 0] < open_us[:, 1]]
            stretches.append(np.column_stack([open_us, np.full(len(open_us), row, np.int64)]))
            counts.append(len(open_us))
        rows = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)]).astype(np.int64)
        flat = np.concatenate([np.empty((0, 3), np.int64), *stretches])
        start, end, version_of = (np.ascontiguousarray(column) for column in flat.T)
        return Hours(from_us, to_us, rows[self.zone_first], start, end, version_of)

    @staticmethod
    def _open(version: ZoneVersion, from_us: int, to_us: int) -> Ints:
        if version.schedule is None:
            return np.array([[-FOREVER, FOREVER]], np.int64)
        # Grace is taken off true ends only: cut ones are moved out of the way first.
        open_us = open_stretches(version.schedule, from_us - 2 * _DAY_US, to_us + 2 * _DAY_US)
        if version.kind is ZoneKind.INCLUSION:
            grace_us = version.schedule.grace_s * 1_000_000
            open_us = open_us + np.array([grace_us, -grace_us])
        return open_us


@compiled
def in_force(
    first: Ints, start_us: Ints, end_us: Ints, version: Ints, zone: Ints, at_us: Ints
) -> Ints:
    """The version of each zone in force at each moment, shape (m,); -1: none."""
    found = np.full(len(zone), -1, np.int64)
    for i in range(len(zone)):
        for row in range(first[zone[i]], first[zone[i] + 1]):
            # Half-open: the moment a window closes it is closed.
            if start_us[row] <= at_us[i] < end_us[row]:
                found[i] = version[row]
                break
    return found


@compiled
def boundaries(
    first: Ints, start_us: Ints, end_us: Ints, zone: Ints, after_us: Ints, until_us: Ints
) -> tuple[Ints, Ints]:
    """Where a zone comes into force, changes or ends, after one moment and until another.

    Returns:
        Place in `zone` and moment, by place and moment; a moment once.
    """
    place = [np.int64(0)]
    moment = [np.int64(0)]
    for i in range(len(zone)):
        last = after_us[i]
        for row in range(first[zone[i]], first[zone[i] + 1]):
            for at_us in (start_us[row], end_us[row]):
                if last < at_us <= until_us[i]:
                    place.append(np.int64(i))
                    moment.append(at_us)
                    last = at_us
    return np.array(place[1:]), np.array(moment[1:])
