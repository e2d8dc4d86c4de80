"""`app.py notify`: sends what was ordered to police, victim, supervisor and who is on call."""

from __future__ import annotations

import argparse
import signal
import threading
from typing import TYPE_CHECKING

from data.rules.access import Action

if TYPE_CHECKING:
    from dashboard.terminal.house import House

NAME = "notify"
HELP = "send notices to police, victim, supervisor and who is on call"
ACTION = Action.RUN_PROCESS

SENDERS = 4
"""At once: a channel that hangs must not hold up the others."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing: where notices go is in the file that VIGIL_NOTIFY_FILE names."""


def run(arguments: argparse.Namespace, house: House) -> int:
    """Sends until Ctrl-C or SIGTERM; what has begun is finished first."""
    from data.service.channels import Channel, DemoPhone, NoChannel, read_addresses
    from data.service.notify import Notifier, keep_sending

    settings = house.settings
    channel: Channel
    if settings.demo:
        channel = DemoPhone()
    elif settings.notify_file:
        channel = read_addresses(settings.notify_file)
    else:
        channel = NoChannel()
        print("No channel: set VIGIL_NOTIFY_FILE. Until then somebody has to ring.", flush=True)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    rate = settings.demo_speed if settings.demo else 1.0
    with house.engine(pool_size=SENDERS) as engine:
        notifier = Notifier(engine, house.clock, channel, rate)
        senders = [
            threading.Thread(target=keep_sending, args=(notifier, lambda: not stop.is_set()))
            for _ in range(SENDERS)
        ]
        for each in senders:
            each.start()
        for each in senders:
            each.join()
    return 0
