"""Tokens are those of the field's evaluation; texts that differ in form only have one key."""

from __future__ import annotations

import pytest

from cross2stra.data.languages import has_script, join, lemma, text_key, tokenise


def test_english_tokens_equal_pycocoevalcap() -> None:
    from pycocoevalcap.tokenizer.ptbtokenizer import PTBTokenizer

    texts = [
        "A man's dog can't run, fast!",
        'Two cats -- one (black) -- on a 3:30 p.m. train; "hi"',
        "semi-formal bus/train",
    ]
    theirs = PTBTokenizer().tokenize({index: [{"caption": text}] for index, text in enumerate(texts)})
    assert [" ".join(tokens) for tokens in tokenise("en", texts)] == [theirs[index][0] for index in range(len(texts))]


def test_empty_sentences_keep_their_place() -> None:
    assert tokenise("en", ["A dog.", "", "  ", "...", "Cats\nrun\u2028away"]) == [
        ["a", "dog"],
        [],
        [],
        [],
        ["cats", "run", "away"],
    ]
    assert tokenise("en", []) == []
    assert tokenise("zh", ["", "。"]) == [[], []]


def test_no_token_has_white_space() -> None:
    assert tokenise("en", ["Add 1 1/2 cups"])[0] == ["add", "1", "1/2", "cups"]


def test_chinese_is_normalised_before_it_is_cut() -> None:
    plain = tokenise("zh", ["一个男人在河边骑自行车"])[0]
    assert plain == ["一个", "男人", "在", "河边", "骑", "自行车"]
    assert tokenise("zh", ["一個男人， 在 河邊騎自行車！"])[0] == plain
    assert "abc12" in tokenise("zh", ["写着ＡＢＣ12的牌子"])[0]


def test_lemmas_are_dictionary_forms() -> None:
    said = tokenise("en", ["Two men were riding horses, a woman sat."])[0]
    assert [lemma(token) for token in said] == ["two", "man", "be", "ride", "horse", "a", "woman", "sit"]


def test_join_and_unknown_language() -> None:
    assert join("zh", ["一只", "狗"]) == "一只狗"
    assert join("en", ["a", "dog"]) == "a dog"
    with pytest.raises(ValueError, match="no segmenter for language 'fr'"):
        tokenise("fr", ["un chien"])


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "A dog.", True),
        ("en", "一只狗", False),
        ("en", "123", False),
        ("zh", "一只狗", True),
        ("zh", "A dog.", False),
        ("zh", "苹果iPhone手机", True),
        ("zh", "。", False),
    ],
)
def test_has_script(language: str, text: str, expected: bool) -> None:
    assert has_script(language, text) is expected


def test_text_key_ignores_form() -> None:
    assert text_key("A Dog, runs!") == text_key("a dog runs") == "adogruns"
    assert text_key("電腦 ＡＢ") == text_key("电脑ab。")
    assert text_key("a dog") != text_key("a cat")
