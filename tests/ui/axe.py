"""Accessibility checks of a part of a page with axe-core."""

from __future__ import annotations

from importlib.resources import files

from playwright.sync_api import Page

# axe-core 4 (MPL-2.0), as the package axe-playwright-python carries it.
_SCRIPT = files("axe_playwright_python") / "axe.min.js"
_RUN = """async selector => {
  const { violations } = await axe.run({ include: [[selector]] }, { resultTypes: ["violations"] });
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, help, nodes }) => nodes.map(
      ({ target, failureSummary }) => `${id}: ${help}: ${target.join(" ")}: ${failureSummary}`
    ));
}"""


def faults(page: Page, selector: str) -> list[str]:
    """Return the serious and critical violations below a selector, a line for each element."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_SCRIPT.read_text(encoding="utf-8"))
    found: list[str] = page.evaluate(_RUN, selector)
    return found
