"""Looking at a victim: with the case or through the glass, with a reason, and never unseen."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from data.clock import FixedClock
from data.errors import BadInput, Clash, NotFound, Refused, StepUpNeeded
from data.model.user import Role, Viewer
from data.rules.access import STEP_UP_FOR
from data.rules.reasons import GLASS_FOR, REVEAL_FOR, WORDS_AT_LEAST
from data.service.reach import Reaches
from data.service.reveals import Reveals
from data.store import tables
from tests.stage import (
    ADDRESS,
    NOON,
    ROUTINE,
    TELEPHONE,
    VICTIM,
    Stage,
    a_stage,
    a_viewer,
    an_alert,
    give_case,
)

pytestmark = pytest.mark.db

WHY: dict[str, Any] = {"code": "welfare", "words": "She does not answer her telephone."}


@pytest.fixture
def stage(engine: Engine) -> Stage:
    """Case 0142 with a victim."""
    with engine.begin() as connection:
        return a_stage(connection)


@pytest.fixture
def reveals(engine: Engine, clock: FixedClock) -> Reveals:
    """The service on the test's clock."""
    return Reveals(engine, clock)


@pytest.fixture
def officer(engine: Engine, clock: FixedClock, stage: Stage) -> Viewer:
    """A case officer who has the case."""
    viewer = a_viewer(engine, clock, "officer", Role.CASE_OFFICER)
    give_case(engine, stage.case_id, "officer")
    return viewer


@pytest.fixture
def boss(engine: Engine, clock: FixedClock, stage: Stage) -> Viewer:
    """A supervisor who has no case, and has just proved who they are."""
    viewer = a_viewer(engine, clock, "boss", Role.SUPERVISOR)
    return replace(viewer, stepped_up_at=clock.now())


def entries(engine: Engine, action: str) -> list[Any]:
    """Audit entries of this action, oldest first."""
    query = select(tables.audit_entry).where(tables.audit_entry.c.action == action)
    with engine.connect() as connection:
        return list(connection.execute(query.order_by(tables.audit_entry.c.audit_entry_id)))


def test_a_reveal_shows_her_for_a_minute_and_is_written_down(
    reveals: Reveals, engine: Engine, officer: Viewer, stage: Stage
) -> None:
    """Name, address, telephone, routine and zones; with the reason, and whose ids were shown."""
    found = reveals.reveal(officer, case_code="0142", **WHY)
    (victim,) = found.victims
    assert (victim.name, victim.addresses, victim.telephones, victim.routines) == (
        VICTIM,
        (ADDRESS,),
        (TELEPHONE,),
        (ROUTINE,),
    )
    assert found.zones == (("victim safe area 1", "Zone A"),)
    assert found.until == NOON + REVEAL_FOR
    (entry,) = entries(engine, "victim_revealed")
    assert (entry.user_id, entry.record_id) == (officer.user_id, stage.case_id)
    assert entry.detail["shown"] == {"person": [victim.person_id]}
    # The trail is read by people who may see no victim: not even her name's reason is in it.
    assert not {VICTIM, ADDRESS, WHY["words"]} & set(map(str, entry.detail.values()))


REFUSED = sorted(set(Role) - {Role.CASE_OFFICER, Role.SUPERVISOR, Role.WALL})


@pytest.mark.parametrize("role", REFUSED)
def test_other_roles_never_reveal(
    reveals: Reveals, engine: Engine, clock: FixedClock, stage: Stage, role: Role
) -> None:
    """Having the case does not help a role that the table keeps from victims."""
    viewer = a_viewer(engine, clock, "other", role)
    give_case(engine, stage.case_id, "other")
    with pytest.raises(Refused):
        reveals.reveal(viewer, case_code="0142", **WHY)
    with pytest.raises(Refused):
        reveals.break_glass(replace(viewer, stepped_up_at=clock.now()), case_code="0142", **WHY)


def test_without_the_case_nothing_is_shown(
    reveals: Reveals, engine: Engine, clock: FixedClock, boss: Viewer, stage: Stage
) -> None:
    """Neither a supervisor nor a case officer reveals what is not theirs; the try is kept."""
    other = a_viewer(engine, clock, "other", Role.CASE_OFFICER)
    for viewer in (boss, other):
        with pytest.raises(Refused):
            reveals.reveal(viewer, case_code="0142", **WHY)
    refused = entries(engine, "refused")
    assert [each.user_id for each in refused] == [boss.user_id, other.user_id]
    assert {each.record_id for each in refused} == {stage.case_id}


def test_a_case_taken_back_is_masked_at_once(
    reveals: Reveals, engine: Engine, officer: Viewer
) -> None:
    """An assignment ends at, not after, its end."""
    with engine.begin() as connection:
        connection.execute(update(tables.assignment).values(valid_to=NOON))
    with pytest.raises(Refused):
        reveals.reveal(officer, case_code="0142", **WHY)


def test_another_area_has_no_such_case(
    reveals: Reveals, engine: Engine, clock: FixedClock, stage: Stage
) -> None:
    """Not even glass leads into another area, and the answer is that of a case that never was."""
    with engine.begin() as connection:
        connection.execute(update(tables.case).values(area="south"))
    viewer = replace(
        a_viewer(engine, clock, "north", Role.SUPERVISOR, "north"), stepped_up_at=clock.now()
    )
    for code in ("0142", "9999"):
        with pytest.raises(NotFound, match="There is no such case here"):
            reveals.break_glass(viewer, case_code=code, **WHY)


@pytest.mark.parametrize(
    "why",
    [
        {"code": "welfare", "words": ""},
        {"code": "welfare", "words": "   "},
        {"code": "curiosity", "words": "x" * 20},
        {"code": None, "words": "x" * 20},
        {"code": "welfare", "words": None},
        {"code": "welfare", "words": "x" * 501},
    ],
)
def test_every_look_says_why(reveals: Reveals, officer: Viewer, why: dict[str, Any]) -> None:
    """A code and words, or nothing is shown."""
    with pytest.raises(BadInput):
        reveals.reveal(officer, case_code="0142", **why)


def test_glass_asks_for_fifteen_characters(reveals: Reveals, boss: Viewer) -> None:
    """Exactly fifteen will do, fourteen will not; blanks do not count."""
    for words in ("x" * (WORDS_AT_LEAST - 1), "x" + " " * 20):
        with pytest.raises(BadInput, match="15"):
            reveals.break_glass(boss, case_code="0142", code="welfare", words=words)
    reveals.break_glass(boss, case_code="0142", code="welfare", words="x" * WORDS_AT_LEAST)


def test_glass_asks_for_a_fresh_proof(reveals: Reveals, boss: Viewer, clock: FixedClock) -> None:
    """A seat somebody left open does not break glass."""
    clock.forward(STEP_UP_FOR)
    with pytest.raises(StepUpNeeded):
        reveals.break_glass(boss, case_code="0142", **WHY)


def test_glass_closes_itself_to_the_second(
    reveals: Reveals, engine: Engine, boss: Viewer, clock: FixedClock, stage: Stage
) -> None:
    """It lets through up to its end and not at it, and nothing shown outlives it."""
    until = reveals.break_glass(boss, case_code="0142", **WHY)
    assert until == NOON + GLASS_FOR
    reaches = Reaches(engine, clock)
    clock.forward(GLASS_FOR - timedelta(microseconds=1))
    assert reaches.of(boss).glass == {stage.case_id}
    assert reveals.reveal(boss, case_code="0142", **WHY).until == until
    clock.forward(timedelta(microseconds=1))
    assert reaches.of(boss).glass == frozenset()
    with pytest.raises(Refused):
        reveals.reveal(boss, case_code="0142", **WHY)


def test_who_has_the_case_breaks_no_glass(reveals: Reveals, officer: Viewer, boss: Viewer) -> None:
    """Neither its officer, nor whoever has broken it already."""
    stepped = replace(officer, stepped_up_at=NOON)
    with pytest.raises(Refused, match="already"):
        reveals.break_glass(stepped, case_code="0142", **WHY)
    reveals.break_glass(boss, case_code="0142", **WHY)
    with pytest.raises(Refused, match="already"):
        reveals.break_glass(boss, case_code="0142", **WHY)


def test_the_owner_and_the_supervisors_are_told(
    reveals: Reveals,
    engine: Engine,
    clock: FixedClock,
    officer: Viewer,
    boss: Viewer,
    stage: Stage,
) -> None:
    """At once, through the outbox; not the one who did it, and no officer of another case."""
    second = a_viewer(engine, clock, "second", Role.SUPERVISOR)
    other = a_viewer(engine, clock, "other", Role.CASE_OFFICER)
    operator = a_viewer(engine, clock, "op7")
    reveals.break_glass(boss, case_code="0142", **WHY)
    reach = Reaches(engine, clock).of_all([officer, boss, second, other, operator])
    told = {each.login: len(reveals.told(each, reach[each])) for each in reach}
    assert told == {"officer": 1, "boss": 0, "second": 1, "other": 0, "op7": 0}
    with engine.connect() as connection:
        topics = connection.scalars(select(tables.outbox.c.topic)).all()
    assert topics[-1] == "glass"


def test_another_supervisor_signs_for_it_once(
    reveals: Reveals, engine: Engine, clock: FixedClock, boss: Viewer
) -> None:
    """Nobody signs for themselves; the second signature is one too many."""
    reveals.break_glass(boss, case_code="0142", **WHY)
    (waiting,) = reveals.to_review(boss)
    second = a_viewer(engine, clock, "second", Role.SUPERVISOR)
    with pytest.raises(Refused, match="themselves"):
        reveals.review(boss, waiting.glass_id, is_justified=True, remark="")
    with pytest.raises(BadInput):
        reveals.review(second, waiting.glass_id, is_justified=False, remark=" ")
    auditor = a_viewer(engine, clock, "auditor", Role.AUDITOR)
    with pytest.raises(Refused):
        reveals.review(auditor, waiting.glass_id, is_justified=True, remark="")
    reveals.review(second, waiting.glass_id, is_justified=True, remark="")
    with pytest.raises(Clash):
        reveals.review(second, waiting.glass_id, is_justified=True, remark="")
    assert reveals.to_review(second) == []
    (done,) = reveals.reviewed(second)
    assert (done.reviewer, done.is_justified) == ("second", True)


def test_an_alert_leads_to_its_case(
    reveals: Reveals, engine: Engine, officer: Viewer, boss: Viewer, stage: Stage
) -> None:
    """The drawer asks by the alert it shows."""
    with engine.begin() as connection:
        alert_id = an_alert(connection, stage)
    assert reveals.standing(officer, alert_id=alert_id).may_reveal
    standing = reveals.standing(boss, alert_id=alert_id)
    assert (standing.may_reveal, standing.may_break) == (False, True)
    assert reveals.reveal(officer, alert_id=alert_id, **WHY).case_code == "0142"
