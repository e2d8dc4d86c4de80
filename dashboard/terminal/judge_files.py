"""`app.py judge-files`: breaches from a file of zones and a file of fixes, without a database."""

from __future__ import annotations

import argparse
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.rules.access import Action

if TYPE_CHECKING:
    from dashboard.terminal.house import House
    from data.feeds.fix_columns import RowFault

NAME = "judge-files"
HELP = "judge a CSV file of fixes against a GeoJSON file of zones; needs no database"
ACTION = Action.JUDGE_FILES

_FAULTS_SHOWN = 100


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words after `app.py judge-files`."""
    parser.description = (
        f"{HELP}. Fixes: activation,fixed_at,lon,lat,radius_95_m and optional mechanism,"
        "speed_mps,received_at. Zone properties: zone_id, kind and optional buffer_m, "
        "activations, schedule; radius_m for points (circles) and lines (corridors). "
        "Exit status: 0 all rows judged, 1 some rows refused (each named on stderr), "
        "2 nothing judged."
    )
    parser.add_argument("zones", type=Path, metavar="ZONES.geojson")
    parser.add_argument("fixes", type=Path, metavar="FIXES.csv")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="BREACHES.jsonl", help="- for the terminal"
    )


def run(arguments: argparse.Namespace, house: House) -> int:
    """Judges and says in one line what came of it."""
    import orjson

    from data.errors import BadInput
    from data.service.judge_files import judge_files

    shown = 0

    def complain(fault: RowFault) -> None:
        nonlocal shown
        shown += 1
        if shown <= _FAULTS_SHOWN:
            print(f"{arguments.fixes.name}: {fault}", file=sys.stderr)

    is_terminal = str(arguments.out) == "-"
    try:
        opened = nullcontext(sys.stdout.buffer) if is_terminal else arguments.out.open("wb")
    except OSError as error:
        raise BadInput("--out", f"a file that can be written ({error.strerror})") from error
    with opened as out:

        def write(breach: dict[str, Any]) -> None:
            out.write(orjson.dumps(breach, option=orjson.OPT_APPEND_NEWLINE))

        judged = judge_files(
            arguments.zones, arguments.fixes, house.clock, write=write, complain=complain
        )
    if shown > _FAULTS_SHOWN:
        print(f"{arguments.fixes.name}: and {shown - _FAULTS_SHOWN} more", file=sys.stderr)
    print(
        f"{judged.fixes:,} fixes of {judged.activations:,} activations judged against "
        f"{judged.zones:,} zones: {judged.breaches:,} breaches; {judged.repeated:,} fixes "
        f"repeated, {judged.refused:,} rows refused",
        file=sys.stderr,
    )
    return 1 if judged.refused else 0
