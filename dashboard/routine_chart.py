"""A victim's week drawn by weekday, and what is known of each of its places."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from dash import html

from dashboard.format import day
from dashboard.sheet import sheet, word
from data.model.routine import RoutineLocation
from data.model.schedule import DAYS, MINUTES_A_DAY


def week(places: tuple[RoutineLocation, ...], time_zone: ZoneInfo, today: date) -> html.Div:
    """Bars by weekday, and under them source, confidence, error and when to ask again."""
    heads = [html.Div(name.capitalize(), className="week-day") for name in DAYS]
    rows: list[Any] = [html.Div(className="week-name"), *heads]
    for each in places:
        mark = "" if each.is_confirmed else " (proposal)"
        rows.append(html.Div(f"{each.number} {each.place.name}{mark}", className="week-name"))
        rows += [
            html.Div(bars, className="week-cell", title=words)
            for bars, words in (_bars(each, number) for number in range(len(DAYS)))
        ]
    facts = [
        (
            each.number,
            each.place.name,
            each.place.source.value,
            each.place.confidence.value,
            f"±{each.place.radius_m:.0f} m",
            [each.place.review_on.isoformat(), word("due")]
            if each.place.review_on <= today
            else each.place.review_on.isoformat(),
            day(each.valid_from, time_zone),
            each.version,
            "" if each.is_confirmed else word("to be confirmed"),
        )
        for each in places
    ]
    heads_of = ("", "Place", "Source", "Sure", "Radius", "Ask again", "Since", "Version", "")
    return html.Div(
        [
            html.Div(rows, className="week", role="img", **{"aria-label": "Places by weekday"}),
            sheet(heads_of, facts, empty="Nothing of her week is written down."),
        ]
    )


def _bars(location: RoutineLocation, number: int) -> tuple[list[Any], str]:
    """The windows of a weekday as bars; what runs past midnight goes on the next morning."""
    weekly = location.place.hours.weekly
    today = [(w.start_min, w.end_min if w.end_min > w.start_min else MINUTES_A_DAY)
             for w in weekly[number]]  # fmt: skip
    carried = [(0, w.end_min) for w in weekly[number - 1] if 0 < w.end_min <= w.start_min]
    bars = [
        html.I(
            className="week-bar",
            style={
                "left": f"{100 * start / MINUTES_A_DAY:.2f}%",
                "width": f"{100 * (end - start) / MINUTES_A_DAY:.2f}%",
            },
        )
        for start, end in carried + today
    ]
    words = ", ".join(
        f"{start // 60:02}:{start % 60:02} to {end // 60:02}:{end % 60:02}"
        for start, end in carried + today
    )
    return bars, f"{DAYS[number].capitalize()} {words or 'not due'}"
