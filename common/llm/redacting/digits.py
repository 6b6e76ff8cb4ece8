"""Numbers in a text, whether they are written in numerals or said digit by digit, in six languages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_UNITS = {
    "en": "zero one two three four five six seven eight nine",
    "de": "null eins zwei drei vier fünf sechs sieben acht neun",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf",
    "it": "zero uno due tre quattro cinque sei sette otto nove",
    "pt": "zero um dois três quatro cinco seis sete oito nove",
}
_OTHERWISE = {"en": {"oh": "0", "o": "0", "nought": "0"}, "de": {"ein": "1", "zwo": "2"}, "pt": {"meia": "6"}}
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_REPEATED = {"double": 2, "triple": 3}

_WORDS: dict[str, dict[str, str]] = {
    language: {word: str(value) for value, word in enumerate(words.split())} | _OTHERWISE.get(language, {})
    for language, words in _UNITS.items()
}
_WORDS["en"] |= {word: str(10 + n) for n, word in enumerate(_TEENS.split())}
_WORDS["en"] |= {word: str(20 + 10 * n) for n, word in enumerate(_TENS.split())}
_UNIT = {word: digit for word, digit in _WORDS["en"].items() if len(digit) == 1 and digit != "0"}

_ANY_WORD = "|".join(sorted({word for words in _WORDS.values() for word in words}, key=len, reverse=True))
_TOKEN = rf"(?:(?:double|triple)[ -](?:{_ANY_WORD}|\d)|\d+|(?:{_ANY_WORD}))(?![^\W_])"
_FILLER = r"(?:(?:uh|um|er|and|then|okay|ähm?|und|dann|y|et|puis|e|poi),? )?"
# Between two digits: a space, a comma, a hyphen, or the end of a line and who says the next.
_SPEAKER = r"(?:\[[^\]\n]{1,20}\] ?)?(?:[^\n:\d]{1,40}[^\n:]{0,20}: ?)?"
_BETWEEN = rf"(?:[ \t]?[,.;/\u2013-]?[ \t]?|[,.;\u2013-]?\s{{0,3}}\n{_SPEAKER}){_FILLER}"
_RUN = re.compile(rf"(?<![^\W_]){_TOKEN}(?:{_BETWEEN}(?<![^\W_]){_TOKEN})*", re.IGNORECASE)
_EACH = re.compile(rf"\n{_SPEAKER}|(?<![^\W_])(?P<token>{_TOKEN})", re.IGNORECASE)
_FEWEST = 3


@dataclass(frozen=True)
class Token:
    """A numeral or a word for digits, and where it stands; `spoken` if it is a word."""

    digits: str
    start: int
    end: int
    spoken: bool


@dataclass(frozen=True)
class Run:
    """Tokens that follow each other with next to nothing between them."""

    tokens: tuple[Token, ...]

    @property
    def digits(self) -> str:
        """All of them."""
        return "".join(token.digits for token in self.tokens)

    @property
    def start(self) -> int:
        """Where it begins."""
        return self.tokens[0].start

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.tokens[-1].end

    def parts(self, text: str) -> Iterator[tuple[int, int]]:
        """Where it stands, line by line: what stands between its lines says who speaks."""
        first = last = self.tokens[0]
        for token in self.tokens[1:]:
            if "\n" in text[last.end : token.start]:
                yield first.start, last.end
                first = token
            last = token
        yield first.start, last.end


def runs(text: str) -> Iterator[Run]:
    """The numbers of three digits or more, in order; words of two languages are not one number."""
    for match in _RUN.finditer(text):
        if match.end() - match.start() < _FEWEST:
            continue
        for tokens in _by_language(list(_tokens(text, match.start(), match.end()))):
            if sum(len(token.digits) for token in tokens) >= _FEWEST:
                yield Run(tuple(tokens))


_Word = tuple[str, int, int]


def _tokens(text: str, start: int, end: int) -> Iterator[_Word]:
    for match in _EACH.finditer(text, start, end):
        if match["token"]:
            yield match["token"].lower(), match.start(), match.end()


def _by_language(words: list[_Word]) -> Iterator[list[Token]]:
    """The tokens as the language that knows most of the words reads them, cut where it does not know one."""
    spoken = [word for word, *_ in words if not word.isdigit()]
    language = max(_WORDS, key=lambda each: sum(_reads(word, each) is not None for word in spoken)) if spoken else "en"
    tokens: list[Token] = []
    for word, start, end in words:
        digits = _reads(word, language)
        if digits is None:
            if tokens:
                yield tokens
            tokens = []
            continue
        joins = tokens and tokens[-1].spoken and len(tokens[-1].digits) == 2 and tokens[-1].digits.endswith("0")  # noqa: PLR2004 - tens
        if joins and word in _UNIT and language == "en" and tokens[-1].digits > "19":  # forty two
            tokens[-1] = Token(tokens[-1].digits[0] + digits, tokens[-1].start, end, spoken=True)
        else:
            tokens.append(Token(digits, start, end, spoken=not word.isdigit()))
    if tokens:
        yield tokens


def _reads(word: str, language: str) -> str | None:
    if word.isdigit():
        return word if word.isascii() else "".join(str(int(digit)) for digit in word if digit.isdecimal())
    repeated, _, digit = word.replace("-", " ").partition(" ")
    if repeated in _REPEATED and digit:
        once = digit if digit.isdigit() else _WORDS[language].get(digit)
        return None if once is None else once * _REPEATED[repeated]
    return _WORDS[language].get(word)
