"""What a browser may post to a callback: a body of the callback's own shape, and nothing else.

Dash builds its pages so that no other can come from them; what does come otherwise is somebody
trying, and is told so instead of failing inside.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data.errors import BadInput

_CLICKS = frozenset({"n_clicks", "n_submit", "n_blur"})


def check_body(body: object, callbacks: Mapping[str, Mapping[str, Any]]) -> None:
    """Returns when this is a body that a page of ours could have posted.

    Args:
        body: the JSON as it came.
        callbacks: Dash's own map, by output.

    Raises:
        BadInput: names the part that is not as the page would send it.
    """
    if not isinstance(body, dict):
        raise BadInput("body", "an object")
    output = body.get("output")
    known = callbacks.get(output) if isinstance(output, str) else None
    if known is None or known.get("callback") is None:
        raise BadInput("output", "the output of a callback that the server runs")
    is_several = output.startswith("..")  # type: ignore[union-attr]
    outputs = body.get("outputs")
    given = outputs if is_several else [outputs]
    names = [name.rpartition(".") for name in output.strip(".").split("...")]  # type: ignore[union-attr]
    # After the @ stands which of several callbacks with one output it is.
    wanted = [(name, part.partition("@")[0]) for name, _, part in names]
    _check_parts("outputs", given, wanted)
    for kind in ("inputs", "state"):
        declared = [(one["id"], one["property"]) for one in known[kind]]
        _check_parts(kind, body.get(kind, []), declared)
        for one in body.get(kind, []):
            _check_value(kind, one)
    changed = body.get("changedPropIds", [])
    if not isinstance(changed, list) or not all(isinstance(each, str) for each in changed):
        raise BadInput("changedPropIds", "a list of names")


def _check_parts(kind: str, given: object, wanted: list[tuple[str, str]]) -> None:
    if not isinstance(given, list) or len(given) != len(wanted):
        raise BadInput(kind, f"{len(wanted)} parts")
    for one, (name, part) in zip(given, wanted, strict=True):
        if not isinstance(one, dict) or one.get("id") != name:
            raise BadInput(kind, f"{name}.{part}")
        if str(one.get("property")).partition("@")[0] != part:
            raise BadInput(kind, f"{name}.{part}")


def _check_value(kind: str, one: Mapping[str, Any]) -> None:
    value, name = one.get("value"), str(one["id"])
    if one["property"] == "pathname" and not str(value or "").startswith("/"):
        raise BadInput(f"{kind} {name}", "a path")
    # What was acted is counted, so that a page notices two acts that answer alike.
    is_count = one["property"] in _CLICKS or name.endswith("-acted")
    if is_count and not (value is None or isinstance(value, int)):
        raise BadInput(f"{kind} {name}", "a count")
