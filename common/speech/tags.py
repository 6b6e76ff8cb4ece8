"""The BCP-47 tags of callers against the languages that a provider lists, and vocabularies within its bounds."""

from collections.abc import Collection, Sequence

from common.core.languages import primary_subtag

MULTI = "multi"
"""In the place of a tag: whatever is spoken."""

_AUTO = "auto"
"""How some clients write MULTI."""
_SAME = {"nb": "no", "nn": "no", "fil": "tl", "iw": "he", "in": "id"}
"""Subtags for which every provider uses another one."""
_WRITTEN = _SAME | {"cmn": "zh", "jw": "jv"}
"""The one subtag of several for the same language."""


def tags(*lists: str) -> frozenset[str]:
    """A table of tags, written with spaces between them."""
    return frozenset(tag for part in lists for tag in part.split())


def spoken(language: str) -> str:
    """A caller's tag as everybody here writes it."""
    return MULTI if language.lower() == _AUTO else language


def listed(language: str, known: Collection[str]) -> str | None:
    """The provider's own name for a language: the exact tag where it is listed, else the language without its region.

    Args:
        language: a BCP-47 tag, in any case, with `-` or `_`.
        known: the provider's tags.
    """
    names = {tag.lower(): tag for tag in known}
    tag, primary = language.lower().replace("_", "-"), primary_subtag(language)
    for candidate in (tag, primary, _SAME.get(primary, primary)):
        if candidate in names:
            return names[candidate]
    return None


def same_language(one: str, other: str) -> bool:
    """Whether two tags mean the same language, wherever it is spoken and however its providers write it."""
    return _language(one) == _language(other)


def bounded_terms(vocabulary: Sequence[str], *, most: int, bytes_in_all: int) -> list[str]:
    """The first terms of a vocabulary that fit, each once, without empty ones; bytes are those of UTF-8."""
    terms: dict[str, None] = {}
    for word in vocabulary:
        term = " ".join(word.split())
        bytes_in_all -= len(term.encode())
        if len(terms) == most or bytes_in_all < 0:
            break
        if term:
            terms[term] = None
    return list(terms)


def _language(tag: str) -> str:
    primary = primary_subtag(tag)
    return _WRITTEN.get(primary, primary)
