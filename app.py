"""Vigil's one entry: `python app.py COMMAND`. Reads the settings and hands over to the command."""

from __future__ import annotations

import argparse
import keyword
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType

from data.errors import Refused, VigilError
from data.rules.access import decide_at_terminal
from data.settings import read_settings

COMMANDS = (
    "demo",
    "run",
    "web",
    "gateway",
    "judge",
    "watch",
    "notify",
    "demo-feed",
    "import",
    "judge-files",
    "basemap",
    "device",
    "zone",
    "user",
    "wall",
    "migrate",
    "verify",
)


def command_module(command: str) -> ModuleType:
    """The module in dashboard/terminal that carries out this command.

    Raises:
        Refused: it names no action, or one that is not for the terminal.
    """
    name = command.replace("-", "_")
    module = import_module(f"dashboard.terminal.{name}{'_' if keyword.iskeyword(name) else ''}")
    action = getattr(module, "ACTION", None)
    if action is None or not (decision := decide_at_terminal(action)).allowed:
        raise Refused(f"{command}: {decision.reason if action else 'it names no action.'}")
    return module


def make_parser(commands: Sequence[str]) -> argparse.ArgumentParser:
    """A parser that knows these commands; each costs the import of what it needs."""
    parser = argparse.ArgumentParser(prog="app.py", description="Vigil, a monitoring room.")
    choices = parser.add_subparsers(metavar="COMMAND", required=True)
    for command in commands:
        module = command_module(command)
        branch = choices.add_parser(command, help=module.HELP, description=module.HELP)
        module.add_arguments(branch)
        branch.set_defaults(run=module.run)
    return parser


def main(argv: Sequence[str]) -> int:
    """Runs one command and gives the exit status: 0 well, 2 something is not right."""
    # Only the command asked for is imported: a judge needs no web server, and starts quicker.
    wanted = [each for each in COMMANDS if argv[:1] == [each]] or COMMANDS
    try:
        arguments = make_parser(wanted).parse_args(argv)
        from dashboard.terminal.house import House

        settings = read_settings(os.environ, Path(__file__).resolve().parent)
        return int(arguments.run(arguments, House(settings, settings.clock(), os.environ)))
    except VigilError as error:
        print(f"vigil: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
