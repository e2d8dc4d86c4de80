"""When in the week he was near: a grid by weekday and hour, and the same numbers as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import plotly.graph_objects as go
from dash import dcc, html

from data.model.schedule import DAYS

_INK = {"dark": "#E6EAED", "light": "#14181C"}
_GROUND = {"dark": "#262C33", "light": "#ECEFF1"}
_HATCH = {"dark": "#7F8B97", "light": "#56616B"}
_NAMES = [day.capitalize() for day in DAYS]


class Ids:
    """The panel's components."""

    NUMBERS: Final = "grids-numbers"  # store: minutes and due, 7 by 24 each
    FIGURE: Final = "grids-figure"
    TABLE: Final = "grids-table"


def layout(scheme: str) -> html.Div:
    """The grid without numbers; `scheme` is the page's, dark or light."""
    return html.Div(
        [
            dcc.Store(id=Ids.NUMBERS),
            dcc.Graph(
                id=Ids.FIGURE,
                className="conduct-grid",
                config={"displayModeBar": False},
                figure=figure(None, scheme),
            ),
            html.Details(
                [html.Summary("The same as a table"), html.Div(id=Ids.TABLE)], className="rules"
            ),
        ]
    )


def figure(numbers: Any, scheme: str) -> go.Figure:
    """Minutes near by weekday and hour: the more, the stronger; a dot where she was due at all."""
    scheme = scheme if scheme in _INK else "dark"
    minutes, due = _read(numbers)
    ink, ground = _INK[scheme], _GROUND[scheme]
    made = go.Figure(
        go.Heatmap(
            z=minutes,
            x=list(range(24)),
            y=_NAMES,
            customdata=due,
            colorscale=[[0, ground], [1, ink]],
            zmin=0,
            zmax=max(1, max(map(max, minutes))),
            xgap=2,
            ygap=2,
            hovertemplate="%{y} %{x}:00<br>near %{z} min<br>due %{customdata} min<extra></extra>",
            colorbar={"title": {"text": "min"}, "thickness": 10, "outlinewidth": 0},
        )
    )
    cells = [(hour, _NAMES[day]) for day in range(7) for hour in range(24) if due[day][hour]]
    made.add_trace(
        go.Scatter(
            x=[hour for hour, _ in cells],
            y=[name for _, name in cells],
            mode="markers",
            marker={"size": 4, "color": _HATCH[scheme]},
            hoverinfo="skip",
            showlegend=False,
        )
    )
    made.update_layout(
        height=262,
        margin={"l": 44, "r": 8, "t": 8, "b": 32},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": "Inter, sans-serif", "size": 13, "color": ink},
        xaxis={
            "dtick": 2,
            "range": [-0.5, 23.5],
            "showgrid": False,
            "zeroline": False,
            "title": {"text": "hour"},
        },
        yaxis={"autorange": "reversed", "showgrid": False, "zeroline": False},
    )
    return made


def table(numbers: Any) -> html.Div:
    """Minutes near, a row a weekday and a column an hour."""
    minutes, _ = _read(numbers)
    head = [html.Th("", scope="col"), *(html.Th(str(hour), scope="col") for hour in range(24))]
    rows = [
        html.Tr(
            [html.Th(name, scope="row"), *(html.Td(str(each) if each else "·") for each in row)]
        )
        for name, row in zip(_NAMES, minutes, strict=True)
    ]
    table = html.Table([html.Thead(html.Tr(head)), html.Tbody(rows)], className="conduct-hours")
    return html.Div(
        table,
        className="conduct-hours-box",
        role="region",
        tabIndex=0,
        **{"aria-label": "Minutes near by weekday and hour"},
    )


def _read(numbers: Any) -> tuple[Sequence[Sequence[int]], Sequence[Sequence[int]]]:
    """What the store holds, zeros where it is empty or not ours."""
    none = [[0] * 24 for _ in DAYS]
    if not isinstance(numbers, dict):
        return none, none
    return _grid(numbers.get("minutes")) or none, _grid(numbers.get("due")) or none


def _grid(rows: Any) -> list[list[int]] | None:
    is_grid = isinstance(rows, list) and len(rows) == 7 and all(
        isinstance(row, list) and len(row) == 24 and all(type(each) is int for each in row)
        for row in rows
    )  # fmt: skip
    return rows if is_grid else None
