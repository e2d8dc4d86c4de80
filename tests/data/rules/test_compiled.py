"""Machine code is kept from start to start, and never outlives the rules it was made from."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from data.rules import compiled

_CALLEE = """
from data.rules.compiled import compiled

@compiled
def rule(x):
    return x + {number}
"""
_CALLER = """
from data.rules.compiled import compiled
from data.rules.callee import rule

@compiled
def judged(x):
    return 10 * rule(x)

print(judged(1), judged.stats.cache_hits[judged.signatures[0]] if judged.stats.cache_hits else 0)
"""


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A project of two rules, one calling the other."""
    rules = tmp_path / "data" / "rules"
    rules.mkdir(parents=True)
    (rules.parent / "__init__.py").touch()
    (rules / "__init__.py").touch()
    (rules / "compiled.py").write_text(Path(compiled.__file__).read_text())
    (rules / "callee.py").write_text(_CALLEE.format(number=1))
    (rules / "caller.py").write_text(_CALLER)
    return tmp_path


def _run(house: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "data.rules.caller"],
        cwd=house,
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": ""},
    )
    return done.stdout.strip()


@pytest.mark.slow
def test_a_changed_callee_in_another_file_is_compiled_anew(house: Path) -> None:
    """The caller's own file has not changed; its answer must."""
    assert _run(house) == "20 0"
    assert _run(house) == "20 1"  # kept
    (house / "data" / "rules" / "callee.py").write_text(_CALLEE.format(number=2))
    assert _run(house) == "30 0"


def test_what_a_module_is_made_from_goes_on_to_the_last() -> None:
    """The kernel is made from the plane, the spill and the shapes, and their words."""
    rules = Path(compiled.__file__).parent
    names = {path.name for path in compiled._sources(rules / "geofence.py")}
    assert {"geofence.py", "plane.py", "spill.py", "compiled.py", "shapes.py"} <= names
