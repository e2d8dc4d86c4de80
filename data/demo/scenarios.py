"""What happens in the demo beside everyday life: named scenarios on a timetable.

A scene is a function of its moment: the timetable starts one every four minutes, and somebody who
opens the page (a cue) calls one of the greeters in. Unix seconds of demo time, metres in the
city's plane.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import shapely
from numpy.typing import NDArray

from data.demo import world as cast_of
from data.demo.noise import is_out_of_reach
from data.demo.people import Person, Place
from data.demo.streets import Mode, Route
from data.demo.world import World
from data.errors import NotFound

EVERY_S = 240.0
"""How often the timetable starts a scene."""

CUE_GAP_S = 180.0
"""Cues nearer to each other than this count as one."""

_LONGEST_S = 1800.0  # no scene lasts longer, there and back
_GREETERS_RIDE_S = 32.0  # from the base to the edge of the zone
_RIDE_S = 60.0
_WALK_S = 200.0
_SEEN_BEFORE_M = 100.0  # how far outside the zone the tunnel begins


class Scenario(StrEnum):
    """What a scene shows."""

    APPROACH = "approach"
    TUNNEL = "tunnel"
    DRIFT = "drift"
    STRAP = "strap"
    OUTAGE = "outage"
    TWO_OFFENDERS = "two_offenders"


PROGRAMME = (
    Scenario.APPROACH,
    Scenario.DRIFT,
    Scenario.TWO_OFFENDERS,
    Scenario.STRAP,
    Scenario.APPROACH,
    Scenario.TUNNEL,
    Scenario.OUTAGE,
)

OUTAGE_S = 210.0
"""How long one maker's tags are not heard in a feed outage: long enough to be called silent. Then
they send what they stored."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One entry of the timetable; `actors` is empty where nobody in particular takes part."""

    scenario: Scenario
    starts_s: float
    actors: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """Where an actor waits, and the ways that lead from there."""

    base: int
    way_in: Route  # to the middle of the zone
    enters_s: float  # along `way_in`
    way_across: Route  # to the other side
    way_off: Route  # away from the zone
    to_edge: Route  # to just outside the edge


@dataclass(slots=True)
class Stage:
    """The world with its timetable: where everybody is, and who can be heard.

    Args:
        world: who there is.
        opened_s: when the first scene starts.
        cues_s: moments when somebody opened the page, in order.
    """

    world: World
    opened_s: float
    cues_s: Sequence[float] = ()
    _parts: dict[int, Part] = field(default_factory=dict)
    _slots: dict[int, Scene] = field(default_factory=dict)

    def rehearse(self, at_s: float) -> None:
        """Works out every way of the day of this moment, so that nobody waits for one later."""
        for person in self.world.people:
            if person.number in cast_of.ACTORS:
                self.part_of(person.number)
            else:
                self.world.routines.place_at(person, at_s)

    def scenes_at(self, at_s: float) -> list[Scene]:
        """The scenes that started not long before a moment; newest last."""
        last = int((at_s - self.opened_s) // EVERY_S)
        first = max(0, int((at_s - _LONGEST_S - self.opened_s) // EVERY_S))
        found = []
        for number in range(first, last + 1):
            if number not in self._slots:
                self._slots[number] = self._slot(number)
            found.append(self._slots[number])
        heard: list[float] = []
        for cue in self.cues_s:
            # The opening scene is itself somebody's welcome.
            if cue - self.opened_s >= CUE_GAP_S / 2 and (not heard or cue - heard[-1] >= CUE_GAP_S):
                heard.append(cue)
        greeters = cast_of.GREETERS
        found += [
            Scene(Scenario.APPROACH, cue, (greeters[(number + 1) % len(greeters)],))
            for number, cue in enumerate(heard)
            if 0 <= at_s - cue < _LONGEST_S
        ]
        return sorted(found, key=lambda scene: scene.starts_s)

    def _slot(self, number: int) -> Scene:
        starts = self.opened_s + number * EVERY_S
        if number == 0:
            return Scene(Scenario.APPROACH, starts, cast_of.GREETERS[:1])
        scenario = PROGRAMME[(number - 1) % len(PROGRAMME)]
        # Which time this scenario is on, so that its actors take turns.
        turn = sum(each is scenario for each in PROGRAMME) * ((number - 1) // len(PROGRAMME))
        turn += sum(each is scenario for each in PROGRAMME[: (number - 1) % len(PROGRAMME)])
        if scenario is Scenario.TWO_OFFENDERS:
            return Scene(scenario, starts, cast_of.TWO_AT_ONE_ZONE)
        if scenario is Scenario.OUTAGE:
            return Scene(scenario, starts, ())
        troupe = {
            Scenario.APPROACH: cast_of.APPROACHERS,
            Scenario.DRIFT: cast_of.DRIFTERS,
            Scenario.STRAP: cast_of.STRAP_CUTTERS,
            Scenario.TUNNEL: cast_of.TUNNELLERS,
        }[scenario]
        return Scene(scenario, starts, (troupe[turn % len(troupe)],))

    def place_at(self, person: Person, at_s: float) -> Place:
        """Where this person truly is."""
        if person.number not in cast_of.ACTORS:
            return self.world.routines.place_at(person, at_s)
        part = self.part_of(person.number)
        for scene in reversed(self.scenes_at(at_s)):
            if person.number in scene.actors:
                # The second of two sets out a little later.
                into = at_s - scene.starts_s - 25.0 * scene.actors.index(person.number)
                place = self._play(scene.scenario, part, person.number, into)
                if place is not None:
                    return place
        graph = self.world.graph
        return Place(float(graph.east_m[part.base]), float(graph.north_m[part.base]), is_clear=True)

    def is_reachable(self, person: Person, at_s: float) -> bool:
        """Whether what the device says now gets through now, and is not stored for later."""
        for scene in self.scenes_at(at_s):
            is_on = 0 <= at_s - scene.starts_s < OUTAGE_S
            if scene.scenario is Scenario.OUTAGE and is_on and _is_of_feed(person):
                return False
        if person.number in cast_of.ACTORS:
            return True
        return not is_out_of_reach(self.world.seed, person.number, at_s)

    def _play(self, scenario: Scenario, part: Part, number: int, into_s: float) -> Place | None:
        """The actor's place `into_s` after its scene began; None before it and after its end."""
        if into_s < 0:
            return None
        if scenario is Scenario.DRIFT:
            return _there_and_back(part.to_edge, 400, into_s, is_clear=False)
        if scenario is Scenario.STRAP:
            place = _there_and_back(part.way_off, 240, into_s)
            # Open from the moment of setting out until back at the base.
            return place and Place(place.east_m, place.north_m, is_clear=True, strap_open=True)
        if scenario is Scenario.TUNNEL:
            place = _there_and_back(part.way_across, 60, into_s)
            if place is None:
                return None
            zone = self.world.zones_of(number)[0].shape
            gap = shapely.distance(zone, shapely.Point(place.east_m, place.north_m))
            return Place(
                place.east_m, place.north_m, is_clear=True, is_seen=bool(gap > _SEEN_BEFORE_M)
            )
        return _there_and_back(part.way_in, 100, into_s)

    def part_of(self, number: int) -> Part:
        """Where an actor waits and which ways it takes."""
        if number not in self._parts:
            self._parts[number] = _part(self.world, number)
        return self._parts[number]


def _is_of_feed(person: Person) -> bool:
    return (
        person.protocol == "batch"
        and person.number % 4 == 0
        and person.number not in cast_of.ACTORS
    )


def _there_and_back(
    way: Route, stay_s: float, into_s: float, *, is_clear: bool = True
) -> Place | None:
    if into_s < way.length_s + stay_s:
        return Place(*way.place_at(into_s), is_clear=is_clear)
    left_s = 2 * way.length_s + stay_s - into_s
    # The way back is the way in, seen from its end.
    return Place(*way.place_at(left_s), is_clear=is_clear) if left_s > 0 else None


def _part(world: World, number: int) -> Part:
    """An actor's base and ways.

    Raises:
        NotFound: no street leads into the zone.
    """
    graph, zone = world.graph, world.zones_of(number)[0].shape
    is_greeter = number in cast_of.GREETERS
    door = world.people[cast_of.victim_of(number)].home
    gone = np.hypot(graph.east_m - graph.east_m[door], graph.north_m - graph.north_m[door])
    near = np.flatnonzero((gone < 2000) & graph.connected(Mode.WALK))
    gap_m = shapely.distance(zone, graph.points[near])
    bases = _bases(world, number, near, gap_m)
    rides = is_greeter or number in cast_of.TUNNELLERS
    ways = graph.ways_from(Mode.CYCLE if rides else Mode.WALK)
    if not len(bases):
        raise NotFound(f"No street leads into the zone of demo offender {number}")
    seconds = ways.seconds_from(door)
    bases = bases[np.argsort(seconds[bases])]
    wanted_s = _GREETERS_RIDE_S if is_greeter else _RIDE_S if rides else _WALK_S
    tried = [(base, ways.route(door, base).backwards()) for base in bases[:60].tolist()]
    base, way_in = min(tried, key=lambda each: abs(_enters_s(each[1], zone) - wanted_s))
    off = np.hypot(
        graph.east_m[bases] - graph.east_m[base], graph.north_m[bases] - graph.north_m[base]
    )
    # The other side is the farthest base that is still within a quarter of an hour of the door.
    opposite = int(bases[np.argmax(np.where(seconds[bases] <= 900, off, -1))])
    # Whoever walks about outside, or along the edge, must not take a short cut through the zone.
    afoot = graph.ways_from(Mode.WALK, graph.edges_touching(zone))
    walked = afoot.seconds_from(base)
    edge = near[(gap_m > 6) & (gap_m < 30) & np.isfinite(walked[near])]
    away = near[gap_m > gap_m[near == base][0] + 100]
    return Part(
        base=base,
        way_in=way_in,
        enters_s=_enters_s(way_in, zone),
        way_across=_joined(way_in, ways.route(door, opposite)),
        way_off=afoot.route(base, int(away[np.argmin(np.abs(walked[away] - _WALK_S))])),
        to_edge=afoot.route(base, int(edge[np.argmin(walked[edge])]) if len(edge) else base),
    )


def _bases(
    world: World, number: int, near: NDArray[np.int64], gap_m: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Junctions where an actor can wait without being near any zone of the case."""
    graph = world.graph
    zone, *others = world.zones_of(number)
    is_greeter = number in cast_of.GREETERS
    # Out of the buffer by more than a good receiver errs.
    closest_m = zone.buffer_m + (45 if is_greeter else 70)
    is_clear = (gap_m >= closest_m) & (gap_m < closest_m + (400 if is_greeter else 900))
    for other in others:
        is_clear &= shapely.distance(other.shape, graph.points[near]) > other.buffer_m + 60
    if number >= cast_of.VICTIMS:
        # The other one who comes to the same victim waits somewhere else.
        rival = _part(world, number - cast_of.VICTIMS).base
        gone = np.hypot(
            graph.east_m[near] - graph.east_m[rival], graph.north_m[near] - graph.north_m[rival]
        )
        is_clear &= gone > 300
    return near[is_clear]


def _joined(first: Route, then: Route) -> Route:
    return Route(
        np.concatenate([first.at_s, first.length_s + then.at_s[1:]]),
        np.concatenate([first.east_m, then.east_m[1:]]),
        np.concatenate([first.north_m, then.north_m[1:]]),
    )


def _enters_s(route: Route, zone: shapely.Polygon) -> float:
    """When a route first comes into the zone; infinity when it never does."""
    at = np.arange(0, route.length_s + 1)
    inside = shapely.contains_xy(
        zone, np.interp(at, route.at_s, route.east_m), np.interp(at, route.at_s, route.north_m)
    )
    return float(at[np.argmax(inside)]) if inside.any() else float("inf")
