"""What holds for all style sheets together."""

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
