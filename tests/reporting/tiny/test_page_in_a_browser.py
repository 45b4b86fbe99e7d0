"""The page in a real Chromium, at phone width, light and dark: nothing runs out of it, and every text can be read."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser

from cross2stra.configuration import Experiment, Profile
from cross2stra.reporting.figures import write_figures
from cross2stra.reporting.site import write_site
from cross2stra.reporting.tables import write_tables

ROOT = Path(__file__).parents[3]

FAINT = """() => {
  const channels = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(c => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = element => {
    for (let at = element; at; at = at.parentElement) {
      const [r, g, b, a = 1] = channels(getComputedStyle(at).backgroundColor);
      if (a > 0.5) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const found = [];
  for (const element of document.querySelectorAll("body *")) {
    if (![...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim())) continue;
    if (!element.checkVisibility() || element.closest(".unseen, script, style, svg")) continue;
    const style = getComputedStyle(element), size = parseFloat(style.fontSize);
    const [a, b] = [light(channels(style.color)), light(behind(element))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const large = size >= 24 || (size >= 18.66 && +style.fontWeight >= 700);
    if (contrast < (large ? 3 : 4.5)) found.push(`${element.tagName}.${element.className} ${contrast.toFixed(2)} ${element.textContent.trim().slice(0, 40)}`);
  }
  return found;
}"""
"""Texts whose contrast with what is behind them is less than WCAG 2.2, AA, asks for."""


PAGES = ("index.html", "docs/readings.html", "docs/architecture.html", "pictures/en-zh_aic.html")


def test_pages_on_a_phone(
    profile: Profile, experiments: dict[str, Experiment], results: Path, tmp_path: Path, browser: Browser
) -> None:
    write_tables(profile, experiments, results / "scores.csv", tmp_path / "tables", results)
    write_figures(profile, experiments, results, tmp_path / "figures")
    config, made = tmp_path / "tiny.yaml", tmp_path / "site"
    config.write_text("profile: tiny\n", "utf-8")
    documentation = sorted((ROOT / "docs").glob("*.md"))
    write_site(profile, config, experiments, tmp_path / "tables", tmp_path / "figures", results, made, documentation)
    wrong: dict[tuple[str, str], object] = {}
    for scheme in ("light", "dark"):
        page = browser.new_page(viewport={"width": 390, "height": 844}, color_scheme=scheme)  # type: ignore[arg-type]
        errors: list[str] = []
        page.on("pageerror", lambda error, errors=errors: errors.append(str(error)))
        for name in PAGES:
            page.goto((made / name).as_uri())
            faint, width = page.evaluate(FAINT), page.evaluate("document.documentElement.scrollWidth")
            if faint or width > 390 or errors:
                wrong[name, scheme] = faint, width, errors
        page.close()
    assert wrong == {}
