"""Two people for what takes protection from a victim, on a real database."""

from __future__ import annotations

import threading

import pytest
import shapely
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import IntegrityError

from data.clock import FixedClock
from data.errors import Clash, Refused, VigilError
from data.model.user import Role, Viewer
from data.rules.approval import EXPIRES_AFTER
from data.service.approvals import Approvals
from data.service.zones import Zones
from data.store import tables
from tests.stage import TELEPHONE, Stage, a_stage, a_viewer, give_case

pytestmark = pytest.mark.db

OLD = shapely.box(11.95, 57.70, 11.96, 57.71)


@pytest.fixture
def stage(engine: Engine) -> Stage:
    """Case 0142 with a victim and a zone of hers."""
    with engine.begin() as connection:
        return a_stage(connection)


@pytest.fixture
def approvals(engine: Engine, clock: FixedClock) -> Approvals:
    """The service on the test's clock."""
    return Approvals(engine, clock)


@pytest.fixture
def officer(engine: Engine, clock: FixedClock, stage: Stage) -> Viewer:
    """A case officer who has the case."""
    viewer = a_viewer(engine, clock, "officer", Role.CASE_OFFICER)
    give_case(engine, stage.case_id, "officer")
    return viewer


@pytest.fixture
def boss(engine: Engine, clock: FixedClock) -> Viewer:
    """A supervisor."""
    return a_viewer(engine, clock, "boss", Role.SUPERVISOR)


def in_force(engine: Engine) -> list[int]:
    """Numbers of the versions that are in force."""
    query = select(tables.zone_version.c.number).where(tables.zone_version.c.valid_to.is_(None))
    with engine.connect() as connection:
        return list(connection.scalars(query))


def test_a_victims_zone_ends_with_the_second_signature(
    approvals: Approvals,
    engine: Engine,
    clock: FixedClock,
    stage: Stage,
    officer: Viewer,
    boss: Viewer,
) -> None:
    """Asked for it stands; signed by another it is out of force, and the judge is told."""
    number = approvals.retire_zone(officer, stage.zone_id, reason="order ended")
    assert in_force(engine) == [1]
    assert [row.approval_id for row in approvals.waiting(boss)] == [number]
    approvals.sign(boss, number, is_approved=True)
    assert in_force(engine) == []
    assert approvals.waiting(boss) == []
    with engine.connect() as connection:
        trail = connection.scalars(
            text("select action from vigil.audit_entry where action like 'second%' order by 1")
        ).all()
        topics = set(connection.scalars(text("select topic from vigil.outbox")))
    assert trail == ["second_asked", "second_signed"]
    assert {"zone", "approval"} <= topics


def test_the_same_person_twice_is_refused(
    approvals: Approvals, engine: Engine, stage: Stage, boss: Viewer
) -> None:
    """A supervisor who asks cannot sign; neither could a hand in the database."""
    number = approvals.retire_zone(boss, stage.zone_id, reason="order ended")
    with pytest.raises(Refused, match="yourself"):
        approvals.sign(boss, number, is_approved=True)
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(tables.approval.update().values(decided_by=boss.user_id))
    assert in_force(engine) == [1]


def test_nobody_else_asks_or_signs(
    approvals: Approvals,
    engine: Engine,
    clock: FixedClock,
    stage: Stage,
    officer: Viewer,
    boss: Viewer,
) -> None:
    """Not an operator, not the officer of another case, not a supervisor of another area."""
    number = approvals.retire_zone(officer, stage.zone_id, reason="order ended")
    operator = a_viewer(engine, clock, "op7")
    other = a_viewer(engine, clock, "other", Role.CASE_OFFICER)
    with engine.begin() as connection:
        connection.execute(tables.case.update().values(area="south"))
    north = a_viewer(engine, clock, "north", Role.SUPERVISOR, "north")
    for viewer in (operator, other, north):
        with pytest.raises(Refused):
            approvals.retire_zone(viewer, stage.zone_id, reason="mine")
        with pytest.raises(Refused):
            approvals.sign(viewer, number, is_approved=True)
    with pytest.raises(Refused):
        approvals.sign(officer, number, is_approved=True)
    assert approvals.waiting(other) == approvals.waiting(north) == []
    assert len(approvals.waiting(boss)) == 1


def test_it_expires(
    approvals: Approvals, engine: Engine, clock: FixedClock, stage: Stage,
    officer: Viewer, boss: Viewer,
) -> None:  # fmt: skip
    """What nobody signed for a day is off the list and can no longer be signed."""
    number = approvals.retire_zone(officer, stage.zone_id, reason="order ended")
    clock.forward(EXPIRES_AFTER)
    assert approvals.waiting(boss) == []
    with pytest.raises(Refused, match="expired"):
        approvals.sign(boss, number, is_approved=True)
    assert in_force(engine) == [1]


def test_her_number_changes_with_two(
    approvals: Approvals, engine: Engine, stage: Stage, officer: Viewer, boss: Viewer
) -> None:
    """The old one ends, and what was asked for is not kept in the list."""

    def numbers() -> list[str]:
        query = "select words from vigil.victim_detail where kind = :kind and valid_to is null"
        with engine.connect() as connection:
            return list(connection.scalars(text(query), {"kind": "telephone"}))

    number = approvals.change_contact(
        officer, "0142", kind="telephone", words="+46 70 555 9999", reason="new number"
    )
    assert numbers() == [TELEPHONE]
    approvals.sign(boss, number, is_approved=True)
    assert numbers() == ["+46 70 555 9999"]
    with engine.connect() as connection:
        assert connection.scalar(text("select payload::text from vigil.approval")) == "{}"


def test_a_purge_leaves_nothing(
    approvals: Approvals, engine: Engine, stage: Stage, officer: Viewer, boss: Viewer
) -> None:
    """Signed by another, every detail of hers is gone."""
    number = approvals.purge_details(officer, "0142", reason="case closed")
    approvals.sign(boss, number, is_approved=True)
    with engine.connect() as connection:
        assert connection.scalar(text("select count(*) from vigil.victim_detail")) == 0


def test_refused_is_not_done(
    approvals: Approvals, engine: Engine, stage: Stage, officer: Viewer, boss: Viewer
) -> None:
    """A no is as final as a yes."""
    number = approvals.retire_zone(officer, stage.zone_id, reason="order ended")
    approvals.sign(boss, number, is_approved=False, remark="it has not")
    assert in_force(engine) == [1]
    with pytest.raises(Clash):
        approvals.sign(boss, number, is_approved=True)


def test_of_many_signatures_one_counts(
    approvals: Approvals, engine: Engine, clock: FixedClock, stage: Stage, officer: Viewer
) -> None:
    """Signing at once, one does it and the others read that it was decided."""
    number = approvals.retire_zone(officer, stage.zone_id, reason="order ended")
    signers = [a_viewer(engine, clock, f"boss{n}", Role.SUPERVISOR) for n in range(6)]
    said: list[object] = []

    def sign(viewer: Viewer) -> None:
        try:
            approvals.sign(viewer, number, is_approved=True)
            said.append(None)
        except VigilError as error:
            said.append(type(error))

    threads = [threading.Thread(target=sign, args=(viewer,)) for viewer in signers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (said.count(None), said.count(Clash)) == (1, 5)


def test_the_terminal_ends_no_zone_of_hers(engine: Engine, clock: FixedClock, stage: Stage) -> None:
    """Nobody is signed in there, so nobody could be told from the second person."""
    with pytest.raises(Refused, match="two people"):
        Zones(engine, clock).retire(stage.zone_id, reason="order ended")
    assert in_force(engine) == [1]
