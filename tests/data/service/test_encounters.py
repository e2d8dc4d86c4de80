"""Was he there when she was? To whom what is said, and that it is right."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import orjson
import pytest
from sqlalchemy import Engine

from data.clock import FixedClock
from data.errors import BadInput, Refused
from data.model.user import Role, Viewer
from data.rules.daylight import Daylight
from data.service.encounter_scene import Question
from data.service.near_routine import near_routine
from data.service.reach import reach_of
from data.service.reveals import Reveals
from data.store import cases
from tests.data.service.weeks import (
    CHOIR,
    CHOIR_NAME,
    LONG_AGO,
    a_place,
    audited,
    local,
    the_encounters,
    the_routines,
    was_at,
    wears_since,
)
from tests.stage import NOON, Stage, a_stage, a_viewer, give_case

pytestmark = pytest.mark.db

ASKED = Question("0142", date(2026, 11, 1), date(2026, 11, 20))


@pytest.fixture
def stage(engine: Engine, clock: FixedClock) -> Stage:
    """She sings on Tuesdays; on two of them he stood 120 m away, and once when she was not due."""
    with engine.begin() as connection:
        found = a_stage(connection)
    officer = a_viewer(engine, clock, "officer", Role.CASE_OFFICER)
    give_case(engine, found.case_id, "officer")
    the_routines(engine, clock).keep(officer, "0142", a_place(), since=LONG_AGO)
    wears_since(engine, found.activation_id, LONG_AGO)
    for first, minutes in (
        ("2026-11-03T18:37", 25),
        ("2026-11-10T19:48", 60),
        ("2026-11-11T18:30", 30),
    ):
        was_at(engine, found.activation_id, local(first), minutes, east_m=120.0)
    return found


def see(engine: Engine, clock: FixedClock, role: Role, stage: Stage) -> Viewer:
    """Somebody of this role who has the case."""
    viewer = a_viewer(engine, clock, f"a-{role.value}", role)
    give_case(engine, stage.case_id, viewer.login)
    return viewer


def revealed(engine: Engine, clock: FixedClock, stage: Stage) -> Viewer:
    """A case officer whose minute runs."""
    viewer = see(engine, clock, Role.CASE_OFFICER, stage)
    Reveals(engine, clock).reveal(viewer, case_code="0142", code="court", words="statement")
    return viewer


def test_the_known_encounters_are_found(engine: Engine, clock: FixedClock, stage: Stage) -> None:
    """Two, with their minutes, distance and interval; the third evening she was not due."""
    answer = the_encounters(engine, clock).answer(revealed(engine, clock, stage), ASKED)
    first, second = answer.met
    assert (first.from_at, first.to_at) == (local("2026-11-03T18:37"), local("2026-11-03T19:02"))
    # At eight she is due there no more.
    assert (second.from_at, second.to_at) == (local("2026-11-10T19:48"), local("2026-11-10T20:00"))
    assert (first.near_min, second.near_min) == (25, 12)
    assert first.closest_m == pytest.approx(120, abs=1)
    assert first.low_m == pytest.approx(120 - 32.3, abs=1)  # 12 m and 30 m together
    assert first.light is Daylight.DARK
    assert CHOIR_NAME in first.where
    assert answer.conduct.minutes.observed == 37
    assert sum(map(sum, answer.minutes_by_hour)) == 37
    assert answer.minutes_by_hour[1][18] == 23
    assert answer.due_h == pytest.approx(3 * 2)
    assert answer.unseen_h == pytest.approx(6 - 37 / 60, abs=0.02)
    assert audited(engine)[-1] == "encounters_seen"


def test_an_investigator_is_answered_without_her_places(
    engine: Engine, clock: FixedClock, stage: Stage
) -> None:
    """By number and quarter of an hour; no metres, name, street or point in any of it."""
    viewer = see(engine, clock, Role.INVESTIGATOR, stage)
    answer = the_encounters(engine, clock).answer(viewer, ASKED)
    assert answer.until is None
    first, second = answer.met
    assert (first.where, first.from_at, first.to_at) == (
        "routine place 1", local("2026-11-03T18:30"), local("2026-11-03T19:15"))  # fmt: skip
    assert (second.from_at, second.to_at) == (local("2026-11-10T19:45"), local("2026-11-10T20:00"))
    assert answer.conduct.minutes.observed == 37
    said = orjson.dumps(answer, default=str).decode()
    for planted in (CHOIR_NAME, "Siren", f"{CHOIR[0]:.3f}", f"{CHOIR[1]:.3f}"):
        assert planted not in said
    assert (first.closest_m, first.low_m, first.near_min, first.lon) == (None,) * 4
    with engine.connect() as connection:
        reach = reach_of(connection, viewer, NOON)
        case = cases.find_case(connection, "0142")
        assert case is not None
        first, last = local("2026-11-01T00:00"), local("2026-11-03T18:50")
        lane = near_routine(connection, reach, case, first, last)
    # Cut where the period ends, but not nearer to the minute than a quarter of an hour.
    assert lane.stretches == (
        (local("2026-11-03T18:30"), local("2026-11-03T18:50"), "routine place 1"),)  # fmt: skip
    assert audited(engine)[-1] == "encounters_seen_masked"


def test_nobody_feels_their_way_to_the_door(
    engine: Engine, clock: FixedClock, stage: Stage
) -> None:
    """While masked there is one distance; with a reason another may be asked for."""
    closer = Question("0142", ASKED.first, ASKED.last, near_m=100.0)
    investigator = see(engine, clock, Role.INVESTIGATOR, stage)
    masked = the_encounters(engine, clock).answer(investigator, closer)
    assert (masked.question.near_m, len(masked.met)) == (200.0, 2)
    assert the_encounters(engine, clock).answer(revealed(engine, clock, stage), closer).met == ()


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.AUDITOR, Role.ADMINISTRATOR])
def test_it_is_not_for_every_role(
    engine: Engine, clock: FixedClock, stage: Stage, role: Role
) -> None:
    """When he was near her says where she is."""
    with pytest.raises(Refused):
        the_encounters(engine, clock).answer(see(engine, clock, role, stage), ASKED)


def test_a_case_that_is_not_theirs(engine: Engine, clock: FixedClock, stage: Stage) -> None:
    """An investigator without the case learns nothing, and the try is on record."""
    stranger = a_viewer(engine, clock, "stranger", Role.INVESTIGATOR)
    with pytest.raises(Refused):
        the_encounters(engine, clock).answer(stranger, ASKED)
    assert audited(engine)[-1] == "refused"


def test_her_handset_with_her_consent_and_a_reason(
    engine: Engine, clock: FixedClock, stage: Stage
) -> None:
    """Neither alone is enough: 90 m from her for ten minutes, in the middle of town."""
    elsewhere = (11.93, 57.69)
    wears_since(engine, stage.victim_activation_id, LONG_AGO)
    for activation_id, east_m in ((stage.activation_id, 90.0), (stage.victim_activation_id, 0.0)):
        was_at(engine, activation_id, local("2026-11-14T13:00"), 10, at=elsewhere, east_m=east_m)
    service, investigator = the_encounters(engine, clock), see(
        engine, clock, Role.INVESTIGATOR, stage)  # fmt: skip
    officer = revealed(engine, clock, stage)
    assert len(service.answer(officer, ASKED).met) == 2
    the_routines(engine, clock).consent(officer, "0142", words="in my office", is_given=True)
    assert len(service.answer(investigator, ASKED).met) == 2
    answer = service.answer(officer, ASKED)
    (met,) = [each for each in answer.met if each.where == "her handset"]
    assert (met.from_at, met.near_min) == (local("2026-11-14T13:00"), 10)
    assert answer.of_handset is not None
    assert answer.of_handset.minutes.observed == 10


def test_a_question_has_limits() -> None:
    """At most 92 days, at least one; a distance somebody can mean."""
    start = date(2026, 6, 1)
    with pytest.raises(BadInput, match="period"):
        Question("0142", start, start + timedelta(days=92))
    with pytest.raises(BadInput, match="period"):
        Question("0142", start, start - timedelta(days=1))
    with pytest.raises(BadInput, match="near_m"):
        Question("0142", start, start, near_m=5)


def test_the_same_question_rests_on_the_same_data(
    engine: Engine, clock: FixedClock, stage: Stage
) -> None:
    """Asked again the hash is the same; after one more fix it is another."""
    service, viewer = the_encounters(engine, clock), see(engine, clock, Role.INVESTIGATOR, stage)
    before = service.answer(viewer, ASKED)
    assert service.answer(viewer, ASKED) == before
    was_at(engine, stage.activation_id, datetime(2026, 11, 15, 12, tzinfo=NOON.tzinfo), 0)
    assert service.answer(viewer, ASKED).dataset != before.dataset
