"""What a browser may post to a callback."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from dashboard.callback_body import check_body
from data.errors import BadInput

CALLBACKS: dict[str, dict[str, Any]] = {
    "..note-words.children...note-acted.data@1f..": {
        "callback": lambda: None,
        "inputs": [{"id": "note-send", "property": "n_clicks"}],
        "state": [{"id": "note-acted", "property": "data"}],
    },
    "theme.data": {"inputs": [], "state": []},  # runs in the browser
}
GOOD: dict[str, Any] = {
    "output": "..note-words.children...note-acted.data@1f..",
    "outputs": [
        {"id": "note-words", "property": "children"},
        {"id": "note-acted", "property": "data@1f"},
    ],
    "inputs": [{"id": "note-send", "property": "n_clicks", "value": 1}],
    "state": [{"id": "note-acted", "property": "data", "value": 4}],
    "changedPropIds": ["note-send.n_clicks"],
}


def test_what_a_page_posts_is_taken() -> None:
    """Several outputs, one of several callbacks with that output, counts as numbers."""
    check_body(GOOD, CALLBACKS)


@pytest.mark.parametrize(
    ("part", "value", "field"),
    [
        ("output", "theme.data", "output"),
        ("output", "nobody.data", "output"),
        ("output", ["x"], "output"),
        ("outputs", [], "outputs"),
        ("outputs", None, "outputs"),
        ("inputs", [{"id": "other", "property": "n_clicks"}], "inputs"),
        ("inputs", [{"id": "note-send", "property": "title"}], "inputs"),
        ("inputs", [7], "inputs"),
        ("inputs", [{"id": "note-send", "property": "n_clicks", "value": {}}], "inputs note-send"),
        ("state", [], "state"),
        ("state", [{"id": "note-acted", "property": "data", "value": {}}], "state note-acted"),
        ("changedPropIds", {}, "changedPropIds"),
        ("changedPropIds", [1], "changedPropIds"),
    ],
)
def test_anything_else_is_refused_by_name(part: str, value: object, field: str) -> None:
    """Whatever is not the callback's own shape is told apart before it is run."""
    body = deepcopy(GOOD)
    body[part] = value
    with pytest.raises(BadInput) as refused:
        check_body(body, CALLBACKS)
    assert refused.value.field == field


@pytest.mark.parametrize("body", [None, [], "x", {}, 1])
def test_no_body_at_all_is_refused(body: object) -> None:
    """JSON that is no object, and an object that names nothing."""
    with pytest.raises(BadInput):
        check_body(body, CALLBACKS)
