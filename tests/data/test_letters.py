"""The letters that a page brings with it: those that it shows, as they look in the whole font, and no others."""

from __future__ import annotations

import base64
import re
from io import BytesIO

from fontTools.ttLib import TTFont

from cross2stra.data import letters


def brought(page: str) -> TTFont:
    found = re.search(r"base64,([A-Za-z0-9+/=]+)", page)
    assert found
    return TTFont(BytesIO(base64.b64decode(found[1])))


def test_a_page_brings_the_letters_that_it_shows() -> None:
    page = '<html><head><title>a</title></head><body>一只狗 dog</body><script>["\\u732b\\u3002"]</script></html>'
    made = letters.with_letters(page)
    assert set(brought(made).getBestCmap()) == {ord(letter) for letter in "一只狗猫。"}
    assert re.sub("<style>.*?</style>", "", made) == page
    assert letters.with_letters(page) == made


def test_letters_look_as_in_the_whole_font() -> None:
    font, whole = brought(letters.with_letters("<head></head>狗")), TTFont(letters.chinese_font_file())
    widths = [each["hmtx"][each.getBestCmap()[ord("狗")]] for each in (font, whole)]
    assert widths[0] == widths[1]
    assert font["head"].modified == whole["head"].modified


def test_a_page_without_chinese_stays_as_it_is() -> None:
    page = "<html><head></head><body>café – 120 × ρ</body></html>"
    assert letters.with_letters(page) == page
