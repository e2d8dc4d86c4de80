"""What a test of a command may ask for."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.terminal.house import House
from data.clock import SystemClock
from data.settings import read_settings


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> House:
    """A house whose database is this test's own."""
    settings = read_settings({"VIGIL_DATABASE_URL": database_url}, tmp_path)
    return House(settings, SystemClock(), {})
