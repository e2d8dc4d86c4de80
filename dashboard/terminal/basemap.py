"""`app.py basemap`: bring in, list and remove what the map is drawn from."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from data.rules.access import Action
from data.service import basemap

if TYPE_CHECKING:
    from dashboard.terminal.house import House

NAME = "basemap"
HELP = "import, list or remove the base map (OpenStreetMap extracts, GeoJSON)"
ACTION = Action.KEEP_BASEMAP


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words after `app.py basemap`."""
    acts = parser.add_subparsers(dest="act", required=True)
    bring = acts.add_parser("import", help="read a file; the same file again replaces itself")
    bring.add_argument("file", type=Path, help=".osm.pbf, .osm, .geojson or .geojson.gz")
    bring.add_argument("--name", help="what to call it (otherwise the file's name)")
    bring.add_argument(
        "--attribution", help="the line the map must show (otherwise OpenStreetMap's)"
    )
    bring.add_argument("--kind", help="water, green or building, for polygons that do not say")
    acts.add_parser("list", help="what the map is made of")
    acts.add_parser("remove", help="take a source off the map").add_argument("name")


def run(arguments: argparse.Namespace, house: House) -> int:
    """Does one act; 0 when it worked."""
    with house.engine() as engine:
        if arguments.act == "remove":
            basemap.remove(engine, house.clock, arguments.name)
            print(f"Removed {arguments.name}.")
        elif arguments.act == "list":
            found = basemap.sources(engine)
            for each in found:
                print(
                    f"{each.name}: {each.streets:,} streets, {each.areas:,} areas,"
                    f" {each.imported_at:%Y-%m-%d %H:%M} UTC, {each.attribution}"
                )
            if not found:
                print("The base map is empty. See: app.py basemap import --help")
        else:
            with Bar() as bar:
                done = basemap.bring_in(
                    engine,
                    house.clock,
                    arguments.file,
                    name=arguments.name,
                    attribution=arguments.attribution,
                    kind=arguments.kind,
                    progress=bar,
                )
            print(
                f"{done.name}: {done.streets:,} streets and {done.areas:,} areas are on the map;"
                f" {done.skipped:,} other features left out."
            )
    return 0


class Bar:
    """A progress bar on the terminal that a service may report to."""

    def __enter__(self) -> Bar:
        from tqdm import tqdm  # only when a bar is drawn

        self._bar = tqdm(unit=" features", leave=False)
        return self

    def __exit__(self, *error: object) -> None:
        self._bar.close()

    def __call__(self, what: str, done: int, total: int | None) -> None:
        """Shows `done` of `total`; total None draws a counter."""
        self._bar.set_description(what)
        self._bar.total = total
        self._bar.n = max(done, self._bar.n if total is None else 0)
        self._bar.refresh()
