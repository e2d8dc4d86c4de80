"""`app.py zone`: puts zones from a GeoJSON file into force, lists them, takes one out of force."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from data.clock import read_moment
from data.errors import BadInput
from data.rules.access import Action

if TYPE_CHECKING:
    from dashboard.terminal.house import House

NAME = "zone"
HELP = "put zones from a GeoJSON file into force, list them, retire one"
ACTION = Action.KEEP_ZONES


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do with which zones."""
    acts = parser.add_subparsers(dest="act", metavar="ACT", required=True)
    add = acts.add_parser(
        "add",
        help="zones of a file, for one case",
        description="Features carry zone_id (the name), kind and optionally buffer_m, schedule, "
        "and radius_m for points (circles) and lines (corridors).",
    )
    add.add_argument("file", type=Path, metavar="ZONES.geojson")
    add.add_argument("--case", required=True, help="code of the case whose offender they bind")
    add.add_argument("--reason", required=True, help="kept with the zone, such as the court order")
    add.add_argument("--from", dest="valid_from", help="ISO moment with offset; default: now")
    acts.add_parser("list", help="every zone with its newest version")
    retire = acts.add_parser("retire", help="out of force from now on; its past stays")
    retire.add_argument("zone_id", type=int)
    retire.add_argument("--reason", required=True)


def run(arguments: argparse.Namespace, house: House) -> int:
    """Does it and says what was done."""
    from data.feeds.zone_features import read_zone_features
    from data.service.zones import Zones

    with house.engine(pool_size=1) as engine:
        zones = Zones(engine, house.clock)
        if arguments.act == "list":
            for line in zones.list():
                until = f"until {line.valid_to:%Y-%m-%d %H:%M}Z" if line.valid_to else "in force"
                print(
                    f"{line.zone_id:>6}  {line.case_code:<10} {line.kind:<10} v{line.number:<3} "
                    f"buffer {line.buffer_m:.0f} m  {until}  {line.name}"
                )
        elif arguments.act == "retire":
            zones.retire(arguments.zone_id, reason=arguments.reason)
            print(f"Zone {arguments.zone_id} is out of force.")
        else:
            since = arguments.valid_from
            ids = zones.add(
                arguments.case,
                read_zone_features(_content(arguments.file)),
                valid_from=None if since is None else read_moment(since, "--from"),
                reason=arguments.reason,
            )
            print(f"In force for case {arguments.case}: zones {', '.join(map(str, ids))}.")
    return 0


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(path.name, f"a file that can be read ({error.strerror})") from error
