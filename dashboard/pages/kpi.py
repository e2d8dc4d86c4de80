"""How the room does: load, haste, sources, what stands open, what was found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

import dash_mantine_components as dmc
from dash import Dash, Input, Output, html

from dashboard import shell
from dashboard.appearance import Theme
from dashboard.charts import bars, chart, paired
from dashboard.format import age, day_and_time, percent
from dashboard.guard import needs, viewer
from dashboard.room import Room
from dashboard.sheet import sheet, when, word
from data.model.alert import AlertRow
from data.model.breach import Finding
from data.rules.access import Action
from data.rules.load import BEARABLE, FLOOD, SHARES, rate
from data.service.figures import PERIODS, Figures

PATH = "/kpi"
TITLE = "Figures · Vigil"
ACTION = Action.SEE_FIGURES

_PERIODS = {"8h": "8 hours", "24h": "24 hours", "7d": "7 days", "30d": "30 days"}
_MOST_BARS = 150


class Ids:
    """The page's components."""

    PERIOD: Final = "kpi-period"
    BODY: Final = "kpi-body"
    RATE: Final = "kpi-rate"
    SHARES: Final = "kpi-shares"
    TAKEN: Final = "kpi-taken"
    CASES: Final = "kpi-cases"
    DEVICES: Final = "kpi-devices"
    FINDINGS: Final = "kpi-findings"


def page(room: Room) -> Callable[..., html.Div]:
    """The page's layout as a function that is asked at each visit."""

    @needs(ACTION)
    def layout(**asked: Any) -> html.Div:
        period = asked.get("period")
        return shell.plain_page(
            room,
            PATH,
            html.H1("Figures of the room"),
            html.Div(
                dmc.SegmentedControl(
                    id=Ids.PERIOD,
                    value=period if period in PERIODS else "24h",
                    data=[{"value": key, "label": words} for key, words in _PERIODS.items()],
                    transitionDuration=0,
                ),
                className="bar",
            ),
            html.Div(id=Ids.BODY, className="kpi"),
        )

    return layout


def connect(app: Dash, room: Room) -> None:
    """Registers counting anew: at a visit, for another period, in other colours."""

    @app.callback(
        Output(Ids.BODY, "children"),
        Input(Ids.PERIOD, "value"),
        Input(shell.Ids.PROVIDER, "forceColorScheme"),
    )
    @needs(ACTION)
    def show(period: Any, scheme: Any) -> list[Any]:
        found = room.figures.of(viewer(), period if period in PERIODS else "24h")
        return body(found, "day" if scheme == "light" else "night", room)


def body(found: Figures, theme: Theme, room: Room) -> list[Any]:
    """The figures as they stand on the page."""
    at = day_and_time(found.until, room.settings.time_zone)
    since = day_and_time(found.since, room.settings.time_zone)
    return [
        html.P(f"Alerts raised from {since} to {at}.", className="hint kpi-wide"),
        _numbers(found),
        _rate(found, theme, room),
        _shares(found, theme),
        _taken(found, theme),
        _findings(found, theme),
        _sources(Ids.CASES, "Cases that raised most", found.cases, theme, "case"),
        _sources(Ids.DEVICES, "Devices that raised most", found.devices, theme, "device"),
        _oldest(found),
    ]


def _numbers(found: Figures) -> html.Dl:
    troubles, taken = found.troubles, found.taken_all
    drift = found.findings.get(Finding.DRIFT, 0)
    decided = sum(found.findings.values())
    rows = (
        (f"{found.raised}", "alerts raised"),
        (f"{found.load.mean:.2f}", "a desk in ten minutes; bearable is 1"),
        (percent(found.load.above), "of the time more than that"),
        (f"{found.load.floods}", f"floods: {FLOOD} or more in ten minutes"),
        (_seconds(taken.p50_s), "half were taken within"),
        (_seconds(taken.p90_s), "nine of ten were taken within"),
        (f"{taken.untaken}", "never taken"),
        (f"{found.stale}", "open for more than a day"),
        (f"{troubles.flapping}", "flapping"),
        (f"{troubles.chattering}", "chattering: three times in a minute"),
        (f"{troubles.shelved} / {found.shelved_now}", "shelved / shelved now"),
        (f"{drift} of {decided}", "closed as drift"),
    )
    return html.Dl(
        [html.Div([html.Dt(words), html.Dd(number)]) for number, words in rows],
        className="kpi-numbers kpi-wide",
    )


def _rate(found: Figures, theme: Theme, room: Room) -> html.Section:
    time_zone = room.settings.time_zone
    # A month of ten minutes is more than a screen has columns: the mean of each stretch.
    step = -(-len(found.tens) // _MOST_BARS)
    stretches = [found.tens[first : first + step] for first in range(0, len(found.tens), step)]
    local = [each[0][0].astimezone(time_zone) for each in stretches]
    rates = [sum(rate(raised, desks) for _, raised, desks in each) / len(each)
             for each in stretches]  # fmt: skip
    desks = [max(desks for _, _, desks in each) for each in stretches]
    raised = [sum(raised for _, raised, _ in each) for each in stretches]
    return chart(
        Ids.RATE,
        "Alerts a desk in ten minutes",
        bars(
            # Wall time without its offset: plotly would turn it into its own.
            [each.replace(tzinfo=None) for each in local],
            rates,
            theme,
            unit="a desk in ten minutes",
            mark=(BEARABLE, "bearable"),
        ),
        ("From", "Alerts", "Desks", "A desk in ten minutes"),
        [
            (when(day_and_time(at, time_zone)), n, seats, f"{each:.2f}")
            for at, n, seats, each in zip(local, raised, desks, rates, strict=True)
            if n or seats
        ],
        says=f"{found.load.mean:.2f} on the whole, {found.load.worst:.1f} at worst. Without an "
        "operator signed in, one desk is counted.",
        empty="No alert was raised and nobody was signed in. Nothing to bear.",
    )


def _shares(found: Figures, theme: Theme) -> html.Section:
    names = [f"P{priority}" for priority in SHARES]
    have = [found.shares[priority] * 100 for priority in SHARES]
    meant = [share * 100 for share in SHARES.values()]
    return chart(
        Ids.SHARES,
        "Priorities",
        paired(names, ("these alerts", have), ("5, 15 and 80 in 100", meant), theme, unit="%")
        if found.raised
        else None,
        ("Priority", "Alerts", "Share", "Meant"),
        [
            (
                f"P{priority}",
                found.priorities.get(priority, 0),
                percent(found.shares[priority]),
                percent(share),
            )
            for priority, share in SHARES.items()
        ],
        says="Where P1 is common, P1 is no longer urgent.",
        empty="No alert was raised. That is a good answer.",
    )


def _taken(found: Figures, theme: Theme) -> html.Section:
    hours = [row for row in found.taken if row.n]
    return chart(
        Ids.TAKEN,
        "Until somebody took it, by hour of the day",
        paired(
            [f"{row.hour:02}:00" for row in hours],
            ("half within", [row.p50_s for row in hours]),
            ("nine of ten within", [row.p90_s for row in hours]),
            theme,
            unit="s",
        )
        if hours
        else None,
        ("Hour", "Taken", "Half within", "Nine of ten within", "Never taken"),
        [
            (f"{row.hour:02}:00", row.n, _seconds(row.p50_s), _seconds(row.p90_s), row.untaken)
            for row in found.taken
        ],
        says="Seconds from raised to first taken. What late fixes brought to light is left out.",
        empty="Nobody has taken an alert in this period.",
    )


def _findings(found: Figures, theme: Theme) -> html.Section:
    names = [name.replace("_", " ") for name in found.findings]
    total = sum(found.findings.values())
    drift = found.findings.get(Finding.DRIFT, 0)
    return chart(
        Ids.FINDINGS,
        "What was found",
        bars(names, list(found.findings.values()), theme, unit="alerts", is_lying=True)
        if names
        else None,
        ("Finding", "Alerts", "Share"),
        [
            (name, n, percent(n / total))
            for name, n in zip(names, found.findings.values(), strict=True)
        ],
        says=f"Of {total} closed, {drift} were drift: the place was not where the device said."
        if total
        else "",
        empty="No alert was closed in this period.",
    )


def _sources(
    chart_id: str, title: str, rows: Sequence[tuple[str, int]], theme: Theme, kind: str
) -> html.Section:
    total = sum(n for _, n in rows)
    most = rows[0][1] if rows else 0
    return chart(
        chart_id,
        title,
        bars([name for name, _ in rows], [n for _, n in rows], theme, unit="alerts", is_lying=True)
        if rows
        else None,
        (kind.capitalize(), "Alerts"),
        rows,
        says=f"The first alone raised {most} of these {total}." if rows else "",
        empty=f"No {kind} has raised an alert.",
    )


def _oldest(found: Figures) -> html.Section:
    return html.Section(
        [
            html.H2("Open longest"),
            html.P("Now, whenever they were raised. More than a day is stale.", className="hint"),
            sheet(
                ("Age", "Case", "Priority", "What", "State", "With"),
                [_line(row, found.until) for row in found.oldest],
                empty="Nothing is open. That is a good answer.",
            ),
        ],
        className="chart kpi-wide",
    )


def _line(row: AlertRow, now: datetime) -> tuple[Any, ...]:
    return (
        when(age(row.raised_at, now)),
        html.Span(row.case_code or "none", className="case-code"),
        word(f"P{int(row.priority)}"),
        row.title,
        row.state.value,
        row.owner or "nobody",
    )


def _seconds(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.0f} s" if value < 120 else f"{value / 60:.1f} min"
