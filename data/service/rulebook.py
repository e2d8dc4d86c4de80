"""What the judge goes by just now: zones, pairs, reporting plans and thresholds, from the store."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from sqlalchemy import Connection, Row

from data.clock import microseconds
from data.errors import BadInput
from data.model import schedule
from data.model.judging import PairLink, Plans, Policy, ZoneVersion
from data.model.zone import ZoneKind
from data.rules.approach import PairSet
from data.rules.zones import ZoneSet
from data.store import policies, zones
from data.store.judging import Share, slice_of


@dataclass(frozen=True, slots=True)
class Rulebook:
    """One consistent reading of everything judged by; kept until `edition` changes."""

    edition: tuple[Any, ...]
    zones: ZoneSet
    pairs: PairSet
    links: tuple[PairLink, ...]
    plans: Plans
    policy: Policy
    policy_id: int | None
    case_of: dict[int, int | None]  # activation to the case of its offender
    unreadable: tuple[int, ...]  # zones whose hours make no sense; they are always in force
    group_of: dict[int, tuple[int, ...]]  # activation to all it is joined with through pairs

    def groups(self, activation_ids: Iterable[int]) -> list[tuple[int, ...]]:
        """The groups these activations are in, each once, in a fixed order."""
        return sorted({self.group_of.get(each, (each,)) for each in activation_ids})

    def share(self, slices: Iterable[int]) -> Share:
        """Whose readings the owner of these slices judges: a group goes by its first member."""
        owned = frozenset(slices)
        strays = [
            (each, slice_of(each) in owned, slice_of(min(group)) in owned)
            for each, group in self.group_of.items()
        ]
        return Share(
            sorted(owned),
            taken_over=[each for each, mine, led in strays if led and not mine],
            left_to_others=[each for each, mine, led in strays if mine and not led],
        )

    def links_within(self, group: Iterable[int]) -> list[PairLink]:
        """Pairs between members of these activations."""
        members = set(group)
        return [
            link
            for link in self.links
            if link.offender_activation_id in members and link.victim_activation_id in members
        ]


def read_rulebook(connection: Connection) -> Rulebook:
    """The rulebook as the store has it in this transaction."""
    edition = zones.get_edition(connection)
    plan_rows = zones.find_plans(connection)
    unreadable: list[int] = []
    versions = [_version(row, unreadable) for row in zones.find_versions(connection)]
    links = tuple(_link(row) for row in zones.find_pairs(connection))
    policy_id, policy = policies.get_policy(connection)
    ids = [row.activation_id for row in plan_rows]
    return Rulebook(
        edition=edition,
        zones=ZoneSet.of(versions),
        pairs=PairSet.of(links),
        links=links,
        plans=Plans.of(
            {
                row.activation_id: (row.report_every_s, microseconds(row.started_at))
                for row in plan_rows
            },
            {
                row.activation_id: microseconds(row.ended_at)
                for row in plan_rows
                if row.ended_at is not None
            },
        ),
        policy=policy,
        policy_id=policy_id,
        case_of={row.activation_id: row.case_id for row in plan_rows},
        unreadable=tuple(sorted(set(unreadable))),
        group_of=_groups(ids, links),
    )


def _version(row: Row[Any], unreadable: list[int]) -> ZoneVersion:
    # One zone that cannot be read must not stop the judging of all others, nor be off.
    hours = None
    if row.schedule is not None:
        try:
            hours = schedule.from_json(row.schedule)
        except BadInput:
            unreadable.append(row.zone_id)
    return ZoneVersion(
        zone_id=row.zone_id,
        zone_version_id=row.zone_version_id,
        case_id=row.case_id,
        kind=ZoneKind(row.kind),
        shape=shapely.from_wkb(bytes(row.shape)),
        buffer_m=row.buffer_m,
        schedule=hours,
        valid_from_us=microseconds(row.valid_from),
        valid_to_us=None if row.valid_to is None else microseconds(row.valid_to),
        activation_ids=tuple(row.activation_ids),
    )


def _link(row: Row[Any]) -> PairLink:
    return PairLink(
        pair_id=row.pair_id,
        case_id=row.case_id,
        offender_activation_id=row.offender_activation_id,
        victim_activation_id=row.victim_activation_id,
        warn_m=row.warn_m,
        alarm_m=row.alarm_m,
        valid_from_us=microseconds(row.valid_from),
        valid_to_us=None if row.valid_to is None else microseconds(row.valid_to),
    )


def _groups(ids: list[int], links: tuple[PairLink, ...]) -> dict[int, tuple[int, ...]]:
    # A late fix of one track re-opens the pairs it is in, and through them their other tracks:
    # what hangs together is locked, snapshotted and judged again together.
    place = {activation_id: n for n, activation_id in enumerate(ids)}
    ends = [
        (place[link.offender_activation_id], place[link.victim_activation_id]) for link in links
    ]
    rows, columns = [one for one, _ in ends], [other for _, other in ends]
    graph = coo_array(([1] * len(ends), (rows, columns)), shape=(len(ids), len(ids)))
    _, labels = connected_components(graph, directed=False)
    members: dict[int, list[int]] = {}
    for activation_id, label in zip(ids, labels, strict=True):
        members.setdefault(int(label), []).append(activation_id)
    return {each: tuple(group) for group in members.values() for each in group}
