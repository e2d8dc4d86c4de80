"""Where she usually is: kept in versions, imported whole, proposed with consent, masked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, func, select

from data.clock import FixedClock
from data.errors import BadInput, Clash, NotFound, Refused
from data.model.routine import Source
from data.model.user import Role, Viewer
from data.rules.reasons import REVEAL_FOR
from data.service.reveals import Reveals
from data.store import routines as stored
from data.store import tables, victims
from tests.data.service.weeks import (
    CHOIR,
    LONG_AGO,
    a_place,
    audited,
    local,
    the_routines,
    was_at,
    wears_since,
)
from tests.stage import NOON, Stage, a_stage, a_viewer, give_case

pytestmark = pytest.mark.db


@pytest.fixture
def stage(engine: Engine) -> Stage:
    """Case 0142 with a victim."""
    with engine.begin() as connection:
        return a_stage(connection)


@pytest.fixture
def officer(engine: Engine, clock: FixedClock, stage: Stage) -> Viewer:
    """A case officer who has the case."""
    viewer = a_viewer(engine, clock, "officer", Role.CASE_OFFICER)
    give_case(engine, stage.case_id, "officer")
    return viewer


def reveal(engine: Engine, clock: FixedClock, viewer: Viewer) -> None:
    """The viewer says why, and has a minute."""
    Reveals(engine, clock).reveal(viewer, case_code="0142", code="case_work", words="weekly talk")


def test_a_place_is_a_number_until_somebody_says_why(
    engine: Engine, clock: FixedClock, officer: Viewer
) -> None:
    """Masked, shown for the minute of a reveal, masked again; each look is on record."""
    routines = the_routines(engine, clock)
    label = routines.keep(officer, "0142", a_place(), since=LONG_AGO)
    masked = routines.week(officer, "0142")
    assert (masked.until, masked.places, masked.labels) == (None, (), (label,))
    reveal(engine, clock, officer)
    shown = routines.week(officer, "0142")
    assert shown.until == NOON + REVEAL_FOR
    assert (shown.places[0].place.lon, shown.places[0].place.lat) == CHOIR
    clock.forward(REVEAL_FOR)
    assert routines.week(officer, "0142").places == ()
    assert audited(engine) == ["routine_kept", "routine_seen_masked", "routine_seen"]


def test_a_new_version_leaves_the_old_one_standing(
    engine: Engine, clock: FixedClock, officer: Viewer
) -> None:
    """Changed on the 1st: before it the old hours hold, from it the new; nothing is overwritten."""
    routines = the_routines(engine, clock)
    routines.keep(officer, "0142", a_place(), since=LONG_AGO)
    change = local("2026-11-01T00:00")
    later = a_place(thu=("18:00", "20:00"))
    routines.keep(officer, "0142", later, since=change, number=1, reason="they moved it")
    with engine.connect() as connection:
        (person_id,) = victims.find_ids(connection, 1)
        both = stored.find(connection, [person_id], LONG_AGO, NOON)
    assert [(each.version, each.valid_to) for each in both] == [(1, change), (2, None)]
    assert both[0].place == a_place()
    assert both[1].place.hours == later.hours
    routines.end(officer, "0142", 1, reason="left the choir")
    assert routines.week(officer, "0142").labels == ()
    with engine.connect() as connection:
        assert len(stored.find(connection, [person_id], LONG_AGO, NOON)) == 2


CSV = f"""name,lon,lat,days,from,to,confidence
Choir,{CHOIR[0]},{CHOIR[1]},tue,18:00,20:00,high
Choir,,,thu sat,10:00,12:30,
Home,11.95,57.7,mon tue wed thu fri sat sun,22:00,07:00,
"""


def test_a_file_is_taken_whole_or_not_at_all(
    engine: Engine, clock: FixedClock, officer: Viewer
) -> None:
    """Two places of four lines; a wrong wall time names line and column, and no place."""
    routines = the_routines(engine, clock)
    text = CSV.replace("Choir,,,", f"Choir,{CHOIR[0]},{CHOIR[1]},")
    wrong = text.replace("10:00", "10 o'clock")
    with pytest.raises(BadInput, match="line 3, from: expected a wall time") as told:
        routines.bring_in(officer, "0142", wrong.encode(), since=LONG_AGO)
    assert str(CHOIR[0]) not in str(told.value)
    assert routines.week(officer, "0142").labels == ()
    assert routines.bring_in(officer, "0142", text.encode(), since=LONG_AGO) == 2
    reveal(engine, clock, officer)
    choir, home = routines.week(officer, "0142").places
    assert [len(day) for day in choir.place.hours.weekly] == [0, 1, 0, 1, 0, 1, 0]
    assert home.place.source is Source.IMPORTED
    assert home.place.hours.time_zone == "Europe/Stockholm"


def test_nothing_of_her_handset_is_read_without_her_consent(
    engine: Engine, clock: FixedClock, officer: Viewer, stage: Stage
) -> None:
    """Refused before she agrees and after she takes it back; in between a person decides."""
    routines = the_routines(engine, clock)
    wears_since(engine, stage.victim_activation_id, LONG_AGO)
    for day in (3, 10, 17):  # Tuesdays
        was_at(engine, stage.victim_activation_id, local(f"2026-11-{day:02}T17:55"), 130,
               every_min=5)  # fmt: skip
    with pytest.raises(Refused):
        routines.propose(officer, "0142")
    with pytest.raises(BadInput):
        routines.consent(officer, "0142", words=" ", is_given=True)
    routines.consent(officer, "0142", words="by telephone, to me", is_given=True)
    assert routines.propose(officer, "0142") == 1
    week = routines.week(officer, "0142")
    assert (week.labels, week.proposals) == ((), 1)
    assert week.consent is not None
    assert week.consent.given_at == NOON
    routines.decide(officer, "0142", 1, is_hers=True, name="Choir")
    assert routines.week(officer, "0142").labels == ("routine place 1",)
    with pytest.raises(Clash):
        routines.decide(officer, "0142", 1, is_hers=False)
    reveal(engine, clock, officer)
    (found,) = routines.week(officer, "0142").places
    assert (found.place.name, found.place.source) == ("Choir", Source.PROPOSED)
    assert (found.place.lon, found.place.lat) == pytest.approx(CHOIR, abs=1e-4)
    (window,) = found.place.hours.weekly[1]
    assert (window.start_min, window.end_min) == (18 * 60, 20 * 60)
    clock.forward(timedelta(minutes=1))
    routines.consent(officer, "0142", words="", is_given=False)
    with pytest.raises(Refused):
        routines.propose(officer, "0142")
    assert audited(engine).count("refused") == 0
    assert {"consent_given", "consent_withdrawn", "routine_proposed", "routine_confirmed"} <= set(
        audited(engine)
    )


def test_only_who_keeps_her_case_writes_it_down(
    engine: Engine, clock: FixedClock, officer: Viewer, stage: Stage
) -> None:
    """Not the investigator of the case, not an officer without it; their tries are on record."""
    routines = the_routines(engine, clock)
    investigator = a_viewer(engine, clock, "inv", Role.INVESTIGATOR)
    give_case(engine, stage.case_id, "inv")
    other = a_viewer(engine, clock, "other", Role.CASE_OFFICER)
    for viewer in (investigator, other):
        with pytest.raises(Refused):
            routines.keep(viewer, "0142", a_place(), since=LONG_AGO)
    with pytest.raises(NotFound):
        routines.week(replace(officer, area="south"), "0999")
    assert audited(engine) == ["refused"]
    operator = a_viewer(engine, clock, "op", Role.OPERATOR)
    with pytest.raises(Refused):
        routines.cases(operator)
    assert routines.cases(officer) == ["0142"]
    assert routines.cases(other) == []


def test_what_is_wrong_is_named_and_never_repeated() -> None:
    """A latitude out of range, no hours at all, a name of nothing."""
    good = a_place()
    with pytest.raises(BadInput, match=r"^lat: expected degrees from -90 to 90$"):
        replace(good, lat=111.1)
    with pytest.raises(BadInput, match=r"^hours: "):
        replace(good, hours=replace(good.hours, weekly=((),) * 7))
    with pytest.raises(BadInput, match=r"^name: "):
        replace(good, name="  ")
    with pytest.raises(BadInput, match=r"^radius_m: "):
        replace(good, radius_m=float("nan"))
    assert good.review_on == date(2027, 5, 1)


def test_forgetting_her_forgets_her_week(
    engine: Engine, clock: FixedClock, officer: Viewer, stage: Stage
) -> None:
    """What two people have forgotten is gone in every version."""
    routines = the_routines(engine, clock)
    routines.keep(officer, "0142", a_place(), since=LONG_AGO)
    with engine.begin() as connection:
        (person_id,) = victims.find_ids(connection, stage.case_id)
        stored.delete_all(connection, person_id)
        for table in (tables.routine_location, tables.routine_version):
            assert connection.scalar(select(func.count()).select_from(table)) == 0
