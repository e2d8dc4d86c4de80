"""What the comparison says in plain words, with everything that could be held against it."""

from __future__ import annotations

import math

from data.rules.conduct import FAR_OUTSIDE, LEAST_WEEKS, OUTSIDE, Conduct

# Of the hours she was due, the share unheard above which "not seen" is no answer.
_MOSTLY = 0.5


def verdict(found: Conduct, *, due_h: float = 1.0, unseen_h: float = 0.0) -> str:
    """The answer in a line; hours as in `caveats`. Silence is never taken for absence."""
    if not found.minutes.observed:
        if unseen_h >= _MOSTLY * due_h:
            return "Nobody can tell: his tag was not heard for most of her hours."
        return "He was not seen near her while she was due."
    if not found.can_tell:
        return "Her days are too much alike for this comparison to tell anything."
    if found.minutes.p <= FAR_OUTSIDE:
        return "Far more than his own days explain."
    if found.minutes.p <= OUTSIDE:
        return "More than his own days explain, though not by much."
    return "No more than his own days explain."


def sentences(found: Conduct) -> list[str]:
    """What was seen, what chance gives, and how often chance gives as much."""
    minutes, times = found.minutes, found.times
    said = [
        f"In {_count(found.days, 'day')} he was seen near for "
        f"{_count(minutes.observed, 'minute')}, at {_count(times.observed, 'time')}, "
        "while she was due there."
    ]
    if not minutes.observed or not found.can_tell:
        return said
    said.append(
        f"Had his days fallen on other days of hers, it would have been {minutes.expected:,.0f} "
        f"minutes (95 of 100 exchanges lie between {minutes.low:,.0f} and {minutes.high:,.0f}) "
        f"and {times.expected:,.1f} times: {_ratio(minutes.ratio)}."
    )
    how = "of all possible exchanges" if found.is_exact else f"of {found.draws:,} exchanges"
    reached = round(minutes.p * found.draws) if found.is_exact else (
        round(minutes.p * (found.draws + 1)) - 1
    )  # fmt: skip
    said.append(
        f"{_number(reached)} {how} {'gives' if reached == 1 else 'give'} as many minutes or more: "
        f"p = {_p(minutes.p)} by minutes, {_p(times.p)} by times "
        f"({'exact' if found.is_exact else f'add-one, seed {found.seed}'})."
    )
    if found.week_shifts > 1:
        said.append(_by_weeks(found.week_rank - 1, found.week_shifts - 1))
    return said


def caveats(found: Conduct, *, due_h: float, unseen_h: float) -> list[str]:
    """What must be read with it; printed wherever the answer is.

    Args:
        found: the comparison.
        due_h: how long she was due, hours.
        unseen_h: for how much of that nobody could tell where he was.
    """
    said = [
        "Compared with: the same days of his, laid on other days of hers; weekdays on weekdays, "
        "weekends on weekends. Who passes at the same hours every week, as a neighbour or a "
        "colleague does, is therefore not counted as unusual; nor is a stalker who keeps such "
        "hours.",
        f"She was due for {due_h:,.0f} hours; for {unseen_h:,.0f} of them "
        f"({_share(unseen_h, due_h)}) his tag was not heard. Of those hours nothing is said: "
        "neither that he was there nor that he was not.",
        "Her hours are what was written down, not where she was seen. Days next to each other "
        "are treated as if they did not depend on each other.",
        "A small p says that chance is a poor explanation. It does not say why he was there, and "
        "whoever tries many cases, distances or periods will find small ones by chance.",
    ]
    if found.is_short:
        said.insert(
            0,
            f"Few weeks: {found.days} days. Below {7 * LEAST_WEEKS} days read this as a hint.",
        )
    return said


def _by_weeks(fuller: int, others: int) -> str:
    if fuller == 0:
        return f"Shifted by whole weeks instead, none of the {others} other ways gives as much."
    return (
        f"Shifted by whole weeks instead, {fuller} of the {others} other ways "
        f"{'gives' if fuller == 1 else 'give'} as much: his weeks repeat, whichever lies on hers."
    )


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _number(number: int) -> str:
    return "None" if number == 0 else f"{number:,}"


def _ratio(ratio: float) -> str:
    return "never by chance" if math.isinf(ratio) else f"{ratio:.1f} times as much"


def _p(p: float) -> str:
    return f"{p:.4f}" if p < 0.1 else f"{p:.2f}"


def _share(part: float, whole: float) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "0 %"
