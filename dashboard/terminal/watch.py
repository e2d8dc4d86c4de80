"""`app.py watch`: judges the passing of time, such as silence and hours that begin."""

from __future__ import annotations

import argparse
import signal
import threading
from typing import TYPE_CHECKING

from data.rules.access import Action

if TYPE_CHECKING:
    from dashboard.terminal.house import House

NAME = "watch"
HELP = "judge the passing of time: silence, hours that begin, grace that runs out"
ACTION = Action.RUN_PROCESS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing: it watches every activation."""


def run(arguments: argparse.Namespace, house: House) -> int:
    """Watches until Ctrl-C or SIGTERM."""
    from data.service.checkpoints import CheckpointWriter, public_pem, signing_key
    from data.service.rehearsal_runner import RehearsalRunner
    from data.service.watch import tell_no_checkpoint, watch

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    rate = house.settings.demo_speed if house.settings.demo else 1.0
    settings = house.settings
    key = signing_key(settings.checkpoint_key_file)
    print(f"Checkpoints of the audit trail: {settings.checkpoint_dir}. Keep their key elsewhere:")
    print(public_pem(key).decode().strip(), flush=True)
    if not settings.has_own_checkpoint_dir and not settings.demo:
        print("They should go to another machine: set VIGIL_CHECKPOINT_DIR.", flush=True)
    with house.engine(pool_size=5) as engine:
        writer = CheckpointWriter(engine, house.clock, settings.checkpoint_dir, key)
        # A thread of its own: a folder on another machine may hang, and the watch must not.
        threading.Thread(
            target=writer.keep_writing,
            args=(stop, lambda: tell_no_checkpoint(engine, house.clock)),
            name="checkpoints",
            daemon=True,
        ).start()
        runner = RehearsalRunner(engine, house.clock, settings.time_zone)
        threading.Thread(
            target=runner.keep_running,
            args=(lambda: not stop.is_set(), lambda: stop.wait(0.5)),
            name="rehearsals",
            daemon=True,
        ).start()
        watch(
            engine,
            house.clock,
            lambda: not stop.is_set(),
            rate=rate,
            time_zone=settings.time_zone,
        )
    return 0
