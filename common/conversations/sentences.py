"""Where sentences begin and end in recognised text, whatever its language."""

import re

_CLOSING = "[\"'”’»)\\]]*"  # noqa: RUF001 - the languages' own marks
_END = re.compile(rf"[.!?…؟।。！？]{_CLOSING}\s*$")  # noqa: RUF001
_BORDER = re.compile(rf"[.!?…؟।]+{_CLOSING}(?=\s)|[。！？]+{_CLOSING}")  # noqa: RUF001
_OPENING = "\"'“‘«([…- "  # noqa: RUF001


def ends_sentence(text: str) -> bool:
    """Whether the last sentence is complete."""
    return _END.search(text) is not None


def goes_on(text: str) -> bool:
    """Whether it begins in the middle of a sentence: with a small letter, where the script has such."""
    return text.lstrip(_OPENING)[:1].islower()


def split_unfinished(text: str) -> tuple[str, str]:
    """The complete sentences, and what follows the last of them; either may be empty."""
    if ends_sentence(text):
        return text, ""
    borders = [found.end() for found in _BORDER.finditer(text)]
    at = borders[-1] if borders else 0
    return text[:at], text[at:].strip()


def split_first(text: str) -> tuple[str, str]:
    """The first sentence, complete or not, and what follows it."""
    found = _BORDER.search(text)
    at = found.end() if found else len(text)
    return text[:at], text[at:].strip()
