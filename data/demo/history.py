"""What was before this evening: the victims' weeks, and four weeks of one offender who follows one.

He keeps off her zones, as all of the demo do, and comes to where she is due instead: the choir on
Tuesdays, her sister's on Thursdays. Nobody's alert; it stands out only beside her week. His track
comes in by the same door as any file's.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine

from data.clock import Clock, microseconds
from data.demo import noise
from data.demo.people import Leg, Person
from data.demo.streets import Route
from data.demo.world import OFFENDERS, TIME_ZONE, VICTIMS, World, victim_of
from data.errors import NotFound
from data.feeds.routine_places import read_hours
from data.feeds.wire import BATCH_LIMIT
from data.model.fix import empty_fixes
from data.model.people import DeviceKind
from data.model.routine import Confidence, RoutinePlace, Source
from data.service.intake import Arrival, Intake
from data.service.roll import Speaker
from data.store import demo_history, devices, routines
from data.store.readings import FROM_A_FILE

WEEKS = 4
EVERY_S = 240
SERIAL = "HISTORY-1"

HABITS: tuple[tuple[str, str], ...] = (
    ("Home", "mon-sun 22:00-07:00"),
    ("Work", "mon-thu 09:00-16:30\nfri 08:00-13:00"),
    ("Choir", "tue 18:30-20:30"),
    ("Her sister's", "thu 17:30-20:30\nsun 11:00-14:30"),
    ("Baths", "wed 18:00-19:30\nsat 09:30-11:30"),
)
"""The victims' places: home, and their haunts from the farthest on. Nobody's week is like this."""

_ZONE = ZoneInfo(TIME_ZONE)
_FOLLOWED = slice(2, 5)  # choir, sister, baths
_OFTEN, _ELSEWHEN = 0.75, 0.12
_NEAR_M = (50.0, 160.0)
_NOISE_M = 60.0  # so far a fix may stray from the street
_SAMPLE_S = 20
_INTAKE_PATIENCE_S = 60.0


def settle_routines(connection: Connection, world: World, now: datetime) -> None:
    """Writes down where every victim usually is; where one is on record already, nothing."""
    person_ids = demo_history.find_people(connection)
    if routines.find_now(connection, list(person_ids.values()), now):
        return
    for number in range(OFFENDERS, OFFENDERS + VICTIMS):
        person = world.people[number]
        person_id = person_ids[world.serial(number)]
        for (name, hours), junction in zip(HABITS, (person.home, *person.haunts), strict=True):
            graph = world.graph
            where = graph.lonlat(float(graph.east_m[junction]), float(graph.north_m[junction]))
            place = RoutinePlace(
                name=name,
                lon=round(where.lon, 6),
                lat=round(where.lat, 6),
                radius_m=40.0,
                hours=read_hours(hours, TIME_ZONE),
                confidence=Confidence.HIGH if name in ("Home", "Work") else Confidence.MEDIUM,
                review_on=(now + timedelta(days=20 + number)).date(),
                source=Source.ENTERED if number % 3 else Source.IMPORTED,
            )
            routines.append_version(
                connection,
                routines.append_location(connection, person_id),
                place,
                is_confirmed=True,
                valid_from=now - timedelta(days=40),
                recorded_at=now,
                recorded_by=None,
                reason="demo",
            )


def bring_in(engine: Engine, clock: Clock, world: World) -> int:
    """Imports the follower's four weeks before his present tag was fitted; gives how many fixes.

    Nothing happens where the city has nobody who could follow anybody unseen.
    """
    try:
        follower = cast_follower(world)
    except NotFound:
        return 0
    now = clock.now()
    with engine.begin() as connection:
        until = demo_history.find_fitted(connection, world.serial(follower.person.number))
        records = track(world, follower, until)
        speaker = _fit(connection, world, follower.person.number, records, until)
    intake = Intake(engine, clock, patience_s=_INTAKE_PATIENCE_S)
    try:
        for start in range(0, len(records), BATCH_LIMIT):
            share = records[start : start + BATCH_LIMIT]
            arrival = Arrival(
                protocol="csv",
                peer=FROM_A_FILE,
                content_type="text/csv",
                target=f"{SERIAL}.csv",
                raw=_written(share),
                size_bytes=len(_written(share)),
            )
            intake.keep(speaker, arrival, now, share)
    finally:
        intake.close()
    return len(records)


def _written(records: NDArray[np.void]) -> bytes:
    """The rows as a file would have them."""
    lines = [
        f"{datetime.fromtimestamp(us / 1e6, UTC):%Y-%m-%dT%H:%M:%SZ},{lon},{lat},{radius:.1f}"
        for us, lon, lat, radius in zip(
            records["fixed_at"].tolist(), records["lon"].tolist(), records["lat"].tolist(),
            records["radius_95_m"].tolist(), strict=True,
        )
    ]  # fmt: skip
    return "\n".join(["time,lon,lat,radius_95_m", *lines]).encode()


@dataclass(frozen=True, slots=True)
class Follower:
    """Who follows, whom, and from where he looks at each of the places he knows of."""

    person: Person
    victim: Person
    spots: tuple[tuple[int, str], ...]  # junction, the hours of the place beside it


def cast_follower(world: World) -> Follower:
    """The first offender with no other part whose streets lead near three of her places.

    Raises:
        NotFound: there is none.
    """
    graph = world.graph
    for number in range(26, VICTIMS):  # each of these has a victim of his own
        person, victim = world.people[number], world.people[victim_of(number)]
        closed = world.routines.closed_to(person)
        free = np.flatnonzero(graph.connected(person.mode, closed))
        spots = []
        for (_, hours), haunt in zip(HABITS[_FOLLOWED], victim.haunts[1:], strict=True):
            apart = np.hypot(
                graph.east_m[free] - graph.east_m[haunt], graph.north_m[free] - graph.north_m[haunt]
            )
            near = free[(apart > _NEAR_M[0]) & (apart < _NEAR_M[1])]
            if len(near):
                spots.append((int(near[0]), hours))
        if len(spots) == len(HABITS[_FOLLOWED]):
            follower = Follower(person, victim, tuple(spots))
            if not _cuts_a_corner(world, follower):
                return follower
    raise NotFound("Nobody of this city can follow anybody without entering a zone.")


def track(world: World, follower: Follower, until: datetime) -> NDArray[np.void]:
    """His fixes of four weeks, a report every EVERY_S, as his tag saw them."""
    first = (until - timedelta(weeks=WEEKS)).astimezone(_ZONE).date()
    legs = _weeks(world, follower, first)
    starts = [leg.from_s for leg in legs]
    moments = np.arange(int(legs[0].from_s) + 60, int(until.timestamp()) - 60, EVERY_S)
    rng = np.random.default_rng([world.seed, 33])
    # Two evenings on which his tag is not heard, one of them a Thursday.
    silent = [(first + timedelta(days=9), 15, 23), (first + timedelta(days=17), 18, 21)]
    heard = np.ones(len(moments), bool)
    for day, start_h, end_h in silent:
        heard &= (moments < _local_s(day, start_h)) | (moments >= _local_s(day, end_h))
    moments = moments[heard & (rng.random(len(moments)) > 0.01)]
    rows = []
    for at_s in moments.tolist():
        leg = legs[bisect_right(starts, at_s) - 1]
        is_still = leg.route is None
        east, north = (
            leg.route.place_at(at_s - leg.from_s)
            if leg.route is not None
            else (world.graph.east_m[leg.junction], world.graph.north_m[leg.junction])
        )
        seen = noise.sighting(
            world.seed, follower.person.number, at_s,
            is_indoors=is_still and leg.junction == follower.person.home,
            is_clear=False, cell_share=0.002,
        )  # fmt: skip
        rows.append((east + seen.east_m, north + seen.north_m, seen.radius_95_m, seen.mechanism))
    east, north, radius, mechanism = np.array(rows, float).T
    records = empty_fixes(len(rows))
    records["fixed_at"] = moments * 1_000_000
    lon, lat = world.graph.plane.degrees(east, north)
    records["lon"], records["lat"] = np.round(lon, 7), np.round(lat, 7)
    records["radius_95_m"], records["mechanism"] = radius, mechanism.astype(np.uint8)
    records["battery_pct"] = 80.0
    return records


def _ways(world: World, follower: Follower) -> tuple[dict[int, Route], dict[int, Route]]:
    """From his home to each place he goes to, and back, by streets that keep off his zones."""
    person = follower.person
    ways = world.graph.ways_from(person.mode, world.routines.closed_to(person))
    spots = (spot for spot, _ in follower.spots)
    out = {each: ways.route(person.home, each) for each in (*person.haunts[:2], *spots)}
    return out, {each: ways.route(each, person.home) for each in out}


def _cuts_a_corner(world: World, follower: Follower) -> bool:
    """Whether a line between two reports would cross a zone that his way goes round.

    The judge would rightly suspect him then, and he is to be one whom no zone stops. A report
    that is lost makes the line twice as long.
    """
    zones = world.zones_of(follower.person.number)
    kept_off = shapely.union_all([zone.shape.buffer(_NOISE_M) for zone in zones])
    for ways in _ways(world, follower):
        for route in ways.values():
            seconds = np.arange(0, route.length_s + 2 * EVERY_S, _SAMPLE_S)
            places = np.array([route.place_at(each) for each in seconds.tolist()])
            for step in (EVERY_S // _SAMPLE_S, 2 * EVERY_S // _SAMPLE_S):
                lines = np.stack([places[:-step], places[step:]], axis=1)
                if shapely.intersects(kept_off, shapely.linestrings(lines)).any():
                    return True
    return False


def _weeks(world: World, follower: Follower, first: date) -> list[Leg]:
    """Every way and stay, in order: work, home, and where she is due."""
    person = follower.person
    out, back = _ways(world, follower)
    rng = np.random.default_rng([world.seed, 31, person.number])
    legs = [Leg(_local_s(first, 0), None, person.home)]
    for number in range(7 * WEEKS + 2):
        day = first + timedelta(days=number)
        free_s = _local_s(day, 6)
        for there, from_s, stay_s in sorted(_outings(rng, follower, day), key=lambda each: each[1]):
            leaves_s = from_s - out[there].length_s
            if leaves_s < free_s:
                continue
            legs.append(Leg(leaves_s, out[there], there))
            legs.append(Leg(from_s, None, there))
            legs.append(Leg(from_s + stay_s, back[there], person.home))
            free_s = from_s + stay_s + back[there].length_s
            legs.append(Leg(free_s, None, person.home))
    return legs


def _outings(
    rng: np.random.Generator, follower: Follower, day: date
) -> list[tuple[int, float, float]]:
    """Where to, when there, and for how long: his own work, and where she is due that day."""
    person, found = follower.person, []
    if day.weekday() < 5:
        found.append((person.haunts[0], _local_s(day, rng.uniform(8, 9)), rng.uniform(6, 7) * 3600))
    elif rng.random() < 0.5:
        found.append((person.haunts[1], _local_s(day, rng.uniform(15, 17)), 5400.0))
    for spot, hours in follower.spots:
        due = read_hours(hours, TIME_ZONE).windows_of(day)
        if due and rng.random() < _OFTEN:
            ends_s = _local_s(day, due[0].end_min / 60)
            from_s = ends_s - rng.uniform(25, 55) * 60
            found.append((spot, from_s, ends_s - from_s + rng.uniform(0, 12) * 60))
        elif not due and rng.random() < _ELSEWHEN:
            found.append((spot, _local_s(day, rng.uniform(17.5, 20)), rng.uniform(5, 25) * 60))
    return found


def _local_s(day: date, hour: float) -> float:
    midnight = datetime.combine(day, time(), _ZONE).astimezone(UTC)
    return midnight.timestamp() + 3600 * hour


def _fit(
    connection: Connection,
    world: World,
    number: int,
    records: NDArray[np.void],
    until: datetime,
) -> Speaker:
    """The tag he wore before, put on him for the time of its fixes."""
    person_id = demo_history.find_people(connection)[world.serial(number)]
    first = datetime.fromtimestamp(int(records["fixed_at"][0]) / 1e6, UTC)
    device_id = demo_history.find_device(connection, SERIAL)
    if device_id is None:
        device_id = devices.append(
            connection, serial=SERIAL, kind=DeviceKind.TAG, key_hash=bytes(32), at=first
        )
    activation_id = devices.append_activation(
        connection, device_id=device_id, person_id=person_id, at=first, report_every_s=EVERY_S
    )
    devices.end_activation(connection, device_id, until)
    return Speaker(SERIAL, device_id, bytes(32), activation_id, microseconds(first))
