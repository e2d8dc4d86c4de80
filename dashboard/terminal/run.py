"""`app.py run`: the room for real, every process of it, without the demo's world."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING

from dashboard.terminal.room import keep_room
from data.rules.access import Action

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from dashboard.terminal.house import House

NAME = "run"
HELP = "run the whole room: web, gateway, judge, watch and notify"
ACTION = Action.RUN_PROCESS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing: what differs between deployments is in the environment."""


def run(arguments: argparse.Namespace, house: House) -> int:
    """Runs until Ctrl-C or SIGTERM."""
    return keep_room(house, ("gateway", "judge", "watch", "notify", "web"), prepare=_prepare)


def _prepare(engine: Engine) -> Mapping[str, str]:
    from data.demo.evening import need_no_demo

    need_no_demo(engine)
    return {}
