"""The geofence kernel beside shapely and PostGIS, on the same tags and zones in the same run.

10,000 tags, 5,000 zones of 5 to 60 vertices over a city, each tag bound to 2 or 3 zones, one
tag in four within reach of one of its zones. Ours gives the distance to the edge and the exact
chance of being inside; the others answer only whether the bare point is covered.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import psycopg
import shapely
from numpy.typing import NDArray

from data.rules.geofence import ZoneShapes, near_pairs, verdicts

TAGS, ZONES = 10_000, 5_000
REACH_M = 500.0
BATCHES = (1, 100, 10_000)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class City:
    """Tags at their zones. Pairs stand by tag."""

    zones: list[shapely.Polygon]
    shapes: ZoneShapes
    lon: Floats  # (tags,)
    lat: Floats
    sigma_m: Floats
    pair_first: Ints  # (tags + 1,)
    pair_zone: Ints  # (pairs,)

    @property
    def pair_tag(self) -> Ints:
        """Whose each pair is, shape (pairs,)."""
        return np.repeat(np.arange(len(self.lon)), np.diff(self.pair_first))


@dataclass(frozen=True, slots=True)
class Measured:
    """What one engine did with batches of one size."""

    engine: str
    batch: int  # tags
    verdicts_per_s: float
    p50_ms: float
    p99_ms: float


def make_city(seed: int = 1) -> City:
    """The same city for every engine."""
    rng = np.random.default_rng(seed)
    zones = [_zone(rng) for _ in range(ZONES)]
    shapes = ZoneShapes.of(zones)
    counts = rng.integers(2, 4, TAGS)
    pair_first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    pair_zone = rng.integers(0, ZONES, int(pair_first[-1])).astype(np.int64)
    lon, lat = rng.uniform(-0.35, 0.15, TAGS), rng.uniform(51.3, 51.7, TAGS)
    close = np.flatnonzero(rng.random(TAGS) < 0.25)
    box = shapes.box_deg[pair_zone[pair_first[close]]]
    lon[close] = (box[:, 0] + box[:, 2]) / 2 + rng.normal(0, 500, len(close)) / 69_300
    lat[close] = (box[:, 1] + box[:, 3]) / 2 + rng.normal(0, 500, len(close)) / 111_250
    r95 = rng.choice([5.0, 12.0, 30.0, 60.0, 1500.0], TAGS, p=[0.3, 0.4, 0.18, 0.1, 0.02])
    return City(zones, shapes, lon, lat, r95 / 2.4477, pair_first, pair_zone)


def _zone(rng: np.random.Generator) -> shapely.Polygon:
    corners = int(rng.integers(5, 61))
    turn = 2 * np.pi * (np.arange(corners) + rng.uniform(0, 0.9, corners)) / corners
    away = rng.uniform(100, 600) * rng.uniform(0.5, 1.0, corners)
    lon, lat = rng.uniform(-0.35, 0.15), rng.uniform(51.3, 51.7)
    return shapely.Polygon(
        np.column_stack([lon + away * np.cos(turn) / 69_300, lat + away * np.sin(turn) / 111_250])
    )


def _batches(city: City, size: int) -> list[slice]:
    """Slices of tags; of the small sizes only as many as time allows."""
    count = min(TAGS // size, 2_000 if size == 1 else 100)
    return [slice(at * size, (at + 1) * size) for at in range(count)] * (5 if size > 1_000 else 1)


def _timed(
    city: City, engine: str, size: int, judge: Callable[[slice], int], *, cpu: bool = True
) -> Measured:
    judge(slice(0, size))
    took = []
    pairs = 0
    # Seconds of this core, so that a busy machine does not spoil them; a server's are wall time.
    now = time.process_time if cpu else time.perf_counter
    for part in _batches(city, size):
        began = now()
        pairs += judge(part)
        took.append(now() - began)
    p50, p99 = np.percentile(took, [50, 99]) * 1e3
    return Measured(engine, size, pairs / sum(took), float(p50), float(p99))


def ours(city: City, size: int) -> Measured:
    """Distance to the edge and exact chance of every bound pair."""

    def judge(part: slice) -> int:
        first, last = city.pair_first[part.start], city.pair_first[part.stop]
        tag = np.repeat(
            np.arange(part.start, part.stop), np.diff(city.pair_first[part.start : part.stop + 1])
        )
        verdicts(
            city.shapes,
            city.pair_zone[first:last],
            city.lon[tag],
            city.lat[tag],
            city.sigma_m[tag],
            REACH_M,
        )
        return int(last - first)

    return _timed(city, "vigil: edge distance and P(inside)", size, judge)


def ours_near(city: City) -> Measured:
    """The same where every pair is within reach: the worst case."""
    tag, zone = city.pair_tag, city.pair_zone
    near = near_pairs(city.shapes, zone, city.lon[tag], city.lat[tag], REACH_M)
    tag, zone = tag[near], zone[near]
    columns = city.lon[tag], city.lat[tag], city.sigma_m[tag]

    def judge(part: slice) -> int:
        verdicts(city.shapes, zone, *columns, REACH_M)
        return len(zone)

    return _timed(city, "vigil: the same, near pairs only", TAGS, judge)


def prepared(city: City, size: int) -> Measured:
    """Prepared polygons of shapely on arrays, bare point only."""
    zones = np.array(city.zones, object)
    shapely.prepare(zones)

    def judge(part: slice) -> int:
        first, last = city.pair_first[part.start], city.pair_first[part.stop]
        tag = (
            city.pair_tag[first:last]
            if size == TAGS
            else np.repeat(
                np.arange(part.start, part.stop),
                np.diff(city.pair_first[part.start : part.stop + 1]),
            )
        )
        shapely.intersects_xy(zones[city.pair_zone[first:last]], city.lon[tag], city.lat[tag])
        return int(last - first)

    return _timed(city, "shapely prepared: bare point", size, judge)


def measured_by_shapely(city: City, size: int) -> Measured:
    """Shapely's exact distance to the outline after a look at the boxes, in degrees."""
    zones = np.array(city.zones, object)
    outlines = shapely.boundary(zones)
    shapely.prepare(zones)

    def judge(part: slice) -> int:
        first, last = city.pair_first[part.start], city.pair_first[part.stop]
        tag = np.repeat(
            np.arange(part.start, part.stop), np.diff(city.pair_first[part.start : part.stop + 1])
        )
        zone = city.pair_zone[first:last]
        near = near_pairs(city.shapes, zone, city.lon[tag], city.lat[tag], REACH_M)
        tag, zone = tag[near], zone[near]
        points = shapely.points(city.lon[tag], city.lat[tag])
        shapely.distance(outlines[zone], points)
        shapely.intersects_xy(zones[zone], city.lon[tag], city.lat[tag])
        return int(last - first)

    return _timed(city, "shapely: edge distance after boxes", size, judge)


def tree(city: City, size: int) -> Measured:
    """Shapely's STRtree: every tag against all zones, bare point; counted as bound pairs."""
    index = shapely.STRtree(city.zones)

    def judge(part: slice) -> int:
        index.query(shapely.points(city.lon[part], city.lat[part]), predicate="intersects")
        return int(city.pair_first[part.stop] - city.pair_first[part.start])

    return _timed(city, "shapely STRtree, unbound: bare point", size, judge)


def load(connection: psycopg.Connection, city: City) -> None:
    """The same tags, zones and pairs in PostGIS."""
    connection.execute(
        """
        create temporary table bench_zone (zone int primary key, shape geometry(Polygon, 4326));
        create temporary table bench_tag (tag int primary key, place geometry(Point, 4326));
        create temporary table bench_pair (tag int, zone int);
        """
    )
    places = shapely.points(city.lon, city.lat)
    with connection.cursor() as cursor:
        for table, rows in (
            ("bench_zone", enumerate(shapely.to_wkb(city.zones, hex=True))),
            ("bench_tag", enumerate(shapely.to_wkb(places, hex=True))),
            ("bench_pair", zip(city.pair_tag.tolist(), city.pair_zone.tolist(), strict=True)),
        ):
            text = io.StringIO()
            text.writelines(f"{left}\t{right}\n" for left, right in rows)
            with cursor.copy(f"copy {table} from stdin") as copy:
                copy.write(text.getvalue())
    connection.execute(
        """
        update bench_zone set shape = ST_SetSRID(shape, 4326);
        update bench_tag set place = ST_SetSRID(place, 4326);
        create index on bench_zone using gist (shape);
        create index on bench_pair (tag);
        analyze bench_zone; analyze bench_tag; analyze bench_pair;
        """
    )


def postgis(city: City, connection: psycopg.Connection, size: int) -> Measured:
    """`ST_Covers` of every bound pair, in one statement a batch; wall time."""
    query = """
        select count(*) filter (where ST_Covers(shape, place)), count(*)
        from bench_tag join bench_pair using (tag) join bench_zone using (zone)
        where tag >= %s and tag < %s
    """

    def judge(part: slice) -> int:
        row = connection.execute(query, (part.start, part.stop)).fetchone()
        return int(row[1]) if row else 0

    return _timed(city, "PostGIS ST_Covers: bare point", size, judge, cpu=False)


def disagreements(city: City, connection: psycopg.Connection | None) -> dict[str, int]:
    """In how many of the pairs each engine says otherwise than we do of the bare point."""
    tag, zone = city.pair_tag, city.pair_zone
    edge_m, _ = verdicts(city.shapes, zone, city.lon[tag], city.lat[tag], 0.0, REACH_M)
    inside = edge_m <= 0.0
    zones = np.array(city.zones, object)[zone]
    by_shapely = shapely.intersects_xy(zones, city.lon[tag], city.lat[tag])
    found = {"shapely": int((by_shapely != inside).sum())}
    if connection is not None:
        rows = connection.execute(
            """
            select tag, zone from bench_tag join bench_pair using (tag)
            join bench_zone using (zone) where ST_Covers(shape, place)
            """
        ).fetchall()
        theirs = set(rows)
        mine = set(zip(tag[inside].tolist(), zone[inside].tolist(), strict=True))
        found["PostGIS"] = len(theirs ^ mine)
    return found


def report(connection: psycopg.Connection | None) -> bool:
    """Prints the table with ratios; gives whether the aim is met."""
    city = make_city()
    tag = city.pair_tag
    edge_m, p = verdicts(
        city.shapes, city.pair_zone, city.lon[tag], city.lat[tag], city.sigma_m[tag], REACH_M
    )
    corners = np.array([len(zone.exterior.coords) - 1 for zone in city.zones])
    print(
        f"Kernel: {TAGS:,} tags, {ZONES:,} zones of {corners.min()} to {corners.max()} vertices, "
        f"{len(tag):,} bound pairs;\n  {np.isfinite(edge_m).mean():.0%} within {REACH_M:.0f} m, "
        f"{((p > 0) & (p < 1)).mean():.1%} with a chance between 0 and 1"
    )
    if connection is not None:
        load(connection, city)
    print(f"  {'':36} {'tags a batch':>12} {'verdicts/s':>12} {'p50 ms':>9} {'p99 ms':>9}  ours is")
    met = False
    for size in BATCHES:
        mine = ours(city, size)
        rows = [mine, prepared(city, size), measured_by_shapely(city, size), tree(city, size)]
        if connection is not None:
            rows.append(postgis(city, connection, size))
        if size == TAGS:
            rows.append(ours_near(city))
            met = mine.verdicts_per_s > 2_000_000
        for row in rows:
            ratio = mine.verdicts_per_s / row.verdicts_per_s
            print(
                f"  {row.engine:36} {row.batch:>12,} {row.verdicts_per_s:>12,.0f} "
                f"{row.p50_ms:>9.3f} {row.p99_ms:>9.3f}  {ratio:.1f} x"
            )
    for engine, count in disagreements(city, connection).items():
        print(f"  bare point, {engine} against ours: {count} of {len(tag):,} pairs differ")
    print(f"  aim, above 2,000,000 verdicts/s and core: {'kept' if met else 'MISSED'}")
    return met
