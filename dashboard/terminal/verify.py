"""`app.py verify`: whether anybody changed what must not change."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from data.rules.access import Action

if TYPE_CHECKING:
    from dashboard.terminal.house import House

NAME = "verify"
HELP = "check the audit trail and its signed checkpoints; says the first thing that is wrong"
ACTION = Action.VERIFY_AUDIT


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`verify audit`, on this machine or on the one that keeps the checkpoints."""
    whats = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    trail = whats.add_parser("audit", help="the audit trail, entry by entry")
    trail.add_argument("--checkpoints", type=Path, help="folder they are in (VIGIL_CHECKPOINT_DIR)")
    trail.add_argument(
        "--public-key", type=Path, help="the key you wrote down; else the one beside them"
    )


def run(arguments: argparse.Namespace, house: House) -> int:
    """Checks, says what it found, and gives 1 when something is wrong."""
    from data.errors import BadInput
    from data.service import checkpoints

    folder = arguments.checkpoints or _folder(house, checkpoints.FILE)
    signed = None
    if arguments.checkpoints is not None or (folder / checkpoints.FILE).exists():
        key = arguments.public_key or folder / checkpoints.PUBLIC_KEY_FILE
        try:
            signed = checkpoints.read_checkpoints(folder, checkpoints.read_public_key(key))
        except BadInput as error:
            print(f"BAD: {error}")
            return 1
        if arguments.public_key is None:
            print("The key was taken from beside the checkpoints: who forges one can forge both.")
    with house.engine(pool_size=1) as engine:
        found = checkpoints.check_trail(engine, signed)
    if found.bad:
        print(f"BAD: {found.bad}")
        return 1
    if signed is None and found.noted:
        print(
            f"BAD: {found.noted:,} checkpoints were signed for this trail and {folder} holds none, "
            "so a cut end would not show. Name their folder with --checkpoints."
        )
        return 1
    held = f"and {found.checkpoints:,} checkpoints" if signed is not None else "(no checkpoints)"
    print(f"Good: {found.entries:,} entries {held}.")
    return 0


def _folder(house: House, file: str) -> Path:
    # A demo keeps its own beside the room's, because its trail begins anew with each world.
    own, demo = house.settings.checkpoint_dir, house.settings.demo_checkpoint_dir
    return demo if (demo / file).exists() and not (own / file).exists() else own
