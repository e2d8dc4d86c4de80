"""What holds for all screens together, whoever wrote them."""

from __future__ import annotations

import re
from pathlib import Path


def test_one_sheet_says_when_a_screen_is_fine(project_dir: Path) -> None:
    """Widths from which all grows stand once, so that no page stays small beside the others."""
    dashboard = project_dir / "dashboard"
    sheets = [*dashboard.glob("assets/*.css"), *dashboard.glob("browser/src/**/*.css")]
    large = {each.name for each in sheets if re.search(r"min-width: \d{4}px", each.read_text())}
    assert large == {"theme.css"}
    by_number = {each.name for each in sheets if re.search(r"zoom: [\d.]", each.read_text())}
    assert by_number == set(), "by how much is --screen, everywhere"


def test_a_date_reads_the_same_in_every_browser(project_dir: Path) -> None:
    """No field prints by the browser's language: 06/07 would be June here and July there."""
    dashboard = project_dir / "dashboard"
    own = re.compile(r"""type["']?\s*[:=]\s*["'](date|datetime-local|time|month|week)["']""")
    scripts = [
        *dashboard.glob("**/*.py"),
        *dashboard.glob("assets/*.js"),
        *dashboard.glob("browser/src/**/*.ts"),
        *dashboard.glob("routes/**/*.html"),
    ]
    assert [each.name for each in scripts if own.search(_code(each.read_text()))] == []
    for each in dashboard.glob("**/*.py"):
        pickers = re.findall(r"dmc\.Date\w+\((?:[^()]|\([^()]*\))*\)", each.read_text())
        assert all('valueFormat="YYYY-MM-DD"' in picker for picker in pickers), each.name


def _code(text: str) -> str:
    """Without the comments in which a script says what it does not use."""
    return re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE)
