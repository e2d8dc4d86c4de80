"""The life of a visit: suspected, confirmed, left, returned to; and what coverage says meanwhile.

One compiled walk over the steps of each rule (a zone with its buffer, or a pair with its two
distances). A step is a fix, or a boundary of the zone's hours between fixes. The inner ring
has two channels; the outer one warns, on the confirmed channel only, and gives way to the inner.

A rule at rest (nobody near, nothing remembered) is left unchanged by a step far away, so such
steps need not be walked: that is what makes any split into batches end in the same state.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.model.breach import BreachCause, Grade
from data.model.judging import Happened, Seen, Unseen
from data.rules.compiled import compiled
from data.rules.state import NEVER, VISIT_DTYPE, GroupKind, Phase

STEP_DTYPE = np.dtype(
    [
        ("group", "<i8"),  # row of the groups and visits
        ("us", "<i8"),
        ("boundary", "<i8"),  # 1: no fix, but a boundary of the rule's hours
        ("fix", "<i8"),  # row of the batch's fixes; -1: the place is from before the batch
        ("fingerprint", "<i8"),
        ("zone_version_id", "<i8"),  # in force; 0 for a pair
        ("in_force", "<i8"),
        ("known", "<i8"),  # there is a place to judge
        ("believed", "<i8"),  # nothing speaks against the place
        ("witness", "<i8"),  # it can also tell, and is not older than its limit
        ("leap", "<i8"),  # reached from a standstill at once: may be a spike
        ("age_us", "<i8"),  # of the place; for a pair of the partner's
        ("cause", "<i8"),  # place in CAUSES of a breach that this step opens
        ("p", "<f8"),  # that the rule is broken, by this fix alone
        ("pf", "<f8"),  # the same by the filtered track
        ("po", "<f8"),  # in the outer ring or further in, by this fix alone
        ("pfo", "<f8"),
        ("bare", "<i8"),  # the very place is inside, and the fix is not coarse
        ("blind", "<i8"),  # the filtered track cannot tell inside from outside
        ("edge_m", "<f8"),
        ("edge_filtered_m", "<f8"),
        ("sigma_filtered_m", "<f8"),
        ("radius_m", "<f8"),
        ("speed_mps", "<f8"),
        ("grade", "<i8"),
        ("grade_outer", "<i8"),
        ("flags", "<i8"),
        ("crosses", "<i8"),  # the path to here touches the inner ring
        ("cross_us", "<i8"),  # when it enters
        ("gap_us", "<i8"),  # place before a gap too long for a path; NEVER: none
        ("gap_cause", "<i8"),
        ("stale", "<i8"),  # the place, or the partner's, is older than its limit
        ("minutes", "<f8"),  # to contact, at least; inf: not closing
        ("closing", "<i8"),
        ("state", "<i8"),  # TagState after this step; written by the walk
    ]
)

EVENT_DTYPE = np.dtype(
    [("group", "<i8"), ("ring", "<i8"), ("happened", "<i8"), ("step", "<i8"), ("replaced", "<i8")]
)

STRETCH_DTYPE = np.dtype(
    [
        ("group", "<i8"),
        ("from_us", "<i8"),
        ("to_us", "<i8"),
        ("seen", "<i8"),
        ("cause", "<i8"),
        ("step", "<i8"),  # that ended it; -1: not a gap between two places
    ]
)

HAPPENED = list(Happened)
CAUSES = list(BreachCause)
_OPENED, _CONFIRMED, _REPEATED, _AMENDED, _LEFT = (HAPPENED.index(each) for each in HAPPENED[:5])
_CROSSED = CAUSES.index(BreachCause.CROSSED_BETWEEN_FIXES)
_NONE, _POSSIBLE, _SURE, _OVER = (int(each) for each in Phase)
_INCLUSION = int(GroupKind.INCLUSION)
_EXCLUSION = int(GroupKind.EXCLUSION)
_PAIR = int(GroupKind.PAIR)
_OUTSIDE, _INSIDE, _UNSEEN = (int(each) for each in Seen)
_SILENT, _COARSE, _NOT_YET = int(Unseen.SILENT), int(Unseen.COARSE), int(Unseen.NOT_YET)
_GRADE_POSSIBLE = int(Grade.POSSIBLE)
_MOST_A_STEP = 8

Rows = NDArray[np.void]


def walk(steps: Rows, groups: Rows, visits: Rows, policy: Rows) -> tuple[Rows, Rows, Rows]:
    """Takes steps into the visits.

    Args:
        steps: STEP_DTYPE, those of one group in order of time.
        groups: GROUP_DTYPE, changed in place.
        visits: VISIT_DTYPE, shape (groups, 2), changed in place.
        policy: one row of thresholds.

    Returns:
        What happened (EVENT_DTYPE), each visit as it then stood (VISIT_DTYPE), and the coverage
        stretches that ended (STRETCH_DTYPE).
    """
    size = max(64, len(steps) // 16)
    found: list[tuple[Rows, Rows, Rows]] = []
    at = 0
    while at < len(steps):
        events = np.zeros(size, EVENT_DTYPE)
        stood = np.zeros(size, VISIT_DTYPE)
        stretches = np.zeros(size, STRETCH_DTYPE)
        at, happened, ended = _walk(steps, at, groups, visits, policy[0], events, stood, stretches)
        found.append((events[:happened], stood[:happened], stretches[:ended]))
    if not found:
        return np.zeros(0, EVENT_DTYPE), np.zeros(0, VISIT_DTYPE), np.zeros(0, STRETCH_DTYPE)
    events, stood, stretches = (np.concatenate(column) for column in zip(*found, strict=True))
    return events, stood, stretches


@compiled
def _walk(
    steps: Rows, at: int, groups: Rows, visits: Rows, policy: Any, events: Rows, stood: Rows,
    stretches: Rows,
) -> tuple[int, int, int]:  # fmt: skip
    happened = 0
    ended = 0
    for s in range(at, len(steps)):
        if happened + _MOST_A_STEP > len(events) or ended + _MOST_A_STEP > len(stretches):
            return s, happened, ended
        step = steps[s]
        group = groups[step.group]
        inner = visits[step.group, 0]
        outer = visits[step.group, 1]
        if group.kind != _PAIR:
            _near_the_edge(group, step, policy)
            ended = _cover(group, step, s, policy, stretches, ended)
        _forget(inner, step.us, policy)
        _forget(outer, step.us, policy)
        was = group.zone_version_id
        group.zone_version_id = step.zone_version_id
        if not step.in_force:
            for ring in range(2):
                visit = visits[step.group, ring]
                if visit.phase == _POSSIBLE or visit.phase == _SURE:
                    _leave(visit, step.us)
                    happened = _tell(events, stood, happened, step, s, ring, _LEFT, visit, 0)
                visit.bits = 0
                visit.run_us = NEVER
                visit.near_before = 0
            group.edge_m = np.nan
            continue
        if not step.known:
            continue
        if _outlasts(inner, step.us, policy):
            _leave(inner, inner.below_us if inner.below else step.us)
            happened = _tell(events, stood, happened, step, s, 0, _LEFT, inner, 0)
            _rest(inner)
        if _is_another_visit(inner, step, policy):
            # The suspicion stays on record with its own times; the visit is a breach of its own.
            if inner.phase == _POSSIBLE:
                _leave(inner, _since_us(inner, step))
                happened = _tell(events, stood, happened, step, s, 0, _LEFT, inner, 1)
            _rest(inner)
        if step.boundary:
            what = _at_boundary(inner, step, policy, was)
        else:
            what = _at_fix(group, inner, step, policy)
        for each in what:
            if each >= 0:
                happened = _tell(events, stood, happened, step, s, 0, each, inner, 0)
        is_open = inner.phase == _POSSIBLE or inner.phase == _SURE
        if is_open and (outer.phase == _POSSIBLE or outer.phase == _SURE):
            _leave(outer, step.us)
            happened = _tell(events, stood, happened, step, s, 1, _LEFT, outer, 1)
        each = _warn(outer, step, policy, is_open)
        if each >= 0:
            happened = _tell(events, stood, happened, step, s, 1, each, outer, 0)
        step.state = _tag_state(inner, outer)
        if step.witness and not step.boundary:
            near = step.p > 0.0 or step.pf > 0.0 or step.po > 0.0 or step.pfo > 0.0
            group.edge_m = step.edge_filtered_m if near else np.nan
    return len(steps), happened, ended


@compiled
def _tag_state(inner: Any, outer: Any) -> int:
    if inner.phase == _SURE:
        return 3
    if inner.phase == _POSSIBLE:
        return 2
    return 1 if outer.phase == _SURE else 0


@compiled
def _near_the_edge(group: Any, step: Any, policy: Any) -> None:
    """Whether he comes closer to an exclusion zone, and how soon he can be there."""
    step.minutes, step.closing = np.inf, 0
    if group.kind != _EXCLUSION or not step.witness or step.boundary:
        return
    # Less than the filtered track's own error is no approach.
    if not group.edge_m - step.edge_filtered_m > step.sigma_filtered_m:
        return
    step.closing = 1
    speed = policy.least_speed_mps
    if step.speed_mps > speed:
        speed = step.speed_mps
    step.minutes = max(0.0, step.edge_m - step.radius_m) / speed / 60.0


@compiled
def _tell(
    events: Rows, stood: Rows, n: int, step: Any, s: int, ring: int, what: int, visit: Any,
    replaced: int,
) -> int:  # fmt: skip
    visit.minutes = step.minutes
    event = events[n]
    event.group = step.group
    event.ring = ring
    event.happened = what
    event.step = s
    event.replaced = replaced
    stood[n] = visit
    return n + 1


@compiled
def _window_us(visit: Any, policy: Any) -> float:
    # A suspicion is folded for longer than a visit: the same drift comes back all day.
    seconds = policy.return_s if visit.confirmed_us > NEVER else policy.fold_possible_s
    return float(seconds * 1e6)


@compiled
def _forget(visit: Any, us: int, policy: Any) -> None:
    # Exactly ten minutes after is still a return. It is the end of the confirmed stay that
    # counts: suspicions in between must not chain two visits into one.
    since = visit.sure_left_us if visit.confirmed_us > NEVER else visit.left_us
    if visit.phase == _OVER and us - since > _window_us(visit, policy):
        _rest(visit)


@compiled
def _outlasts(visit: Any, us: int, policy: Any) -> bool:
    """Whether a suspicion after a confirmed visit has gone on too long to belong to it."""
    if visit.phase != _POSSIBLE or visit.confirmed_us == NEVER:
        return False
    return bool(us - visit.sure_left_us > _window_us(visit, policy))


@compiled
def _since_us(visit: Any, step: Any) -> int:
    """Since when he has been near without a break, this step included."""
    if step.boundary or visit.run_us == NEVER:
        return int(step.us)
    return int(visit.run_us)


@compiled
def _is_another_visit(visit: Any, step: Any, policy: Any) -> bool:
    """Whether this step makes sure of a stay that an older suspicion is no part of.

    A suspicion is folded for an hour, a visit for ten minutes: what was suspected half an hour
    before a man came in is not when he came in, and must not be lost by his coming.
    """
    is_open = visit.phase == _POSSIBLE and not step.boundary
    if not (is_open or visit.phase == _OVER) or not step.witness:
        return False
    if visit.confirmed_us != NEVER or visit.sure_left_us == NEVER:
        return False
    likely = step.pf >= policy.confirm_two_of_three
    bits = (visit.bits << 1 | (1 if likely else 0)) & 7
    if not (likely if step.boundary else _is_sure(step, step.pf, bits, policy)):
        return False
    return bool(_since_us(visit, step) - visit.sure_left_us > policy.return_s * 1e6)


@compiled
def _rest(visit: Any) -> None:
    """Forgets the breach, not what the last fixes were like."""
    bits, run, near = visit.bits, visit.run_us, visit.near_before
    _clear(visit)
    visit.bits, visit.run_us, visit.near_before = bits, run, near


@compiled
def _clear(visit: Any) -> None:
    visit.phase = _NONE
    visit.opened_us = 0
    visit.entered_us = 0
    visit.confirmed_us = 0
    visit.left_us = 0
    visit.sure_left_us = 0
    visit.inside_us = 0
    visit.below = 0
    visit.below_us = 0
    visit.fixes = 0
    visit.crossings = 0
    visit.is_out = 0
    for i in range(3):
        visit.crossed_us[i] = 0
    visit.flaps = 0
    visit.p_max = 0.0
    visit.radius_m = 0.0
    visit.edge_m = 0.0
    visit.grade = 0
    visit.cause = 0
    visit.zone_version_id = 0
    visit.best_us = 0
    visit.best_fingerprint = 0
    visit.flags = 0
    visit.minutes = 0.0
    visit.closing = 0
    visit.stale_s = 0.0
    visit.breach_id = 0


@compiled
def _leave(visit: Any, us: int) -> None:
    # A suspicion in between does not move the end of a confirmed stay.
    if visit.phase == _SURE or visit.confirmed_us == NEVER:
        visit.sure_left_us = us
    visit.phase = _OVER
    visit.left_us = us
    visit.below = 0
    visit.below_us = 0


@compiled
def _enter(visit: Any, step: Any, cause: int, entered_us: int, sure: bool) -> int:
    """Opens a visit, or goes on with the one that was left a short while ago."""
    phase = _SURE if sure else _POSSIBLE
    if visit.phase == _OVER:
        what = _REPEATED
        if sure and visit.confirmed_us == NEVER:
            what = _CONFIRMED
            visit.entered_us = entered_us
            visit.sure_left_us = NEVER
            visit.cause = cause
    else:
        _rest(visit)
        what = _OPENED
        visit.opened_us = step.us
        visit.entered_us = entered_us
        visit.confirmed_us = NEVER
        visit.sure_left_us = NEVER
        visit.cause = cause
        visit.edge_m = np.inf
        visit.radius_m = np.nan
        visit.minutes = np.inf
        for i in range(3):
            visit.crossed_us[i] = NEVER
    visit.phase = phase
    visit.left_us = NEVER
    visit.inside_us = step.us
    if sure and visit.confirmed_us == NEVER:
        visit.confirmed_us = step.us
    visit.zone_version_id = step.zone_version_id
    visit.below = 0
    _cross(visit, step.us)
    return what


@compiled
def _cross(visit: Any, us: int) -> None:
    visit.crossings += 1
    visit.is_out = 0
    visit.crossed_us[0] = visit.crossed_us[1]
    visit.crossed_us[1] = visit.crossed_us[2]
    visit.crossed_us[2] = us


@compiled
def _flaps(visit: Any, policy: Any) -> bool:
    """Whether three crossings in five minutes have just come together, for the first time."""
    if visit.flaps:
        return False
    first = visit.crossed_us[0]
    if first == NEVER or visit.crossed_us[2] - first > policy.flapping_s * 1e6:
        return False
    visit.flaps = 1
    return True


@compiled
def _measure(visit: Any, step: Any, p: float, grade: int) -> bool:
    """Takes a fix that counts into the visit's figures; whether its grade rose."""
    visit.fixes += 1
    if p > visit.p_max or visit.fixes == 1:
        visit.p_max = p
        visit.radius_m = step.radius_m
        visit.best_us = step.us
        visit.best_fingerprint = step.fingerprint
        visit.flags = step.flags
    visit.edge_m = min(visit.edge_m, step.edge_m)
    if step.stale:
        visit.stale_s = step.age_us / 1e6
    rose = grade > visit.grade
    if rose:
        visit.grade = grade
    return rose


@compiled
def _two_of_three(bits: int) -> bool:
    return (bits & 1) + (bits >> 1 & 1) + (bits >> 2 & 1) >= 2


@compiled
def _is_sure(step: Any, chance: float, bits: int, policy: Any) -> bool:
    # One fix that leapt there from a standstill may be a spike: the next one decides.
    if chance >= policy.confirm_once and not step.leap:
        return True
    return chance >= policy.confirm_two_of_three and _two_of_three(bits)


@compiled
def _at_boundary(visit: Any, step: Any, policy: Any, was: int) -> tuple[int, int]:
    """The rule comes into force, or changes, with somebody's last place already known."""
    likely = step.pf >= policy.confirm_two_of_three and step.witness
    suspicious = step.p >= policy.possible or step.bare or step.pf >= policy.confirm_two_of_three
    if visit.phase == _POSSIBLE or visit.phase == _SURE:
        if step.pf < policy.leave_below and not suspicious:
            _leave(visit, step.us)
            return _LEFT, -1
        if was != step.zone_version_id:
            visit.zone_version_id = step.zone_version_id
            return _AMENDED, -1
        return -1, -1
    visit.bits = 1 if likely else 0
    if likely or suspicious:
        what = _enter(visit, step, step.cause, step.us, likely)
        _measure(visit, step, step.p, step.grade)
        return what, -1
    return -1, -1


@compiled
def _at_fix(group: Any, visit: Any, step: Any, policy: Any) -> tuple[int, int]:
    at_least = policy.possible_absence if group.kind == _INCLUSION else policy.possible
    suspicious = step.p >= at_least or step.bare == 1
    if not step.witness:
        # Doubted, or compared with a stale partner: enough to suspect, for nothing else.
        return _suspect(visit, step, policy, suspicious), -1
    likely = step.pf >= policy.confirm_two_of_three
    visit.bits = (visit.bits << 1 | (1 if likely else 0)) & 7
    sure = _is_sure(step, step.pf, visit.bits, policy)
    crosses = step.crosses == 1 and not suspicious and visit.near_before == 0
    near = suspicious or step.pf >= policy.possible
    visit.near_before = 1 if near or step.p >= policy.possible else 0
    if not near:
        visit.run_us = NEVER
    elif visit.run_us == NEVER:
        visit.run_us = step.us
    is_open = visit.phase == _POSSIBLE or visit.phase == _SURE
    what, more = -1, -1
    if not is_open:
        if sure:
            what = _enter(visit, step, step.cause, visit.run_us, True)
        elif crosses:
            what = _enter(visit, step, _CROSSED, step.cross_us, False)
            visit.grade = max(visit.grade, _GRADE_POSSIBLE)
            visit.edge_m = min(visit.edge_m, 0.0)  # the path, not the fix, was there
        elif suspicious:
            return _suspect(visit, step, policy, True), -1
        else:
            return -1, -1
    elif visit.phase == _POSSIBLE and sure:
        visit.phase = _SURE
        if visit.confirmed_us == NEVER:
            visit.confirmed_us = step.us
            visit.sure_left_us = NEVER
            visit.entered_us = max(visit.entered_us, visit.run_us)
        what = _CONFIRMED
    elif crosses:
        _cross(visit, step.us)
        visit.below = 0
    elif step.p >= policy.probable and visit.is_out:
        _cross(visit, step.us)
    if step.p < policy.possible and not suspicious:
        visit.is_out = 1
    if near and _measure(visit, step, step.p, step.grade) and what < 0:
        what = _AMENDED
    if _flaps(visit, policy):
        more = _REPEATED
    return what, _stays(visit, step, policy, suspicious, more)


@compiled
def _stays(visit: Any, step: Any, policy: Any, suspicious: bool, more: int) -> int:
    if visit.phase == _SURE:
        below = step.pf < policy.leave_below
    else:
        below = not suspicious and step.pf < policy.possible
    if not below:
        visit.below = 0
        visit.inside_us = step.us
        return more
    if visit.below == 0:
        visit.below_us = step.us
    visit.below += 1
    # Exactly three fixes and exactly three minutes are enough.
    long = step.us - visit.below_us >= policy.leave_s * 1e6
    if visit.below >= policy.leave_fixes and long:
        _leave(visit, visit.below_us)
        return _LEFT
    return more


@compiled
def _suspect(visit: Any, step: Any, policy: Any, suspicious: bool) -> int:
    """One fix speaks for it, no more: the possible channel."""
    if not suspicious or visit.phase == _SURE:
        return -1
    if visit.phase == _POSSIBLE:
        visit.below = 0
        visit.inside_us = step.us
        return _AMENDED if _measure(visit, step, step.p, step.grade) else -1
    what = _enter(visit, step, step.cause, step.us, False)
    _measure(visit, step, step.p, step.grade)
    return what


@compiled
def _warn(visit: Any, step: Any, policy: Any, inner_open: bool) -> int:
    """The outer ring: a warning, on the confirmed channel, while the inner ring is quiet."""
    if not step.witness:
        return -1
    likely = step.pfo >= policy.confirm_two_of_three
    visit.bits = (visit.bits << 1 | (1 if likely else 0)) & 7
    if not likely:
        visit.run_us = NEVER
    elif visit.run_us == NEVER:
        visit.run_us = step.us
    if inner_open:
        return -1
    is_open = visit.phase == _SURE
    if not is_open:
        if not _is_sure(step, step.pfo, visit.bits, policy):
            return -1
        entered = step.us if visit.run_us == NEVER else visit.run_us
        what = _enter(visit, step, step.cause, entered, True)
        _measure(visit, step, step.po, step.grade_outer)
        visit.closing = step.closing
        return what
    if step.pfo < policy.leave_below:
        if visit.below == 0:
            visit.below_us = step.us
        visit.below += 1
        long = step.us - visit.below_us >= policy.leave_s * 1e6
        if visit.below >= policy.leave_fixes and long:
            _leave(visit, visit.below_us)
            return _LEFT
        return -1
    visit.below = 0
    visit.inside_us = step.us
    _measure(visit, step, step.po, step.grade_outer)
    sooner = step.minutes < visit.minutes / 2
    if (step.closing and not visit.closing) or sooner:
        visit.closing = max(visit.closing, step.closing)
        return _AMENDED
    return -1


@compiled
def _cover(group: Any, step: Any, s: int, policy: Any, stretches: Rows, n: int) -> int:
    """The coverage ledger of one zone: a stretch ends where what is seen changes."""
    if not step.boundary and not step.believed:
        return n
    seen, cause = 0, 0
    if step.in_force:
        inside = 1.0 - step.pf if group.kind == _INCLUSION else step.pf
        if not step.known:
            seen, cause = _UNSEEN, _NOT_YET
        elif step.stale:
            seen, cause = _UNSEEN, _SILENT
        elif step.blind:
            seen, cause = _UNSEEN, _COARSE
        elif inside >= policy.probable:
            seen = _INSIDE
        elif inside < policy.possible:
            seen = _OUTSIDE
        else:
            seen, cause = _UNSEEN, _COARSE
    if group.seen != 0:
        # The last place before a silence: what was seen there does not hold beyond it.
        last_us = step.gap_us
        if step.boundary and step.stale:
            last_us = step.us - step.age_us
        if last_us > NEVER and group.seen != _UNSEEN:
            n = _end(stretches, n, group, step.group, max(last_us, group.since_us), -1)
            group.seen, group.cause = _UNSEEN, step.gap_cause if step.gap_us > NEVER else _SILENT
        elif step.gap_us > NEVER:
            group.cause = step.gap_cause
        if step.gap_us > NEVER:
            n = _end(stretches, n, group, step.group, step.us, s)
            group.seen = 0
    if seen != group.seen or cause != group.cause:
        if group.seen != 0:
            n = _end(stretches, n, group, step.group, step.us, s if group.seen == _UNSEEN else -1)
        group.seen, group.cause, group.since_us = seen, cause, step.us
    return n


@compiled
def _end(stretches: Rows, n: int, group: Any, row: int, us: int, s: int) -> int:
    if us > group.since_us:
        stretch = stretches[n]
        stretch.group = row
        stretch.from_us = group.since_us
        stretch.to_us = us
        stretch.seen = group.seen
        stretch.cause = group.cause
        stretch.step = s
        group.since_us = us
        return n + 1
    group.since_us = us
    return n
