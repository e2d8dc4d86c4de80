"""Charts people read slowly: plotly in the greys of the theme, each with its numbers in a table.

Hue means an alert or a victim, so a chart has none: what differs is light, and the words.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
from dash import dcc, html

from dashboard.appearance import Theme
from dashboard.sheet import sheet

INK: dict[Theme, dict[str, str]] = {
    "night": {"text": "#E6EAED", "text3": "#9DA7B1", "line": "#3A434D", "bar": "#B4BDC6"},
    "day": {"text": "#14181C", "text3": "#434D57", "line": "#A3ABB3", "bar": "#434D57"},
}
"""The tokens of dashboard/assets/theme.css that a chart is drawn with; a test holds them to it."""

HEIGHT_PX = 240

_DAY_MS = 86_400_000
_MOMENTS = [
    {"dtickrange": [None, _DAY_MS - 1], "value": "%H:%M\n%Y-%m-%d"},
    {"dtickrange": [_DAY_MS, None], "value": "%Y-%m-%d"},
]


def chart(
    chart_id: str,
    title: str,
    figure: go.Figure | None,
    heads: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    says: str,
    empty: str,
) -> html.Section:
    """A chart with what it says in a sentence, and its numbers for who cannot see it.

    Args:
        chart_id: of the graph.
        title: over it.
        figure: what is drawn; None where there is nothing to draw.
        heads: of the table.
        rows: of the table.
        says: the chart in a sentence.
        empty: said in place of the chart where there is nothing.
    """
    if figure is None or not rows:
        body: list[Any] = [html.P(empty, className="sheet-empty")]
    else:
        body = [
            html.Div(
                dcc.Graph(
                    id=chart_id,
                    figure=figure,
                    config={"displayModeBar": False, "responsive": True},
                    style={"height": f"{HEIGHT_PX}px"},
                ),
                role="img",
                **{"aria-label": f"{title}. {says}"},
            ),
            html.Details(
                [html.Summary("The numbers"), sheet(heads, rows, empty=empty)],
                className="chart-numbers",
            ),
        ]
    return html.Section([html.H2(title), html.P(says, className="hint"), *body], className="chart")


def bars(
    labels: Sequence[Any],
    values: Sequence[float],
    theme: Theme,
    *,
    unit: str,
    mark: tuple[float, str] | None = None,
    is_lying: bool = False,
) -> go.Figure:
    """Bars of one kind; `mark` is a line across them with its words. Lying: the first on top."""
    ink = INK[theme]
    across = {"orientation": "h", "x": list(values), "y": list(labels)}
    upright = {"x": list(labels), "y": list(values)}
    figure = go.Figure(
        go.Bar(
            **(across if is_lying else upright),
            marker={"color": ink["bar"], "line": {"width": 0}},
            hovertemplate=f"%{{{'y' if is_lying else 'x'}}}: "
            f"%{{{'x' if is_lying else 'y'}:.2~f}} {unit}<extra></extra>",
        )
    )
    # Where moments are: as everywhere, and not by plotly's "Nov 30, 2026".
    figure.update_xaxes(hoverformat="%Y-%m-%d %H:%M", tickformatstops=_MOMENTS)
    if mark is not None:
        figure.add_hline(
            y=mark[0],
            line={"color": ink["text"], "width": 1.5, "dash": "dash"},
            annotation={"text": mark[1], "font": {"color": ink["text"]}},
            annotation_position="top left",
        )
    return dressed(figure, theme, is_lying=is_lying)


def paired(
    labels: Sequence[str],
    first: tuple[str, Sequence[float]],
    second: tuple[str, Sequence[float]],
    theme: Theme,
    *,
    unit: str,
) -> go.Figure:
    """Two bars at each label: the first full, the second only an outline."""
    ink = INK[theme]
    figure = go.Figure(
        [
            go.Bar(
                name=name,
                x=list(labels),
                y=list(values),
                marker={
                    "color": ink["bar"] if is_full else "rgba(0,0,0,0)",
                    "line": {"color": ink["text"], "width": 0 if is_full else 1.5},
                },
                hovertemplate=f"{name}, %{{x}}: %{{y:.1~f}} {unit}<extra></extra>",
            )
            for is_full, (name, values) in ((True, first), (False, second))
        ]
    )
    figure.update_layout(barmode="group", legend={"orientation": "h", "y": 1.15, "x": 0})
    return dressed(figure, theme)


def dressed(figure: go.Figure, theme: Theme, *, is_lying: bool = False) -> go.Figure:
    """The figure in the room's type and greys."""
    ink = INK[theme]
    figure.update_layout(
        template=None,
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": "Inter, system-ui, sans-serif", "size": 12, "color": ink["text"]},
        margin={"l": 8, "r": 8, "t": 16, "b": 8},
        bargap=0.25,
        hoverlabel={"font": {"family": "Inter, system-ui, sans-serif"}},
        uirevision=True,
    )
    quiet = {"showgrid": False, "zeroline": False, "automargin": True, "fixedrange": True}
    ruled = {**quiet, "showgrid": True, "gridcolor": ink["line"], "rangemode": "tozero"}
    figure.update_xaxes(**(ruled if is_lying else quiet))
    figure.update_yaxes(**(quiet if is_lying else ruled))
    if is_lying:
        figure.update_yaxes(autorange="reversed", type="category")
    return figure
