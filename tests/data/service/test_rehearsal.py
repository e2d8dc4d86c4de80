"""A draft before the judge of old days: the same breaches as live, with progress, and stoppable."""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import shapely
from sqlalchemy import Engine, text

from data.clock import FixedClock, SystemClock
from data.errors import BadInput, NotFound
from data.model.user import Role, Viewer
from data.service.approvals import Approvals
from data.service.judging import Judging
from data.service.reach import Reaches
from data.service.rehearsal import Rehearsals, distances_of
from data.service.rehearsal_runner import RehearsalRunner
from data.service.watch import watch
from data.service.zone_checks import ZoneChecks
from data.service.zone_drafts import ZoneDrafts
from data.service.zone_past import Pasts
from data.service.zone_sending import ZoneSending
from data.store import outbox, zones
from data.store.fixes import Positions
from data.store.judging import SLICES
from tests.data.service.nights import HOME, LAST_WORD, VISIT, breaches, rows, walk
from tests.makers import START, ACase, a_case, a_reading, a_square, a_zone, offset
from tests.stage import a_viewer, give_case

pytestmark = pytest.mark.db

ROOM = ZoneInfo("Europe/London")
NOW = START + timedelta(hours=30)
DRIFT = [900, 900, 300, 210, 300, 900, 900, 900]
STEPS = [*VISIT, *reversed(VISIT), *DRIFT, *VISIT, *([1500] * 30), *VISIT, 1500, 1500]


class Room:
    """A case with a zone in force, a day of fixes judged live, and the studio."""

    def __init__(self, engine: Engine, *, with_walk: bool = True) -> None:
        self.engine, self.clock = engine, FixedClock(NOW)
        with engine.begin() as connection:
            self.case: ACase = a_case(connection)
            self.zone_id = a_zone(
                connection, self.case.case_id, a_square(*HOME, 200.0), buffer_m=250.0
            )
            a_reading(connection, self.case, walk(STEPS if with_walk else [0]))
        Judging(engine, self.clock).round(range(SLICES))
        approvals = Approvals(engine, self.clock, ROOM)
        checks = ZoneChecks(engine, self.clock, Pasts(ROOM))
        reaches = Reaches(engine, self.clock)
        self.drafts = ZoneDrafts(engine, self.clock, reaches, approvals, checks, ROOM)
        self.rehearsals = Rehearsals(engine, self.clock, self.drafts)
        self.runner = RehearsalRunner(engine, self.clock, ROOM)
        self.officer = a_viewer(engine, self.clock, "officer", Role.CASE_OFFICER)
        give_case(engine, self.case.case_id, "officer", START)

    def rehearsed(self, draft: dict[str, Any], viewer: Viewer | None = None) -> dict[str, Any]:
        """The result of trying this draft over two days."""
        self.rehearsals.begin(viewer or self.officer, draft["draft_id"], 2)
        assert self.runner.run_next()
        found = self.rehearsals.result(self.officer, draft["draft_id"])
        assert found is not None
        return found


@pytest.fixture
def room(engine: Engine) -> Room:
    """The room after that day."""
    return Room(engine)


def told(result: dict[str, Any]) -> list[tuple[Any, ...]]:
    """A rehearsal's breaches, in the words of `nights.breaches`."""
    return sorted(
        (
            hit["kind"],
            datetime.fromisoformat(hit["at"]),
            hit["until"] and datetime.fromisoformat(hit["until"]),
            {"possible": 1, "confirmed": 2}[hit["channel"]],
            hit["fixes"] if hit["until"] else None,
        )
        for hit in result["hits"]
    )


def test_a_rehearsal_finds_what_the_judge_found_live(room: Room) -> None:
    """The zone as it is, tried on the day it was judged on: the same breaches, to the second."""
    draft = room.drafts.begin(room.officer, zone_id=room.zone_id)
    result = room.rehearsed(draft)
    live = sorted((kind, at, left, ch, n) for kind, at, left, ch, _, n in breaches(room.engine))
    assert len(live) >= 4
    assert told(result["draft"]) == live
    assert told(result["in_force"]) == live
    assert result["draft"]["alerts"] == len(live)
    assert sum(result["draft"]["by_hour"]) == len(live)
    assert result["draft"]["warning_p50_min"] > 0
    assert result["is_current"]
    inside = [hit for hit in result["draft"]["hits"] if hit["kind"] == "exclusion"]
    assert all(hit["lon"] == pytest.approx(HOME[0], abs=0.005) for hit in inside)


NIGHT = {
    "time_zone": "Europe/London",
    "weekly": [{"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
                "from": "21:00", "to": "07:30"}],
    "exceptions": [], "grace_s": 300,
}  # fmt: skip


def a_wandering(seed: int) -> np.ndarray:
    """Twelve hours about her home: visits, drift, gaps, fixes of 10 m and of 400 m."""
    rng = np.random.default_rng(seed)
    steps = 12 * 60
    pull = np.repeat(rng.choice([0.0, 350.0, 1500.0], steps // 40), 40)
    place = np.empty((steps, 2))
    here = np.array([1500.0, 0.0])
    for n in range(steps):
        here = here + 0.15 * (np.array([pull[n], 0.0]) - here) + rng.normal(0, 25, 2)
        place[n] = here
    place[-40:] = [2500.0, 0.0]  # far off at the end: nothing is left open
    fixes = np.zeros(steps, walk([0]).dtype)
    fixes[:] = walk([0])[0]
    fixes["fixed_at"] += np.arange(steps) * 60_000_000
    radius = rng.choice([10.0, 25.0, 60.0, 400.0], steps, p=[0.6, 0.25, 0.12, 0.03])
    seen = place + rng.normal(0, 1, (steps, 2)) * (radius / 2.45)[:, None]
    fixes["lon"], fixes["lat"] = offset(*HOME, seen[:, 0], seen[:, 1])
    fixes["radius_95_m"] = radius
    heard = np.repeat(rng.random(steps // 20) > 0.08, 20) & (rng.random(steps) > 0.03)
    return fixes[heard | (np.arange(steps) >= steps - 40)]


def test_rehearsals_of_wandering_nights_find_what_the_judge_found_live(engine: Engine) -> None:
    """Four seeds, always or at night, in any order of arrival: the same breaches as live."""
    clock = FixedClock(NOW)
    room = Room(engine, with_walk=False)
    tried = []
    for seed in range(4):
        rng = np.random.default_rng([seed, 1])
        with engine.begin() as connection:
            case = a_case(connection, f"7{seed:03}")
            hours = NIGHT if seed % 2 else None
            zone_id = a_zone(connection, case.case_id, a_square(*HOME, 200.0), buffer_m=250.0,
                             schedule=hours)  # fmt: skip
            shares = np.array_split(a_wandering(seed), 60)
            for at in rng.permutation(60) if seed % 4 >= 2 else range(60):
                a_reading(connection, case, shares[at])
        give_case(engine, case.case_id, "officer", START)
        tried.append((case.case_id, zone_id))
    while Judging(engine, clock).round(range(SLICES)).readings:
        pass
    counted = 0
    for case_id, zone_id in tried:
        standing = rows(
            engine,
            f"select w.* from ({LAST_WORD}) w join vigil.breach b using (breach_id) "
            f"where not w.withdrawn and b.case_id = {case_id}",
        )
        live = sorted(
            (row.kind, row.entered_at, row.left_at, row.channel, row.fixes) for row in standing
        )
        draft = room.drafts.begin(room.officer, zone_id=zone_id)
        assert told(room.rehearsed(draft)["draft"]) == live
        counted += len(live)
    assert counted > 20


def test_a_changed_draft_has_to_be_tried_again(room: Room) -> None:
    """Half the buffer, and the old result is not of this draft any more."""
    draft = room.drafts.begin(room.officer, zone_id=room.zone_id)
    room.rehearsed(draft)
    draft = room.drafts.save(room.officer, draft["draft_id"], 1, {"buffer_m": 120})
    assert draft["rehearsal"]["is_current"] is False
    with pytest.raises(BadInput, match="rehearsal"):
        ZoneSending(room.drafts).send(room.officer, [(draft["draft_id"], draft["revision"])],
                         reason="less", order_ref="T 1")  # fmt: skip
    result = room.rehearsed(draft)
    assert result["draft"]["buffer_m"] == 120
    assert result["in_force"]["buffer_m"] == 250


def test_the_slider_agrees_with_the_judge(room: Room) -> None:
    """Asked for the buffer that was judged, distances alone give as many warnings."""
    draft = room.drafts.begin(room.officer, zone_id=room.zone_id)
    result = room.rehearsed(draft)
    (answer,) = room.rehearsals.result(room.officer, draft["draft_id"], 250.0)["buffers"]
    judged = [hit for hit in result["draft"]["hits"] if hit["kind"] == "buffer"]
    assert answer["warnings"] == pytest.approx(len(judged), abs=1)
    assert answer["warning_p50_min"] == pytest.approx(result["draft"]["warning_p50_min"], abs=2)
    alerts = [each["alerts"] for each in result["buffers"]]
    assert alerts[0] == result["draft"]["breaches"]
    assert result["buffers"][-1]["warning_p50_min"] >= answer["warning_p50_min"]


def test_a_job_is_cancelled_once_and_taken_over_when_its_runner_dies(room: Room) -> None:
    """Cancelled it leaves no result; left alone for a minute, another runner begins it again."""
    draft = room.drafts.begin(room.officer, zone_id=room.zone_id)
    job_id = room.rehearsals.begin(room.officer, draft["draft_id"], 30)
    # Whoever opens the draft meanwhile is told which job to follow.
    assert room.drafts.draft(room.officer, draft["draft_id"])["rehearsing"] == job_id
    assert room.rehearsals.cancel(room.officer, job_id)["state"] == "cancelled"
    assert room.drafts.draft(room.officer, draft["draft_id"])["rehearsing"] is None
    assert not room.runner.run_next()
    assert room.rehearsals.result(room.officer, draft["draft_id"]) is None
    job_id = room.rehearsals.begin(room.officer, draft["draft_id"], 30)
    with room.engine.begin() as connection:
        connection.execute(
            text(
                "update vigil.rehearsal set state = 'running', beat_at = :at "
                "where rehearsal_id = :id"
            ),
            {"at": NOW - timedelta(seconds=61), "id": job_id},
        )
    assert room.runner.run_next()
    assert room.rehearsals.job(room.officer, job_id)["state"] == "done"
    stranger = a_viewer(room.engine, room.clock, "stranger", Role.CASE_OFFICER)
    for ask in (room.rehearsals.job, room.rehearsals.cancel, room.rehearsals.result):
        with pytest.raises(NotFound):
            ask(stranger, job_id)


def test_a_larger_buffer_only_ever_adds() -> None:
    """Every moment within a buffer is within each larger one; the shape is measured once."""
    n = 5_000
    rng = np.random.default_rng(3)
    fixes = np.zeros(n, walk([0]).dtype)
    fixes["fixed_at"] = np.arange(n) * 60_000_000
    wander = np.cumsum(rng.normal(0, 60, (2, n)), axis=1)
    wander = 3000 * np.sin(wander / 3000)
    fixes["lon"], fixes["lat"] = offset(*HOME, wander[0], wander[1])
    fixes["radius_95_m"] = 20
    ones = np.ones(n, np.int64)
    track = Positions(ones, ones, fixes["fixed_at"], ones.astype(np.int32), fixes)
    found = distances_of(shapely.Point(HOME).buffer(0.004, quad_segs=125), track)
    smaller: list[tuple[int, int]] = []
    for buffer_m in range(0, 1001, 50):
        larger = found.visits(buffer_m)
        for since, until in smaller:
            assert any(began <= since and until <= ended for began, ended in larger)
        smaller = larger
    assert smaller


def test_a_new_version_is_followed_at_once(engine: Engine) -> None:
    """Somebody already inside is a breach, though no fix of his comes."""
    clock = SystemClock()
    now = clock.now()
    with engine.begin() as connection:
        case = a_case(connection)
        steps = walk([0] * 5, start=now - timedelta(minutes=6))
        a_reading(connection, case, steps, received_at=now - timedelta(minutes=1))
    Judging(engine, clock).round(range(SLICES))
    stop = threading.Event()
    thread = threading.Thread(target=watch, args=(engine, clock, lambda: not stop.is_set()))
    thread.start()
    try:
        _until(lambda: rows(engine, "select 1 from vigil.heartbeat where process = 'watch'"), 60)
        with engine.begin() as connection:
            zone_id = zones.append(connection, case_id=case.case_id, kind="exclusion", name="Z")
            zones.append_version(
                connection, zone_id=zone_id, shape=a_square(*HOME, 200.0), buffer_m=0.0,
                schedule=None, valid_from=clock.now(), recorded_at=clock.now(), reason="now",
            )  # fmt: skip
            outbox.append(connection, "zone", [zone_id], clock.now())
        _until(lambda: rows(engine, "select 1 from vigil.breach"), 60)
    finally:
        stop.set()
        thread.join()


def _until(condition: Any, most_s: float) -> None:
    until = time.monotonic() + most_s
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)
