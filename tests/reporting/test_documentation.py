"""The committed documentation becomes pages that hold together without a network."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from cross2stra.configuration import read_experiments
from cross2stra.reporting.documentation import write_documentation
from cross2stra.reporting.scores import by_system, read_scores, summarise

ROOT = Path(__file__).parents[2]
PRINTED = ("BLEU-1", "BLEU-4", "METEOR", "ROUGE-L", "CIDEr-D")
STUDY = ("BLEU-4", "METEOR", "CIDEr-D")
TABLES = {
    ("README.md", "| | study"): [
        ("study", "en-zh_aic", "CIDEr-D", "word"),
        ("study", "zh-en_coco", "CIDEr-D", "word"),
        ("study", "zh-en_coco", "CIDEr-D", "lemma"),
        ("mini", "en-zh_cococn", "CIDEr-D", "word"),
    ],
    ("docs/results.md", "| | BLEU-1"): [("demo", "en-zh_aic", metric, "word") for metric in PRINTED],
    ("docs/results.md", "| 500 test pictures"): [
        ("study", transfer, metric, "word") for transfer in ("en-zh_aic", "zh-en_coco") for metric in STUDY
    ],
    ("docs/results.md", "| En → Zh, COCO-CN"): [("mini", "en-zh_cococn", metric, "word") for metric in PRINTED],
    ("docs/results.md", "| Zh → En, 1,000"): [("mini", "zh-en_coco", metric, "word") for metric in PRINTED],
}
"""File and beginning of a table's head -> what each of its columns holds: profile, transfer, metric, unit."""


@cache
def recorded(profile: str, unit: str) -> dict[tuple[str, str, str], dict[int, float]]:
    return by_system(read_scores(ROOT / "config" / "expected" / f"{profile}.csv"), unit=unit)


@pytest.mark.parametrize(("file", "head"), TABLES)
def test_printed_scores_are_those_of_the_record(file: str, head: str) -> None:
    titles = {row.title: system for system, row in read_experiments(ROOT / "config" / "experiments.yaml").items()}
    table = re.search(
        rf"^{re.escape(head)}.*\n\|[ :|-]+\n((?:\|.*\n)+)", (ROOT / file).read_text("utf-8"), re.MULTILINE
    )
    assert table
    compared = 0
    for line in table[1].splitlines():
        title, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        for said, (profile, transfer, metric, unit) in zip(cells, TABLES[file, head], strict=True):
            found = recorded(profile, unit).get((transfer, titles.get(title, ""), metric))
            if said and found:
                score = summarise([*found.values()])
                half = "" if score.half_width is None else f" ± {score.half_width:.1f}"
                assert said == f"{score.mean:.1f}{half}", (title, metric)
                compared += 1
    assert compared >= 10


def test_every_link_of_every_page_leads_somewhere(tmp_path: Path) -> None:
    files = [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md")), *sorted(ROOT.glob("config/*.md"))]
    pages = write_documentation(files, tmp_path / "docs")
    assert pages[0].name == "readme.html"
    assert {"docs-readings.html", "config-readme.html", "docs-add-a-system.html"} <= {page.name for page in pages}
    for page in pages:
        text = (tmp_path / "docs" / page.name).read_text("utf-8")
        assert f'">{page.title}' in text
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
