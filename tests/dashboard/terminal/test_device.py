"""`app.py device`, `app.py import`: what a person at the command line sees."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from app import make_parser
from dashboard.terminal.house import House
from data.errors import BadInput, VigilError
from data.store import tables

pytestmark = pytest.mark.db


def vigil(house: House, *words: str) -> int:
    """Runs `app.py` with these words."""
    arguments = make_parser(words[:1]).parse_args(words)
    return int(arguments.run(arguments, house))


def test_a_phone_is_made_ready_in_one_command(
    house: House, engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    """A case, a person, a device and what to type into the phone, key included, once."""
    words = ("add", "PHONE1", "--kind", "handset", "--case", "0999", "--role", "offender")
    assert vigil(house, "device", *words) == 0
    said = capsys.readouterr().out
    key = said.split("key     ")[1].split()[0]
    assert f"http://127.0.0.1:8051/osmand?key={key}" in said
    assert "device identifier PHONE1" in said
    assert vigil(house, "device", "list") == 0
    listed = capsys.readouterr().out
    assert key not in listed
    assert "offender 1" in listed
    with engine.connect() as connection:
        assert connection.execute(select(tables.case.c.code)).scalars().all() == ["0999"]


def test_a_device_lives_its_life(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    """Added on nobody, put on, given a key, taken off, retired; each says what came of it."""
    assert vigil(house, "device", "add", "TAG1") == 0
    assert "on nobody yet" in capsys.readouterr().out
    with pytest.raises(BadInput):
        vigil(house, "device", "on", "TAG1")
    assert vigil(house, "device", "on", "TAG1", "--case", "7") == 0
    assert vigil(house, "device", "key", "TAG1") == 0
    assert vigil(house, "device", "off", "TAG1") == 0
    assert vigil(house, "device", "retire", "TAG1") == 0
    said = capsys.readouterr().out
    assert "Activation 1 has begun." in said
    assert "Activation 1 has ended." in said
    assert "TAG1 is out of use." in said
    with pytest.raises(VigilError):
        vigil(house, "device", "on", "TAG1", "--case", "7")


def test_an_import_says_what_it_took_and_what_not(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Errors by file and line, then the count; wrong words stop before anything is read."""
    path = tmp_path / "buses.csv"
    path.write_text("when,x,y\n2026-01-26 15:57:02,1,2\n2026-01-26 15:57:03,1,92\n")
    words = ("import", str(path), "--columns", "time=when,lon=x,lat=y", "--create")
    assert vigil(house, *words) == 1
    told = capsys.readouterr()
    assert "buses.csv:2: when: expected a time with its zone" in told.out + told.err
    assert vigil(house, *words, "--time-zone", "Europe/London", "--device", "BUS") == 0
    told = capsys.readouterr()
    assert "buses.csv:3: y: expected a latitude" in told.out + told.err
    assert "2 rows: 1 kept, 1 refused, of 1 devices (1 added)." in told.out
    for wrong in (("--time-zone", "Mars/Olympus"), ("--columns", "colour=x")):
        with pytest.raises(BadInput) as caught:
            vigil(house, "import", str(path), *wrong)
        assert caught.value.field == wrong[0]
    with pytest.raises(BadInput):
        vigil(house, "import", str(tmp_path / "nothing.csv"))
