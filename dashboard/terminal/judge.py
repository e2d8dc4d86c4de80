"""`app.py judge`: one worker of the judge. Start as many as there are cores to spare."""

from __future__ import annotations

import argparse
import signal
import threading
from typing import TYPE_CHECKING

from data.rules.access import Action

if TYPE_CHECKING:
    from dashboard.terminal.house import House

NAME = "judge"
HELP = "judge readings as they come; several may run, they share the work"
ACTION = Action.RUN_PROCESS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing: workers find out by themselves how many they are."""


def run(arguments: argparse.Namespace, house: House) -> int:
    """Judges until Ctrl-C or SIGTERM; the round that has begun is finished first."""
    from data.service.judge_worker import work

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with house.engine(pool_size=2) as engine:
        work(engine, house.clock, lambda: not stop.is_set())
    return 0
