"""`python -m tests.bench`: kernel, slider, the durable road of a fix, a desk, a long replay."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from data.errors import MissingPart
from data.store.cluster import Cluster
from tests.bench import kernel, queue, replay, road, room, slider
from tests.browser import find_browser

_IN_A_BROWSER = {"room": room.report, "queue": queue.report, "replay": replay.report}


def main() -> int:
    """Prints everything; 1 where an aim is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--no-database", action="store_true", help="leave PostGIS out")
    parser.add_argument("--only", choices=_IN_A_BROWSER, help="leave everything else out")
    given = parser.parse_args()
    if given.no_database:
        return 0 if kernel.report(None) else 1
    with tempfile.TemporaryDirectory(prefix="vigil-bench-", dir="/var/tmp") as home:
        # The server runs as another account where we are root; it makes the folders below.
        Path(home).chmod(0o755)
        cluster = Cluster(Path(home) / "postgres", os.environ)
        try:
            cluster.start()
        except MissingPart as error:
            print(f"{error}; PostGIS is left out")
            return 0 if kernel.report(None) else 1
        try:
            if given.only:
                return 0 if _IN_A_BROWSER[given.only](cluster, Path(home)) else 1
            with cluster.connect() as connection:
                met = kernel.report(connection)
            met = slider.report() and met
            met = road.report(cluster) and met
            if find_browser() is not None:
                for part in _IN_A_BROWSER.values():
                    met = part(cluster, Path(home)) and met
        finally:
            cluster.stop()
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
