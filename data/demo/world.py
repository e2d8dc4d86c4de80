"""Who lives in the demo city: people, cases, zones and pairs, all drawn from one seed.

Offenders are numbered from 0, victims after them; a person's number is also the device's. Zones
are irregular outlines that hold the victim's door somewhere inside, never in the middle: a
circle on the door would give the address away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from data.demo.names import FIRST, LAST
from data.demo.people import Person, Routines
from data.demo.streets import Mode, StreetGraph
from data.model.people import PersonRole
from data.model.zone import ZoneKind

OFFENDERS = 60
VICTIMS = 40
TIME_ZONE = "Europe/Stockholm"

# Offenders with a part in a scenario; they stay near the zone between their entrances.
GREETERS = (0, 1, 2)
"""Three who come in when somebody opens the page; their way to the zone takes half a minute."""

APPROACHERS = (3, 4, 5)
DRIFTERS = (6, 7)
STRAP_CUTTERS = (8, 9)
TUNNELLERS = (10, 11)
TWO_AT_ONE_ZONE = (12, 52)
"""Offender 40 + n comes to the same victim as offender n."""

ACTORS = (*GREETERS, *APPROACHERS, *DRIFTERS, *STRAP_CUTTERS, *TUNNELLERS, *TWO_AT_ONE_ZONE)
CURFEWED = tuple(range(20, 26))

_GREETER_BUFFER_M = 60.0
_OFF_MIDDLE_M = 100.0
"""So far a door lies from the middle of what hides it, at least."""
_WORKING_HOURS = {
    "time_zone": TIME_ZONE,
    "weekly": [{"days": ["mon", "tue", "wed", "thu", "fri"], "from": "07:00", "to": "19:00"}],
}
_NIGHTS = {
    "time_zone": TIME_ZONE,
    "weekly": [
        {
            "days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
            "from": "22:00",
            "to": "05:30",
        }
    ],
    "grace_s": 300,
}


@dataclass(frozen=True, slots=True)
class DemoZone:
    """A zone of one offender's case; the shape is in the city's plane."""

    offender: int
    victim: int | None
    kind: ZoneKind
    name: str
    shape: shapely.Polygon
    buffer_m: float
    schedule: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class DemoPair:
    """Offender and victim who must stay apart."""

    offender: int
    victim: int
    warn_m: float
    alarm_m: float


@dataclass(frozen=True)
class World:
    """Everything of the demo that does not move."""

    graph: StreetGraph
    seed: int
    people: tuple[Person, ...]
    zones: tuple[DemoZone, ...]
    pairs: tuple[DemoPair, ...]

    @cached_property
    def routines(self) -> Routines:
        """Where everybody is by habit; offenders keep off the zones of their own cases."""
        return Routines(self.graph, self.seed, self._closed_to)

    def zones_of(self, offender: int) -> list[DemoZone]:
        """The exclusion zones of one offender, home of the victim first."""
        return [
            zone
            for zone in self.zones
            if zone.offender == offender and zone.kind is ZoneKind.EXCLUSION
        ]

    def case_code(self, offender: int) -> str:
        """Four digits, as the room calls a case."""
        return f"{101 + 7 * offender:04}"

    def serial(self, number: int) -> str:
        """The number on a person's device."""
        return f"DEMO-{'T' if number < OFFENDERS else 'H'}{number:03}"

    def _closed_to(self, person: Person) -> NDArray[np.bool_] | None:
        if person.role is PersonRole.VICTIM:
            return None
        return _closed_edges(self.graph, self.zones_of(person.number))


def victim_of(offender: int) -> int:
    """The number of the one whom this offender must stay away from."""
    return OFFENDERS + offender % VICTIMS


def cast(graph: StreetGraph, seed: int) -> World:
    """The whole cast for a city and a seed: same streets and seed, same world."""
    common = np.zeros(graph.size, bool)
    common[graph.junctions[Mode.DRIVE]] = True
    for mode in (Mode.WALK, Mode.CYCLE):
        common &= np.isin(np.arange(graph.size), graph.junctions[mode])
    places = np.flatnonzero(common)
    names = _names(seed)
    victims = _victims(graph, seed, places, names[OFFENDERS:])
    zones: list[DemoZone] = []
    for offender in range(OFFENDERS):
        zones += _exclusions(graph, seed, offender, victims[offender % VICTIMS])
    offenders = [
        _offender(
            graph,
            seed,
            offender,
            places,
            names[offender],
            victims[offender % VICTIMS],
            [zone for zone in zones if zone.offender == offender],
        )
        for offender in range(OFFENDERS)
    ]
    zones += [_curfew(graph, seed, offenders[offender]) for offender in CURFEWED]
    pairs = tuple(_pair(seed, offender) for offender in range(OFFENDERS))
    return World(graph, seed, (*offenders, *victims), tuple(zones), pairs)


def _pair(seed: int, offender: int) -> DemoPair:
    rng = np.random.default_rng([seed, 5, offender])
    warn_m, alarm_m = float(rng.choice([300, 350, 400])), float(rng.choice([120, 150, 200]))
    if offender in ACTORS:
        # Who waits near the zone all evening must not be a standing warning of its own.
        warn_m, alarm_m = 150.0, 100.0
    return DemoPair(offender, victim_of(offender), warn_m, alarm_m)


def _names(seed: int) -> list[str]:
    rng = np.random.default_rng([seed, 1])
    every = [f"{first} {last}" for first in FIRST for last in LAST]
    return [every[each] for each in rng.choice(len(every), OFFENDERS + VICTIMS, replace=False)]


def _gap_m(graph: StreetGraph, junctions: NDArray[np.int64], to: int) -> NDArray[np.float64]:
    return np.hypot(
        graph.east_m[junctions] - graph.east_m[to], graph.north_m[junctions] - graph.north_m[to]
    )


def _own_midnight_s(rng: np.random.Generator) -> int:
    # Some keep the city's hours; the rest work shifts, so that somebody is always about.
    return 0 if rng.random() < 0.35 else int(rng.integers(1, 24)) * 3600


def _victims(
    graph: StreetGraph, seed: int, places: NDArray[np.int64], names: Sequence[str]
) -> list[Person]:
    """Victims, homes at least 700 m apart and in the inner city, where streets are dense."""
    rng = np.random.default_rng([seed, 2])
    middle = graph.nearest(float(np.median(graph.east_m)), float(np.median(graph.north_m)))
    inner = places[_gap_m(graph, places, middle) < 4500]
    homes: list[int] = []
    apart = 700.0
    while len(homes) < VICTIMS:
        home = int(rng.choice(inner))
        if not homes or _gap_m(graph, np.array(homes), home).min() >= apart:
            homes.append(home)
        else:
            apart *= 0.995  # a small town has no room for so many: closer, rather than for ever
    people = []
    for number, home in enumerate(homes, start=OFFENDERS):
        mode = Mode.WALK if number % 3 else Mode.CYCLE
        haunts = _haunts(rng, graph.ways_from(mode).seconds_from(home), places, mode)
        people.append(
            Person(
                number,
                PersonRole.VICTIM,
                names[number - OFFENDERS],
                mode,
                home,
                haunts,
                _own_midnight_s(rng),
                (float(rng.uniform(6, 7.5)), float(rng.uniform(22, 23.5))),
                int(rng.choice([20, 30, 30, 60])),
                ("owntracks", "osmand_json", "osmand")[number % 3],
            )
        )
    return people


def _haunts(
    rng: np.random.Generator, seconds: NDArray[np.float64], places: NDArray[np.int64], mode: Mode
) -> tuple[int, ...]:
    """Four places some minutes away, the first (work) the farthest."""
    longest = 13 * 60 if mode is Mode.WALK else 7 * 60
    away = seconds[places]
    near = places[(away > 180) & (away < longest)]
    chosen = rng.choice(
        near if len(near) >= 4 else places[np.argsort(away)[1:30]], 4, replace=False
    )
    return tuple(sorted(chosen.tolist(), key=lambda each: -seconds[each]))


def _exclusions(graph: StreetGraph, seed: int, offender: int, victim: Person) -> list[DemoZone]:
    # Of the victim and not of the case: two offenders are kept off one and the same outline.
    rng = np.random.default_rng([seed, 3, victim.number])
    home = _outline(rng, graph, victim.home, float(rng.uniform(240, 380)))
    work = _outline(rng, graph, victim.haunts[0], float(rng.uniform(200, 260)))
    buffer_m = float(rng.choice([150, 200, 250, 300]))
    is_weekday = bool(rng.random() < 0.4)
    if offender in GREETERS:
        buffer_m = _GREETER_BUFFER_M
    elif offender in ACTORS:
        buffer_m = min(buffer_m, 150.0)
    kind, victim_number = ZoneKind.EXCLUSION, victim.number
    found = [DemoZone(offender, victim_number, kind, "Zone A", home, buffer_m, None)]
    if offender % 2:
        hours = _WORKING_HOURS if is_weekday else None
        found.append(DemoZone(offender, victim_number, kind, "Zone B", work, buffer_m / 2, hours))
    return found


def _outline(
    rng: np.random.Generator, graph: StreetGraph, door: int, size_m: float
) -> shapely.Polygon:
    """An irregular outline with the door inside, well away from both edge and middle."""
    east, north = float(graph.east_m[door]), float(graph.north_m[door])
    while True:
        corners = int(rng.integers(9, 15))
        bearing = (np.arange(corners) + rng.uniform(-0.3, 0.3, corners)) * 2 * np.pi / corners
        radius = size_m * rng.uniform(0.78, 1.25, corners)
        turn, aside = rng.uniform(0, 2 * np.pi), size_m * rng.uniform(0.35, 0.55)
        place = np.column_stack(
            [
                east + aside * np.cos(turn) + radius * np.cos(bearing),
                north + aside * np.sin(turn) + radius * np.sin(bearing),
            ]
        )
        shape = shapely.Polygon(np.round(place))
        point = shapely.Point(east, north)
        is_inside = shape.is_valid and shape.contains(point)
        is_off_edge = shape.exterior.distance(point) > 80
        if is_inside and is_off_edge and shape.centroid.distance(point) > _OFF_MIDDLE_M:
            return shape


def _curfew(graph: StreetGraph, seed: int, person: Person) -> DemoZone:
    rng = np.random.default_rng([seed, 6, person.number])
    bearing = np.arange(10) * 2 * np.pi / 10
    radius = rng.uniform(120, 160, 10)
    shape = shapely.Polygon(
        np.round(
            np.column_stack(
                [
                    graph.east_m[person.home] + radius * np.cos(bearing),
                    graph.north_m[person.home] + radius * np.sin(bearing),
                ]
            )
        )
    )
    return DemoZone(person.number, None, ZoneKind.INCLUSION, "Curfew", shape, 0.0, _NIGHTS)


def _closed_edges(graph: StreetGraph, zones: Sequence[DemoZone]) -> NDArray[np.bool_]:
    """Edges that one who respects these zones keeps off: zone, buffer and 40 m more."""
    kept_off = shapely.union_all([zone.shape.buffer(zone.buffer_m + 40, 8) for zone in zones])
    return graph.edges_touching(kept_off)


def _offender(
    graph: StreetGraph,
    seed: int,
    number: int,
    places: NDArray[np.int64],
    name: str,
    victim: Person,
    zones: Sequence[DemoZone],
) -> Person:
    rng = np.random.default_rng([seed, 4, number])
    mode = (
        Mode.CYCLE if number in GREETERS else Mode(rng.choice(["walk", "walk", "cycle", "drive"]))
    )
    if number in ACTORS and number not in GREETERS:
        mode = Mode.WALK
    closed = _closed_edges(graph, zones)
    # The places these streets still connect, a good way from her.
    free = places[graph.connected(mode, closed)[places]]
    far = np.min([_gap_m(graph, free, each) for each in (victim.home, *victim.haunts)], axis=0)
    homes = free[(far > 1900) & (far < 5000)]
    home = int(rng.choice(homes if len(homes) else free))
    seconds = graph.ways_from(mode, closed).seconds_from(home)
    haunts = _haunts(rng, seconds, free[far > 1400], mode)
    is_curfewed = number in CURFEWED
    return Person(
        number,
        PersonRole.OFFENDER,
        name,
        mode,
        home,
        haunts,
        0 if is_curfewed else _own_midnight_s(rng),
        # By the city's winter time: home well before ten in the evening in summer, too.
        (7.0, 20.0) if is_curfewed else (float(rng.uniform(6, 8)), float(rng.uniform(22, 23.5))),
        10 if number in ACTORS else int(rng.choice([10, 15, 20, 30, 30, 60])),
        "osmand" if number % 5 in (1, 3) else "batch",
    )
