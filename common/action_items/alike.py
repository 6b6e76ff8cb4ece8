"""Which descriptions say the same: by their wording, or so near in meaning that nobody would want both."""

from collections.abc import Sequence

from common.llm.providers import embedder
from common.models.action_item import wording_key

SAME = 0.95
"""Cosine from which two descriptions are one task."""


class Alike:
    """New descriptions beside known ones; embeds them once, and only if there are both.

    Raises:
        ProviderError: they could not be embedded.
    """

    def __init__(self, new: Sequence[str], known: Sequence[str]) -> None:
        self._new = [wording_key(each) for each in new]
        self._known = [wording_key(each) for each in known]
        vectors = embedder().embed([*new, *known], purpose="document") if new and known else []
        self._vectors, self._others = vectors[: len(new)], vectors[len(new) :]

    def of(self, number: int) -> list[int]:
        """The places of the known descriptions that say what a new one says."""
        return [place for place in range(len(self._known)) if self._is_same(number, place)]

    def _is_same(self, number: int, place: int) -> bool:
        if self._new[number] == self._known[place]:
            return True
        near = sum(a * b for a, b in zip(self._vectors[number], self._others[place], strict=True))
        return near >= SAME
