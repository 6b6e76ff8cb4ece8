"""Ids are those of the published tokenizer of BERT uncased, whose vocabulary the sentence encoder uses."""

from pathlib import Path

import pytest

from local.models.weights import VOCABULARY
from local.models.wordpiece import WordPiece, split_words


@pytest.fixture(scope="module")
def tokenizer() -> WordPiece:
    return WordPiece(VOCABULARY.locate())


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("hello world", [101, 7592, 2088, 102]),
        ("Hello, WORLD!", [101, 7592, 1010, 2088, 999, 102]),
        ("", [101, 102]),
        (" \t\n\u00a0", [101, 102]),
        ("embeddings", [101, 7861, 8270, 4667, 2015, 102]),
        ("naïve Café", [101, 15743, 7668, 102]),
    ],
)
def test_text_becomes_the_published_ids(tokenizer: WordPiece, text: str, ids: list[int]) -> None:
    assert tokenizer.encode(text) == ids


def test_special_tokens_in_a_text_are_plain_text(tokenizer: WordPiece) -> None:
    assert tokenizer.encode("[SEP]").count(102) == 1


def test_a_long_text_is_cut_to_256_tokens_with_both_ends_in_place(tokenizer: WordPiece) -> None:
    ids = tokenizer.encode("word " * 1000)
    assert (len(ids), ids[0], ids[-1]) == (256, 101, 102)


def test_an_endless_or_unknown_word_is_one_unknown_token(tokenizer: WordPiece) -> None:
    assert tokenizer.encode("a" * 101) == [101, 100, 102]
    assert tokenizer.encode("🙂") == [101, 100, 102]


def test_the_longest_known_piece_comes_first(tmp_path: Path) -> None:
    vocabulary = tmp_path / "vocab.txt"
    vocabulary.write_text("[UNK]\n[CLS]\n[SEP]\nun\nunh\n##happy\n##appy", encoding="utf-8")
    assert WordPiece(vocabulary).encode("unhappy unhap") == [1, 4, 6, 0, 2]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("don't stop", ["don", "'", "t", "stop"]),
        ("東京 tower", ["東", "京", "tower"]),
        ("a\u200bb\ufffdc\x00d", ["abcd"]),
        ("ΟΔΟΣ", ["οδοσ"]),
        ("$5", ["$", "5"]),
    ],
)
def test_words_are_split_as_bert_splits_them(text: str, words: list[str]) -> None:
    assert list(split_words(text)) == words
