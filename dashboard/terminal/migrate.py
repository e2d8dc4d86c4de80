"""`app.py migrate`: brings the tables up to this version, as their owner."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from data.rules.access import Action

if TYPE_CHECKING:
    from dashboard.terminal.house import House

NAME = "migrate"
ACTION = Action.RUN_PROCESS
HELP = "bring the database's tables up to this version, as VIGIL_OWNER_DATABASE_URL"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing: the settings say where and as whom."""


def run(arguments: argparse.Namespace, house: House) -> int:
    """Migrates and says whether anything changed."""
    from data.store.migrate import migrate

    with house.owner_engine() as engine:
        print("The tables are up to date now." if migrate(engine) else "Nothing to do.")
    return 0
