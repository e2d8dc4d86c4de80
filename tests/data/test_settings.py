"""What a deployment may say, and what is refused before anything starts."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from data.clock import DemoClock, SystemClock
from data.errors import BadInput
from data.settings import read_settings

_HERE = Path("/somewhere")


def test_nothing_said_is_a_room_on_this_machine_only() -> None:
    """Without a setting both doors open on the loopback address, and the cluster is our own."""
    settings = read_settings({}, _HERE)
    assert settings.database_url is None
    assert (settings.web_host, settings.web_port) == ("127.0.0.1", 8050)
    assert (settings.gateway_host, settings.gateway_port) == ("127.0.0.1", 8051)
    assert settings.demo is False
    assert settings.var_dir == _HERE / ".var"
    assert isinstance(settings.clock(), SystemClock)


def test_an_empty_variable_is_as_good_as_none() -> None:
    """`VIGIL_X= python app.py` is how a shell unsets; it does not mean the empty word."""
    empty = dict.fromkeys(
        ["VIGIL_DATABASE_URL", "VIGIL_WEB_HOST", "VIGIL_WEB_PORT", "VIGIL_TIME_ZONE"], ""
    )
    assert read_settings(empty, _HERE) == read_settings({}, _HERE)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("VIGIL_WEB_PORT", "0"),
        ("VIGIL_WEB_PORT", "65536"),
        ("VIGIL_WEB_PORT", "http"),
        ("VIGIL_GATEWAY_PORT", "-1"),
        ("VIGIL_DEMO_SPEED", "0.5"),
        ("VIGIL_DEMO_SPEED", "61"),
        ("VIGIL_DEMO_SPEED", "nan"),
        ("VIGIL_JUDGE_WORKERS", "0"),
        ("VIGIL_TIME_ZONE", "Europe/Nowhere"),
        ("VIGIL_TIME_ZONE", "../../etc/passwd"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(name: str, value: str) -> None:
    """The message names the variable, so that nobody has to guess which of them it was."""
    with pytest.raises(BadInput) as caught:
        read_settings({name: value}, _HERE)
    assert caught.value.field == name


@pytest.mark.parametrize(
    ("name", "value"),
    [("VIGIL_WEB_PORT", "1"), ("VIGIL_WEB_PORT", "65535"), ("VIGIL_DEMO_SPEED", "60")],
)
def test_the_ends_of_a_range_are_in_it(name: str, value: str) -> None:
    """A limit that is named is allowed."""
    read_settings({name: value}, _HERE)


def test_all_processes_of_a_demo_agree_on_the_moment() -> None:
    """The demo's clock comes from two numbers that every process is given."""
    env = {
        "VIGIL_DEMO": "1",
        "VIGIL_DEMO_SPEED": "60",
        "VIGIL_DEMO_STARTED_AT": "2026-11-21T13:00:00+01:00",
    }
    began_at = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
    assert read_settings(env, _HERE).clock() == DemoClock(began_at, 60.0)


def test_demo_is_asked_for_by_1_alone() -> None:
    """Nobody ends up with invented people because a variable was set to some word."""
    assert read_settings({"VIGIL_DEMO": "0"}, _HERE).demo is False
    assert read_settings({"VIGIL_DEMO": "no"}, _HERE).demo is False


def test_a_demo_s_trail_lies_beside_the_room_s() -> None:
    """Wherever somebody wants checkpoints, a demo's are in a folder of their own there."""
    here, chosen = Path("/house"), "/elsewhere"
    own = read_settings({}, here)
    assert own.demo_checkpoint_dir == here / ".var" / "demo" / "checkpoints"
    told = read_settings({"VIGIL_CHECKPOINT_DIR": chosen}, here)
    assert told.demo_checkpoint_dir == Path(chosen) / "demo" / "checkpoints"
