"""A conversation's category is the one it is nearer to than talk about anything is."""

from collections.abc import Callable, Sequence

import numpy as np

from common.llm.extractive.categorizing import Categorizer
from common.llm.extractive.theme_examples import SAID
from common.llm.extractive.themes import CATEGORIES
from common.llm.ports import Dialogue, Purpose
from common.models.structured import ConversationCategory

_PLACES = {category: place for place, category in enumerate(CATEGORIES, start=1)}
_SAYS = {text: category for category, stretches in SAID.items() for text in stretches} | {
    f"A conversation about {about}": category for category, about in CATEGORIES.items()
}


class Leaning:
    """One axis for each category, and one for being talk at all, to which travel leans more than others."""

    name = "leaning"
    dimension = len(CATEGORIES) + 1

    def embed(self, texts: Sequence[str], *, purpose: Purpose) -> list[list[float]]:
        del purpose
        return [self._vector(text) for text in texts]

    def _vector(self, text: str) -> list[float]:
        vector = np.zeros(self.dimension)
        category = _SAYS.get(text, ConversationCategory.SCIENCE)
        vector[_PLACES[category]] = 1.0 if text in _SAYS else 0.6
        vector[0] = 3.0 if category is ConversationCategory.TRAVEL or text not in _SAYS else 1.0
        return [float(value) for value in vector / np.linalg.norm(vector)]


def test_what_any_talk_is_near_to_is_not_preferred(dialogue: Callable[..., Dialogue]) -> None:
    theme = Categorizer(Leaning()).categorize(dialogue("User: quarks", "Ben: and leptons"))
    assert theme.category is ConversationCategory.SCIENCE


def test_every_category_that_is_about_something_has_talk_of_its_own() -> None:
    assert set(SAID) == set(CATEGORIES) == set(ConversationCategory) - {ConversationCategory.OTHER}
    assert len(_SAYS) == sum(len(stretches) for stretches in SAID.values()) + len(CATEGORIES)
