"""The one door: determinism, splits into batches, the shape of its answers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from data.errors import BadInput, Clash
from data.model.alert import Priority
from data.model.breach import BreachKind, Channel
from data.model.judging import BreachKey, FixColumns, Policy, Verdicts
from data.rules.alerting import breach_priority
from data.rules.state import JudgeState
from tests.data.rules.histories import (
    MINUTE,
    T0,
    Law,
    a_busy_day,
    a_zone,
    by_moment,
    fixes,
    in_parts,
    repacked,
    together,
)

PER_FIX = ("flags", "tag_state", "radius_95_m", "moment_us", "believable")
PER_ZONE = ("zone_version_id", "p_inside", "p_filtered", "edge_m", "grade")
DAYS = [a_busy_day(seed, n=7) for seed in range(30)]


def said(verdicts: list[Verdicts]) -> list[str]:
    """Everything a batch led to, as text, in no particular order."""
    changes = [repr(change) for each in verdicts for change in each.breach_changes]
    changes += [repr(change) for each in verdicts for change in each.conditions]
    changes += [str(row) for each in verdicts for row in each.coverage.tolist()]
    return sorted(changes)


def columns(verdicts: list[Verdicts], names: tuple[str, ...]) -> list[bytes]:
    """The bytes of these columns over all batches."""
    return [np.concatenate([getattr(each, name) for each in verdicts]).tobytes() for name in names]


@settings(
    max_examples=500,
    deadline=None,
    derandomize=True,
    # Explaining failures traces every line, which costs three times what judging does.
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(
    day=st.integers(0, len(DAYS) - 1),
    cut=st.integers(1, 27),
)
def test_any_split_gives_the_same_verdicts_and_state(day: int, cut: int) -> None:
    """A history cut anywhere, its state packed in between, is judged as the whole is."""
    law, day_fixes = DAYS[day]
    whole, state = _whole(day)
    ordered = by_moment(law, day_fixes)
    parts = [ordered.take(slice(0, cut)), ordered.take(slice(cut, None))]
    last, found = in_parts(law, parts)
    assert last.pack() == state.pack()
    assert last.pack_pairs() == state.pack_pairs()
    assert said(found) == said([whole])
    assert columns(found, PER_FIX) == columns([whole], PER_FIX)


@pytest.mark.parametrize("seed", [20, 21])
def test_a_day_cut_into_many_batches(seed: int) -> None:
    """A longer day in thirty batches, as the live judge would take it."""
    law, day_fixes = a_busy_day(seed, n=100)
    ordered = by_moment(law, day_fixes)
    state, whole = law.judge(ordered)
    rng = np.random.default_rng(seed)
    cuts = np.sort(rng.choice(np.arange(1, len(ordered)), 29, replace=False))
    last, found = in_parts(law, [ordered.take(rows) for rows in np.split(np.arange(400), cuts)])
    assert last.pack() == repacked(state).pack()
    assert said(found) == said([whole])
    assert columns(found, PER_FIX) == columns([whole], PER_FIX)


_judged: dict[int, tuple[Verdicts, JudgeState]] = {}


def _whole(day: int) -> tuple[Verdicts, JudgeState]:
    if day not in _judged:
        law, day_fixes = DAYS[day]
        state, verdicts = law.judge(by_moment(law, day_fixes))
        _judged[day] = verdicts, repacked(state)
    return _judged[day]


def test_the_order_within_a_batch_does_not_matter() -> None:
    """Fixes may be given in any order; answers come in the order given."""
    law, day_fixes = a_busy_day(3, n=60)
    state, found = law.judge(day_fixes)
    order = np.random.default_rng(0).permutation(len(day_fixes))
    again, other = law.judge(day_fixes.take(order))
    assert again.pack() == state.pack()
    assert said([other]) == said([found])
    for name in PER_FIX:
        assert getattr(other, name).tobytes() == getattr(found, name)[order].tobytes()
    keys = [
        sorted(zip(each.fix_index.tolist(), each.zone_version_id.tolist(), strict=True))
        for each in (found, FixIndexed(other, order))
    ]
    assert keys[0] == keys[1]


class FixIndexed:
    """Verdicts of a shuffled batch with the places of the batch as it was."""

    def __init__(self, verdicts: Verdicts, order: np.ndarray) -> None:
        self.fix_index = order[verdicts.fix_index]
        self.zone_version_id = verdicts.zone_version_id


def test_people_do_not_influence_each_other() -> None:
    """One activation judged alone is judged as among many."""
    law = Law.of(a_zone(activation_ids=(7, 8)))
    rng = np.random.default_rng(2)
    tracks = [
        fixes(
            [(60.0 * i, 320 + 60 * rng.normal(), 40 * rng.normal()) for i in range(60)],
            activation_id=each,
        )
        for each in (7, 8)
    ]
    both, found = law.judge(together(*tracks))
    packed = both.pack()
    for each, track in zip((7, 8), tracks, strict=True):
        alone, own = law.judge(track)
        assert alone.pack()[each] == packed[each]
        mine = [c for c in found.breach_changes if c.key.activation_id == each]
        assert [repr(c) for c in own.breach_changes] == [repr(c) for c in mine]


def test_the_given_state_is_not_changed() -> None:
    """Judging the same batch twice from one state gives the same twice."""
    law, day_fixes = a_busy_day(4, n=40)
    ordered = by_moment(law, day_fixes)
    state, _ = law.judge(ordered.take(slice(0, 80)))
    before = state.pack()
    first = law.judge(ordered.take(slice(80, 160)), state)
    second = law.judge(ordered.take(slice(80, 160)), state)
    assert state.pack() == before
    assert said([first[1]]) == said([second[1]])
    assert first[0].pack() == second[0].pack()


def test_a_late_fix_is_refused() -> None:
    """Judging it here would depend on the order of arrival."""
    law = Law.of(a_zone())
    state, _ = law.judge(fixes([(0, 0, 0), (60, 0, 0)]))
    with pytest.raises(Clash):
        law.judge(fixes([(30, 0, 0)]), state)


def test_nothing_in_nothing_out() -> None:
    """No fixes and no time give no verdicts."""
    state, verdicts = Law.of(a_zone()).judge(fixes([]))
    assert len(verdicts.flags) == len(verdicts.fix_index) == len(verdicts.coverage) == 0
    assert not verdicts.breach_changes
    assert state.pack() == {}


def test_states_of_another_layout_are_refused() -> None:
    """Old bytes are not read as something they are not."""
    state, _ = Law.of(a_zone()).judge(fixes([(0, 0, 0)]))
    packed = state.pack()[7][1]
    for wrong in (packed[:-1], b"xx" + packed[2:], b"\0" * 10):
        with pytest.raises(BadInput):
            JudgeState.unpack({7: wrong})


def test_a_breach_knows_its_id_once_named() -> None:
    """The id on record travels with the state and comes back with every later change."""
    law = Law.of(a_zone())
    state, opened = law.judge(fixes([(0, 900, 0), (60, 0, 0)]))
    (change,) = opened.breach_changes
    assert change.breach_id == 0
    named = repacked(state.name({change.key: 17}))
    _, left = law.judge(fixes([(60.0 * i, 900, 0) for i in range(2, 8)]), named)
    assert [each.breach_id for each in left.breach_changes] == [17]
    assert [each.breach_id for each in named.open_breaches()] == [17]
    other = BreachKey(BreachKind.BUFFER, 7, 5, None, change.key.opened_at_us)
    assert state.name({other: 3}).open_breaches()[0].breach_id == 0


def test_open_breaches_have_their_figures() -> None:
    """Still going on: as many fixes and as deep as up to now."""
    law = Law.of(a_zone())
    state, _ = law.judge(fixes([(0, 900, 0), (60, 200, 0), (120, 100, 0), (180, 0, 0)]))
    (change,) = state.open_breaches()
    assert change.fixes == 3
    assert change.edge_m == pytest.approx(-300, abs=1)
    assert change.left_at_us is None
    assert change.at_us == T0 + 3 * MINUTE


def test_policies_are_json_and_back() -> None:
    """A stored policy is the same policy; unknown names and nonsense are named."""
    policy = Policy.from_json({"certain": 0.9, "leave_fixes": 4})
    assert Policy.from_json(policy.to_json()) == policy
    for wrong in ({"certian": 0.9}, {"certain": "high"}, {"certain": 0}, {"leave_fixes": 2.5}):
        with pytest.raises(BadInput):
            Policy.from_json(wrong)


@pytest.mark.parametrize(
    ("kind", "channel", "closing", "priority"),
    [
        (BreachKind.EXCLUSION, Channel.CONFIRMED, False, Priority.P1),
        (BreachKind.EXCLUSION, Channel.POSSIBLE, True, Priority.P2),
        (BreachKind.PAIR_ALARM, Channel.CONFIRMED, False, Priority.P1),
        (BreachKind.BUFFER, Channel.CONFIRMED, True, Priority.P2),
        (BreachKind.BUFFER, Channel.CONFIRMED, False, Priority.P3),
        (BreachKind.PAIR_WARN, Channel.CONFIRMED, True, Priority.P2),
        (BreachKind.INCLUSION, Channel.CONFIRMED, False, Priority.P3),
    ],
)
def test_what_is_urgent(
    kind: BreachKind, channel: Channel, closing: bool, priority: Priority
) -> None:
    """Which priority each kind of breach has, as a table."""
    assert breach_priority(kind, channel, is_closing=closing) is priority


@pytest.mark.parametrize("lat", [0.0, 53.4, 69.0, -33.0])
@pytest.mark.parametrize("lon", [0.1, 180.0, -179.99])
def test_the_same_story_anywhere_on_earth(lon: float, lat: float) -> None:
    """Latitude and the date line change nothing but the numbers of the places."""
    from data.geo import LonLat
    from data.rules.shapes import circle
    from tests.data.rules.histories import story

    centre = LonLat(lon, lat)
    law = Law.of(a_zone(shape=circle(centre, 300.0), buffer_m=300.0))
    rows = [(60.0 * i, east, 0.0) for i, east in enumerate([2000, 450, 100, 0, -400, -900, 2000])]
    told = story(law.judge(fixes(rows, centre=centre))[1])
    assert told[:3] == [
        ("opened", "buffer", "confirmed", 1.0),
        ("opened", "exclusion", "confirmed", 2.0),
        ("left", "buffer", "confirmed", 2.0),
    ]


def test_every_fix_gets_an_answer() -> None:
    """One entry a fix, whatever it is: nothing is lost."""
    law, day_fixes = a_busy_day(9, n=50)
    _, verdicts = law.judge(day_fixes)
    for name in PER_FIX:
        assert len(getattr(verdicts, name)) == len(day_fixes)
    for name in PER_ZONE:
        assert len(getattr(verdicts, name)) == len(verdicts.fix_index)
    assert ((verdicts.p_inside >= 0) & (verdicts.p_inside <= 1)).all()
    assert ((verdicts.p_filtered >= 0) & (verdicts.p_filtered <= 1)).all()
    assert isinstance(day_fixes, FixColumns)
