"""Zones and fixes in files, breaches out, through the judge that judges live."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from data.clock import FixedClock
from data.errors import BadInput
from data.feeds.fix_columns import RowFault
from data.service.judge_files import Judged, judge_files
from tests.makers import START, offset

HOME = (-2.98, 53.4)


def _zones(path: Path, **properties: Any) -> Path:
    circle = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": HOME},
        "properties": {"zone_id": "home", "kind": "exclusion", "radius_m": 300, **properties},
    }
    path.write_bytes(orjson.dumps({"type": "FeatureCollection", "features": [circle]}))
    return path


def _walk(name: str, *, minutes: int = 60, late: range = range(0)) -> list[str]:
    """Once a minute along a street through the middle of the zone, inside from 26 to 34."""
    rows = []
    for minute in range(minutes):
        lon, lat = offset(*HOME, (minute - 30) * 70, 10)
        at = START + timedelta(minutes=minute)
        came = at + timedelta(hours=1 if minute in late else 0, seconds=3)
        rows.append(f"{name},{at.isoformat()},{lon:.6f},{lat:.6f},12,gnss,{came.isoformat()}")
    return rows


def _fixes(path: Path, rows: list[str]) -> Path:
    head = "activation,fixed_at,lon,lat,radius_95_m,mechanism,received_at"
    path.write_text("\n".join([head, *rows, ""]))
    return path


def _judge(
    tmp_path: Path, rows: list[str], **properties: Any
) -> tuple[Judged, list[dict[str, Any]], list[RowFault]]:
    breaches: list[dict[str, Any]] = []
    faults: list[RowFault] = []
    judged = judge_files(
        _zones(tmp_path / "zones.geojson", **properties),
        _fixes(tmp_path / "fixes.csv", rows),
        FixedClock(START + timedelta(days=1)),
        write=breaches.append,
        complain=faults.append,
    )
    return judged, breaches, faults


def test_a_walk_through_a_zone_is_one_breach(tmp_path: Path) -> None:
    """Entered, left, graded; numbers and names as the files call them."""
    judged, (breach,), faults = _judge(tmp_path, _walk("tag 1"))
    assert (judged.fixes, judged.refused, judged.breaches, faults) == (60, 0, 1, [])
    assert (breach["activation"], breach["zone_id"]) == ("tag 1", "home")
    assert (breach["kind"], breach["grade"]) == ("exclusion", "certain")
    assert breach["suspected_at"] == breach["entered_at"] == "2026-11-20T22:26:00Z"
    assert breach["left_at"] is not None
    assert breach["p_inside_max"] == 1.0
    assert breach["fixes"] >= 9
    assert breach["found_on_backfill"] is False


def test_a_walk_that_came_late_is_found_on_backfill(tmp_path: Path) -> None:
    """The fixes inside came after later ones; the first and last of it in time change that."""
    rows = _walk("late", late=range(22, 38)) + _walk("part", late=range(28, 38))
    _, breaches, _ = _judge(tmp_path, rows)
    assert {each["activation"]: each["found_on_backfill"] for each in breaches} == {
        "late": True,
        "part": False,
    }


def test_the_order_of_rows_and_repeats_change_nothing(tmp_path: Path) -> None:
    """Whatever order a file is in, and said twice."""
    rows = _walk("a", late=range(22, 38)) + _walk("b")
    _, expected, _ = _judge(tmp_path, rows)
    judged, found, _ = _judge(tmp_path, [*rows[::-1], *rows[::3]])
    assert sorted(found, key=str) == sorted(expected, key=str)
    assert judged.repeated == len(rows[::3])


def test_a_zone_binds_only_its_own(tmp_path: Path) -> None:
    """`activations` names whom; a name that is in no row binds nobody."""
    rows = _walk("a") + _walk("7")
    for names, expected in ((["a"], ["a"]), ([7], ["7"]), (["c"], []), ([], [])):
        _, breaches, _ = _judge(tmp_path, rows, activations=names)
        assert [each["activation"] for each in breaches] == expected


def test_a_wrong_row_is_told_and_the_rest_judged(tmp_path: Path) -> None:
    """Rows in = fixes judged + repeated + refused."""
    rows = _walk("a")
    rows[10] = rows[10].replace("53.4", "153.4")
    judged, breaches, (fault,) = _judge(tmp_path, rows)
    assert (fault.line, fault.field) == (12, "lat")
    assert (judged.fixes, judged.refused, len(breaches)) == (59, 1, 1)


def test_hours_are_kept(tmp_path: Path) -> None:
    """A zone that opens at 22:30 finds him inside at that moment."""
    schedule = {"time_zone": "UTC", "weekly": [{"days": ["fri"], "from": "22:30", "to": "23:30"}]}
    _, (breach,), _ = _judge(tmp_path, _walk("a"), schedule=schedule)
    assert breach["entered_at"] == "2026-11-20T22:30:00Z"


def test_no_fixes_make_no_breaches(tmp_path: Path) -> None:
    """Only the names of the columns."""
    judged, breaches, _ = _judge(tmp_path, [])
    assert (judged.fixes, breaches) == (0, [])


@pytest.mark.parametrize("content", [b"\xff\xfe\x00rubbish", b"", b"a,b\n1,2\n"])
def test_a_file_of_something_else_is_refused(tmp_path: Path, content: bytes) -> None:
    """As a whole, by name."""
    path = tmp_path / "fixes.csv"
    path.write_bytes(content)
    with pytest.raises(BadInput):
        judge_files(
            _zones(tmp_path / "zones.geojson"),
            path,
            FixedClock(START),
            write=lambda _: None,
            complain=lambda _: None,
        )


def _run(tmp_path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    app = Path(__file__).parents[3] / "app.py"
    return subprocess.run(
        [sys.executable, str(app), "judge-files", *words],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=tmp_path,
        check=False,
    )


@pytest.mark.slow
def test_the_command_tells_by_its_exit_status(tmp_path: Path) -> None:
    """0 all judged, 1 some rows refused, 2 nothing judged; errors on stderr."""
    zones = str(_zones(tmp_path / "zones.geojson"))
    rows = [row.replace("2026-11", "2025-11") for row in _walk("a")]
    fixes = _fixes(tmp_path / "fixes.csv", rows)
    out = tmp_path / "breaches.jsonl"
    done = _run(tmp_path, zones, str(fixes), "--out", str(out))
    assert done.returncode == 0, done.stderr
    (line,) = out.read_bytes().splitlines()
    assert orjson.loads(line)["zone_id"] == "home"

    _fixes(fixes, [*rows, "a,never,0,0,5,,"])
    done = _run(tmp_path, zones, str(fixes), "--out", "-")
    assert done.returncode == 1
    assert "line 62: fixed_at" in done.stderr
    assert len(done.stdout.splitlines()) == 1

    done = _run(tmp_path, str(tmp_path / "none.geojson"), str(fixes), "--out", str(out))
    assert done.returncode == 2
    assert "none.geojson" in done.stderr
    assert "Traceback" not in done.stderr
