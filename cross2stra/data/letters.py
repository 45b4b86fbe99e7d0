"""Chinese letters for readers whose machine has none: a font's file, and the part of it that one page shows."""

from __future__ import annotations

import base64
import importlib.util
import re
from functools import cache
from io import BytesIO
from pathlib import Path

_BLOCKS = ((0x2E80, 0x9FFF), (0xF900, 0xFAFF), (0xFE30, 0xFE4F), (0xFF00, 0xFFEF))
"""Chinese letters, and the punctuation and wide letters that go with them."""
_CHINESE = re.compile("[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in _BLOCKS) + "]")
_RANGE = ",".join(f"U+{first:X}-{last:X}" for first, last in _BLOCKS)
_LOCAL = "local('PingFang SC'),local('Microsoft YaHei'),local('Noto Sans CJK SC')"
_ESCAPED = re.compile(r"\\u([0-9a-f]{4})")


@cache
def chinese_font_file() -> Path:
    """A font with Chinese letters, from the package mplfonts.

    Raises ValueError that says what to install when the font is not there.
    """
    found = importlib.util.find_spec("mplfonts")
    places = list(found.submodule_search_locations or []) if found else []
    for place in places:
        path = Path(place) / "fonts" / "NotoSansCJKsc-Regular.otf"
        if path.is_file():
            return path
    raise ValueError("mplfonts/fonts/NotoSansCJKsc-Regular.otf: not found; install the package mplfonts")


def font_face(address: str, kind: str) -> str:
    """The CSS of the font `Chinese`: the reader's own, or else what is at the address, of a kind such as woff."""
    return f"@font-face{{font-family:Chinese;src:{_LOCAL},url({address}) format('{kind}');unicode-range:{_RANGE}}}"


def with_letters(page: str) -> str:
    """An HTML page with the Chinese letters that it shows, in a font `Chinese` of its own; one that shows none as it is.

    Letters in scripts may be written as JSON escapes them.
    """
    shown = page + "".join(chr(int(code, 16)) for code in _ESCAPED.findall(page))
    letters = "".join(sorted(set(_CHINESE.findall(shown))))
    if not letters:
        return page
    face = font_face(f"data:font/woff;base64,{_part(letters)}", "woff")
    return page.replace("</head>", f"<style>{face}</style></head>", 1)


@cache
def _part(letters: str) -> str:
    """A WOFF file of these letters of the font, in base64."""
    from fontTools import subset
    from fontTools.ttLib import TTFont

    font, made = TTFont(chinese_font_file(), recalcTimestamp=False), BytesIO()
    subsetter = subset.Subsetter(subset.Options(layout_features=[], hinting=False, desubroutinize=True))
    subsetter.populate(text=letters)
    subsetter.subset(font)
    font.flavor = "woff"
    font.save(made)
    return base64.b64encode(made.getvalue()).decode()
