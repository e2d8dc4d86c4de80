"""What an answer says: the line, the sentences with their caveats, and the table of encounters."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from dash import html

from dashboard.format import metres
from dashboard.sheet import sheet
from data.rules.conduct import Conduct
from data.rules.conduct_words import caveats, sentences, verdict
from data.service.encounters import Answer
from data.service.met import Met

_AROUND = timedelta(hours=1)


def summary(answer: Answer) -> html.Div:
    """The answer in words, with everything that could be held against it beside it."""
    asked = answer.question
    handset = []
    if answer.of_handset is not None:
        handset = [
            html.H3("Beside her handset's track, with her consent"),
            html.P(verdict(answer.of_handset)),
            *_lines(answer.of_handset),
        ]
    return html.Div(
        className="conduct-answer",
        children=[
            html.Div(
                className="conduct-said",
                children=[
                    html.P(
                        verdict(answer.conduct, due_h=answer.due_h, unseen_h=answer.unseen_h),
                        className="conduct-verdict",
                    ),
                    *_lines(answer.conduct),
                    *handset,
                ],
            ),
            html.Div(
                className="conduct-against",
                children=[
                    html.H3("Read this with it"),
                    html.Ul(
                        [
                            html.Li(each)
                            for each in caveats(
                                answer.conduct, due_h=answer.due_h, unseen_h=answer.unseen_h
                            )
                        ]
                    ),
                    html.P(
                        [
                            f"Near: more likely than not within {metres(asked.near_m)}, both "
                            "errors counted. Dataset ",
                            html.Code(f"{answer.dataset[:12]}…", title=answer.dataset),
                        ],
                        className="hint",
                    ),
                ],
            ),
        ],
    )


def _lines(found: Conduct) -> list[html.P]:
    return [html.P(each) for each in sentences(found)]


def table(answer: Answer) -> html.Div:
    """Every encounter by its beginning; each row opens the replay at that instant."""
    zone = ZoneInfo(answer.time_zone)
    heads = ["", "Where", "From", "To"]
    if answer.until:
        heads += ["Near", "Closest"]
    heads += ["Not seen", "Who closed the distance", "Light"]
    if answer.until:
        heads.append("Street")
    rows = [
        _row(number, each, zone, is_shown=answer.until is not None)
        for number, each in enumerate(answer.met, start=1)
    ]
    return sheet([*heads, "Replay"], rows, empty=_empty(answer))


def _empty(answer: Answer) -> str:
    if not answer.places:
        return "None of her routine places is on record, so there is nothing to be near to."
    return (
        f"In this period he was not seen near any of her {answer.places} places while she was due "
        f"there. For {answer.unseen_h:,.0f} of {answer.due_h:,.0f} hours nobody could tell."
    )


def _row(number: int, each: Met, zone: ZoneInfo, *, is_shown: bool) -> list[Any]:
    # With a name beside it the number says which place; a column has no room for both in words.
    where = each.where.removeprefix("routine place ") if is_shown else each.where
    ends = _ends(each.from_at, each.to_at, zone)
    cells: list[Any] = [number, where, _when(each.from_at, zone), ends]
    if is_shown:
        cells += [f"{each.near_min} min", _closest(each)]
    cells += [
        f"{each.unseen_min} min" if each.unseen_min else "–",
        each.closed_by or "unclear",
        each.light.value,
    ]
    if is_shown:
        cells.append(each.street or "–")
    return [*cells, html.A("Open", href=_replay(each))]


def _closest(each: Met) -> str:
    if each.closest_m is None or each.low_m is None or each.high_m is None:
        return "–"
    return f"{each.closest_m:.0f} m ({each.low_m:.0f} to {each.high_m:.0f})"


def _when(at: datetime, zone: ZoneInfo) -> html.Time:
    local = at.astimezone(zone)
    offset = f"{local:%z}"
    return html.Time(
        f"{local:%a %-d %b %H:%M} {offset[:3].replace('-', '−')}:{offset[3:]}",
        title=f"{at:%Y-%m-%d %H:%M:%S} UTC",
    )


def _ends(from_at: datetime, to_at: datetime, zone: ZoneInfo) -> html.Time:
    """The same, without a day and offset that stand beside it already."""
    whole, begun = _when(to_at, zone), from_at.astimezone(zone)
    ended = to_at.astimezone(zone)
    is_same = (begun.date(), begun.utcoffset()) == (ended.date(), ended.utcoffset())
    return html.Time(f"{ended:%H:%M}", title=whole.title) if is_same else whole


def _replay(each: Met) -> str:
    """The replay of an hour round the instant; ids and moments only."""
    around = {
        "a": each.activation_id,
        "from": _utc(each.from_at - _AROUND),
        "to": _utc(each.to_at + _AROUND),
        "at": _utc(each.replay_at),
    }
    return f"/replay?{urlencode(around, safe=':')}"


def _utc(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
