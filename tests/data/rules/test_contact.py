"""Device conditions: each begins, may rise, and clears."""

from __future__ import annotations

import numpy as np
import pytest

from data.model.fix import DeviceEvent
from data.model.judging import ConditionChange, FixColumns, Plans
from data.rules.state import JudgeState
from tests.data.rules.histories import MINUTE, T0, Law, S, a_zone, fixes

LAW = Law.of(plans={7: (60, T0 - 60 * MINUTE)})
MOVES = int(DeviceEvent.MOVING_KNOWN | DeviceEvent.MOVING)
STANDS = int(DeviceEvent.MOVING_KNOWN)
OPEN = int(DeviceEvent.STRAP_OPEN | DeviceEvent.STRAP_KNOWN)
SHUT = int(DeviceEvent.STRAP_KNOWN)


def reports(n: int, every_s: int = 60, **columns: object) -> FixColumns:
    """Reports of activation 7, with these columns."""
    given = fixes([(every_s * i, float(i), 0.0) for i in range(n)])
    for name, values in columns.items():
        given.records[name] = values
    return given


def told(changes: tuple[ConditionChange, ...], kind: str) -> list[tuple[str, float, int]]:
    """What happened to one condition: (what, minutes after the start, priority)."""
    return [
        (str(each.happened), (each.at_us - T0) / MINUTE, int(each.priority))
        for each in changes
        if each.kind == kind
    ]


def test_a_strap_opens_and_closes() -> None:
    """Open is tamper, open on the move is the highest alarm, shut clears it."""
    given = reports(5, events=[SHUT, OPEN | STANDS, OPEN | MOVES, OPEN | STANDS, SHUT])
    assert told(LAW.judge(given)[1].conditions, "strap_open") == [
        ("began", 1.0, 2), ("rose", 2.0, 1), ("cleared", 4.0, 1),
    ]  # fmt: skip


def test_a_device_that_cannot_tell_says_nothing_about_its_strap() -> None:
    """No strap bit and no "I can tell": neither open nor shut."""
    given = reports(3, events=[OPEN, 0, SHUT])
    assert [each[:2] for each in told(LAW.judge(given)[1].conditions, "strap_open")] == [
        ("began", 0.0), ("cleared", 2.0),
    ]  # fmt: skip


def test_an_opened_case_is_tamper() -> None:
    """The case has no degrees: open, or shut."""
    case = int(DeviceEvent.CASE_OPEN | DeviceEvent.CASE_KNOWN)
    given = reports(3, events=[0, case, int(DeviceEvent.CASE_KNOWN)])
    assert told(LAW.judge(given)[1].conditions, "case_open") == [
        ("began", 1.0, 2), ("cleared", 2.0, 2),
    ]  # fmt: skip


def test_battery_levels_have_room_between_begin_and_clear() -> None:
    """Below 20 begins, 25 clears; below 8 is critical, 12 clears. 20 and 8 themselves are not."""
    charge = [20.0, 19.9, 21.0, 8.0, 7.9, 11.9, 12.0, 24.9, 25.0]
    conditions = LAW.judge(reports(9, battery_pct=charge))[1].conditions
    assert [each[:2] for each in told(conditions, "battery_low")] == [
        ("began", 1.0), ("cleared", 8.0),
    ]  # fmt: skip
    assert [each[:2] for each in told(conditions, "battery_critical")] == [
        ("began", 4.0), ("cleared", 6.0),
    ]  # fmt: skip
    low = next(each for each in conditions if each.kind == "battery_low")
    assert low.facts["battery_pct"] == 19.9


def test_silence_by_the_plan_and_again_after_half_an_hour() -> None:
    """A report a minute: silent after three minutes exactly, once more at thirty."""
    state, _ = LAW.judge(reports(1))
    state, quiet = LAW.judge(fixes([]), state, T0 + 3 * MINUTE - 1)
    assert not quiet.conditions
    state, silent = LAW.judge(fixes([]), state, T0 + 3 * MINUTE)
    assert told(silent.conditions, "silent") == [("began", 3.0, 3)]
    state, same = LAW.judge(fixes([]), state, T0 + 30 * MINUTE - 1)
    assert not same.conditions
    state, again = LAW.judge(fixes([]), state, T0 + 30 * MINUTE)
    assert told(again.conditions, "silent") == [("rose", 30.0, 3)]
    state, back = LAW.judge(fixes([(40 * 60, 0, 0)]), state)
    assert told(back.conditions, "silent") == [("cleared", 40.0, 3)]
    assert {each.key for each in (*silent.conditions, *again.conditions, *back.conditions)} == {
        f"silent:7:{T0 + 3 * MINUTE}"
    }


@pytest.mark.parametrize(("east_m", "priority"), [(2299.0, 2), (2302.0, 3)])
def test_silence_near_a_zone_is_more_urgent(east_m: float, priority: int) -> None:
    """Fallen silent within two kilometres of an exclusion zone."""
    law = Law.of(a_zone(radius_m=300), plans={7: (60, 0)})
    state, _ = law.judge(fixes([(0, east_m, 0)]))
    _, found = law.judge(fixes([]), state, T0 + 5 * MINUTE)
    assert told(found.conditions, "silent") == [("began", 3.0, priority)]


def test_silence_is_of_arrival_not_of_place() -> None:
    """Fixes stored for an hour and sent together were silent until they came."""
    given = reports(60)
    given = FixColumns.of(
        given.activation_id, given.records, np.full(60, T0 + 59 * MINUTE + S, np.int64)
    )
    assert not told(LAW.judge(given)[1].conditions, "silent")


def test_moving_without_a_fix() -> None:
    """Ten minutes of movement without a place: the antenna may be covered."""
    events = [MOVES] * 12
    given = reports(13, events=[*events, STANDS])
    given.records["lon"][1:12] = np.nan
    assert told(LAW.judge(given)[1].conditions, "moving_without_fix") == [
        ("began", 11.0, 2), ("cleared", 12.0, 2),
    ]  # fmt: skip
    given.records["events"] = STANDS
    assert not told(LAW.judge(given)[1].conditions, "moving_without_fix")


def test_never_reported_since_fitting() -> None:
    """Fitted an hour ago and not a word: half an hour is given, then somebody is told."""
    law = Law.of(plans={7: (60, T0)})
    state = JudgeState.unpack({7: b""})
    state, early = law.judge(fixes([]), state, T0 + 30 * MINUTE - 1)
    assert not early.conditions
    state, found = law.judge(fixes([]), state, T0 + 30 * MINUTE)
    assert told(found.conditions, "never_reported") == [("began", 30.0, 3)]
    _, heard = law.judge(fixes([(45 * 60, 0, 0)]), state)
    assert told(heard.conditions, "never_reported") == [("cleared", 45.0, 3)]


def test_nobody_is_silent_whose_tag_was_taken_off() -> None:
    """Time passes for a device while it is worn: late data of another must not call this one."""
    plans = dict.fromkeys((7, 8), (60, T0))
    law = Law(LAW.zones, LAW.pairs, Plans.of(plans, {7: T0 + 2 * MINUTE, 8: T0 + 20 * MINUTE}))
    state, _ = law.judge(fixes([(60, 0, 0)]))
    _, found = law.judge(fixes([]), state, T0 + 500 * MINUTE)
    assert not told(found.conditions, "silent"), "it was taken off before that"
    _, found = law.judge(fixes([]), JudgeState.unpack({8: b""}), T0 + 500 * MINUTE)
    assert not told(found.conditions, "never_reported"), "worn for less than half an hour"


def test_an_old_battery_reading_stays_as_it_was() -> None:
    """A report without a battery level neither begins nor clears anything."""
    given = reports(3, battery_pct=[10.0, np.nan, np.nan])
    assert told(LAW.judge(given)[1].conditions, "battery_low") == [("began", 0.0, 3)]
