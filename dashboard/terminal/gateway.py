"""`app.py gateway`: the port that devices send to."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from data.rules.access import Action

if TYPE_CHECKING:
    from flask import Flask

    from dashboard.terminal.house import House

NAME = "gateway"
HELP = "take what devices send (OsmAnd, OwnTracks, batches) on a port of its own"
ACTION = Action.RUN_PROCESS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """None: the settings say where it listens."""


def run(arguments: argparse.Namespace, house: House) -> int:
    """Serves until it is told to stop."""
    from dashboard.gateway import create_gateway
    from dashboard.gateway_server import GatewayServer
    from data.service.intake import Intake

    with house.engine(pool_size=6) as engine:

        def make() -> Flask:
            # What the parent process has open must not be used, nor closed, from this one.
            engine.dispose(close=False)
            return create_gateway(Intake(engine, house.clock))

        settings = house.settings
        print(f"Gateway on http://{settings.gateway_host}:{settings.gateway_port}", flush=True)
        GatewayServer(settings, make).run()
    return 0
