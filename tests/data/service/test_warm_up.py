"""Before the first fix comes, everything that judges it is machine code already."""

from __future__ import annotations

import subprocess
import sys

_A_DAY = """
import gc
from numba.core.dispatcher import Dispatcher
from data.service.warm_up import warm_up
from tests.data.rules.histories import a_busy_day, by_moment


def made():
    return {
        (each.py_func.__name__, str(signature))
        for each in gc.get_objects()
        if isinstance(each, Dispatcher)
        for signature in each.signatures
    }


law, fixes = a_busy_day(3)
fixes = by_moment(law, fixes)
warm_up()
before = made()
law.judge(fixes)
assert len(before) > 5, before
print(sorted(made() - before))
"""


def test_a_busy_day_compiles_nothing() -> None:
    """Zones with hours, pairs, jumps and gaps need nothing that the warm-up has not made."""
    ran = subprocess.run(
        [sys.executable, "-c", _A_DAY], capture_output=True, text=True, timeout=300, check=True
    )
    assert ran.stdout.strip() == "[]"
