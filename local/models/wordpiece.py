"""Text to the token ids of an uncased BERT: basic tokenisation, then greedy longest-match WordPiece.

The same ids as the model's own tokenizer gives, but for a literal `[CLS]` or `[SEP]` in the text, which is plain text
here.
"""

import unicodedata
from collections.abc import Iterator
from pathlib import Path

_MAX_WORD = 100
_CONTINUED = "##"
_CJK = (
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)
_ASCII_PUNCTUATION = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")


def _is_cjk(character: str) -> bool:
    return any(first <= ord(character) <= last for first, last in _CJK)


def _is_punctuation(character: str) -> bool:
    return character in _ASCII_PUNCTUATION or unicodedata.category(character)[0] == "P"


def _normalised(text: str) -> Iterator[str]:
    """Characters in lower case without accents and control characters; a space around each that stands alone."""
    for original in text:
        if original.isspace():
            yield " "
            continue
        if original == "\ufffd" or unicodedata.category(original)[0] == "C":
            continue
        for decomposed in unicodedata.normalize("NFD", original):
            if unicodedata.category(decomposed) != "Mn":
                # Character by character, as the reference does: a final sigma stays a plain one.
                yield from decomposed.lower()


def split_words(text: str) -> Iterator[str]:
    """Lower-cased words without accents; punctuation and CJK characters are words of their own."""
    word: list[str] = []
    for character in _normalised(text):
        alone = _is_cjk(character) or _is_punctuation(character)
        if not alone and character != " ":
            word.append(character)
            continue
        if word:
            yield "".join(word)
            word.clear()
        if alone:
            yield character
    if word:
        yield "".join(word)


class WordPiece:
    """The tokenizer of one vocabulary file: one token per line, its id the line's number."""

    def __init__(self, vocabulary: Path, *, max_tokens: int = 256) -> None:
        lines = vocabulary.read_text(encoding="utf-8").split("\n")
        self._ids = {token: number for number, token in enumerate(lines) if token}
        self._unknown, self._first, self._last = (self._ids[token] for token in ("[UNK]", "[CLS]", "[SEP]"))
        self._max_tokens = max_tokens

    def encode(self, text: str) -> list[int]:
        """Ids between [CLS] and [SEP], cut to `max_tokens`. Reads no more of the text than it needs."""
        room = self._max_tokens - 2
        ids: list[int] = []
        for word in split_words(text):
            ids.extend(self._pieces(word))
            if len(ids) >= room:
                break
        return [self._first, *ids[:room], self._last]

    def _pieces(self, word: str) -> list[int]:
        if len(word) > _MAX_WORD:
            return [self._unknown]
        ids: list[int] = []
        start = 0
        while start < len(word):
            for end in range(len(word), start, -1):
                piece = self._ids.get((_CONTINUED if start else "") + word[start:end])
                if piece is not None:
                    break
            else:
                return [self._unknown]
            ids.append(piece)
            start = end
        return ids
