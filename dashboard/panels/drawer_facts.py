"""The drawer's words: an alert's case as rows of facts and lines of history. No callbacks here."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from dash import html

from dashboard.format import (
    age,
    case_or_device,
    clock_time,
    day,
    day_and_time,
    deepest,
    from_edge,
    metres,
    minutes,
)
from data.model.alert import AlertCase, AlertLine, AlertRow, AlertState
from data.model.breach import chance_words
from data.model.user import Viewer

_ACTIONS = {
    "raised": "raised",
    "confirmed": "rose in priority",
    "repeated": "again",
    "cleared": "the condition ended",
    "acknowledged": "took it",
    "lapsed": "taken, but nothing was done: back to the room",
    "taken_over": "took it over",
    "released": "gave it back",
    "step_done": "did",
    "step_skipped": "left out",
    "notified": "told",
    "noted": "noted",
    "shelved": "shelved it",
    "returned": "back from the shelf",
    "escalated": "called the supervisor",
    "reminded": "open for too long: the supervisor was called",
    "closed": "closed it",
}

# What the probability is of, by the kind of breach.
_OF = {
    "buffer": "In buffer",
    "inclusion": "Outside",
    "pair_alarm": "Within",
    "pair_warn": "Within",
}

_SHAPES = {1: "⬢", 2: "▲", 3: "■"}


def nothing_selected() -> html.Div:
    """What stands in the drawer until an alert is chosen."""
    return html.Div(
        className="empty",
        children=[
            html.H2("No alert selected"),
            html.P(
                [
                    html.Kbd("J"),
                    " ",
                    html.Kbd("K"),
                    " move through the queue, ",
                    html.Kbd("Enter"),
                    " opens one here.",
                ]
            ),
        ],
    )


def empty(words: str) -> html.Div:
    """A drawer with nothing but a sentence in it."""
    return html.Div(html.P(words), className="empty")


def form_state(case: AlertCase, viewer: Viewer) -> str:
    """Which steps stand open: "new", "own", "taken" (by another) or "closed"."""
    if case.row.state is AlertState.CLOSED:
        return "closed"
    if case.row.state in (AlertState.NEW, AlertState.SHELVED):
        return "new"
    return "own" if case.row.owner == viewer.login else "taken"


def facts(case: AlertCase, now: datetime, time_zone: ZoneInfo) -> html.Div:
    """Which zone, how sure, since when, how far; then who and which device."""
    about = _case_facts(case, time_zone)
    return html.Div(
        [
            _list("The alert", _alert_facts(case.row, case, now, time_zone)),
            *([_list("Case and device", about)] if about else []),
        ]
    )


def head(case: AlertCase, time_zone: ZoneInfo) -> html.Header:
    """Priority, case and a few words, with where the work stands."""
    row = case.row
    badge = html.Span(
        [
            html.Span(_SHAPES[row.priority], **{"aria-hidden": "true"}),
            html.Span(f"P{int(row.priority)}"),
        ],
        className=f"drawer-badge drawer-badge-{int(row.priority)}",
    )
    return html.Header(
        className="drawer-head",
        children=[
            html.Div(
                className="drawer-title",
                children=[
                    badge,
                    html.H2(
                        [html.Span(case_or_device(row), className="case-code"), " ", row.title]
                        if row.case_code or row.device_kind
                        else row.title
                    ),
                ],
            ),
            html.P(_standing(row, case.finding, time_zone), className="drawer-standing"),
        ],
    )


def _standing(row: AlertRow, finding: str | None, time_zone: ZoneInfo) -> str:
    """Where the work stands, in one sentence; whether it is over is a second one."""
    match row.state:
        case AlertState.CLOSED:
            words = f"Closed: {(finding or '').replace('_', ' ')}."
        case AlertState.SHELVED if row.shelved_until:
            words = f"Shelved until {clock_time(row.shelved_until, time_zone)}."
        case AlertState.ACKNOWLEDGED | AlertState.ACTING if row.acknowledged_at:
            words = f"{row.owner} has it since {clock_time(row.acknowledged_at, time_zone)}."
        case _:
            words = "Nobody has it."
    if row.cleared_at:
        return f"{words} The condition ended {clock_time(row.cleared_at, time_zone)}."
    return f"{words} The condition still holds."


def _alert_facts(
    row: AlertRow, case: AlertCase, now: datetime, time_zone: ZoneInfo
) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    if row.zone_name:
        found.append(("Zone", row.zone_name))
    if row.p_inside is not None:
        found.append((_OF.get(row.breach_kind or "", "Inside"), _sureness(row)))
    if case.edge_now_m is not None and case.fixed_at is not None:
        found.append(("Now", f"{from_edge(case.edge_now_m)}, {age(case.fixed_at, now)} ago"))
    pace = f"at {case.pace_mps * 3.6:.0f} km/h"
    if case.edge_now_min is not None:
        found.append(("To the edge", f"{minutes(case.edge_now_min)} {pace}"))
    if case.victim_now_min is not None:
        found.append(("To the victim", f"{minutes(case.victim_now_min)} {pace}"))
    # The newest fix may be deeper than what the judge has written down yet: it stands above.
    now_m = case.edge_now_m
    if row.edge_m is not None and (now_m is None or now_m >= row.edge_m):
        found.append(deepest(row.edge_m))
    if row.minutes_to_contact is not None:
        found.append(("Contact", f"in {minutes(row.minutes_to_contact)} at the earliest"))
    began = day_and_time(row.began_at, time_zone)
    ago = html.Div(f"{age(row.began_at, now)} ago", className="hint")
    found.append(("Since", [began, ago]))
    if row.repeats:
        times = "once" if row.repeats == 1 else f"{row.repeats} times"
        found.append(("Again", f"{times} in this visit"))
    if row.found_on_backfill:
        found.append(("Late", "found in fixes that arrived late"))
    return found


def _sureness(row: AlertRow) -> list[Any]:
    assert row.p_inside is not None
    radius = "" if row.radius_95_m is None else f", ±{metres(row.radius_95_m)}"
    word = {"possible": "first suspicion", "confirmed": "borne out by the track"}.get(
        row.channel or "", ""
    )
    return [f"{chance_words(row.p_inside)}{radius}", html.Span(f" {word}", className="hint")]


def _case_facts(case: AlertCase, time_zone: ZoneInfo) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    if case.row.case_id is not None:
        order = case.order_reference or "–"
        if case.order_until is not None:
            order = f"{order}, until {day(case.order_until, time_zone)}"
        found.append(("Offender", case.offender))
        if case.victim:
            found.append(("Victim", case.victim))
        found.append(("Order", order))
    if case.device_serial:
        model = f" ({case.device_model})" if case.device_model else ""
        found.append(("Device", [html.Span(case.device_serial, className="mono"), model]))
    if case.fixed_at is not None:
        radius = "" if case.fix_radius_m is None else f", ±{metres(case.fix_radius_m)}"
        found.append(("Last fix", f"{clock_time(case.fixed_at, time_zone)}{radius}"))
    if case.battery_pct is not None:
        found.append(("Battery", f"{case.battery_pct:.0f} %"))
    return found


def _list(title: str, rows: list[tuple[str, Any]]) -> html.Section:
    return html.Section(
        className="facts",
        children=[
            html.H3(title),
            html.Dl([part for name, value in rows for part in (html.Dt(name), html.Dd(value))]),
        ],
    )


def history(case: AlertCase, time_zone: ZoneInfo) -> html.Section:
    """What happened with the alert, newest first."""
    lines = [_line(line, time_zone) for line in reversed(case.history)]
    return html.Section(
        className="case-history",
        children=[html.H3("History"), html.Ol(lines) if lines else html.P("Nothing yet.")],
    )


_RUNGS = {
    1: "nobody took it: the supervisor was called",
    2: "nobody took it: the supervisor was called by a second channel",
    3: "nobody took it: whoever is on call was called",
}


def _about(line: AlertLine) -> str:
    """What the act was about: which step, for how long, from whom."""
    detail = line.detail
    if detail.get("step"):
        return f" “{detail['step']}”"
    if line.action == "shelved":
        return f" for {detail.get('minutes', 0):g} min"
    if line.action == "taken_over" and detail.get("from"):
        return f" from {detail['from']}"
    return ""


def _line(line: AlertLine, time_zone: ZoneInfo) -> html.Li:
    words = _ACTIONS.get(line.action, line.action)
    if line.by is None and line.action == "escalated":
        words = _RUNGS.get(line.detail.get("rung", 0), words)
    words += _about(line)
    parts: list[Any] = [
        html.Time(clock_time(line.at, time_zone), dateTime=line.at.isoformat()),
        html.Span(f"{line.by} {words}" if line.by else words),
    ]
    if line.note:
        # A text node: whatever a person wrote stays text.
        parts.append(html.P(line.note))
    return html.Li(parts)
