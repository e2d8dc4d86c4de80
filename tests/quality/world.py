"""A seeded world whose truth is known: where people really were, and what their tags said.

Everything is drawn in flat metres about one place and turned into degrees at the end. One
life is one activation: a behaviour at one zone, under one kind of noise, for some days.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
import shapely.ops
from numpy.typing import NDArray

from data.geo import LonLat, Plane
from data.model.fix import Mechanism, empty_fixes

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PLACE = LonLat(-2.98, 53.41)
START_S = 1_760_000_000  # 2025-10-09: any day will do
TICK_S = 10  # how finely the truth is known
PLAN_S = 60
DAY_S = 86_400
AWAY_M = 1_500.0
WALK_MPS = 1.4

DEPTHS_M = (10.0, 20.0, 50.0, 100.0, 200.0)
STAYS_S = (45, 120, 300, 900, 3_600)
BESIDE_M = (10.0, 25.0, 50.0, 100.0)


@dataclass(frozen=True, slots=True)
class Noise:
    """What a tag says of a true place. r95 in metres, times in minutes, shares 0 to 1."""

    name: str
    radius_m: float
    drift_share: float = 0.9  # of sigma; fades over `drift_minutes`, drawn for each life
    drift_minutes: tuple[float, float] = (2.0, 10.0)
    mechanism: Mechanism = Mechanism.GNSS
    cell_share: float = 0.0  # of fixes, r95 1,500 m and saying so
    spike_share: float = 0.0  # of fixes, wrong by 200 m to 3 km and not saying so
    burst_m: float = 0.0  # of spells with this much more error, which the device does not admit
    outage_share: float = 0.0  # of the time nothing comes
    hold_minutes: float = 0.0  # fixes are kept back and come together

    @property
    def admits(self) -> bool:
        """Whether the radius it gives is the true one."""
        return not (self.burst_m or self.spike_share)


NOISES = (
    Noise("open sky", 5.0),
    Noise("canyon", 30.0),
    Noise("indoor wifi", 60.0, mechanism=Mechanism.WIFI),
    Noise("cell mix", 20.0, cell_share=0.08),
    Noise("spikes", 8.0, spike_share=0.01),
    Noise("bursts", 30.0, burst_m=60.0),
    Noise("outages", 12.0, outage_share=0.25),
    Noise("buffered", 12.0, hold_minutes=20.0),
)


@dataclass(frozen=True, slots=True)
class Visit:
    """One true stretch within the zone."""

    life: int
    start_us: int
    end_us: int
    depth_m: float  # the deepest
    deep_us: int  # how long deeper than the r95 of his tag


@dataclass(slots=True)
class Life:
    """One activation: what is true of it and what it reported."""

    number: int
    behaviour: str
    noise: Noise
    zone: shapely.Polygon  # degrees
    days: float
    visits: list[Visit]
    records: NDArray[np.void]  # FIX_DTYPE, by moment
    received_at_us: Ints
    true_edge_m: Floats  # of each fix's moment, negative inside
    beside_m: float  # where that is what the behaviour is about


def zones() -> list[shapely.Polygon]:
    """Shapes in metres about the origin, all of a size that a visit of 200 m depth fits in."""
    turn = np.linspace(0.0, 2 * np.pi, 200, endpoint=False)
    circle = shapely.Polygon(np.column_stack([300 * np.cos(turn), 300 * np.sin(turn)]))
    block = shapely.box(-260.0, -380.0, 260.0, 380.0)
    bent = shapely.Polygon(
        [(-350, -300), (350, -300), (350, 210), (120, 210), (120, 420), (-350, 420)]
    )
    star = shapely.Polygon(
        [
            (r * np.cos(a), r * np.sin(a))
            for a, r in zip(np.linspace(0, 2 * np.pi, 11)[:-1], [480, 330] * 5, strict=True)
        ]
    )
    holed = shapely.box(-450, -450, 450, 450).difference(shapely.box(250, 250, 350, 350))
    return [circle, block, bent, star, holed]


# ---- what people do: corner points with their moments, seconds from the start


class _Path:
    """Moments and places of a way, walked straight from each to the next."""

    def __init__(self, at_s: float, place: Floats) -> None:
        self.at_s = [at_s]
        self.places = [np.asarray(place, float)]

    def go(self, place: Floats, mps: float) -> None:
        away = float(np.hypot(*(np.asarray(place) - self.places[-1])))
        self.at_s.append(self.at_s[-1] + max(1.0, away / mps))
        self.places.append(np.asarray(place, float))

    def stay(self, seconds: float) -> None:
        self.at_s.append(self.at_s[-1] + seconds)
        self.places.append(self.places[-1])

    def until(self, at_s: float) -> None:
        if at_s > self.at_s[-1]:
            self.stay(at_s - self.at_s[-1])

    def places_at(self, at_s: Floats) -> Floats:
        places = np.array(self.places)
        return np.column_stack([np.interp(at_s, self.at_s, places[:, i]) for i in (0, 1)])


def _gate(
    rng: np.random.Generator, zone: shapely.Polygon, away_m: float = 60.0
) -> tuple[Floats, Floats]:
    """A place on the zone's outline, away from its corners, and the way straight in from it.

    So far outside it, this is the nearest place of the zone.
    """
    ring = np.asarray(zone.exterior.coords)
    while True:
        at = int(rng.integers(0, len(ring) - 1))
        step = ring[at + 1] - ring[at]
        place = ring[at] + step * rng.uniform(0.3, 0.7)
        inward = np.array([-step[1], step[0]]) / np.hypot(*step)
        if not zone.exterior.is_ccw:
            inward = -inward
        ways = ((10.0, 9.0), (-away_m, away_m - 1.0), (-AWAY_M, AWAY_M / 2))
        edges = [shapely.Point(place + inward * way).distance(zone.boundary) for way, _ in ways]
        if all(edge >= least for edge, (_, least) in zip(edges, ways, strict=True)):
            return place, inward


def _deep(zone: shapely.Polygon, gate: Floats, inward: Floats, depth_m: float) -> Floats:
    """A place so deep in the zone, straight on from the gate where that is deep enough."""
    straight = gate + inward * depth_m
    if zone.contains(shapely.Point(straight)):
        edge = shapely.Point(straight).distance(zone.boundary)
        if edge >= depth_m - 2.0:
            return straight
    core = zone.buffer(-depth_m)
    return np.asarray(shapely.ops.nearest_points(core, shapely.Point(straight))[0].coords[0])


def _visiting(rng: np.random.Generator, zone: shapely.Polygon, days: float) -> _Path:
    """In from 1.5 km away on foot, to stay at every depth and for every length in turn."""
    order = [(depth, stay) for depth in DEPTHS_M for stay in STAYS_S]
    rng.shuffle(order)
    gate, inward = _gate(rng, zone)
    path = _Path(0.0, gate - inward * AWAY_M)
    turn = 0
    while path.at_s[-1] < days * DAY_S - 8_000:
        gate, inward = _gate(rng, zone)
        home = gate - inward * AWAY_M
        path.go(home, 8.0)
        path.stay(rng.uniform(3_700.0, 4_300.0))
        depth_m, stay_s = order[turn % len(order)]
        turn += 1
        deep = _deep(zone, gate, inward, depth_m)
        path.go(gate - inward * 60.0, WALK_MPS * 2)
        path.go(deep, WALK_MPS)
        path.stay(stay_s)
        path.go(gate, WALK_MPS)
        path.go(home, WALK_MPS * 2)
    path.until(days * DAY_S)
    return path


def _driving(rng: np.random.Generator, zone: shapely.Polygon, days: float) -> _Path:
    """Straight across at 30 to 60 km/h, now and then."""
    gate, inward = _gate(rng, zone)
    path = _Path(0.0, gate - inward * AWAY_M)
    while path.at_s[-1] < days * DAY_S - 6_000:
        gate, inward = _gate(rng, zone)
        path.go(gate - inward * AWAY_M, 12.0)
        path.stay(rng.uniform(3_700.0, 4_300.0))
        path.go(gate + inward * (AWAY_M + 900.0), rng.uniform(8.0, 17.0))
        path.stay(rng.uniform(600.0, 1_200.0))
        # Home the long way round, out of the zone's sight.
        side = np.array([-inward[1], inward[0]]) * 2_500.0
        path.go(path.places[-1] + side, 12.0)
        path.go(gate - inward * AWAY_M + side, 12.0)
    path.until(days * DAY_S)
    return path


def _beside(rng: np.random.Generator, zone: shapely.Polygon, days: float, away_m: float) -> _Path:
    """Sits so far outside the edge the whole time."""
    gate, inward = _gate(rng, zone, away_m)
    path = _Path(0.0, gate - inward * away_m)
    path.until(days * DAY_S)
    return path


def _along(rng: np.random.Generator, zone: shapely.Polygon, days: float) -> _Path:
    """To and fro along the outline, 15 m outside, two hours in every four."""
    ring = np.asarray(zone.buffer(15.0, join_style="mitre").exterior.coords)
    path = _Path(0.0, ring[0])
    at = 0
    while path.at_s[-1] < days * DAY_S:
        until = path.at_s[-1] + 7_200
        while path.at_s[-1] < until:
            at = (at + 1) % (len(ring) - 1)
            path.go(ring[at], WALK_MPS)
            if rng.random() < 0.2:
                path.stay(rng.uniform(60, 600))
        middle = np.asarray(zone.centroid.coords[0])
        outward = (ring[at] - middle) / np.hypot(*(ring[at] - middle))
        path.go(ring[at] + outward * AWAY_M, 3.0)
        path.stay(4_000.0)
        path.go(ring[at], 3.0)
    return path


def _near_missing(rng: np.random.Generator, zone: shapely.Polygon, days: float) -> _Path:
    """Walks up to 20 to 60 m from the edge, stays a little, goes away."""
    gate, inward = _gate(rng, zone)
    path = _Path(0.0, gate - inward * AWAY_M)
    while path.at_s[-1] < days * DAY_S - 6_000:
        gate, inward = _gate(rng, zone)
        path.go(gate - inward * AWAY_M, 8.0)
        path.stay(rng.uniform(1_500.0, 2_500.0))
        path.go(gate - inward * rng.uniform(20.0, 60.0), WALK_MPS)
        path.stay(rng.uniform(30.0, 600.0))
        path.go(gate - inward * AWAY_M, WALK_MPS)
    path.until(days * DAY_S)
    return path


# ---- what a tag says


def _drift(rng: np.random.Generator, n: int, minutes: float) -> Floats:
    """Unit error that fades over so many minutes, shape (n, 2), a row a minute."""
    keep = np.exp(-PLAN_S / 60.0 / minutes)
    fresh = rng.normal(size=(n, 2)) * np.sqrt(1 - keep * keep)
    fresh[0] = rng.normal(size=2)
    for i in range(1, n):
        fresh[i] += keep * fresh[i - 1]
    return fresh


def _bursts(rng: np.random.Generator, n: int, size_m: float) -> Floats:
    """Spells of about 20 minutes, one in two hours, in which the place is off by some 60 m."""
    off = np.zeros((n, 2))
    at = 0
    while at < n:
        at += int(rng.exponential(100.0)) + 1
        length = int(rng.exponential(20.0)) + 1
        angle = rng.uniform(0, 2 * np.pi)
        away = size_m * rng.uniform(0.7, 1.3)
        off[at : at + length] = away * np.array([np.cos(angle), np.sin(angle)])
        at += length
    return off


def _report(
    rng: np.random.Generator, noise: Noise, path: _Path, days: float, plane: Plane
) -> tuple[NDArray[np.void], Ints, Floats]:
    at_s = np.arange(rng.uniform(0, PLAN_S), days * DAY_S, PLAN_S)
    n = len(at_s)
    true = path.places_at(at_s)
    radius_m = noise.radius_m * np.exp(rng.normal(0.0, 0.15, n))
    sigma_m = radius_m / 2.4477
    drift = _drift(rng, n, rng.uniform(*noise.drift_minutes))
    white = np.sqrt(1 - noise.drift_share**2)
    error = sigma_m[:, None] * (noise.drift_share * drift + white * rng.normal(size=(n, 2)))
    if noise.burst_m:
        error += _bursts(rng, n, noise.burst_m)
    mechanism = np.full(n, int(noise.mechanism))
    is_cell = rng.random(n) < noise.cell_share
    radius_m[is_cell] = 1_500.0
    mechanism[is_cell] = int(Mechanism.CELL)
    error[is_cell] = rng.normal(0.0, 1_500.0 / 2.4477, (int(is_cell.sum()), 2))
    is_spike = rng.random(n) < noise.spike_share
    angle = rng.uniform(0, 2 * np.pi, n)
    away = np.exp(rng.uniform(np.log(200.0), np.log(3_000.0), n))
    error[is_spike] = np.column_stack([away * np.cos(angle), away * np.sin(angle)])[is_spike]
    kept = np.ones(n, np.bool_)
    if noise.outage_share:
        at = 0
        while at < n:
            at += int(rng.exponential(25.0 * (1 / noise.outage_share - 1))) + 1
            length = int(rng.exponential(25.0)) + 1
            kept[at : at + length] = False
            at += length
    records = empty_fixes(n)
    records["fixed_at"] = ((START_S + at_s) * 1e6).astype(np.int64)
    records["lon"], records["lat"] = plane.degrees(*(true + error).T)
    records["radius_95_m"] = radius_m
    records["mechanism"] = mechanism
    received = records["fixed_at"] + 2_000_000
    if noise.hold_minutes:
        step_us = int(noise.hold_minutes * 60e6)
        held = (records["fixed_at"] // step_us) % 2 == 1
        received[held] = (records["fixed_at"][held] // step_us + 1) * step_us
    return records[kept], received[kept], true[kept]


def _signed(zone: shapely.Polygon, places: Floats) -> Floats:
    shapely.prepare(zone)
    points = shapely.points(places)
    edge = shapely.distance(points, zone.boundary)
    return np.where(shapely.covers(zone, points), -edge, edge)


def _true_visits(
    number: int, path: _Path, zone: shapely.Polygon, days: float, deep_m: float
) -> list[Visit]:
    at_s = np.arange(0.0, days * DAY_S, TICK_S)
    places = path.places_at(at_s)
    edge = np.full(len(at_s), np.inf)
    close = shapely.contains_xy(shapely.box(*zone.buffer(50).bounds), places)
    edge[close] = _signed(zone, places[close])
    # Half a metre: a way along an edge or through a corner is no visit.
    inside = np.concatenate([[0], (edge < -0.5).astype(np.int64), [0]])
    starts, ends = np.flatnonzero(np.diff(inside) == 1), np.flatnonzero(np.diff(inside) == -1)
    moment_us = ((START_S + at_s) * 1e6).astype(np.int64)
    return [
        Visit(
            number,
            int(moment_us[start]),
            int(moment_us[end - 1]),
            float(-edge[start:end].min()),
            int((edge[start:end] <= -deep_m).sum()) * TICK_S * 1_000_000,
        )
        for start, end in zip(starts, ends, strict=True)
    ]


# (lives of each noise, days of each at scale 1)
BEHAVIOURS = {
    "visits": (6, 6.0),
    "drives": (2, 4.0),
    "beside": (4, 4.0),
    "along": (2, 4.0),
    "near miss": (2, 4.0),
}


def lives(seed: int, scale: float = 1.0) -> list[Life]:
    """Everybody. `scale` 1 is some 600 person-days; 0.1 is a quick look."""
    made: list[Life] = []
    for n, noise in enumerate(NOISES):
        for b, (behaviour, (rounds, days)) in enumerate(BEHAVIOURS.items()):
            for r in range(rounds):
                rng = np.random.default_rng([seed, n, b, r])
                zone = zones()[(r + n + b) % len(zones())]
                beside_m = BESIDE_M[r] if behaviour == "beside" else 0.0
                shortest = 1.0 if behaviour == "visits" else 0.5
                span = max(shortest, round(days * scale, 1))
                made.append(_life(rng, len(made) + 1, behaviour, noise, zone, span, beside_m))
    return made


def _life(
    rng: np.random.Generator,
    number: int,
    behaviour: str,
    noise: Noise,
    zone: shapely.Polygon,
    days: float,
    beside_m: float,
) -> Life:
    if behaviour == "beside":
        path = _beside(rng, zone, days, beside_m)
    else:
        walk = {
            "visits": _visiting,
            "drives": _driving,
            "along": _along,
            "near miss": _near_missing,
        }[behaviour]
        path = walk(rng, zone, days)
    plane = Plane(PLACE)
    records, received, true = _report(rng, noise, path, days, plane)
    return Life(
        number,
        behaviour,
        noise,
        shapely.transform(
            shapely.segmentize(zone, 200.0),
            lambda place: np.column_stack(plane.degrees(*place.T)),
        ),
        days,
        _true_visits(number, path, zone, days, noise.radius_m),
        records,
        received,
        _signed(zone, true),
        beside_m,
    )
