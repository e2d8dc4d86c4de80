"""The life of a visit, told as histories: feed a track, read what happened."""

from __future__ import annotations

import numpy as np
import pytest

from data.model.breach import BreachCause, Channel, Grade
from data.model.fix import FixFlag, Mechanism
from data.model.judging import FixColumns, Happened
from data.model.live import TagState
from data.model.zone import ZoneKind
from tests.data.rules.histories import MINUTE, T0, Law, S, a_zone, fixes, hours, story

IN, OUT, FAR = 0.0, 600.0, 3000.0
ZONE = Law.of(a_zone(radius_m=300))


def walk(*eastings: float, every_s: int = 60) -> FixColumns:
    """A walk along one line: metres east at each report."""
    return fixes([(every_s * i, east, 0.0) for i, east in enumerate(eastings)])


def test_one_clear_fix_inside_is_confirmed_at_once() -> None:
    """A sharp fix deep inside wakes the room with the first fix."""
    assert story(ZONE.judge(walk(FAR, IN))[1]) == [("opened", "exclusion", "confirmed", 1.0)]


def test_out_of_the_zone_for_three_fixes_and_three_minutes_ends_a_visit() -> None:
    """It has left since the first fix outside; known at the third, not before three minutes."""
    given = walk(FAR, IN, IN, OUT, OUT, OUT, OUT, OUT)
    _, verdicts = ZONE.judge(given)
    assert story(verdicts)[-1] == ("left", "exclusion", "confirmed", 6.0)
    assert verdicts.breach_changes[-1].left_at_us == T0 + 3 * MINUTE


@pytest.mark.parametrize(("last_s", "is_over"), [(299.999, False), (300.0, True)])
def test_exactly_three_minutes_are_enough_to_have_left(last_s: float, is_over: bool) -> None:
    """Three fixes within less than three minutes do not end a visit."""
    given = fixes([(0, FAR, 0), (60, IN, 0), (120, OUT, 0), (180, OUT, 0), (last_s, OUT, 0)])
    assert (story(ZONE.judge(given)[1])[-1][0] == "left") == is_over


def test_three_minutes_with_two_fixes_are_not_enough() -> None:
    """Two fixes outside, ten minutes apart, may both be drift."""
    given = fixes([(0, FAR, 0), (60, IN, 0), (120, OUT, 0), (720, OUT, 0)])
    assert story(ZONE.judge(given)[1])[-1][0] == "opened"


@pytest.mark.parametrize(("back_s", "same"), [(780, True), (780.001, False)])
def test_back_within_ten_minutes_is_the_same_visit(back_s: float, same: bool) -> None:
    """Left at minute three; back at minute thirteen exactly is a return, later is another."""
    given = fixes(
        [
            *((0, FAR, 0), (60, IN, 0), (120, IN, 0), (180, OUT, 0), (240, OUT, 0)),
            *((360, OUT, 0), (back_s, IN, 0)),
        ]
    )
    _, verdicts = ZONE.judge(given)
    what = verdicts.breach_changes[-1]
    assert what.happened == (Happened.REPEATED if same else Happened.OPENED)
    assert what.crossings == (2 if same else 1)
    assert len({change.key for change in verdicts.breach_changes}) == (1 if same else 2)


def test_doubtful_fixes_only_suspect() -> None:
    """25 m outside with a radius of 60 m: possible at once, not confirmed."""
    given = fixes([(0, FAR, 0), (60, 315, 0)], radius_m=60)
    _, verdicts = ZONE.judge(given)
    assert story(verdicts) == [("opened", "exclusion", "possible", 1.0)]
    assert verdicts.breach_changes[0].grade is Grade.POSSIBLE
    assert verdicts.tag_state.tolist() == [TagState.CLEAR, TagState.POSSIBLY_INSIDE]


def test_a_suspicion_that_is_borne_out_rises_in_the_same_breach() -> None:
    """Possible, then confirmed: one breach, one key, entered when the suspicion began."""
    given = fixes([(0, FAR, 0), (60, 315, 0), (120, 200, 0), (180, 100, 0)], radius_m=60)
    changes = ZONE.judge(given)[1].breach_changes
    assert [change.happened for change in changes[:2]] == ["opened", "confirmed"]
    assert changes[0].key == changes[1].key
    assert changes[1].entered_at_us == T0 + MINUTE
    assert changes[1].confirmed_at_us == T0 + 2 * MINUTE


def test_suspicions_within_an_hour_are_one() -> None:
    """The same drift again forty minutes later is folded; after an hour it is another."""
    once = [(60.0, 312.0, 0.0), (120.0, OUT, 0.0), (180.0, OUT, 0.0), (300.0, OUT, 0.0)]
    for later_s, what in ((2400.0, "repeated"), (4000.0, "opened")):
        rows = [(0.0, FAR, 0.0), *once]
        rows += [(later_s - 60, OUT, 0.0), *((s + later_s, x, y) for s, x, y in once)]
        told = [each[0] for each in story(ZONE.judge(fixes(rows, radius_m=60))[1])]
        assert told == ["opened", "left", what, "left"]


@pytest.mark.parametrize(("in_s", "same"), [(720.0, True), (720.001, False)])
def test_a_visit_keeps_the_suspicion_before_it_only_for_ten_minutes(
    in_s: float, same: bool
) -> None:
    """Suspected, left at minute two: in at minute twelve is the same, later a breach of its own."""
    rows = [(0.0, FAR, 0.0), (60.0, 312.0, 0.0)]
    rows += [(120.0 + 60 * i, OUT, 0.0) for i in range(4)]
    rows += [(in_s, 100.0, 0.0), (in_s + 60, 50.0, 0.0)]
    changes = ZONE.judge(fixes(rows, radius_m=60))[1].breach_changes
    suspicion, visit = changes[0], changes[-1]
    assert (visit.key == suspicion.key) == same
    assert visit.channel is Channel.CONFIRMED
    assert visit.entered_at_us == T0 + round(in_s * S)
    of_suspicion = [change for change in changes if change.key == suspicion.key]
    assert of_suspicion[0].entered_at_us == T0 + MINUTE
    assert of_suspicion[1].left_at_us == T0 + 2 * MINUTE
    if not same:
        assert {change.channel for change in of_suspicion} == {Channel.POSSIBLE}


def test_a_suspicion_that_came_back_gives_way_to_the_visit_it_became() -> None:
    """Suspected, gone for twenty minutes, suspected again and then sure: two breaches in a row."""
    rows = [(0.0, FAR, 0.0), (60.0, 312.0, 0.0)]
    rows += [(120.0 + 60 * i, OUT, 0.0) for i in range(20)]
    rows += [(1320.0, 312.0, 0.0), (1380.0, 200.0, 0.0), (1440.0, 100.0, 0.0)]
    changes = ZONE.judge(fixes(rows, radius_m=60))[1].breach_changes
    suspicion, visit = changes[0].key, changes[-1].key
    assert suspicion != visit
    gone = [change for change in changes if change.key == suspicion][-1]
    assert (gone.happened, gone.channel) == (Happened.LEFT, Channel.POSSIBLE)
    assert gone.left_at_us == changes[-1].entered_at_us == T0 + 1320 * S
    assert gone.proof["replaced"]


def test_suspicions_after_a_visit_do_not_chain_it_to_the_next() -> None:
    """Lingering at the edge after a visit belongs to it for ten minutes, then it is another."""
    rows = [(0, FAR, 0), (60, IN, 0), (120, IN, 0)]
    rows += [(180 + 60 * i, 350.0, 0.0) for i in range(4)]
    edge = [(420 + 60 * i, 302.0 if i % 2 else 312.0, 0.0) for i in range(14)]
    given = fixes([*rows, *edge, (1320, IN, 0)], radius_m=30)
    changes = ZONE.judge(given)[1].breach_changes
    assert len({change.key for change in changes}) == 2
    first = [change for change in changes if change.key == changes[0].key]
    assert [change.happened for change in first] == ["opened", "left", "repeated", "left"]
    assert first[-1].proof["confirmed_until_us"] == first[1].left_at_us
    assert changes[-1].channel is Channel.CONFIRMED
    assert changes[-1].entered_at_us >= T0 + 780 * S


def test_a_straight_path_through_the_zone_is_possible() -> None:
    """Driven through between two fixes a minute apart: possible, from when the path enters."""
    _, verdicts = ZONE.judge(walk(-900, 900))
    (change,) = verdicts.breach_changes
    assert change.cause is BreachCause.CROSSED_BETWEEN_FIXES
    assert change.channel is Channel.POSSIBLE
    assert change.entered_at_us == pytest.approx(T0 + 20 * S, abs=0.2 * S)
    assert change.fixes == 0


@pytest.mark.parametrize(("gap_s", "crossed"), [(300.0, True), (300.001, False)])
def test_no_path_is_drawn_over_a_gap(gap_s: float, crossed: bool) -> None:
    """Beyond the plan's limit (five minutes here) nobody knows which way he went."""
    _, verdicts = ZONE.judge(fixes([(0, -900, 0), (gap_s, 900, 0)]))
    assert bool(verdicts.breach_changes) == crossed


def test_no_path_is_drawn_between_coarse_fixes() -> None:
    """Two guesses of a phone network make no path through anything."""
    given = walk(-2500, 2500)
    given.records["radius_95_m"] = 1500.0
    assert not ZONE.judge(given)[1].breach_changes


def test_a_small_zone_is_not_lost_in_the_error() -> None:
    """On the spot in a zone of 10 m with a radius of 60 m: P is small, but it is said."""
    law = Law.of(a_zone(radius_m=10))
    (change,) = law.judge(fixes([(0, 0, 0)], radius_m=60))[1].breach_changes
    assert change.channel is Channel.POSSIBLE
    assert change.grade is Grade.INDETERMINATE
    assert change.p_inside_max < 0.2


def test_a_coarse_fix_on_the_spot_is_not_inside() -> None:
    """A 3 km fix at the centre of a 300 m zone is 3 %, not inside."""
    given = fixes([(0, 0, 0)], radius_m=3000, mechanism=Mechanism.CELL)
    _, verdicts = ZONE.judge(given)
    assert not verdicts.breach_changes
    assert verdicts.p_inside[0] == pytest.approx(0.0295, abs=0.001)


def test_a_disbelieved_fix_suspects_and_no_more() -> None:
    """A spike into the zone is kept, judged possible, and confirms nothing."""
    given = walk(9000, 9000, IN, 9000, 9000)
    _, verdicts = ZONE.judge(given)
    assert FixFlag.IMPOSSIBLE_SPEED in FixFlag(int(verdicts.flags[2]))
    assert verdicts.breach_changes[0].channel is Channel.POSSIBLE
    assert verdicts.breach_changes[0].grade is Grade.POSSIBLE


def test_flapping_is_shown_once_and_ends_nothing() -> None:
    """In and out three times in five minutes: said once, in the same breach."""
    eastings = [FAR, IN, OUT, IN, OUT, IN, OUT, IN]
    _, verdicts = ZONE.judge(walk(*eastings))
    flapping = [change for change in verdicts.breach_changes if change.proof.get("flapping")]
    assert len({change.key for change in verdicts.breach_changes}) == 1
    assert flapping[0].happened is Happened.REPEATED
    assert flapping[0].crossings == 3
    assert sum(change.happened is Happened.REPEATED for change in flapping) == 1


@pytest.mark.parametrize(("speed_mps", "channel"), [(np.nan, "possible"), (9.0, "confirmed")])
def test_a_leap_from_a_standstill_needs_a_second_fix(speed_mps: float, channel: str) -> None:
    """Stood 600 m away, and a minute later in the zone: a spike, unless a speed speaks for it."""
    given = walk(600, 600, 600, IN)
    given.records["speed_mps"][3] = speed_mps
    assert story(ZONE.judge(given)[1]) == [("opened", "exclusion", channel, 3.0)]
    given = walk(600, 600, 600, IN, IN)
    assert [each[:1] for each in story(ZONE.judge(given)[1])] == [("opened",), ("confirmed",)]


def test_a_spike_into_the_zone_confirms_nothing() -> None:
    """Stood there all day but for one fix: suspected, and left again."""
    told = story(ZONE.judge(walk(600, 600, 600, IN, 600, 600, 600, 600, 600))[1])
    assert [(what, channel) for what, _, channel, _ in told] == [
        ("opened", "possible"), ("left", "possible"),
    ]  # fmt: skip


def test_a_standing_tag_inside_is_seen() -> None:
    """A step of no length next to and in a zone is a place like any other."""
    assert story(ZONE.judge(walk(IN, IN, IN))[1])[0][0] == "opened"
    beside = ZONE.judge(walk(301.0, 301.0, 301.0))[1]
    assert beside.breach_changes  # one metre outside with 10 m of radius: nearly even chances


# ---- the warning ring


def test_the_buffer_warns_and_gives_way_to_the_zone() -> None:
    """In the ring: a warning. In the zone: that instead. Out of it: the warning again."""
    law = Law.of(a_zone(radius_m=300, buffer_m=300))
    rows = [1000, 480, 440, 200, 100, 440, 450, 450, 450, 450, 1000, 1000, 1000, 1000, 1000]
    told = [(what, kind) for what, kind, _, _ in story(law.judge(walk(*rows))[1])]
    assert [each for each in told if each[0] != "amended"] == [
        ("opened", "buffer"),
        ("opened", "exclusion"),
        ("left", "buffer"),
        ("left", "exclusion"),
        ("repeated", "buffer"),
        ("left", "buffer"),
    ]


def test_coming_closer_in_the_buffer_is_more_urgent() -> None:
    """Walking towards the edge is P2 with minutes to contact; standing in the ring is P3."""
    law = Law.of(a_zone(radius_m=300, buffer_m=500))
    standing = law.judge(walk(2000, 700, 700, 700))[1].breach_changes
    assert [change.priority for change in standing] == [3]
    closing = law.judge(walk(2000, 760, 680, 600, 520))[1].breach_changes
    assert [change.priority for change in closing] == [3, 2]
    # 380 m less 10 m of error at walking pace, at the least.
    assert closing[-1].minutes_to_contact == pytest.approx(370 / 1.4 / 60, abs=0.3)


def test_a_larger_buffer_never_removes_an_alert() -> None:
    """Whatever the ring, entries into the zone itself are told the same."""
    rng = np.random.default_rng(5)
    eastings = 300 + np.cumsum(rng.normal(0, 40, 200))
    told = []
    for buffer_m in (0.0, 50.0, 400.0, 2000.0):
        law = Law.of(a_zone(radius_m=300, buffer_m=buffer_m))
        told.append([e for e in story(law.judge(walk(*eastings))[1]) if e[1] == "exclusion"])
    assert told[0]
    assert all(each == told[0] for each in told)


# ---- hours and versions


def test_a_window_that_opens_on_somebody_inside() -> None:
    """Nobody sends a message at 23:00; the passing of time alone raises the breach."""
    law = Law.of(a_zone(schedule=hours("23:00", "06:00")))
    state, before = law.judge(fixes([(3400, IN, 0), (3500, IN, 0)]))
    assert not before.breach_changes
    state, early = law.judge(fixes([]), state, T0 + 3600 * S - 1)
    assert not early.breach_changes
    state, opened = law.judge(fixes([]), state, T0 + 3600 * S)
    (change,) = opened.breach_changes
    assert change.cause is BreachCause.WINDOW_OPENED
    assert change.channel is Channel.CONFIRMED
    assert change.entered_at_us == T0 + 3600 * S
    _, again = law.judge(fixes([(3660, IN, 0)]), state)
    assert not again.breach_changes


def test_a_window_that_closes_ends_the_breach() -> None:
    """At 23:00 he may be there again; half-open, so at that very moment."""
    law = Law.of(a_zone(schedule=hours("20:00", "23:00")))
    _, verdicts = law.judge(fixes([(3500, IN, 0), (3600, IN, 0), (3700, IN, 0)]))
    assert [change.happened for change in verdicts.breach_changes] == ["opened", "left"]
    assert verdicts.breach_changes[1].left_at_us == T0 + 3600 * S


def test_an_old_place_only_suspects_when_a_window_opens() -> None:
    """Last seen inside an hour before the window opened: possible, with the age said."""
    law = Law.of(a_zone(schedule=hours("23:00", "06:00")))
    state, _ = law.judge(fixes([(0, IN, 0)]))
    (change,) = law.judge(fixes([]), state, T0 + 3600 * S)[1].breach_changes
    assert change.channel is Channel.POSSIBLE
    assert change.proof["place_older_s"] == 3600.0


@pytest.mark.parametrize(
    ("start_us", "opens_after_s"),
    [
        # 2026-03-29: 01:30 is skipped in London; the window opens with the change, 01:00 UTC.
        (1_774_742_400 * S, 3600),
        # 2026-10-25: 01:30 comes twice; the window opens the first time, 00:30 UTC.
        (1_792_886_400 * S, 1800),
    ],
)
def test_both_nights_when_clocks_change(start_us: int, opens_after_s: int) -> None:
    """A window from half past one on either night opens once, at a moment that exists."""
    law = Law.of(a_zone(schedule=hours("01:30", "05:00", time_zone="Europe/London")))
    rows = [(600.0 * i, IN, 0.0) for i in range(20)]
    changes = law.judge(fixes(rows, start_us=start_us))[1].breach_changes
    opened = [change for change in changes if change.happened is Happened.OPENED]
    assert [change.entered_at_us - start_us for change in opened] == [opens_after_s * S]


def test_a_zone_that_moves_onto_somebody() -> None:
    """A new version in force while he stands there is a breach from that moment."""
    change_us = T0 + 150 * S
    law = Law.of(
        a_zone(east_m=5000, valid_to_us=change_us),
        a_zone(version=2, valid_from_us=change_us),
    )
    (change, *_) = law.judge(walk(IN, IN, IN, IN))[1].breach_changes
    assert change.cause is BreachCause.ZONE_CHANGED
    assert change.entered_at_us == change_us
    assert change.zone_version_id == 502


def test_a_zone_that_moves_away_ends_the_breach() -> None:
    """The version in force at the moment counts, before and after."""
    change_us = T0 + 150 * S
    law = Law.of(
        a_zone(valid_to_us=change_us),
        a_zone(version=2, east_m=5000, valid_from_us=change_us),
    )
    changes = law.judge(walk(IN, IN, IN, IN))[1].breach_changes
    assert [change.happened for change in changes] == ["opened", "left"]
    assert changes[1].left_at_us == change_us


def test_a_zone_drawn_around_somebody_is_judged_at_once() -> None:
    """Law made after his last fix: no need to wait for the next one."""
    state, _ = Law.of().judge(walk(IN, IN))
    (change,) = ZONE.judge(fixes([]), state, T0 + 70 * S)[1].breach_changes
    assert change.happened is Happened.OPENED


def test_only_whom_it_binds() -> None:
    """Another offender's zone means nothing here."""
    law = Law.of(a_zone(activation_ids=(8,)))
    _, verdicts = law.judge(walk(IN, IN))
    assert not verdicts.breach_changes
    assert len(verdicts.zone_version_id) == 0


# ---- inclusion

HOME = hours("23:00", "06:00", grace_s=300)


def test_not_at_home_when_the_grace_is_over() -> None:
    """Curfew at 23:00 with five minutes of grace: a breach at 23:05, without any message."""
    law = Law.of(a_zone(kind=ZoneKind.INCLUSION, schedule=HOME))
    state, _ = law.judge(fixes([(3500, FAR, 0)]))
    state, graced = law.judge(fixes([]), state, T0 + 3900 * S - 1)
    assert not graced.breach_changes
    (change,) = law.judge(fixes([]), state, T0 + 3900 * S)[1].breach_changes
    assert (change.key.kind, change.entered_at_us) == ("inclusion", T0 + 3900 * S)


def test_home_within_the_grace_is_no_breach() -> None:
    """Home at 23:04:59 is home in time."""
    law = Law.of(a_zone(kind=ZoneKind.INCLUSION, schedule=HOME))
    given = fixes([(3500, FAR, 0), (3899, 5, 0), (3960, 5, 0), (4020, 0, 0)])
    assert not law.judge(given, up_to_us=T0 + 5000 * S)[1].breach_changes


def test_leaving_home_during_the_curfew() -> None:
    """Out at night is a breach, and back home ends it after three fixes."""
    law = Law.of(a_zone(kind=ZoneKind.INCLUSION, schedule=HOME))
    rows = [(4000, IN, 0), (4060, 120, 0), (4120, 280, 0), (4180, FAR, 0), (4200, FAR, 0)]
    rows += [(4240 + 60 * i, IN, 0) for i in range(5)]
    changes = law.judge(fixes(rows))[1].breach_changes
    assert [change.happened for change in changes] == ["opened", "left"]
    assert changes[0].cause is BreachCause.OUTSIDE_WINDOW


def test_a_fix_too_coarse_to_tell_says_nothing_about_home() -> None:
    """A phone network's kilometre around the house does not take anybody out of it."""
    law = Law.of(a_zone(kind=ZoneKind.INCLUSION, radius_m=60))
    given = fixes([(0, IN, 0), (60, IN, 0), (120, 700, 0), (180, IN, 0)])
    given.records["radius_95_m"][2], given.records["mechanism"][2] = 1500.0, Mechanism.CELL
    assert not law.judge(given)[1].breach_changes


def test_neutral_zones_are_not_judged() -> None:
    """A neutral zone is for looking at."""
    assert not Law.of(a_zone(kind=ZoneKind.NEUTRAL)).judge(walk(IN))[1].breach_changes
