"""Charts wear the theme's own greys, and no hue."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dashboard.appearance import Theme
from dashboard.charts import INK, bars, paired


@pytest.mark.parametrize("theme", ["night", "day"])
def test_the_inks_are_the_style_sheet_s(project_dir: Path, theme: Theme) -> None:
    """A chart is drawn by Python, so it cannot read the tokens itself."""
    sheet = (project_dir / "dashboard" / "assets" / "theme.css").read_text()
    part = sheet.split(f'[data-theme="{theme}"]', 1)[1].split("}", 1)[0].lower()
    tokens = dict(re.findall(r"--([\w-]+): (#\w{6});", part))
    own = {name: colour.lower() for name, colour in INK[theme].items() if name != "bar"}
    assert own == {name: tokens[name] for name in own}
    assert INK[theme]["bar"].lower() in tokens.values()


@pytest.mark.parametrize("theme", ["night", "day"])
def test_a_chart_has_no_hue(theme: Theme) -> None:
    """Hue means an alert or a victim: every colour in a figure is grey."""
    one = bars(["a", "b"], [1, 2], theme, unit="alerts", mark=(1.0, "bearable"))
    two = paired(["a"], ("have", [1.0]), ("meant", [2.0]), theme, unit="%")
    for figure in (one, two):
        for colour in re.findall(r"#[0-9a-fA-F]{6}\b", figure.to_json()):
            channels = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
            assert max(channels) - min(channels) <= 21, colour
