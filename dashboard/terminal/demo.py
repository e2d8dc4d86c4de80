"""`app.py demo`: the room with an invented city full of people, in one command."""

from __future__ import annotations

import argparse
import shutil
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from dashboard.terminal.room import keep_room, say
from data.errors import BadInput
from data.rules.access import Action

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from dashboard.terminal.house import House

NAME = "demo"
HELP = "run the whole room on an invented city: nobody in it is real"
ACTION = Action.RUN_PROCESS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How the demo's world is told."""
    parser.add_argument("--seed", type=int, help="another number, another story (VIGIL_DEMO_SEED)")
    parser.add_argument("--speed", type=float, help="1 to 60 times real time (VIGIL_DEMO_SPEED)")
    parser.add_argument("--fresh", action="store_true", help="forget also what you added")


def run(arguments: argparse.Namespace, house: House) -> int:
    """Runs until Ctrl-C or SIGTERM."""
    settings = house.settings
    if arguments.seed is not None:
        settings = replace(settings, demo_seed=arguments.seed)
    if arguments.speed is not None:
        if not 1 <= arguments.speed <= 60:
            raise BadInput("--speed", "a number from 1 to 60", arguments.speed)
        settings = replace(settings, demo_speed=arguments.speed)
    settings = replace(settings, demo=True)
    house = replace(house, settings=settings)

    def prepare(engine: Engine) -> Mapping[str, str]:
        from data.demo.evening import open_evening

        started_s = time.monotonic()
        done = open_evening(
            engine, house.clock, settings.demo_seed, _progress, is_fresh=arguments.fresh
        )
        if not done.endswith("was."):
            # The feeder fits new keys and, as after any fitting, sends what the tags have stored.
            (settings.var_dir / "demo" / "keys.json").unlink(missing_ok=True)
        say(f"{done} ({time.monotonic() - started_s:.1f} s)")
        # The demo's trail begins anew with its world; another room's checkpoints are not touched.
        checkpoints = settings.demo_checkpoint_dir
        if done.startswith("A new world"):
            shutil.rmtree(checkpoints, ignore_errors=True)
        return {
            "VIGIL_CHECKPOINT_DIR": str(checkpoints),
            "VIGIL_DEMO": "1",
            "VIGIL_DEMO_SEED": str(settings.demo_seed),
            "VIGIL_DEMO_SPEED": str(settings.demo_speed),
            # From here on time may run faster: not before, or at 60 times the tags would have
            # been silent for ten minutes by the time anybody can report.
            "VIGIL_DEMO_STARTED_AT": house.clock.now().isoformat(),
        }

    commands = ("gateway", "judge", "watch", "notify", "web", "demo-feed")
    # Forgetting the last evening takes rights that the program itself has not.
    return keep_room(house, commands, prepare=prepare, as_owner=True)


def _progress(what: str, done: int, total: int | None) -> None:
    if done == total:
        say(f"{what}: {done:,}")
