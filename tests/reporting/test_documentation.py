"""The committed documentation becomes pages that hold together without a network."""

from __future__ import annotations

import re
from pathlib import Path

from cross2stra.reporting.documentation import write_documentation

ROOT = Path(__file__).parents[2]


def test_every_link_of_every_page_leads_somewhere(tmp_path: Path) -> None:
    files = [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md")), *sorted(ROOT.glob("config/*.md"))]
    pages = write_documentation(files, tmp_path / "docs")
    assert pages[0].name == "readme.html"
    assert {"docs-readings.html", "config-readme.html", "docs-add-a-system.html"} <= {page.name for page in pages}
    for page in pages:
        text = (tmp_path / "docs" / page.name).read_text("utf-8")
        assert f"<h1>{page.title}" in text
        assert "src=" not in text
        for target in re.findall(r'href="([^"]+)"', text):
            if not target.startswith("http"):
                assert target == "../index.html" or (tmp_path / "docs" / target.partition("#")[0]).is_file(), target


def test_links_and_markup(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "README.md").write_text("# Top\n\n[a](docs/a.md) [code](src/x.py) <script>x</script>\n")
    (tmp_path / "docs" / "a.md").write_text(
        "# A\n\n[up](../README.md#top) [out](https://example.org)\n\n| x |\n| - |\n| 1 |\n"
    )
    write_documentation([tmp_path / "README.md", tmp_path / "docs" / "a.md"], tmp_path / "site")
    top = (tmp_path / "site" / "readme.html").read_text()
    assert '<a href="docs-a.html">a</a>' in top
    assert "code (<code>src/x.py</code>)" in top
    assert "<script>x" not in top
    own = (tmp_path / "site" / "docs-a.html").read_text()
    assert 'href="readme.html#top"' in own
    assert 'href="https://example.org"' in own
    assert re.search(r'<div class="table-wrap" tabindex="0" [^>]+>\n<table>.*</table>\n</div>', own, re.DOTALL)
