"""What holds of a breach now: where he was surest inside, the newest word, the last finding."""

from __future__ import annotations

from typing import Any

import pytest
import shapely
from sqlalchemy import Connection, insert, select, text, update

from data.model.breach import Finding
from data.model.fix import FixFlag
from data.store import alerts, past_breaches, tables
from tests.makers import START, ACase, a_case, a_zone
from tests.past import MINUTE, a_judged_fix, a_past_breach, a_revision

pytestmark = pytest.mark.db

SQUARE = shapely.box(11.96, 57.70, 11.97, 57.705)


@pytest.fixture
def case(connection: Connection) -> ACase:
    """An offender with a tag."""
    return a_case(connection)


@pytest.fixture
def zone_id(connection: Connection, case: ACase) -> int:
    """A square he must not enter."""
    return a_zone(connection, case.case_id, SQUARE)


def now_of(connection: Connection, breach_id: int) -> Any:
    """The row."""
    found = past_breaches.find(connection, breach_id)
    assert found is not None
    return found


def closed(connection: Connection, breach_id: int, finding: Finding) -> None:
    """An alert of the breach, closed with this finding."""
    alert_id = connection.execute(
        insert(tables.alert)
        .values(
            condition_key=f"breach:{breach_id}:{finding}",
            kind="breach",
            priority=1,
            state="closed",
            raised_at=START,
            waiting_since=START,
            began_at=START,
            closed_at=START,
            breach_id=breach_id,
        )
        .returning(tables.alert.c.alert_id)
    ).scalar_one()
    alerts.save_finding(connection, alert_id, finding)
    past_breaches.keep_finding(connection, alert_id)


def test_a_breach_lies_where_he_was_surest_inside(
    connection: Connection, case: ACase, zone_id: int
) -> None:
    """Not where he came in, not on a fix nobody believes, and not on one from before the visit."""
    for minute, lon, p_inside, flags in (
        (-1, 11.9690, 0.99, 0),
        (0, 11.9601, 0.4, 0),
        (3, 11.9650, 0.97, 0),
        (4, 11.9655, 0.97, 0),  # as sure, but later
        (5, 11.9660, 1.0, int(FixFlag.IMPOSSIBLE_SPEED)),
        (9, 11.9610, 0.6, 0),
        (11, 11.9699, 0.99, 0),
    ):
        place = (lon, 57.7025)
        at = START + minute * MINUTE
        a_judged_fix(connection, case.activation_id, zone_id, at, place, p_inside, flags)
    breach_id = a_past_breach(connection, case, zone_id, place=None)
    found = now_of(connection, breach_id)
    assert (round(found.lon, 6), round(found.lat, 6)) == (11.965, 57.7025)
    assert found.web_x == int((11.965 + 180) / 360 * 2**30)
    assert found.zone_name == "exclusion zone 1"


def test_a_breach_against_a_person_lies_at_the_fix_nearest_to_it(
    connection: Connection, case: ACase, zone_id: int
) -> None:
    """No verdict is kept for pairs; ten minutes away is no longer it."""
    for minute, lon in ((-4, 11.91), (2, 11.92), (30, 11.93)):
        place = (lon, 57.7)
        a_judged_fix(connection, case.activation_id, None, START + minute * MINUTE, place, 0)
    victim_id = connection.scalar(
        insert(tables.person)
        .values(role="victim", name="Vera Test", added_at=START)
        .returning(tables.person.c.person_id)
    )
    pair_id = connection.scalar(
        insert(tables.pair)
        .values(
            case_id=case.case_id,
            offender_id=case.offender_id,
            victim_id=victim_id,
            warn_m=500,
            alarm_m=200,
            valid_from=START,
        )
        .returning(tables.pair.c.pair_id)
    )
    near = a_past_breach(connection, case, None, kind="pair_alarm", pair_id=pair_id, place=None)
    assert round(now_of(connection, near).lon, 6) == 11.92
    later = START + 50 * MINUTE
    nowhere = a_past_breach(
        connection, case, None, later, kind="pair_alarm", pair_id=pair_id, place=None
    )
    assert now_of(connection, nowhere).position is None
    assert now_of(connection, nowhere).web_x == -1


def test_the_newest_word_and_the_last_finding_hold(
    connection: Connection, case: ACase, zone_id: int
) -> None:
    """Neither judging again nor closing undoes what the other wrote."""
    breach_id = a_past_breach(connection, case, zone_id, channel=1, confirmed_at=None)
    assert now_of(connection, breach_id).finding is None
    closed(connection, breach_id, Finding.DRIFT)
    a_revision(connection, breach_id, channel=2, grade=3)
    found = now_of(connection, breach_id)
    assert (found.channel, found.grade, found.finding) == (2, 3, "drift")
    closed(connection, breach_id, Finding.BREACH)
    assert now_of(connection, breach_id).finding == "breach"


def test_all_of_it_can_be_made_anew(connection: Connection, case: ACase, zone_id: int) -> None:
    """What the migration fills in is what judging and closing have kept."""
    for day in range(3):
        breach_id = a_past_breach(connection, case, zone_id, START + day * 1440 * MINUTE)
        closed(connection, breach_id, Finding.DRIFT)
    kept = connection.execute(select(tables.breach_now)).all()
    anew = text("select * from vigil.breach_known(array(select breach_id from vigil.breach))")
    assert sorted(map(tuple, connection.execute(anew))) == sorted(
        tuple(_raw(connection, row.breach_id)) for row in kept
    )


def _raw(connection: Connection, breach_id: int) -> Any:
    query = text("select * from vigil.breach_now where breach_id = :id")
    return connection.execute(query, {"id": breach_id}).one()


def test_nothing_happens_for_no_breach(connection: Connection) -> None:
    """A round of the judge that found none writes none; a finding without a breach is nobody's."""
    past_breaches.keep(connection, [])
    past_breaches.keep_finding(connection, 4711)
    assert past_breaches.find(connection, 4711) is None
    assert connection.execute(update(tables.breach_now).values(finding=None)).rowcount == 0
