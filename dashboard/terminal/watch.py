"""`app.py watch`: judges the passing of time, such as silence and hours that begin."""

from __future__ import annotations

import argparse
import signal
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dashboard.terminal.house import House

NAME = "watch"
HELP = "judge the passing of time: silence, hours that begin, grace that runs out"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing: it watches every activation."""


def run(arguments: argparse.Namespace, house: House) -> int:
    """Watches until Ctrl-C or SIGTERM."""
    from data.service.watch import watch

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    rate = house.settings.demo_speed if house.settings.demo else 1.0
    with house.engine(pool_size=2) as engine:
        watch(engine, house.clock, lambda: not stop.is_set(), rate=rate)
    return 0
