"""What a person keeps for themselves: how wide their panes are, and which key does what.

Nothing of any case: the names are few and the values small, so nobody can hide a victim here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

from data.clock import Clock
from data.errors import BadInput
from data.model.user import Viewer
from data.store import user_choices
from data.store.reading import reading

_PANES = re.compile(r"panes-\d{3,5}x\d{3,5}")
_PIXELS = frozenset({"left", "right", "strip"})
_FOLDS = frozenset({"leftFolded", "rightFolded", "stripFolded"})
_ACTION = re.compile(r"[a-z0-9-]{1,30}")
_KEY = re.compile(r"(Ctrl\+|Alt\+|Shift\+)?([!-~]|[A-Z][A-Za-z0-9]{1,11})")
_MOST_PANES = 20
"""Screen sizes one person sits at; the ones beyond are somebody playing."""


@dataclass(frozen=True, slots=True)
class Choices:
    """Reads and keeps them, each person's own only."""

    engine: Engine
    clock: Clock

    def of(self, viewer: Viewer) -> dict[str, Mapping[str, Any]]:
        """All of this viewer's; empty for a wall, which is nobody."""
        if not viewer.user_id:
            return {}
        with reading(self.engine) as connection:
            return user_choices.find(connection, viewer.user_id)

    def keep(self, viewer: Viewer, name: str, value: object) -> None:
        """Keeps one: `panes-WIDTHxHEIGHT` or `keys`; an empty value is Vigil's own choice.

        Raises:
            BadInput: a name or value nobody knows.
        """
        if not isinstance(value, dict):
            raise BadInput("value", "a JSON object")
        if _PANES.fullmatch(name):
            _check_panes(value)
        elif name == "keys":
            _check_keys(value)
        else:
            raise BadInput("name", "`keys` or `panes-WIDTHxHEIGHT`", name)
        with self.engine.begin() as connection:
            known = user_choices.find(connection, viewer.user_id)
            if name not in known and len(known) > _MOST_PANES:
                raise BadInput("name", f"one of at most {_MOST_PANES} screen sizes")
            user_choices.save(connection, viewer.user_id, name, value, self.clock.now())


def _check_panes(value: Mapping[str, Any]) -> None:
    """Whole pixels and folds.

    Raises:
        BadInput: anything else.
    """
    for key, each in value.items():
        is_right = (key in _PIXELS and type(each) is int and 0 < each < 10_000) or (
            key in _FOLDS and type(each) is bool
        )
        if not is_right:
            raise BadInput(f"value.{key}"[:60], "pixels of left, right or strip, or a fold")


def _check_keys(value: Mapping[str, Any]) -> None:
    """`letters`: whether single letters act; `keys`: {action: key}.

    Raises:
        BadInput: anything else.
    """
    if set(value) - {"letters", "keys"} or type(value.get("letters", True)) is not bool:
        raise BadInput("value", "letters (true or false) and keys")
    keys = value.get("keys", {})
    if not isinstance(keys, dict) or len(keys) > 100:
        raise BadInput("value.keys", "an action and its key each")
    for action, key in keys.items():
        if not (_ACTION.fullmatch(action) and isinstance(key, str) and _KEY.fullmatch(key)):
            raise BadInput("value.keys", "an action and its key each")
