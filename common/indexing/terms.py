"""The terms that a text is found by: words without the smallest ones, reduced to their stems, hashed to 32 bits.

Numbers, codes and names are words like any others. A stem is that of the text's language, so that "läuft" is found by
"laufen"; what language a question is in nobody says, so a question has the stems of each language that it may be in.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Protocol
from zlib import crc32

from common.core.languages import primary_subtag
from common.core.letters import LETTERS, UNSPACED
from common.indexing.stop_words import STOP_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_WORD = re.compile(rf"{LETTERS}(?:['\u2019]{LETTERS})*(?:[.,:][0-9]+)*")
_UNSPACED = re.compile(rf"[{UNSPACED}]+")
_LONGEST = 64
_FIRST_NEEDED = "\u0900"
"""Signs from here on are vowels, without which a word is another one."""
_USUAL = "en"
_TELLING = 2
"""Different small words that show a language."""
_STEMMERS = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "et": "estonian", "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi",
    "hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian", "nb": "norwegian",
    "ne": "nepali", "nl": "dutch", "no": "norwegian", "pl": "polish", "pt": "portuguese", "ro": "romanian",
    "ru": "russian", "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
_ONE_AT_A_TIME = Lock()
"""A stemmer keeps the word that it is at in itself: two threads that asked one got an error, or stems of neither."""


class _Stemmer(Protocol):
    def stemWord(self, word: str) -> str:  # noqa: N802 - the library's name
        ...


def guess_language(text: str) -> str | None:
    """The language whose smallest words a text has most of, if it has a few; None where that is open."""
    found = set(words_of(text))
    counts = {code: len(found & smallest) for code, smallest in STOP_WORDS.items()}
    best, second = sorted(counts, key=lambda code: -counts[code])[:2]
    return best if counts[best] >= _TELLING and counts[best] > counts[second] else None


def terms_of(text: str, *, language: str | None) -> list[int]:
    """The terms of a text, each as often as it occurs, in its order; `language` is a BCP-47 tag."""
    code = _code(language)
    smallest = STOP_WORDS.get(code, frozenset())
    return [_term(word, code) for word in words_of(text) if word not in smallest]


def terms_of_question(question: str, *, languages: Iterable[str | None]) -> list[int]:
    """Each term of a question once: its words' stems in each of the languages that it may be in, and in English."""
    codes = list(
        dict.fromkeys([*map(_code, languages), *([guess] if (guess := guess_language(question)) else []), _USUAL])
    )
    found: dict[int, None] = {}
    for word in words_of(question):
        if not any(word in STOP_WORDS.get(code, ()) for code in codes):
            found.update((_term(word, code), None) for code in codes)
    return list(found)


def words_of(text: str) -> Iterator[str]:
    """The words of a text in lower case and without accents; of unspaced scripts, every two neighbouring characters."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "'")
    for found in _WORD.findall(plain):
        word = found.removesuffix("'s")[:_LONGEST]
        if _UNSPACED.search(word):
            for piece in _UNSPACED.findall(word):
                yield from (piece[at : at + 2] for at in range(max(1, len(piece) - 1)))
            word = _UNSPACED.sub("", word)
        if word:
            yield word


def _code(language: str | None) -> str:
    code = primary_subtag(language)
    return _USUAL if code in {"", "multi"} else code


@lru_cache(maxsize=50_000)
def _term(word: str, code: str) -> int:
    with _ONE_AT_A_TIME:
        stemmer = _stemmer(code)
        stem = stemmer.stemWord(word) if stemmer is not None else word
    return crc32(_unaccented(stem).encode())


def _unaccented(word: str) -> str:
    """Without what stands on letters that may do without it; the vowels of India's scripts and Thai stay."""
    decomposed = unicodedata.normalize("NFD", word)
    return "".join(each for each in decomposed if each >= _FIRST_NEEDED or unicodedata.category(each) != "Mn")


@cache
def _stemmer(code: str) -> _Stemmer | None:
    import snowballstemmer  # type: ignore[import-untyped]  # ships no types

    name = _STEMMERS.get(code)
    stemmer: _Stemmer | None = snowballstemmer.stemmer(name) if name in snowballstemmer.algorithms() else None
    return stemmer
