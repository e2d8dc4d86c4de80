"""The passing of time raises what no message tells of, and a leaping clock is not believed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from data.clock import FixedClock
from data.service.judging import Judging
from data.service.watch import HOLD_S, ClockGuard, Watch
from data.store.judging import SLICES
from tests.makers import START, a_case, a_reading, a_square, a_zone, track

SECOND_US = 1_000_000
HOME = (-2.98, 53.41)


def test_a_running_clock_is_trusted() -> None:
    """Rounds that come late are no jump: both clocks ran on."""
    guard = ClockGuard()
    assert guard.jump_s(0, 100.0) == 0.0
    assert guard.jump_s(3600 * SECOND_US, 3700.0) == 0.0
    assert guard.is_trusted(3700.0)


@pytest.mark.parametrize("leap_s", [3600, -3600])
def test_a_leap_holds_the_watch_for_a_minute(leap_s: int) -> None:
    """Forward or back, a leap is told and the clock not believed until it has held."""
    guard = ClockGuard()
    guard.jump_s(0, 100.0)
    assert guard.jump_s((leap_s + 5) * SECOND_US, 105.0) == pytest.approx(leap_s)
    assert not guard.is_trusted(105.0 + HOLD_S - 0.1)
    assert guard.is_trusted(105.0 + HOLD_S)


def test_a_demo_clock_at_sixty_times_does_not_leap() -> None:
    """In a demo the clock may run sixty times as fast."""
    guard = ClockGuard(rate=60.0)
    guard.jump_s(0, 0.0)
    assert guard.jump_s(300 * SECOND_US, 5.0) == 0.0


@pytest.mark.db
def test_a_silent_tag_raises_an_alert_and_a_fix_clears_it(engine: Engine) -> None:
    """Three reports missed: an alert; the next report: cleared, and never closed by itself."""
    with engine.begin() as connection:
        case = a_case(connection)
        a_reading(connection, case, track("0s 53.40,-2.90"))
    clock = FixedClock(START + timedelta(seconds=5))
    judging = Judging(engine, clock)
    judging.round(range(SLICES))
    watch = Watch(engine, clock)
    steady_s = 0.0
    watch.round(steady_s)
    kinds = text("select kind, state, cleared_at from vigil.alert")
    with engine.connect() as connection:
        assert not connection.execute(kinds).all()
    while clock.now() < START + timedelta(minutes=6):
        clock.forward(timedelta(seconds=20))
        steady_s += 20.0
        watch.round(steady_s)
    with engine.connect() as connection:
        (silent,) = connection.execute(kinds).all()
    assert (silent.kind, silent.state, silent.cleared_at) == ("silent", "new", None)
    with engine.begin() as connection:
        a_reading(connection, case, track("370s 53.40,-2.90"))
    clock.forward(timedelta(seconds=20))
    judging.round(range(SLICES))
    with engine.connect() as connection:
        (silent,) = connection.execute(kinds).all()
    assert silent.state == "new"
    assert silent.cleared_at is not None


@pytest.mark.db
def test_who_waits_to_be_judged_is_not_silent(engine: Engine) -> None:
    """While no judge runs, readings queue up: only who sends nothing is called silent."""
    with engine.begin() as connection:
        reports, falls_silent = a_case(connection, "0001"), a_case(connection, "0002")
        for case in (reports, falls_silent):
            a_reading(connection, case, track("0s 53.40,-2.90"))
    clock = FixedClock(START + timedelta(seconds=5))
    judging = Judging(engine, clock)
    judging.round(range(SLICES))
    clock.forward(timedelta(minutes=6))
    with engine.begin() as connection:
        a_reading(connection, reports, track("360s 53.40,-2.90"))
    Watch(engine, clock).round(0.0)
    silent = text("select activation_id from vigil.alert where kind = 'silent'")
    with engine.connect() as connection:
        assert connection.scalars(silent).all() == [falls_silent.activation_id]
    judging.round(range(SLICES))
    Watch(engine, clock).round(5.0)
    with engine.connect() as connection:
        both = connection.execute(text("select activation_id, cleared_at from vigil.alert")).all()
    assert {row.activation_id: row.cleared_at is None for row in both} == {
        reports.activation_id: False,
        falls_silent.activation_id: True,
    }


@pytest.mark.db
def test_a_window_that_opens_on_somebody_inside_is_a_breach(engine: Engine) -> None:
    """The zone's hours begin while he sits in it: a breach at that moment, without a new fix."""
    hours = {
        "time_zone": "Europe/London",
        "weekly": [{"days": ["fri"], "from": "22:10", "to": "23:00"}],
    }
    with engine.begin() as connection:
        case = a_case(connection)
        a_zone(connection, case.case_id, a_square(*HOME, 300.0), schedule=hours)
        steps = " | ".join(f"{n * 60}s {HOME[1]},{HOME[0]}" for n in range(10))
        a_reading(connection, case, track(steps))
    clock = FixedClock(START + timedelta(minutes=9, seconds=30))
    Judging(engine, clock).round(range(SLICES))
    found = text("select kind, entered_at from vigil.breach")
    with engine.connect() as connection:
        assert not connection.execute(found).all()
    clock.forward(timedelta(minutes=1))
    Watch(engine, clock).round(0.0)
    with engine.connect() as connection:
        (breach,) = connection.execute(found).all()
    assert breach.entered_at == START + timedelta(minutes=10)


@pytest.mark.db
def test_a_zone_with_senseless_hours_is_in_force_and_told_of(engine: Engine) -> None:
    """What cannot be read must neither be off nor stop the judging of others."""
    with engine.begin() as connection:
        case = a_case(connection)
        a_zone(connection, case.case_id, a_square(*HOME, 300.0), schedule={"weekly": "always"})
        steps = " | ".join(f"{n * 60}s {HOME[1]},{HOME[0]}" for n in range(4))
        a_reading(connection, case, track(steps))
    clock = FixedClock(START + timedelta(minutes=4))
    Judging(engine, clock).round(range(SLICES))
    Watch(engine, clock).round(0.0)
    Watch(engine, clock).round(5.0)
    with engine.connect() as connection:
        kinds = connection.scalars(text("select kind from vigil.alert order by kind")).all()
    assert kinds == ["breach", "other"]
