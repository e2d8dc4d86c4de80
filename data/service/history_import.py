"""History from files: read by row, kept as readings, judged like everything else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path

import numpy as np
from sqlalchemy import Engine

from data.clock import Clock, moment_of
from data.errors import BadInput, VigilError
from data.feeds import gpx, table
from data.feeds.wire import BATCH_LIMIT, Row, RowError, joined
from data.model.people import DeviceKind, PersonRole
from data.service.devices import Devices, Wearer
from data.service.intake import Arrival, Intake
from data.service.roll import Speaker
from data.store import audit, devices
from data.store.readings import FROM_A_FILE

_PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How a file is to be taken.

    Args:
        columns: meaning to column name, for a table (data.feeds.table.read_choice).
        time_zone: of times that name none; None refuses those.
        device: the serial of rows that name no device; empty: the file's name.
        create: adds devices that are not known, and puts them on somebody.
        case_code: the case of those that are added; empty: each gets a case of its own.
        role: the side of the case they are on.
        kind: what they are.
    """

    columns: dict[str, str]
    time_zone: tzinfo | None = None
    device: str = ""
    create: bool = False
    case_code: str = ""
    role: PersonRole = PersonRole.OFFENDER
    kind: DeviceKind = DeviceKind.TAG


@dataclass(slots=True)
class Report:
    """What became of a file's rows: taken = kept + refused."""

    kept: int = 0
    refused: int = 0
    unjudged: int = 0  # of those kept: their device is on nobody
    by_device: Counter[str] = field(default_factory=Counter)
    added: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class HistoryImport:
    """Brings files in.

    Args:
        tell: hears of each row that is refused.
        advance: hears how many bytes of the file were dealt with.
    """

    engine: Engine
    clock: Clock
    tell: Callable[[RowError], None]
    advance: Callable[[int], None]

    def bring_in(self, path: Path, plan: Plan) -> Report:
        """Reads a file and keeps its rows, up to 1,000 of one device in a reading.

        Raises:
            BadInput: the file as a whole cannot be read.
            Unavailable: the database failed; what was kept before stays, and running the import
                again adds nothing twice.
        """
        report = Report()
        intake = Intake(self.engine, self.clock, patience_s=_PATIENCE_S)
        try:
            with _opened(path, plan, self.clock.now()) as (rows, heading):
                desk = _Desk(self, intake, plan, path, heading, report)
                for row in rows:
                    self.advance(len(row.raw))
                    if isinstance(row, RowError):
                        desk.refuse(row)
                    else:
                        desk.take(row)
                desk.finish()
        finally:
            intake.close()
        with self.engine.begin() as connection:
            audit.append(
                connection,
                at=self.clock.now(),
                user_id=None,
                action="history.imported",
                record_kind="import",
                record_id=None,
                detail={"kept": report.kept, "refused": report.refused},
            )
        return report


@contextmanager
def _opened(
    path: Path, plan: Plan, received_at: datetime
) -> Iterator[tuple[Iterator[Row | RowError], bytes]]:
    try:
        if path.suffix.lower() == ".gpx":
            with path.open("rb") as source:
                yield gpx.read_points(source, received_at), b""
        else:
            # newline="": the csv module needs line ends as they are, and so does evidence.
            with path.open(encoding="utf-8", errors="surrogateescape", newline="") as lines:
                heading = lines.readline()
                lines.seek(0)
                rows = table.read_rows(lines, plan.columns, received_at, plan.time_zone)
                yield rows, heading.encode("utf-8", "surrogateescape")
    except OSError as error:
        raise BadInput("file", f"a file that can be read ({error.strerror})", path.name) from error


class _Desk:
    """Sorts rows by device and hands them in by the thousand."""

    def __init__(
        self,
        door: HistoryImport,
        intake: Intake,
        plan: Plan,
        path: Path,
        heading: bytes,
        report: Report,
    ) -> None:
        self._door = door
        self._intake = intake
        self._plan = plan
        self._path = path
        self._heading = heading
        self._report = report
        self._waiting: dict[str, list[Row]] = {}
        self._speakers: dict[str, Speaker | BadInput] = {}
        self._begun_here: set[int] = set()

    def take(self, row: Row) -> None:
        """Puts a row with the others of its device."""
        serial = row.device or self._plan.device or self._path.stem
        speaker = self._speakers.get(serial)
        if speaker is None:
            speaker = self._speakers[serial] = self._find(serial, row)
        if isinstance(speaker, BadInput):
            self.refuse(RowError(row.line, speaker.field, speaker.expected, row.raw))
            return
        waiting = self._waiting.setdefault(serial, [])
        waiting.append(row)
        if len(waiting) == BATCH_LIMIT:
            self._hand_in(serial, speaker)

    def refuse(self, error: RowError) -> None:
        """Counts a row that cannot be taken, and says so."""
        self._report.refused += 1
        self._door.tell(error)

    def finish(self) -> None:
        """Hands in what still waits."""
        for serial, speaker in self._speakers.items():
            if isinstance(speaker, Speaker) and self._waiting.get(serial):
                self._hand_in(serial, speaker)

    def _find(self, serial: str, row: Row) -> Speaker | BadInput:
        known = self._look_up(serial)
        if known is not None and (known.activation_id is not None or not self._plan.create):
            return known
        if not self._plan.create:
            return BadInput("device", f"a known device, not {serial} (or --create)")
        wearer = Wearer(case_code=self._plan.case_code or f"IMPORT-{serial}", role=self._plan.role)
        door = Devices(self._door.engine, self._door.clock)
        try:
            if known is None:
                begun_at = moment_of(int(row.record["fixed_at"][0]))
                door.add(serial, self._plan.kind, wearer, started_at=begun_at)
                self._report.added.append(serial)
            else:
                door.activate(serial, wearer)
        except VigilError as error:
            return BadInput("device", str(error))
        found = self._look_up(serial)
        assert found is not None
        if found.activation_id is not None:
            self._begun_here.add(found.activation_id)
        return found

    def _look_up(self, serial: str) -> Speaker | None:
        with self._door.engine.connect() as connection:
            rows = devices.find_speakers(connection, serial)
        return Speaker.of(rows[0]) if rows else None

    def _hand_in(self, serial: str, speaker: Speaker) -> None:
        rows = self._waiting.pop(serial)
        records = joined([row.record for row in rows])
        if speaker.activation_id in self._begun_here:
            with self._door.engine.begin() as connection:
                first = moment_of(int(np.min(records["fixed_at"])))
                devices.save_earlier_start(connection, speaker.activation_id, first)
        raw = self._heading + b"".join(row.raw for row in rows)
        is_gpx = self._path.suffix.lower() == ".gpx"
        arrival = Arrival(
            protocol="gpx" if is_gpx else "csv",
            peer=FROM_A_FILE,
            content_type="application/gpx+xml" if is_gpx else "text/csv",
            target=f"{self._path.name} lines {rows[0].line} to {rows[-1].line}",
            raw=raw,
            size_bytes=len(raw),
        )
        self._intake.keep(speaker, arrival, self._door.clock.now(), records)
        self._report.kept += len(rows)
        self._report.by_device[serial] += len(rows)
        if speaker.activation_id is None:
            self._report.unjudged += len(rows)
