"""`app.py web`: the control room for people, one process with many threads."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from data.rules.access import Action

if TYPE_CHECKING:
    from flask import Flask

    from dashboard.terminal.house import House

NAME = "web"
HELP = "serve the control room to browsers"
ACTION = Action.RUN_PROCESS

POOL = 12
"""Database connections of the process. Requests are short; sockets hold none."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing: the settings say where it listens."""


def run(arguments: argparse.Namespace, house: House) -> int:
    """Serves until it is told to stop."""
    from dashboard.browser import is_built
    from dashboard.factory import check_address, create_room
    from dashboard.web_server import WebServer
    from data.errors import MissingPart

    if not is_built():
        raise MissingPart("The browser part is not built. Run `make build` first.")
    settings = house.settings
    check_address(settings)
    with house.engine(pool_size=POOL) as engine:

        def make() -> Flask:
            # What the parent process has open must not be used, nor closed, from this one.
            engine.dispose(close=False)
            room = create_room(settings, engine, house.clock)
            room.live.start()
            return room.server

        print(f"Control room on http://{settings.web_host}:{settings.web_port}", flush=True)
        WebServer(settings, make).run()
    return 0
