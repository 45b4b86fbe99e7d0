"""The documentation beside the results: README, docs/ and config/ as pages of the site."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup

from cross2stra.data.letters import with_letters
from cross2stra.reporting.tables import environment


@dataclass(frozen=True)
class Page:
    """A page that was written: its file name and its title."""

    name: str
    title: str


def write_documentation(files: Sequence[Path], folder: Path) -> list[Page]:
    """Write each Markdown file as a page of `folder` -> the pages, in their order.

    Links between them become links between pages; those to other files beside them become those files' names.
    """
    checkout = os.path.commonpath([path.resolve().parent for path in files])
    sources = {path.resolve().relative_to(checkout).as_posix(): path for path in files}
    names = {source: source.replace("/", "-").removesuffix(".md").lower() + ".html" for source in sources}
    titles = {source: _title(path) for source, path in sources.items()}
    pages = [Page(names[source], titles[source]) for source in sources]
    folder.mkdir(parents=True)
    template, reader = environment().get_template("documentation.html"), _reader()
    for source, path in sources.items():
        text = _links(path.read_text(encoding="utf-8"), source, names)
        body = reader.render(text)
        page = template.render(title=titles[source], body=Markup(body), pages=pages, own=names[source])
        (folder / names[source]).write_text(with_letters(page) + "\n", encoding="utf-8")
    return pages


def _reader() -> MarkdownIt:
    """Markdown with tables and code that a keyboard can scroll, and headings that links can name as they do on GitHub."""
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    opened = '<div class="table-wrap" tabindex="0" role="region" aria-label="Table">\n<table>\n'
    reader.add_render_rule("table_open", lambda *_: opened)
    reader.add_render_rule("table_close", lambda *_: "</table>\n</div>\n")
    reader.add_render_rule("fence", _fence)
    reader.core.ruler.push("named", _named)
    return reader


def _fence(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    if tokens[index].info.strip() == "mermaid":
        return '<p class="absent">A diagram in Mermaid, which is in the file itself; Figure 2 of the results shows the model.</p>\n'
    return renderer.fence(tokens, index, options, env).replace("<pre>", '<pre tabindex="0">', 1)


def _named(state: StateCore) -> None:
    """Give headings the id that GitHub gives them, and cells of a table's head their scope."""
    for token, inner in pairwise(state.tokens):
        if token.type == "heading_open":
            token.attrSet("id", re.sub(r"[^\w\- ]", "", inner.content.lower()).replace(" ", "-"))
        elif token.type == "th_open":
            token.attrSet("scope", "col")


def _title(path: Path) -> str:
    found = re.search(r"^# (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else path.stem


def _links(text: str, source: str, names: Mapping[str, str]) -> str:
    """The text with links from `source`, a path in the checkout, turned to pages, or to the names of other files."""

    def turned(found: re.Match[str]) -> str:
        label, target = found.groups()
        if re.match(r"[a-z]+:|#", target):
            return found[0]
        path, _, part = target.partition("#")
        place = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
        if place in names:
            return f"[{label}]({names[place]}{'#' + part if part else ''})"
        return f"{label} (`{place}`)" if place not in label else f"`{place}`"

    return re.sub(r"\[([^\]]+)\]\(([^)\s]+)\)", turned, text)
