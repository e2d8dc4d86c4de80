"""`app.py user`, as somebody at a terminal would use it."""

from __future__ import annotations

import argparse
import io
from pathlib import Path

import pytest

from dashboard.terminal import user
from dashboard.terminal.house import House
from data.clock import SystemClock
from data.errors import BadInput, NotFound
from data.settings import read_settings
from tests.stage import PASSWORD

pytestmark = pytest.mark.db


@pytest.fixture
def house(database_url: str, project_dir: Path) -> House:
    """The program on a database of the test's own."""
    settings = read_settings({"VIGIL_DATABASE_URL": database_url}, project_dir)
    return House(settings, SystemClock(), {})


def _run(house: House, *words: str) -> int:
    parser = argparse.ArgumentParser()
    user.add_arguments(parser)
    return user.run(parser.parse_args(words), house)


def test_a_user_is_added_listed_and_closed(
    house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The password comes on stdin and is never shown."""
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    assert _run(house, "add", "op7", "--role", "operator", "--area", "north") == 0
    assert _run(house, "list") == 0
    assert _run(house, "disable", "op7") == 0
    assert _run(house, "list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "op7 may sign in as operator."
    assert lines[1].split() == ["op7", "operator", "north", "open"]
    assert lines[2] == "op7 is closed; 0 open sessions ended."
    assert "closed 20" in lines[3]
    assert PASSWORD not in str(lines)


def test_what_cannot_be_is_refused(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A short password, an unknown role and an unknown login are refused in words."""
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    with pytest.raises(BadInput, match="password"):
        _run(house, "add", "op7", "--role", "operator")
    with pytest.raises(SystemExit):
        _run(house, "add", "op7", "--role", "king")
    with pytest.raises(NotFound, match="nobody"):
        _run(house, "disable", "nobody")
