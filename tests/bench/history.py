"""How fast past breaches are drawn: a million of them in a scratch database, tile by tile.

    python -m tests.bench.history [BREACHES]

They lie as real ones do: around the zones of 600 cases in one city, over two years, more of them
in the evening. Each figure is of fresh tiles, asked of a database that has them in memory.
"""

from __future__ import annotations

import math
import os
import shutil
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import psutil
from sqlalchemy import Connection, Engine, text

from data.model.breach import BreachKind, Grade
from data.model.history import BreachFilter
from data.model.user import Role, Viewer
from data.rules.reach import Reach
from data.store.cluster import Cluster
from data.store.engine import make_engine
from data.store.migrate import migrate
from layers import breach_list, breaches, heat

LON, LAT = 11.97, 57.70
TIME_ZONE = ZoneInfo("Europe/Stockholm")
ZOOMS = (6, 9, 10, 11, 12, 13, 14, 15, 16)
ANYBODY = Reach(Viewer(1, "bench", Role.OPERATOR, ""))
FILTERS = {
    "all": BreachFilter(),
    "evenings": BreachFilter(hours=(18, 23)),
    "certain, exclusion": BreachFilter(grades=(Grade.CERTAIN,), kinds=(BreachKind.EXCLUSION,)),
    "last 30 days": BreachFilter(since=datetime(2026, 10, 21, tzinfo=UTC)),
}


def fill(connection: Connection, n: int) -> None:
    """A million rows of `breach_now` and what they refer to."""
    random = np.random.default_rng(7)
    connection.execute(
        text(
            """
            insert into vigil.person (role, name, added_at)
                select 'offender', 'nobody', now() from generate_series(1, 600);
            insert into vigil."case" (code, offender_id, area, order_from)
                select lpad(i::text, 4, '0'), i, (array['north', 'south'])[1 + i % 2], now()
                from generate_series(1, 600) i;
            insert into vigil.device (serial, kind, key_hash, added_at)
                select 'T' || i, 'tag', '', now() from generate_series(1, 600) i;
            insert into vigil.activation (device_id, person_id, started_at)
                select i, i, now() from generate_series(1, 600) i;
            insert into vigil.zone (case_id, kind, name)
                select 1 + i % 600, 'exclusion', '' from generate_series(0, 1799) i;
            """
        )
    )
    connection.execute(
        text(
            "insert into vigil.breach (kind, case_id, activation_id, zone_id, entered_at, "
            "found_on_backfill, recorded_at) select 'exclusion', 1 + i % 600, 1 + i % 600, "
            "1 + i % 1800, now(), false, now() from generate_series(1, :n) i"
        ),
        {"n": n},
    )
    zone = random.integers(0, 1800, n)
    centres = np.column_stack([random.normal(LON, 0.07, 1800), random.normal(LAT, 0.035, 1800)])
    place = centres[zone] + random.normal(0, (0.003, 0.0015), (n, 2))
    day_s = random.integers(0, 730, n) * 86400
    hour_s = random.normal(20, 4, n) % 24 * 3600
    at_s = datetime(2024, 11, 22, tzinfo=UTC).timestamp() + day_s + hour_s
    kinds = random.choice(
        ["exclusion", "buffer", "inclusion", "pair_alarm"], n, p=[0.5, 0.3, 0.1, 0.1]
    )
    cursor = connection.connection.cursor()
    with cursor.copy(
        "copy vigil.breach_now (breach_id, case_id, activation_id, zone_id, kind, channel, grade, "
        "entered_at, p_inside_max, withdrawn, finding, position, web_x, web_y) from stdin"
    ) as copy:
        for i in range(n):
            lon, lat = place[i]
            web_x = int((lon + 180) / 360 * 2**30)
            web_y = int(
                (0.5 - math.log(math.tan(math.pi / 4 + math.radians(lat) / 2)) / 2 / math.pi)
                * 2**30
            )
            copy.write_row(
                (
                    i + 1,
                    int(zone[i]) % 600 + 1,
                    int(zone[i]) % 600 + 1,
                    int(zone[i]) + 1,
                    kinds[i],
                    1 + i % 2,
                    2 + i % 3,
                    datetime.fromtimestamp(at_s[i], UTC),
                    0.9,
                    False,
                    (None, "breach", "drift")[i % 3],
                    f"SRID=4326;POINT({lon} {lat})",
                    web_x,
                    web_y,
                )
            )


def tiles_of(zoom: int) -> list[tuple[int, int, int]]:
    """The tiles of one screen of 1920 x 1080 over the middle of the city: up to 4 x 3."""
    across = 2**zoom
    north = math.asinh(math.tan(math.radians(LAT)))
    x, y = (LON + 180) / 360 * across, (1 - north / math.pi) / 2 * across
    return [
        (zoom, int(x) + dx, int(y) + dy)
        for dx in range(-1, 3)
        for dy in range(-1, 2)
        if 0 <= int(x) + dx < across and 0 <= int(y) + dy < across
    ]


def main() -> None:
    """Fills a scratch database, and prints what each zoom costs."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    home = Path(tempfile.mkdtemp(prefix="history-bench-", dir=os.environ.get("TMPDIR")))
    cluster = Cluster(home, os.environ)
    cluster.start()
    try:
        engine = make_engine(cluster.owner_url())
        migrate(engine)
        with engine.begin() as connection:
            fill(connection, n)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("vacuum analyze vigil.breach_now"))
        print(cluster.owner_url(), flush=True)
        if os.environ.get("BENCH_HOLD"):
            time.sleep(float(os.environ["BENCH_HOLD"]))
        for name, wanted in FILTERS.items():
            measure(engine, name, wanted)
        engine.dispose()
    finally:
        cluster.stop()
        shutil.rmtree(home, ignore_errors=True)


def measure(engine: Engine, name: str, wanted: BreachFilter) -> None:
    """One line a zoom: milliseconds of a fresh tile, and the largest tile; then list and counts.

    `cpu` is what the database's own process spent, which other work on the machine does not hide.
    """
    print(f"\n{name}\n zoom     what    n      p50      p95      max  cpu p95   kB", flush=True)
    for zoom in ZOOMS:
        for what, layer in (("marks", breaches), ("heat", heat)):
            took: list[float] = []
            spent: list[float] = []
            size = 0
            for is_warm in (False, True, True, True):
                for place in tiles_of(zoom):
                    with engine.connect() as connection:
                        backend = psutil.Process(connection.scalar(text("select pg_backend_pid()")))
                        before, start = backend.cpu_times(), time.perf_counter()
                        body = layer.tile(connection, ANYBODY, wanted, TIME_ZONE, place)
                        if is_warm:
                            took.append((time.perf_counter() - start) * 1000)
                            after = backend.cpu_times()
                            seconds = after.user + after.system - before.user - before.system
                            spent.append(seconds * 1000)
                        size = max(size, len(body))
            p50, p95 = np.percentile(took, (50, 95))
            print(
                f"{zoom:>5} {what:>8} {len(took):>4} {p50:>8.1f} {p95:>8.1f} {max(took):>8.1f} "
                f"{np.percentile(spent, 95):>8.0f} {size / 1000:>4.0f}",
                flush=True,
            )
    others = {
        "list": breach_list.listed,
        "by hour": breach_list.by_hour,
        "extent": breach_list.extent,
    }
    for what, ask in others.items():
        took = []
        for _ in range(5):
            with engine.connect() as connection:
                start = time.perf_counter()
                ask(connection, ANYBODY, wanted, TIME_ZONE)  # type: ignore[operator]
                took.append((time.perf_counter() - start) * 1000)
        print(f"{what:>14} {len(took):>4} {np.percentile(took, 50):>8.1f} {max(took):>17.1f}")


if __name__ == "__main__":
    main()
