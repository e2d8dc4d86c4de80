"""The lanes of a replay, each worked out by a stated rule.

To add a lane: write a provider (a function of a `Scene` that gives a Lane, or None where it has
nothing to say or the viewer may not see it) in a file of your own, and name it in PROVIDERS.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Connection, text

from data.clock import microseconds
from data.model.breach import BreachKind, chance_words
from data.model.judging import Seen, Unseen
from data.model.lane import Lane, Mark, Stretch
from data.model.track import StoredTrack
from data.rules import lanes as rules
from data.rules.places import Place, name_at, places
from data.rules.reach import Reach
from data.rules.replay import Drawn, drawn
from data.rules.stays import Stay, Trip, stays_of, summary, trips
from data.service.kept_tracks import KeptTrack
from data.store import breaches, tracks
from layers import replay_zones, routine_lane
from layers.replay import Period
from layers.replay_zones import Near

PLACES_DAYS = 90

_KINDS: dict[BreachKind, str] = {
    BreachKind.EXCLUSION: "in an exclusion zone",
    BreachKind.BUFFER: "in a buffer",
    BreachKind.INCLUSION: "outside a curfew zone",
    BreachKind.PAIR_ALARM: "close to the victim",
    BreachKind.PAIR_WARN: "nearing the victim",
}


@dataclass(frozen=True, slots=True)
class Scene:
    """What every lane of one answer is worked out from."""

    connection: Connection
    reach: Reach
    activation_id: int
    person_id: int
    period: Period
    until_us: int  # the period's end, or now where that is earlier
    track: StoredTrack
    drawn: Drawn
    halts: list[Stay]
    near: Near


def inside(scene: Scene) -> Lane:
    """Inside an exclusion zone, by the stored chance."""
    return rules.inside(scene.drawn, np.nan_to_num(scene.near.p_inside))


def in_buffer(scene: Scene) -> Lane:
    """In a warning ring."""
    near = scene.near
    with np.errstate(invalid="ignore"):
        is_near = (near.edge_m > 0) & (near.edge_m <= near.buffer_m)
    return rules.in_buffer(scene.drawn, np.nan_to_num(near.p_inside), is_near)


def still(scene: Scene) -> Lane:
    """The halts."""
    return rules.still(scene.halts)


def unseen(scene: Scene) -> Lane:
    """Gaps, with why by the coverage ledger."""
    first_us = microseconds(scene.period.first)
    return rules.unseen(scene.drawn, first_us, scene.until_us, _ledger(scene))


def breach_lane(scene: Scene) -> Lane:
    """When a breach on record began and ended."""
    marks: list[Mark] = []
    for row in breaches.find_since(scene.connection, scene.activation_id, scene.period.first):
        kind = _KINDS[BreachKind(row.kind)]
        p = f", chance {chance_words(row.p_inside_max)} at most" if row.p_inside_max else ""
        for at, words, sign in (
            (row.entered_at, f"breach {row.breach_id} begins: {kind}{p}", "breach"),
            (row.left_at, f"breach {row.breach_id} ends: {kind}", "left"),
        ):
            if at is not None and scene.period.first <= at < scene.period.last:
                marks.append(Mark(microseconds(at), sign, words))
    marks.sort(key=lambda mark: mark.at_us)
    rule = "Breaches on record, as the newest revision has them; a circle is the end."
    return Lane("breaches", "breaches", rule, marks=tuple(marks))


def device(scene: Scene) -> Lane:
    """What the device reported beside its places."""
    return rules.device_events(scene.track)


def near_routine(scene: Scene) -> Lane | None:
    """Near a place of hers while she was due there."""
    period = scene.period
    return routine_lane.lane(
        scene.connection, scene.reach, scene.person_id, period.first, period.last
    )


PROVIDERS: list[Callable[[Scene], Lane | None]] = [
    breach_lane,
    inside,
    in_buffer,
    near_routine,
    still,
    unseen,
    device,
]
"""From the top of the page down."""


def lanes(
    connection: Connection,
    reach: Reach,
    activation_id: int,
    person_id: int,
    period: Period,
    kept: KeptTrack,
    now: datetime,
    time_zone: ZoneInfo,
) -> dict[str, Any]:
    """Lanes, stops and trips of an activation, as the browser takes them."""
    track, seen = kept.track, kept.drawn
    versions = replay_zones.find_versions(connection, reach, person_id, period)
    scene = Scene(
        connection,
        reach,
        activation_id,
        person_id,
        period,
        min(microseconds(period.last), max(microseconds(now), microseconds(period.first))),
        track,
        seen,
        kept.halts,
        replay_zones.near(connection, track, seen, versions, period),
    )
    found = [lane for lane in (provider(scene) for provider in PROVIDERS) if lane is not None]
    known = places(scene.halts, time_zone, now)
    return {
        "lanes": [as_json(lane) for lane in found],
        "stops": [_stop(halt, known) for halt in scene.halts],
        "trips": [_trip(trip) for trip in trips(seen, scene.halts)],
    }


def usual_places(
    connection: Connection, activation_id: int, now: datetime, time_zone: ZoneInfo
) -> list[dict[str, Any]]:
    """Usual places over the 90 days before a moment."""
    track = tracks.get(connection, activation_id, now - timedelta(days=PLACES_DAYS), now)
    return [_place(each) for each in places(stays_of(drawn(track)), time_zone, now)]


def sum_of(kept: KeptTrack, period: Period) -> dict[str, Any]:
    """What an interval comes to."""
    first_us, last_us = microseconds(period.first), microseconds(period.last)
    return asdict(summary(kept.drawn, kept.halts, first_us, last_us))


_LEDGER = text(
    """
    select distinct on (zone_id, from_at) from_at, to_at, cause, reachable_on_foot,
        reachable_by_car, seen
    from vigil.coverage
    where activation_id = :id and from_at < :last and to_at > :first
    order by zone_id, from_at, edition desc
    """
)
_CAUSES = {
    Unseen.SILENT: "nothing came",
    Unseen.NO_FIX: "the device knew no place",
    Unseen.COARSE: "the error was too large",
    Unseen.DOUBTFUL: "only doubtful fixes came",
    Unseen.NOT_YET: "before the first believable fix",
}


def _ledger(scene: Scene) -> list[Stretch]:
    """What the coverage ledger calls not observable, with the worst that could have been."""
    span = {"id": scene.activation_id, "first": scene.period.first, "last": scene.period.last}
    worst: dict[tuple[int, int], tuple[int, bool, bool]] = {}
    for row in scene.connection.execute(_LEDGER, span):
        if row.seen != Seen.NOT_OBSERVABLE:
            continue
        key = microseconds(row.from_at), microseconds(row.to_at)
        _, foot, car = worst.get(key, (0, False, False))
        worst[key] = row.cause, foot or row.reachable_on_foot, car or row.reachable_by_car
    found = []
    for (start, end), (cause, foot, car) in sorted(worst.items()):
        reach = "on foot" if foot else "by car" if car else ""
        could = f"; a zone could have been reached and left {reach}" if reach else ""
        found.append(Stretch(start, end, f"{_CAUSES.get(Unseen(cause), '')}{could}"))
    return found


def as_json(lane: Lane) -> dict[str, Any]:
    """A lane in unix seconds."""
    return {
        "key": lane.key,
        "title": lane.title,
        "rule": lane.rule,
        "stretches": [
            [each.from_us / 1e6, each.to_us / 1e6, each.level, each.words]
            for each in lane.stretches
        ],
        "marks": [[each.at_us / 1e6, each.kind, each.words] for each in lane.marks],
    }


def _stop(halt: Stay, known: list[Place]) -> dict[str, Any]:
    return {
        "from_s": halt.from_us / 1e6,
        "to_s": halt.to_us / 1e6,
        "lon": round(halt.lon, 7),
        "lat": round(halt.lat, 7),
        "place": name_at(known, halt),
    }


def _trip(trip: Trip) -> dict[str, Any]:
    return {
        "from_s": trip.from_us / 1e6,
        "to_s": trip.to_us / 1e6,
        "distance_m": round(trip.distance_m, 1),
        "unseen_s": trip.unseen_s,
    }


def _place(place: Place) -> dict[str, Any]:
    found = asdict(place)
    found["first_s"] = found.pop("first_us") / 1e6
    return found
