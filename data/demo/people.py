"""The demo's people: where they live, work and go, and where each of them is at a moment.

A day of one person is planned from the seed, the person and the day alone, so `place_at` answers
for any moment in any order. Metres in the city's plane, time in unix seconds.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from data.demo.streets import Mode, Route, StreetGraph, Ways
from data.model.people import PersonRole

_DAY_S = 86_400
_began = attrgetter("from_s")
_LOCAL_AHEAD_S = 3_600  # the city's winter time


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody truly is."""

    east_m: float
    north_m: float
    is_indoors: bool = False
    is_clear: bool = False  # open sky
    is_seen: bool = True  # False: no satellite reaches the receiver, as in a tunnel
    strap_open: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """One of the demo's people, with the habits that make the days."""

    number: int  # also the device's
    role: PersonRole
    name: str
    mode: Mode
    home: int  # junctions
    haunts: tuple[int, ...]  # work first, then shops, friends, the gym
    own_midnight_s: int  # when the person's day begins, seconds after the city's midnight
    awake_h: tuple[float, float]  # of the person's own day
    report_every_s: int
    protocol: str


@dataclass(frozen=True, slots=True)
class Leg:
    """From `from_s` on: along a route, or, without one, at a junction."""

    from_s: float
    route: Route | None
    junction: int


@dataclass(slots=True)
class Routines:
    """Where everybody is by habit.

    Args:
        graph: the city.
        seed: of the demo.
        closed_to: which edges a person keeps off, by the person's number; None: none.
    """

    graph: StreetGraph
    seed: int
    closed_to: Callable[[Person], NDArray[np.bool_] | None]
    _routes: dict[int, dict[tuple[int, int], Route]] = field(default_factory=dict)
    _days: dict[tuple[int, int], list[Leg]] = field(default_factory=dict)

    def place_at(self, person: Person, at_s: float) -> Place:
        """Where this person is at a moment."""
        legs = self.day_of(person, at_s)
        leg = legs[bisect_right(legs, at_s, key=_began) - 1]
        if leg.route is not None:
            return Place(*leg.route.place_at(at_s - leg.from_s))
        graph = self.graph
        return Place(
            float(graph.east_m[leg.junction]), float(graph.north_m[leg.junction]), is_indoors=True
        )

    def day_of(self, person: Person, at_s: float) -> list[Leg]:
        """The person's own day that holds this moment: legs in order, home at both ends."""
        ahead = _LOCAL_AHEAD_S - person.own_midnight_s
        day = int((at_s + ahead) // _DAY_S)
        key = (person.number, day)
        if key not in self._days:
            if len(self._days) > 1000:
                self._days.clear()
            self._days[key] = self._plan(person, day, day * _DAY_S - ahead)
        return self._days[key]

    def _plan(self, person: Person, day: int, midnight_s: float) -> list[Leg]:
        rng = np.random.default_rng([self.seed, 21, person.number, day])
        wakes, sleeps = (midnight_s + 3600 * hour for hour in person.awake_h)
        routes = self._routes_of(person)
        legs = [Leg(midnight_s, None, person.home)]
        here, now = person.home, wakes + rng.uniform(0, 1800)
        while True:
            there = self._next(rng, person, here)
            trip = routes[here, there]
            stay = rng.gamma(2.0, (20 if there == person.haunts[0] else 7) * 60 / 2) + 120
            back = 0.0 if there == person.home else routes[there, person.home].length_s
            if now + trip.length_s + stay + back > sleeps:
                break
            legs.append(Leg(now, trip, there))
            legs.append(Leg(now + trip.length_s, None, there))
            here, now = there, now + trip.length_s + stay
        if here != person.home:
            trip = routes[here, person.home]
            legs.append(Leg(now, trip, person.home))
            legs.append(Leg(now + trip.length_s, None, person.home))
        return legs

    @staticmethod
    def _next(rng: np.random.Generator, person: Person, here: int) -> int:
        choices = [each for each in (person.home, *person.haunts) if each != here]
        weight = np.array(
            [2.0 if each in (person.home, person.haunts[0]) else 1.0 for each in choices]
        )
        return int(rng.choice(choices, p=weight / weight.sum()))

    def _routes_of(self, person: Person) -> dict[tuple[int, int], Route]:
        if person.number not in self._routes:
            ways = self.graph.ways_from(person.mode, self.closed_to(person))
            self._routes[person.number] = _all_routes(ways, (person.home, *person.haunts))
        return self._routes[person.number]


def _all_routes(ways: Ways, places: tuple[int, ...]) -> dict[tuple[int, int], Route]:
    """A route from each place to each other; on foot and by bicycle both ways are one street."""
    routes: dict[tuple[int, int], Route] = {}
    # Nowhere is farther than there and back by way of home, give or take one-way streets.
    ways.limit_s = 3 * float(max(ways.seconds_from(places[0])[each] for each in places)) + 600
    for number, here in enumerate(places):
        for there in places[number + 1 :] if ways.mode is not Mode.DRIVE else places:
            if here == there:
                continue
            route = ways.route(here, there)
            routes[here, there] = route
            if ways.mode is not Mode.DRIVE:
                routes[there, here] = route.backwards()
    return routes
