"""Tables of a score, for a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from tests.quality.score import RULES, Aim, Score, VisitScore
from tests.quality.world import NOISES, Life

_LENGTHS = ((0, 60, "< 1 min"), (60, 120, "1-2 min"), (120, 300, "2-5 min"), (300, 1e9, "> 5 min"))
_DEPTHS = ((0, 0.5, "< 0.5"), (0.5, 1, "0.5-1"), (1, 2, "1-2"), (2, 1e9, "> 2"))


def recall(scored: Score) -> None:
    """Share of true visits found, by depth (in r95) and length."""
    print("\nTrue visits found: bare / possible / confirmed (n), by depth in r95 and length")
    _table(
        [words for *_, words in _DEPTHS],
        [words for *_, words in _LENGTHS],
        lambda row, column: _shares(
            [
                each
                for each in scored.visits
                if _DEPTHS[row][0] <= each.depth_in_r95 < _DEPTHS[row][1]
                and _LENGTHS[column][0] <= each.seconds < _LENGTHS[column][1]
            ]
        ),
    )
    print("\nThe same by noise, visits of 2 min and more")
    columns = (("deeper than r95", 1.0, 1e9), ("shallower", 0.0, 1.0))
    _table(
        [noise.name for noise in NOISES],
        [words for words, *_ in columns],
        lambda row, column: _shares(
            [
                each
                for each in scored.visits
                if each.life.noise.name == NOISES[row].name
                and each.seconds >= 120
                and columns[column][1] <= each.depth_in_r95 < columns[column][2]
            ]
        ),
    )


def false_alerts(lives: Sequence[Life], scored: Score) -> None:
    """Alerts about nothing, per offender-day."""
    print("\nFalse alerts per offender-day: bare / possible / confirmed (days)")
    kinds = ["beside 10", "beside 25", "beside 50", "beside 100", "along", "near miss", "visits"]

    def cell(row: int, column: int) -> str:
        those = [
            life
            for life in lives
            if life.noise.name == NOISES[row].name and _kind(life) == kinds[column]
        ]
        days = sum(life.days for life in those)
        total: Counter[str] = sum((scored.false[life.number] for life in those), Counter())
        return " ".join(f"{total[rule] / days:.1f}" for rule in RULES) + f" ({days:.0f})"

    _table([noise.name for noise in NOISES], kinds, cell)
    print(f"  causes on the possible channel: {dict(scored.false_causes)}")


def _kind(life: Life) -> str:
    return f"beside {life.beside_m:.0f}" if life.behaviour == "beside" else life.behaviour


def delays(scored: Score) -> None:
    """Seconds from the true entry to the first alert, of visits found."""
    print("\nSeconds from true entry to the fix that alerts: median / p90; and until it is here")
    _table(
        [noise.name for noise in NOISES],
        list(RULES),
        lambda row, column: _delay(
            [each for each in scored.visits if each.life.noise.name == NOISES[row].name],
            RULES[column],
        ),
    )


def _delay(visits: Sequence[VisitScore], rule: str) -> str:
    fixed = [getattr(each, f"{rule}_s") for each in visits if each.found(rule)]
    here = [each.received_s[rule] for each in visits if rule in each.received_s]
    if not fixed:
        return "-"
    middle, late = np.percentile(fixed, [50, 90])
    there, last = np.percentile(here, [50, 90])
    return f"{middle:.0f}/{late:.0f} {there:.0f}/{last:.0f} (n {len(fixed)})"


def promises(found: Sequence[Aim]) -> None:
    """Kept or not."""
    print("\nAims")
    for aim in found:
        print(f"  {'kept  ' if aim.kept else 'MISSED'}  {aim.words}: {aim.measured}")


def _shares(visits: Sequence[VisitScore]) -> str:
    if not visits:
        return "-"
    shares = (np.mean([each.found(rule) for each in visits]) for rule in RULES)
    return " ".join(f"{share:.3f}" for share in shares) + f" ({len(visits)})"


def _table(rows: Sequence[str], columns: Sequence[str], cell: Callable[[int, int], str]) -> None:
    cells = [[cell(row, column) for column in range(len(columns))] for row in range(len(rows))]
    wide = [max(len(name), *(len(line[at]) for line in cells)) for at, name in enumerate(columns)]
    first = max(map(len, rows))
    head = "  ".join(name.rjust(width) for name, width in zip(columns, wide, strict=True))
    print(f"  {'':{first}}  {head}")
    for name, line in zip(rows, cells, strict=True):
        body = "  ".join(each.rjust(width) for each, width in zip(line, wide, strict=True))
        print(f"  {name:{first}}  {body}")
