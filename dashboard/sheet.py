"""A table of rows to read, one look for all of them, with words where there is nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html


def sheet(heads: Sequence[str], rows: Sequence[Sequence[Any]], *, empty: str) -> html.Div:
    """The table; `empty` is said where there are no rows."""
    if not rows:
        return html.Div(html.P(empty, className="sheet-empty"), className="sheet-scroll")
    return html.Div(
        className="sheet-scroll",
        children=html.Table(
            className="sheet",
            children=[
                html.Thead(html.Tr([html.Th(head, scope="col") for head in heads])),
                html.Tbody([html.Tr([_cell(cell) for cell in row]) for row in rows]),
            ],
        ),
    )


def when(words: str) -> html.Time:
    """A moment in a cell."""
    return html.Time(words)


def word(words: str) -> html.Span:
    """A short mark in a cell."""
    return html.Span(words, className="tag-word")


def _cell(cell: Any) -> html.Td:
    if isinstance(cell, html.Time):
        return html.Td(cell, className="is-time")
    return html.Td(cell)
