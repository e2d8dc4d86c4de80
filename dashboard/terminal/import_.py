"""`app.py import`: brings in the history of devices from CSV and GPX files."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from data.errors import BadInput
from data.feeds.table import MEANINGS, read_choice
from data.feeds.wire import RowError
from data.model.people import DeviceKind, PersonRole
from data.rules.access import Action
from data.service.history_import import HistoryImport, Plan, Report

if TYPE_CHECKING:
    from dashboard.terminal.house import House

NAME = "import"
HELP = "bring in history from CSV or GPX; it is judged like everything else"
ACTION = Action.IMPORT_HISTORY

_SHOWN_ERRORS = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words after `app.py import`."""
    parser.add_argument("file", type=Path, help=".gpx, or a table with a heading (.csv)")
    parser.add_argument(
        "--columns",
        default="",
        metavar="lon=COLUMN,...",
        help=f"which column holds what: {', '.join(MEANINGS)}",
    )
    parser.add_argument(
        "--time-zone", default="", help="of times that name none, such as Europe/London"
    )
    parser.add_argument(
        "--device", default="", help="the serial of rows that name no device (else the file's name)"
    )
    parser.add_argument(
        "--create", action="store_true", help="add devices that are unknown, and put them on people"
    )
    parser.add_argument(
        "--case", default="", help="with --create: their case (else IMPORT-serial for each)"
    )
    parser.add_argument(
        "--role",
        choices=[each.value for each in PersonRole],
        default="offender",
        help="with --create: the side of the case they are on",
    )
    parser.add_argument("--kind", choices=[each.value for each in DeviceKind], default="tag")


def run(arguments: argparse.Namespace, house: House) -> int:
    """Reads one file; 0 when rows were kept, 1 when all of them were refused."""
    from tqdm import tqdm

    plan = Plan(
        columns=read_choice(arguments.columns),
        time_zone=_time_zone(arguments.time_zone),
        device=arguments.device,
        create=arguments.create,
        case_code=arguments.case,
        role=PersonRole(arguments.role),
        kind=DeviceKind(arguments.kind),
    )
    path: Path = arguments.file
    if not path.is_file():
        raise BadInput("file", "a file that is there", path.name)
    told = 0

    with (
        house.engine() as engine,
        tqdm(total=path.stat().st_size, unit="B", unit_scale=True, desc=path.name) as bar,
    ):

        def tell(error: RowError) -> None:
            nonlocal told
            told += 1
            if told <= _SHOWN_ERRORS:
                bar.write(f"{path.name}:{error.line}: {error.field}: expected {error.expected}")
            elif told == _SHOWN_ERRORS + 1:
                bar.write("More rows are refused; they are counted below.")

        report = HistoryImport(engine, house.clock, tell, bar.update).bring_in(path, plan)
        bar.update(bar.total - bar.n)
    _print(report)
    return 0 if report.kept or not report.refused else 1


def _time_zone(name: str) -> ZoneInfo | None:
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise BadInput("--time-zone", "a zone name such as Europe/London", name) from error


def _print(report: Report) -> None:
    print(
        f"{report.kept + report.refused:,} rows: {report.kept:,} kept, {report.refused:,} refused,"
        f" of {len(report.by_device)} devices ({len(report.added)} added)."
    )
    for serial, kept in sorted(report.by_device.items()):
        print(f"  {serial}: {kept:,}")
    if report.unjudged:
        print(f"{report.unjudged:,} of them are of devices on nobody: kept, not judged.")
