"""How somebody sounds, as numbers."""

from collections.abc import Sequence

from common.models.base import Document


class Voiceprint(Document):
    """The unit vector of a voice, and the model that made it: those of two models say nothing about each other."""

    model: str
    values: list[float]

    @classmethod
    def of(cls, values: Sequence[float], *, model: str) -> "Voiceprint":
        """What an embedder gave; six digits tell voices apart as well as sixteen do."""
        return cls(model=model, values=[round(value, 6) for value in values])
