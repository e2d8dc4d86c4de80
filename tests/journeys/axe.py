"""What axe-core finds on a page that is open, in both themes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "dashboard/browser/node_modules/axe-core/axe.min.js"

FAULTS = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id} ${html.slice(0, 200)}`));
}"""

OTHER_THEME = """() => {
  const root = document.documentElement;
  const button = document.getElementById("shell-theme");
  // A dialog lies over the button; the page follows the attribute all the same.
  if (button && !document.querySelector("dialog[open]")) button.click();
  else root.dataset.theme = root.dataset.theme === "day" ? "night" : "day";
}"""


def faults(page: Page, what: str) -> list[str]:
    """Serious and critical findings on what is open, by night and by day."""
    page.evaluate(AXE.read_text())
    found = []
    for _ in range(2):
        theme = page.evaluate("document.documentElement.dataset.theme")
        found += [f"{what} by {theme}: {each}" for each in page.evaluate(FAULTS)]
        page.evaluate(OTHER_THEME)
    return found
