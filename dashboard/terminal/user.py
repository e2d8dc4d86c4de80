"""`app.py user`: who may sign in."""

from __future__ import annotations

import argparse
import getpass
import sys
from typing import TYPE_CHECKING

from data.errors import BadInput
from data.model.user import Role
from data.rules.access import Action

if TYPE_CHECKING:
    from dashboard.terminal.house import House

NAME = "user"
HELP = "add, list and close the accounts of people"
ACTION = Action.KEEP_ACCOUNTS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`user add LOGIN --role ROLE`, `list`, `role`, `reset-factor`, `disable`."""
    acts = parser.add_subparsers(dest="act", metavar="ACT", required=True)
    add = acts.add_parser("add", help="add a user; the password is asked for, or read from stdin")
    add.add_argument("login")
    add.add_argument(
        "--role", required=True, choices=[role.value for role in Role if role is not Role.WALL]
    )
    add.add_argument("--area", default="", help="sees this area's cases only; empty: all")
    acts.add_parser("list", help="name every user")
    disable = acts.add_parser("disable", help="close an account and end its sessions")
    disable.add_argument("login")
    role = acts.add_parser("role", help="give somebody another role; ends their sessions")
    role.add_argument("login")
    role.add_argument("role", choices=[each.value for each in Role if each is not Role.WALL])
    role.add_argument("--area", help="and another area; without this it stays as it is")
    reset = acts.add_parser(
        "reset-factor", help="telephone or keys are lost: all go, and the next sign-in sets up anew"
    )
    reset.add_argument("login")


def run(arguments: argparse.Namespace, house: House) -> int:
    """Does one act and says what it did."""
    from data.clock import SystemClock
    from data.service.sign_in import SignIn
    from data.store import users
    from data.store.reading import reading

    password = _password() if arguments.act == "add" else ""
    with house.engine(pool_size=1) as engine:
        door = SignIn(engine, SystemClock())
        if arguments.act == "add":
            door.add_user(arguments.login, password, Role(arguments.role), arguments.area)
            print(f"{arguments.login} may sign in as {arguments.role}.")
        elif arguments.act == "disable":
            ended = door.disable_user(arguments.login)
            print(f"{arguments.login} is closed; {ended} open sessions ended.")
        elif arguments.act == "role":
            ended = door.change_role(arguments.login, Role(arguments.role), arguments.area)
            print(f"{arguments.login} is {arguments.role} now; {ended} open sessions ended.")
        elif arguments.act == "reset-factor":
            ended = door.reset_factor(arguments.login)
            print(f"{arguments.login} sets up a new second factor at the next sign-in; ")
            print(f"{ended} open sessions ended.")
        else:
            with reading(engine) as connection:
                for row in users.find_all(connection):
                    since = (
                        f"closed {row.disabled_at:%Y-%m-%d %H:%M}" if row.disabled_at else "open"
                    )
                    print(f"{row.login:24} {row.role:16} {row.area or 'every area':16} {since}")
    return 0


def _password() -> str:
    """The new password: typed twice at a terminal, or one line from stdin.

    Raises:
        BadInput: the two differ.
    """
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != password:
        raise BadInput("password", "the same twice")
    return password
