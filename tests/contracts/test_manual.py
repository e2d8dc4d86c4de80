"""README tells what there is."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from app import COMMANDS, command_module
from data.errors import Refused
from data.rules.access import Action


def _readme(project_dir: Path) -> str:
    return (project_dir / "README.md").read_text()


def test_every_setting_is_in_the_manual(project_dir: Path) -> None:
    """A setting nobody can read about is a setting nobody can use."""
    sources = [project_dir / "app.py"]
    for package in ("data", "layers", "dashboard"):
        sources += [
            path
            for path in (project_dir / package).rglob("*.py")
            if "node_modules" not in path.parts
        ]
    used = {name for path in sources for name in re.findall(r"\bVIGIL_[A-Z_]+\b", path.read_text())}
    told = set(re.findall(r"\bVIGIL_[A-Z_]+\b", _readme(project_dir)))
    assert sorted(used - told) == []
    tests = {name for name in told if name.startswith("VIGIL_TEST_")}
    assert sorted(told - used - tests) == [], "the manual tells of settings that do not exist"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_manual_and_explains_itself(
    project_dir: Path, command: str
) -> None:
    """Each command says in a line what it does, and the manual names it."""
    assert command_module(command).HELP
    assert re.search(rf"\b{re.escape(command)}\b", _readme(project_dir))


def test_a_command_that_names_no_action_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """The terminal asks the same table as the screens."""
    module = command_module("watch")
    monkeypatch.setattr(module, "ACTION", Action.REVEAL_VICTIM)
    with pytest.raises(Refused, match="may not reveal"):
        command_module("watch")
    monkeypatch.delattr(module, "ACTION")
    with pytest.raises(Refused, match="names no action"):
        command_module("watch")


def test_every_make_target_is_in_the_manual(project_dir: Path) -> None:
    """What `make help` lists, the manual lists too."""
    listed = subprocess.run(
        ["make", "-s", "help"], cwd=project_dir, capture_output=True, text=True, check=True
    ).stdout
    targets = re.findall(r"^make (\w+)", listed, re.MULTILINE)
    assert targets
    for target in targets:
        assert f"make {target}" in _readme(project_dir)
