"""`app.py device`: add, list, take off, give a new key, retire."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from data.model.people import DeviceKind, PersonRole
from data.rules.access import Action
from data.service.devices import Devices, ListedDevice, Wearer

if TYPE_CHECKING:
    from dashboard.terminal.house import House

NAME = "device"
HELP = "add a device and print its key, put it on somebody, list, retire"
ACTION = Action.KEEP_DEVICES


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words after `app.py device`."""
    acts = parser.add_subparsers(dest="act", required=True)
    add = acts.add_parser("add", help="a new device; its key is printed this once")
    add.add_argument("serial")
    add.add_argument("--kind", choices=[each.value for each in DeviceKind], default="tag")
    _add_wearer(add)
    on = acts.add_parser("on", help="put a known device on somebody, off whoever had it")
    on.add_argument("serial")
    _add_wearer(on)
    for act, words in (
        ("off", "take it off whoever has it"),
        ("key", "a new key, printed this once; the old one is dead within seconds"),
        ("retire", "out of use for good; what it sent stays"),
    ):
        acts.add_parser(act, help=words).add_argument("serial")
    acts.add_parser("list", help="every device and whom it is on")


def _add_wearer(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--person", type=int, help="the number of a person already known")
    parser.add_argument("--case", default="", help="a case by its code; a new code opens a case")
    parser.add_argument(
        "--role",
        choices=[each.value for each in PersonRole],
        default="offender",
        help="which side of the case (default: offender)",
    )
    parser.add_argument("--name", default="", help="of a person who is new")
    parser.add_argument("--warn-m", type=float, default=1000.0, help="for a new victim's pair")
    parser.add_argument("--alarm-m", type=float, default=300.0, help="for a new victim's pair")
    parser.add_argument(
        "--every", type=int, default=60, metavar="SECONDS", help="how often it should report"
    )


def wearer_of(arguments: argparse.Namespace) -> Wearer | None:
    """Whom the words name; None where they name nobody."""
    if arguments.person is None and not arguments.case:
        return None
    return Wearer(
        person_id=arguments.person,
        case_code=arguments.case,
        role=PersonRole(arguments.role),
        name=arguments.name,
        warn_m=arguments.warn_m,
        alarm_m=arguments.alarm_m,
    )


def run(arguments: argparse.Namespace, house: House) -> int:
    """Does one act; 0 when it worked."""
    with house.engine() as engine:
        devices = Devices(engine, house.clock)
        if arguments.act == "list":
            _print_list(devices.listed())
        elif arguments.act == "add":
            added = devices.add(
                arguments.serial,
                DeviceKind(arguments.kind),
                wearer_of(arguments),
                report_every_s=arguments.every,
            )
            _print_key(house, added.serial, added.key)
            if added.activation_id is None:
                print("It is on nobody yet, so what it sends is kept but not judged.")
                print(f"Next: app.py device on {added.serial} --case CODE")
        elif arguments.act == "key":
            _print_key(house, arguments.serial, devices.rotate_key(arguments.serial))
        elif arguments.act == "retire":
            devices.retire(arguments.serial)
            print(f"{arguments.serial} is out of use.")
        elif arguments.act == "off":
            ended = devices.take_off(arguments.serial)
            print("It was on nobody." if ended is None else f"Activation {ended} has ended.")
        else:
            wearer = wearer_of(arguments) or Wearer()
            begun = devices.activate(arguments.serial, wearer, report_every_s=arguments.every)
            print(f"Activation {begun} has begun.")
    return 0


def _print_key(house: House, serial: str, key: str) -> None:
    host, port = house.settings.gateway_host, house.settings.gateway_port
    print(f"device  {serial}")
    print(f"key     {key}")
    print("This is the only time the key is shown.")
    print(f"  Traccar Client: server http://{host}:{port}/osmand?key={key}")
    print(f"                  device identifier {serial}")
    print(f"  OwnTracks:      mode HTTP, URL http://{host}:{port}/owntracks")
    print(f"                  user {serial}, password {key}")
    if host in ("127.0.0.1", "localhost", "::1"):
        print("A phone needs an address it can reach: set VIGIL_GATEWAY_HOST (see README).")


def _print_list(found: list[ListedDevice]) -> None:
    if not found:
        print("No devices yet. See: app.py device add --help")
        return
    print(f"{'serial':<24} {'kind':<8} {'on':<22} {'activation':>10} {'every':>7}  added")
    for each in found:
        wearer = "out of use" if each.retired_at else "nobody"
        if each.person_id is not None:
            wearer = f"{each.role} {each.person_id}"
        every = "" if each.report_every_s is None else f"{each.report_every_s} s"
        print(
            f"{each.serial:<24} {each.kind:<8} {wearer:<22} {each.activation_id or '':>10} "
            f"{every:>7}  {each.added_at:%Y-%m-%d}"
        )
