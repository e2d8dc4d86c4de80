"""What people choose for themselves follows them, and nothing else can be put there."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine

from data.clock import FixedClock
from data.errors import BadInput
from data.service.choices import Choices
from tests.stage import a_viewer

pytestmark = pytest.mark.db


def test_each_person_has_their_own(engine: Engine, clock: FixedClock) -> None:
    """Panes by screen size and keys; the newest value holds, and nobody sees another's."""
    choices = Choices(engine, clock)
    here, there = a_viewer(engine, clock, "op7"), a_viewer(engine, clock, "op3")
    choices.keep(here, "panes-1920x1080", {"left": 400, "rightFolded": True})
    choices.keep(here, "panes-1920x1080", {"left": 410})
    choices.keep(here, "keys", {"letters": False, "keys": {"acknowledge": "q", "help": "F1"}})
    assert choices.of(here)["panes-1920x1080"] == {"left": 410}
    assert choices.of(here)["keys"]["keys"] == {"acknowledge": "q", "help": "F1"}
    assert choices.of(there) == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("panes-1920x1080", {"left": "380px"}),
        ("panes-1920x1080", {"left": True}),
        ("panes-1920x1080", {"left": -1}),
        ("panes-1920x1080", {"home": 57}),
        ("panes-wide", {}),
        ("keys", {"acknowledge": "q"}),
        ("keys", {"keys": {"acknowledge": "Vera Victim"}}),
        ("keys", {"keys": {"Vera Victim": "q"}}),
        ("keys", {"letters": "no"}),
        ("keys", ["q"]),
        ("notes", {"left": 1}),
    ],
)
def test_what_is_no_choice_is_refused(
    engine: Engine, clock: FixedClock, name: str, value: Any
) -> None:
    """No word of a person's own fits in: not a name, not a place."""
    choices, viewer = Choices(engine, clock), a_viewer(engine, clock, "op7")
    with pytest.raises(BadInput):
        choices.keep(viewer, name, value)
    assert choices.of(viewer) == {}
