"""`app.py verify audit`: what a person at the command line sees."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from app import make_parser
from dashboard.terminal.house import House
from data.clock import SystemClock
from data.service.checkpoints import CheckpointWriter, signing_key

pytestmark = pytest.mark.db


def verify(house: House, *words: str) -> int:
    """Runs `app.py verify audit` with these words."""
    arguments = make_parser(["verify"]).parse_args(["verify", "audit", *words])
    return int(arguments.run(arguments, house))


def sign(engine: Engine, folder: Path, key_file: Path) -> None:
    """Writes one checkpoint into this folder."""
    CheckpointWriter(engine, SystemClock(), folder, signing_key(key_file)).write()


def test_a_trail_is_not_good_while_its_checkpoints_are_elsewhere(
    house: House, engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without them a cut end would not show, and the database knows that there are some."""
    assert verify(house) == 0
    elsewhere = tmp_path / "elsewhere"
    sign(engine, elsewhere, tmp_path / "key")
    capsys.readouterr()
    assert verify(house) == 1
    assert "BAD: 1 checkpoints were signed for this trail" in capsys.readouterr().out
    assert verify(house, "--checkpoints", str(elsewhere)) == 0
    assert "and 1 checkpoints" in capsys.readouterr().out


def test_a_demo_s_checkpoints_are_found_where_the_demo_keeps_them(
    house: House, engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Beside the room's own, because a demo's trail begins anew with its world."""
    sign(engine, house.settings.demo_checkpoint_dir, tmp_path / "key")
    assert verify(house) == 0
    assert "and 1 checkpoints" in capsys.readouterr().out
