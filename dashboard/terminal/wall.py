"""`app.py wall`: screens that nobody signs in to."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from data.rules.access import Action

if TYPE_CHECKING:
    from dashboard.terminal.house import House

NAME = "wall"
HELP = "add a wall screen and print its link, list walls, revoke one"
ACTION = Action.KEEP_WALLS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`wall add NAME`, `wall link NAME`, `wall list`, `wall revoke NAME`."""
    acts = parser.add_subparsers(dest="act", metavar="ACT", required=True)
    add = acts.add_parser("add", help="a new wall; its link is printed this once, and works once")
    add.add_argument("name")
    add.add_argument("--area", default="", help="shows this area only; empty: all")
    acts.add_parser("link", help="a new link for a wall whose browser is lost").add_argument("name")
    acts.add_parser("list", help="name every wall, and when it was last seen")
    acts.add_parser("revoke", help="shut a wall out for good").add_argument("name")


def run(arguments: argparse.Namespace, house: House) -> int:
    """Does one act and says what it did."""
    from data.clock import SystemClock
    from data.service.walls import LINK_FOR, Walls

    with house.engine(pool_size=1) as engine:
        walls = Walls(engine, SystemClock())
        if arguments.act == "revoke":
            walls.revoke(arguments.name)
            print(f"{arguments.name} is shut out.")
        elif arguments.act == "list":
            for row in walls.listed():
                state = "revoked" if row.revoked_at else "waits for its link to be opened"
                if row.seen_at and not row.revoked_at:
                    state = f"last seen {row.seen_at:%Y-%m-%d %H:%M}Z"
                print(f"{row.name:24} {row.area or 'every area':16} {state}")
        else:
            is_new = arguments.act == "add"
            code = (
                walls.add(arguments.name, arguments.area) if is_new else walls.renew(arguments.name)
            )
            settings = house.settings
            home = settings.public_url or f"http://{settings.web_host}:{settings.web_port}"
            print(
                f"Open this in the wall's browser, once, within {LINK_FOR.seconds // 3600 or 24} h:"
            )
            # Behind the #: a browser keeps that part to itself, so no log ever has it.
            print(f"  {home.rstrip('/')}/wall-in#{code}")
    return 0
