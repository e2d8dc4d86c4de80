"""History from files: every row is kept or told, and lands with whom it belongs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from sqlalchemy import Engine, select

from data.clock import FixedClock, moment_of
from data.errors import BadInput
from data.feeds.wire import RowError
from data.model.fix import FIX_DTYPE, fingerprints
from data.model.people import DeviceKind, PersonRole
from data.service.devices import Devices, Wearer
from data.service.history_import import HistoryImport, Plan, Report
from data.service.judging import Judging
from data.store import tables
from data.store.judging import SLICES

pytestmark = pytest.mark.db
MORNING = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)


class Door:
    """Brings files in and remembers what was told."""

    def __init__(self, engine: Engine, clock: FixedClock, folder: Path) -> None:
        self.engine, self.clock, self.folder = engine, clock, folder
        self.told: list[RowError] = []
        self.bytes = 0

    def bring_in(self, text: str, plan: Plan, name: str = "history.csv") -> Report:
        """Imports a file with this text."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8", newline="")
        self.bytes = 0
        door = HistoryImport(self.engine, self.clock, self.told.append, self._advance)
        return door.bring_in(path, plan)

    def _advance(self, n: int) -> None:
        self.bytes += n

    def rows(self, table: object) -> list:
        """Every row of a table."""
        with self.engine.connect() as connection:
            return list(connection.execute(select(table)).all())


@pytest.fixture
def door(engine: Engine, clock: FixedClock, tmp_path: Path) -> Door:
    """An empty database and a folder for files."""
    return Door(engine, clock, tmp_path)


def a_table(n: int, devices: tuple[str, ...] = ("BUS1",)) -> str:
    """A table of n rows, one a second, the devices in turn."""
    lines = [
        f"{(MORNING + timedelta(seconds=i)).isoformat()},{12 + i * 1e-5:.5f},57.7,"
        + devices[i % len(devices)]
        for i in range(n)
    ]
    return "\n".join(["time,lon,lat,device", *lines, ""])


def test_unknown_devices_are_refused_unless_they_may_be_made(door: Door) -> None:
    """Nobody's history appears by accident; every row is told."""
    report = door.bring_in(a_table(3), Plan({}))
    assert (report.kept, report.refused) == (0, 3)
    assert {each.field for each in door.told} == {"device"}
    assert "--create" in door.told[0].expected
    assert door.rows(tables.reading) == []


def test_a_file_becomes_readings_of_a_thousand_for_the_judge(door: Door) -> None:
    """Two devices, 2,500 rows: each has its case, its readings hold its rows as they stood."""
    text = a_table(2500, ("BUS1", "BUS2"))
    report = door.bring_in(text, Plan({}, create=True))
    assert (report.kept, report.refused, report.added) == (2500, 0, ["BUS1", "BUS2"])
    assert report.by_device == {"BUS1": 1250, "BUS2": 1250}
    readings = door.rows(tables.reading)
    assert sorted(row.fix_count for row in readings) == [250, 250, 1000, 1000]
    assert len(door.rows(tables.pending)) == 4
    assert {row.protocol for row in readings} == {"csv"}
    kept = {line for row in readings for line in bytes(row.raw).decode().splitlines()}
    assert kept == set(text.splitlines())
    assert door.bytes == len(text.encode()) - len("time,lon,lat,device\n")
    assert sorted(row.code for row in door.rows(tables.case)) == ["IMPORT-BUS1", "IMPORT-BUS2"]
    for activation in door.rows(tables.activation):
        assert MORNING <= activation.started_at <= MORNING + timedelta(seconds=1)


def test_rows_in_any_order_are_covered_by_the_activation(door: Door) -> None:
    """An activation that the import began reaches back to the first of its rows."""
    lines = a_table(5).splitlines()
    door.bring_in("\n".join([lines[0], *reversed(lines[1:])]), Plan({}, create=True))
    (activation,) = door.rows(tables.activation)
    assert activation.started_at == MORNING


def test_nobody_is_called_because_a_file_came_late(door: Door) -> None:
    """A device whose first word is a file of last week was never a silent one to look after."""
    door.bring_in(a_table(5), Plan({}, create=True))
    door.clock.forward(timedelta(days=7))
    assert Judging(door.engine, door.clock).round(range(SLICES)).fixes == 5
    assert door.rows(tables.alert) == []


def test_a_battery_that_is_full_again_calls_nobody(door: Door) -> None:
    """Low and charged again before Vigil heard of either; low at the end is still told."""

    def alerts(*charge: int) -> list[str]:
        rows = [
            f"{(MORNING + timedelta(minutes=n)).isoformat()},12,57.7,{serial},{each}"
            for n, each in enumerate(charge)
        ]
        door.bring_in("\n".join(["time,lon,lat,device,battery_pct", *rows, ""]), plan)
        Judging(door.engine, door.clock).round(range(SLICES))
        return [row.kind for row in door.rows(tables.alert)]

    plan, serial = Plan({}, create=True), "FULL"
    assert alerts(80, 15, 90) == []
    serial = "LOW"
    assert alerts(80, 15) == ["battery_low"]


def test_the_same_file_again_adds_no_fix(door: Door) -> None:
    """Arrivals are facts and are kept; the fixes in them are the same ones."""
    for _ in range(2):
        door.bring_in(a_table(10), Plan({}, create=True))
    first, second = (np.frombuffer(row.fixes, FIX_DTYPE) for row in door.rows(tables.reading))
    assert (fingerprints(first) == fingerprints(second)).all()
    assert len(door.rows(tables.device)) == 1


def test_wrong_rows_cost_only_themselves(door: Door) -> None:
    """Rows in = kept + refused, whatever is in them."""
    lines = a_table(6).splitlines()
    lines[3] = lines[3].replace("57.7", "97.7")
    lines[5] = lines[5].replace("2026", "1926")
    lines[6] = lines[6].replace("BUS1", "no such serial!")
    report = door.bring_in("\n".join(lines), Plan({}, create=True))
    assert (report.kept, report.refused) == (3, 3)
    assert [(each.line, each.field) for each in door.told] == [
        (4, "lat"),
        (6, "time"),
        (7, "device"),
    ]


def test_one_case_for_all_and_a_side_of_it(door: Door) -> None:
    """With a case given, its offender wears them all; a victim joins a case that is there."""
    door.bring_in(a_table(4, ("A", "B")), Plan({}, create=True, case_code="0999"))
    (case,) = door.rows(tables.case)
    assert {row.person_id for row in door.rows(tables.activation)} == {case.offender_id}
    plan = Plan({}, create=True, case_code="0999", role=PersonRole.VICTIM, device="VIC")
    door.bring_in(a_table(4).replace(",BUS1", ",").replace(",device", ",x"), plan)
    (pair,) = door.rows(tables.pair)
    assert pair.case_id == case.case_id


def test_a_known_device_gets_its_history(door: Door, engine: Engine, clock: FixedClock) -> None:
    """Its rows land on whoever it is on; one that is on nobody is kept and said to be."""
    devices = Devices(engine, clock)
    added = devices.add("BUS1", DeviceKind.TAG, Wearer(case_code="0142"))
    devices.add("SPARE", DeviceKind.TAG)
    report = door.bring_in(a_table(4, ("BUS1", "SPARE")), Plan({}))
    assert (report.kept, report.unjudged) == (4, 2)
    assert [row.activation_id for row in door.rows(tables.pending)] == [added.activation_id]


def test_gpx_is_taken_by_the_name_of_its_file(door: Door) -> None:
    """A track names no device, so the file or the caller does."""
    point = '<trkpt lat="57.7" lon="12"><time>2026-11-20T06:00:00Z</time></trkpt>'
    text = f'<gpx version="1.1"><trk><trkseg>{point}{point}</trkseg></trk></gpx>'
    report = door.bring_in(text, Plan({}, create=True), "walk.gpx")
    assert (report.kept, report.added) == (2, ["walk"])
    (reading,) = door.rows(tables.reading)
    assert (reading.protocol, bytes(reading.raw)) == ("gpx", (point * 2).encode())
    assert reading.target == "walk.gpx lines 1 to 1"


def test_a_heading_that_says_nothing_stops_at_once(door: Door) -> None:
    """Before anything is kept, the columns there are are named."""
    with pytest.raises(BadInput) as caught:
        door.bring_in("a,b\n1,2\n", Plan({}, create=True))
    assert caught.value.field == "--columns"
    assert door.rows(tables.device) == []


def test_real_buses_come_in(door: Door, project_dir: Path) -> None:
    """1,533 fixes of eight vehicles with wall times, bearings and gaps, every one of them."""
    path = project_dir.parent / "shared/geo/tracks/liverpool_bus_route14_2026-01-26.csv"
    if not path.is_file():
        pytest.skip("the shared tracks are not here")
    columns = {
        "lon": "longitude",
        "lat": "latitude",
        "time": "timestamp",
        "device": "vehicle_id",
        "heading_deg": "bearing",
    }
    plan = Plan(columns, time_zone=ZoneInfo("Europe/London"), create=True)
    report = HistoryImport(door.engine, door.clock, door.told.append, len_nothing).bring_in(
        path, plan
    )
    assert (report.kept, report.refused, len(report.by_device)) == (1533, 0, 8)
    fixes = np.concatenate(
        [np.frombuffer(row.fixes, FIX_DTYPE) for row in door.rows(tables.reading)]
    )
    assert moment_of(fixes["fixed_at"].min()) == datetime(2026, 1, 26, 15, 55, 12, tzinfo=UTC)
    assert np.isfinite(fixes["heading_deg"]).mean() == pytest.approx(0.74, abs=0.01)


def len_nothing(_: int) -> None:
    """Nobody watches the bar."""
