"""Turns arithmetic over arrays into machine code on first use, kept on disk for the next start."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

_Function = TypeVar("_Function", bound=Callable[..., Any])


def compiled(function: _Function) -> _Function:
    """The same function, compiled when first called; other threads may run meanwhile.

    Division by zero gives inf or NaN, as in numpy. Strict arithmetic: results do not depend
    on how the compiler orders sums.
    """
    return cast(_Function, numba.njit(cache=True, nogil=True, error_model="numpy")(function))
