"""Who introduces himself: "my name is Ann", "ich heiße Anna", "私の名前は田中です". Pure.

Two kinds of phrases. Those that *name* ("my name is …") say a name and nothing else. Those that only *say what one is*
("I am …") are followed by anything at all, so they can only mean somebody whose name is known already. A new name must
besides be written as one, which a transcript without capitals cannot.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from common.conversations.introduction_phrases import ALIASES, NO_NAMES, NO_NAMES_UNSPACED, PHRASES, WITHOUT_SPACES
from common.core.languages import primary_subtag
from common.models.person import LONGEST_NAME, SHORTEST_NAME

_WORD = r"[^\W\d_][\w\u0300-\u036f\u0900-\u0dff'\-]*"
"""Signs of vowels are part of a word, which `\\w` does not know."""
_UNSPACED = r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7fA-Za-z·・]{1,12}?"
_END = r"(?=[^\w'\-]|$)"


@dataclass(frozen=True)
class Introduction:
    """A name that somebody gives as his own; `certain` where it may be that of somebody who was not known."""

    name: str
    certain: bool


def introduced(text: str, *, language: str | None = None) -> Introduction | None:
    """The first introduction in a text.

    Args:
        text: what one person has said.
        language: a BCP-47 tag; None or `multi` where it is not known, then all are tried.
    """
    plain = text.replace("\u2019", "'")
    for pattern, names, spaced in _patterns(_code(language)):
        for found in pattern.finditer(plain):
            name = _written_as_name(found["name"]) if spaced else found["name"].strip("·・")
            if _is_name(name, spaced=spaced):
                return Introduction(name, certain=names and (not _cased(name) or name[0].isupper()))
    return None


def _written_as_name(words: str) -> str:
    """The first word, with those after it that have a capital too."""
    first, *others = (word.strip("-'") for word in words.split())
    name = [first]
    for word in others:
        if not word or not word[0].isupper() or len(word) == 1 or word.casefold() in NO_NAMES:
            break
        name.append(word)
    return " ".join(name)


def _is_name(name: str, *, spaced: bool) -> bool:
    first = name.partition(" ")[0].casefold()
    if first in NO_NAMES or name.endswith("'s"):
        return False
    if not spaced and name.startswith(NO_NAMES_UNSPACED):
        return False
    return SHORTEST_NAME <= len(name) <= LONGEST_NAME


def _cased(name: str) -> bool:
    """Whether its script knows capitals."""
    return name[0].lower() != name[0].upper()


def _code(language: str | None) -> str:
    code = primary_subtag(language)
    return ALIASES.get(code, code)


@cache
def _patterns(code: str) -> tuple[tuple[re.Pattern[str], bool, bool], ...]:
    """Each phrase with whether it names, and whether the language is written with spaces; those that name first."""
    languages = list(dict.fromkeys([code, "en"])) if code in PHRASES else list(PHRASES)
    made = [each for language in languages for each in _of_language(language)]
    return tuple(sorted(made, key=lambda each: not each[1]))


def _of_language(language: str) -> Iterator[tuple[re.Pattern[str], bool, bool]]:
    spaced = language not in WITHOUT_SPACES
    for names, phrases in ((True, PHRASES[language][0]), (False, PHRASES[language][1])):
        for phrase in phrases:
            before, _, after = (re.escape(part).replace(r"\ ", r"\s+") for part in phrase.partition("~"))
            if spaced:
                few = "{0,2}?" if after else "{0,2}"
                name = rf"(?P<name>{_WORD}(?:\s+{_WORD}){few})"
                pattern = rf"(?<!\w){before}{name}{after}{_END}"
            else:
                start = r"(?<!\w)" if not before else ""
                pattern = rf"{start}{before}(?P<name>{_UNSPACED}){after}" + ("" if after else _END)
            yield re.compile(pattern, re.IGNORECASE), names, spaced
