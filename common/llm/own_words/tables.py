"""Tables of patterns with weights, put together when they are first asked."""

import re
from functools import cached_property


class Table:
    """Forms of a predicate; what matches says something lasting, of the greatest weight among those that match."""

    def __init__(self, *forms: tuple[int, str]) -> None:
        self._forms = forms

    @cached_property
    def _compiled(self) -> list[tuple[int, re.Pattern[str]]]:
        weighed = sorted({weight for weight, _ in self._forms}, reverse=True)
        return [
            (weight, re.compile("|".join(f"(?:{form})" for each, form in self._forms if each == weight), re.IGNORECASE))
            for weight in weighed
        ]

    def weight_of(self, predicate: str) -> int:
        """The weight of what stands there; 0 where no form matches."""
        return next((weight for weight, pattern in self._compiled if pattern.match(predicate)), 0)
