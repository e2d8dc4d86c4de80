"""What every test may ask for: a clock, a database, a browser."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from data.clock import FixedClock

pytest_plugins = ["tests.database", "tests.browser"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones first: a worker that is done early takes short ones from the other."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands at a quiet noon in November until a test moves it."""
    return FixedClock(datetime(2026, 11, 21, 12, 0, tzinfo=UTC))


@pytest.fixture
def project_dir() -> Path:
    """The top folder of the project."""
    return Path(__file__).parent.parent
